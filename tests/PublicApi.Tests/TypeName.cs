using System.Reflection;

namespace Polymodal.PublicApi;

/// <summary>A type reference as C# writes it, without namespaces.</summary>
internal static class TypeName
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(char)] = "char",
        [typeof(decimal)] = "decimal",
        [typeof(double)] = "double",
        [typeof(float)] = "float",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(void)] = "void",
    };

    /// <summary>A type itself, nothing said about null; a definition's type parameters with their variance.</summary>
    public static string Of(Type type) => Of(type, Nullability.None);

    public static string Of(FieldInfo field) => Of(field.FieldType, Nullability.Of(field));

    public static string Of(EventInfo @event) => Of(@event.EventHandlerType!, Nullability.Of(@event));

    public static string Of(PropertyInfo property) =>
        ByReference(property.PropertyType, property.GetRequiredCustomModifiers()) + Of(property.PropertyType, Nullability.Of(property));

    public static string OfReturn(MethodInfo method) =>
        ByReference(method.ReturnType, method.ReturnParameter.GetRequiredCustomModifiers()) + Of(method.ReturnType, Nullability.Of(method.ReturnParameter));

    /// <summary>The type of a parameter without its <c>ref</c>, <c>in</c> or <c>out</c>.</summary>
    public static string Of(ParameterInfo parameter) => Of(parameter.ParameterType, Nullability.Of(parameter));

    private static string ByReference(Type type, Type[] modifiers) =>
        !type.IsByRef ? "" : modifiers.Any(modifier => modifier.Name == "InAttribute") ? "ref readonly " : "ref ";

    private static string Of(Type type, Nullability nullability)
    {
        if (type.IsByRef)
            return Of(type.GetElementType()!, nullability);
        if (type.IsPointer)
            return Of(type.GetElementType()!, nullability) + "*";
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Of(underlying, nullability) + "?";
        if (type.IsGenericParameter)
            return Variance(type) + type.Name + Mark(nullability);
        if (type.IsArray)
        {
            string mark = Mark(nullability);
            return $"{Of(type.GetElementType()!, nullability)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        }

        // A value type has a flag only if it is generic, and that one says nothing.
        string nullable = !type.IsValueType || type.IsGenericType ? Mark(nullability) : "";
        return WithArguments(type, nullability) + (type.IsValueType ? "" : nullable);
    }

    private static string WithArguments(Type type, Nullability nullability)
    {
        if (Keywords.TryGetValue(type, out string? keyword))
            return keyword;

        // A nested type repeats the type arguments of the types around it.
        Type[] arguments = type.GetGenericArguments();
        string name = "";
        int used = 0;
        foreach (Type part in Nesting(type))
        {
            int count = part.GetGenericArguments().Length - used;
            string own = string.Join(", ", arguments.Skip(used).Take(count).Select(argument => Of(argument, nullability)));
            name += (name.Length > 0 ? "." : "") + part.Name.Split('`')[0] + (count > 0 ? $"<{own}>" : "");
            used += count;
        }

        return name;
    }

    private static Stack<Type> Nesting(Type type)
    {
        var nesting = new Stack<Type>();
        for (Type? part = type; part is not null; part = part.DeclaringType)
            nesting.Push(part);
        return nesting;
    }

    private static string Mark(Nullability nullability) => nullability.Next() == 2 ? "?" : "";

    private static string Variance(Type parameter) => (parameter.GenericParameterAttributes & GenericParameterAttributes.VarianceMask) switch
    {
        GenericParameterAttributes.Contravariant => "in ",
        GenericParameterAttributes.Covariant => "out ",
        _ => "",
    };
}
