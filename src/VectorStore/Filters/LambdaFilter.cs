using System.Collections;
using System.Linq.Expressions;
using System.Reflection;

namespace Polymodal.VectorStore;

/// <summary>Reads a filter off a lambda's expression tree.</summary>
/// <remarks>Nothing is compiled: of the lambda's own code only fields and properties are read, which also works ahead of time compiled.</remarks>
internal static class LambdaFilter
{
    public static VectorFilter Read(Expression<Func<Payload, bool>> condition) => new Reader(condition.Parameters[0]).Condition(condition.Body, depth: 1);

    private sealed class Reader(ParameterExpression payload)
    {
        public VectorFilter Condition(Expression expression, int depth)
        {
            if (depth > FilterRules.MaxConditions)
                throw new ArgumentException($"the filter has more than {FilterRules.MaxConditions} levels. Use a list and Contains for many values of one key.");
            switch (expression)
            {
                case BinaryExpression { NodeType: ExpressionType.AndAlso } and:
                    return VectorFilter.And(Flat(and, ExpressionType.AndAlso).Select(part => Condition(part, depth + 1)));
                case BinaryExpression { NodeType: ExpressionType.OrElse } or:
                    return VectorFilter.Or(Flat(or, ExpressionType.OrElse).Select(part => Condition(part, depth + 1)));
                case UnaryExpression { NodeType: ExpressionType.Not } not:
                    return VectorFilter.Not(Condition(not.Operand, depth + 1));
                case BinaryExpression comparison:
                    return Comparison(comparison);
                case MethodCallExpression call:
                    return Call(call);
                case UnaryExpression { NodeType: ExpressionType.Convert } when KeyOf(expression) is { } flag:
                    return VectorFilter.Equal(flag, true);
                case ConstantExpression or MemberExpression when expression.Type == typeof(bool):
                    return (bool)ValueOf(expression)! ? VectorFilter.All : VectorFilter.Or();
                default:
                    throw Unknown(expression);
            }
        }

        // a && b && c is a tree that leans to the left; side by side its parts take one level.
        private static List<Expression> Flat(BinaryExpression expression, ExpressionType kind)
        {
            var parts = new List<Expression>();
            Expression rest = expression;
            while (rest is BinaryExpression binary && binary.NodeType == kind)
            {
                parts.Add(binary.Right);
                rest = binary.Left;
            }

            parts.Add(rest);
            parts.Reverse();
            return parts;
        }

        private VectorFilter Comparison(BinaryExpression comparison)
        {
            ExpressionType kind = comparison.NodeType;
            (string? key, Expression other) = (KeyOf(comparison.Left), comparison.Right);
            if (key is null)
            {
                (key, other) = (KeyOf(comparison.Right), comparison.Left);
                kind = kind switch
                {
                    ExpressionType.LessThan => ExpressionType.GreaterThan,
                    ExpressionType.LessThanOrEqual => ExpressionType.GreaterThanOrEqual,
                    ExpressionType.GreaterThan => ExpressionType.LessThan,
                    ExpressionType.GreaterThanOrEqual => ExpressionType.LessThanOrEqual,
                    _ => kind,
                };
            }

            if (key is null)
                throw Unknown(comparison);
            PayloadValue value = ToPayload(ValueOf(other));
            VectorFilter equal = value.Kind == PayloadKind.None && kind is ExpressionType.Equal or ExpressionType.NotEqual
                ? VectorFilter.Not(VectorFilter.Exists(key))
                : VectorFilter.Equal(key, value);
            return kind switch
            {
                ExpressionType.Equal => equal,
                ExpressionType.NotEqual => VectorFilter.Not(equal),
                ExpressionType.LessThan => VectorFilter.Range(key, default, value, excludeMax: true),
                ExpressionType.LessThanOrEqual => VectorFilter.Range(key, default, value),
                ExpressionType.GreaterThan => VectorFilter.Range(key, value, default, excludeMin: true),
                ExpressionType.GreaterThanOrEqual => VectorFilter.Range(key, value, default),
                _ => throw Unknown(comparison),
            };
        }

        private VectorFilter Call(MethodCallExpression call)
        {
            Expression[] parts = [.. call.Object is null ? [] : (Expression[])[call.Object], .. call.Arguments];
            switch (call.Method.Name)
            {
                case nameof(Payload.ContainsKey) when parts is [_, { } key] && call.Object == payload:
                    return VectorFilter.Exists((string)ValueOf(key)!);
                case nameof(PayloadValue.StartsWith) when KeyOf(parts[0]) is { } key && (parts.Length == 2 || (parts.Length == 3 && ValueOf(parts[2]) is StringComparison.Ordinal)) && ValueOf(parts[1]) is string prefix:
                    return VectorFilter.StartsWith(key, prefix);
                case nameof(PayloadValue.Contains) when call.Method.DeclaringType == typeof(PayloadValue) && KeyOf(parts[0]) is { } key:
                    return VectorFilter.Equal(key, (string?)ValueOf(parts[1]));
                case nameof(Enumerable.Contains) when parts.Length >= 2 && KeyOf(parts[1]) is { } key && ValueOf(parts[0]) is IEnumerable values and not string:
                    return VectorFilter.AnyOf(key, values.Cast<object?>().Select(ToPayload));
                default:
                    throw Unknown(call);
            }
        }

        /// <summary>The key of p["key"], with or without casts; null when the expression is something else.</summary>
        private string? KeyOf(Expression expression)
        {
            while (expression is UnaryExpression { NodeType: ExpressionType.Convert or ExpressionType.ConvertChecked } cast)
                expression = cast.Operand;
            return expression is MethodCallExpression { Method.Name: "get_Item", Arguments: [{ } key] } call && call.Object == payload ? (string)ValueOf(key)! : null;
        }

        private static object? ValueOf(Expression expression) => expression switch
        {
            ConstantExpression constant => constant.Value,
            MemberExpression { Member: FieldInfo field } member => field.GetValue(OwnerOf(member)),
            MemberExpression { Member: PropertyInfo property } member => property.GetValue(OwnerOf(member)),
            UnaryExpression { NodeType: ExpressionType.Convert or ExpressionType.ConvertChecked } cast => ValueOf(cast.Operand),
            MethodCallExpression { Method.Name: "op_Implicit", Arguments: [{ } converted] } => ValueOf(converted),
            NewArrayExpression { NodeType: ExpressionType.NewArrayInit } array => array.Expressions.Select(ValueOf).ToList(),
            _ => throw Unknown(expression),
        };

        private static object? OwnerOf(MemberExpression member) => member.Expression is null ? null : ValueOf(member.Expression);

        private static PayloadValue ToPayload(object? value) => value switch
        {
            null => default,
            PayloadValue already => already,
            string text => text,
            bool flag => flag,
            sbyte or byte or short or ushort or int or uint or long => Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture),
            float or double or decimal => Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture),
            DateTimeOffset time => time,
            _ => throw new NotSupportedException($"the filter compares with a {value.GetType().Name}. Use a text, a number, a bool or a DateTimeOffset."),
        };

        private static NotSupportedException Unknown(Expression expression) => new(
            $"the filter holds '{VectorRules.Shown(expression.ToString())}', which cannot be read. Compare p[\"key\"] with a constant or a variable, " +
            "use ContainsKey, StartsWith, Contains, &&, || and !, and compute everything else before, into a variable.");
    }
}
