using System.Reflection;
using System.Runtime.CompilerServices;

namespace Polymodal.PublicApi;

/// <summary>The head of a type's declaration.</summary>
internal static class TypeDeclaration
{
    public static string Of(Type type)
    {
        string name = TypeName.Of(type);
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            MethodInfo invoke = type.GetMethod("Invoke")!;
            return $"delegate {TypeName.OfReturn(invoke)} {name}({MemberDeclaration.Parameters(invoke)}){Constraints(Own(type))}";
        }

        IEnumerable<string> bases = [.. Base(type), .. DirectInterfaces(type)];
        return $"{Kind(type)} {name}{(bases.Any() ? " : " + string.Join(", ", bases) : "")}{Constraints(Own(type))}";
    }

    /// <summary>The <c>where</c> clauses of type parameters, each with a blank before it.</summary>
    public static string Constraints(IEnumerable<Type> parameters) => string.Concat(parameters
        .Where(parameter => parameter.IsGenericParameter)
        .Select(parameter => (parameter.Name, Of: string.Join(", ", ConstraintsOf(parameter))))
        .Where(parameter => parameter.Of.Length > 0)
        .Select(parameter => $" where {parameter.Name} : {parameter.Of}"));

    /// <summary>The type parameters without those of the type around it, which reflection repeats.</summary>
    private static IEnumerable<Type> Own(Type type) => type.GetGenericArguments().Skip(type.DeclaringType?.GetGenericArguments().Length ?? 0);

    private static IEnumerable<string> ConstraintsOf(Type parameter)
    {
        GenericParameterAttributes flags = parameter.GenericParameterAttributes;
        byte nullable = Nullability.Of(parameter).Next();
        bool isUnmanaged = parameter.IsDefined(typeof(IsUnmanagedAttribute), inherit: false);
        bool isStruct = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
            yield return nullable == 2 ? "class?" : "class";
        else if (isStruct)
            yield return isUnmanaged ? "unmanaged" : "struct";
        else if (nullable == 1 && parameter.GetGenericParameterConstraints().Length == 0)
            yield return "notnull";
        foreach (Type constraint in parameter.GetGenericParameterConstraints().Where(constraint => constraint != typeof(ValueType)))
            yield return TypeName.Of(constraint);
        if (flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !isStruct)
            yield return "new()";
        if (flags.HasFlag(GenericParameterAttributes.AllowByRefLike))
            yield return "allows ref struct";
    }

    private static string Kind(Type type)
    {
        if (type.IsInterface)
            return "interface";
        if (type.IsEnum)
            return "enum";
        bool isRecord = IsRecord(type);
        if (type.IsValueType)
        {
            bool isReadOnly = type.IsDefined(typeof(IsReadOnlyAttribute), inherit: false);
            return $"{(isReadOnly ? "readonly " : "")}{(type.IsByRefLike ? "ref " : "")}{(isRecord ? "record " : "")}struct";
        }

        string modifier = type.IsAbstract && type.IsSealed ? "static " : type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "";
        return $"{modifier}{(isRecord ? "record" : "class")}";
    }

    private static bool IsRecord(Type type) =>
        type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)?.IsDefined(typeof(CompilerGeneratedAttribute)) == true;

    private static IEnumerable<string> Base(Type type) =>
        type.IsEnum ? Enum.GetUnderlyingType(type) is var underlying && underlying != typeof(int) ? [TypeName.Of(underlying)] : []
        : type.IsClass && type.BaseType is { } parent && parent != typeof(object) ? [TypeName.Of(parent)]
        : [];

    /// <summary>The interfaces that the type adds to its base, without those that another of them brings along, and without a record's IEquatable of itself.</summary>
    private static IEnumerable<string> DirectInterfaces(Type type)
    {
        if (type.IsEnum)
            return [];
        IEnumerable<Type> added = type.GetInterfaces().Where(contract => contract.IsVisible).Except(type.BaseType?.GetInterfaces() ?? []);
        return added
            .Where(contract => !added.Any(other => other != contract && other.GetInterfaces().Contains(contract)))
            .Where(contract => !IsRecord(type) || contract != typeof(IEquatable<>).MakeGenericType(type))
            .Select(contract => TypeName.Of(contract))
            .Order(StringComparer.Ordinal);
    }
}
