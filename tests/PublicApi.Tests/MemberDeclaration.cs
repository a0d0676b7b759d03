using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Polymodal.PublicApi;

/// <summary>A member's declaration without its body. Public is not written, protected is.</summary>
internal static class MemberDeclaration
{
    public static string Of(MemberInfo member) => member switch
    {
        FieldInfo field => Field(field),
        PropertyInfo property => Property(property),
        EventInfo @event => $"{Modifiers(@event.AddMethod!)}event {TypeName.Of(@event)} {@event.Name}",
        ConstructorInfo constructor => $"{Modifiers(constructor)}{constructor.DeclaringType!.Name.Split('`')[0]}({Parameters(constructor)})",
        MethodInfo method => Method(method),
        _ => throw new NotSupportedException($"{member.DeclaringType}.{member.Name}: a {member.MemberType} cannot be printed. Add it to {nameof(MemberDeclaration)}."),
    };

    public static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    public static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Method(MethodInfo method)
    {
        string arguments = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(TypeName.Of))}>" : "";
        return $"{Modifiers(method)}{TypeName.OfReturn(method)} {method.Name}{arguments}({Parameters(method)}){TypeDeclaration.Constraints(method.GetGenericArguments())}";
    }

    private static string Field(FieldInfo field)
    {
        string access = field.IsPublic ? "" : "protected ";
        string required = field.IsDefined(typeof(RequiredMemberAttribute), inherit: false) ? "required " : "";
        return field.IsLiteral
            ? $"{access}const {TypeName.Of(field)} {field.Name} = {Value(field.GetRawConstantValue(), field.FieldType)}"
            : $"{access}{(field.IsStatic ? "static " : "")}{required}{(field.IsInitOnly ? "readonly " : "")}{TypeName.Of(field)} {field.Name}";
    }

    private static string Property(PropertyInfo property)
    {
        MethodInfo[] accessors = [.. property.GetAccessors(nonPublic: true).Where(IsVisible)];
        MethodInfo widest = accessors.FirstOrDefault(accessor => accessor.IsPublic) ?? accessors[0];
        string required = property.IsDefined(typeof(RequiredMemberAttribute), inherit: false) ? "required " : "";
        string name = property.GetIndexParameters() is { Length: > 0 } index ? $"this[{string.Join(", ", index.Select(Parameter))}]" : property.Name;
        string[] written = [.. accessors.OrderBy(accessor => accessor.ReturnType == typeof(void)).Select(accessor => Accessor(accessor, widest))];
        return $"{Modifiers(widest)}{required}{TypeName.Of(property)} {name} {{ {string.Join(" ", written)} }}";
    }

    private static string Accessor(MethodInfo accessor, MethodInfo widest)
    {
        string access = accessor.IsPublic || !widest.IsPublic ? "" : "protected ";
        bool isInit = accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
        return access + (accessor.ReturnType != typeof(void) ? "get;" : isInit ? "init;" : "set;");
    }

    private static string Modifiers(MethodBase method)
    {
        string access = method.IsPublic ? "" : "protected ";
        if (method.IsStatic)
            return $"{access}static {(method.IsAbstract ? "abstract " : method.IsVirtual ? "virtual " : "")}";
        if (method.DeclaringType!.IsInterface)
            return method.IsAbstract ? access : $"{access}virtual ";
        bool isOverride = method is MethodInfo info && info.GetBaseDefinition().DeclaringType != method.DeclaringType;
        string kind = isOverride ? (method.IsFinal ? "sealed override " : method.IsAbstract ? "abstract override " : "override ")
            : method.IsAbstract ? "abstract "
            : method.IsVirtual && !method.IsFinal ? "virtual "
            : "";
        return access + kind;
    }

    private static string Parameter(ParameterInfo parameter)
    {
        string text = $"{ParameterModifier(parameter)}{TypeName.Of(parameter)} {parameter.Name}";
        return parameter.HasDefaultValue ? $"{text} = {Value(parameter.DefaultValue, parameter.ParameterType)}" : text;
    }

    private static string ParameterModifier(ParameterInfo parameter)
    {
        if (parameter.Position == 0 && parameter.Member.IsDefined(typeof(ExtensionAttribute), inherit: false))
            return "this " + ByReference(parameter);
        return parameter.IsDefined(typeof(ParamArrayAttribute), inherit: false) || parameter.IsDefined(typeof(ParamCollectionAttribute), inherit: false)
            ? "params "
            : ByReference(parameter);
    }

    private static string ByReference(ParameterInfo parameter) =>
        !parameter.ParameterType.IsByRef ? ""
        : parameter.IsOut ? "out "
        : parameter.IsDefined(typeof(RequiresLocationAttribute), inherit: false) ? "ref readonly "
        : parameter.IsDefined(typeof(IsReadOnlyAttribute), inherit: false) ? "in "
        : "ref ";

    private static string Value(object? value, Type type)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        return value switch
        {
            null => type.IsGenericParameter || (type.IsValueType && plain == type) ? "default" : "null",
            string text => $"\"{text}\"",
            char letter => $"'{letter}'",
            bool truth => truth ? "true" : "false",
            _ when plain.IsEnum => $"{TypeName.Of(plain)}.{Enum.ToObject(plain, value)}",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString() ?? "null",
        };
    }
}
