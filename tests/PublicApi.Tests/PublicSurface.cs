using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Polymodal.PublicApi;

/// <summary>
/// Prints what a user of an assembly can see, as C# declarations in a fixed order: public types with their public and protected members.
/// Left out: attributes, the namespaces of the types used, names of tuple elements, and what the compiler adds to records.
/// </summary>
internal static class PublicSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Prints an assembly.</summary>
    /// <returns>Lines ended by <c>\n</c>; the same text for the same surface on every machine.</returns>
    public static string Of(Assembly assembly) => Of(assembly.GetExportedTypes());

    /// <summary>Prints types, whatever their own accessibility.</summary>
    public static string Of(IEnumerable<Type> types)
    {
        var text = new StringBuilder();
        foreach (IGrouping<string?, Type> group in types.Where(IsWritten).GroupBy(type => type.Namespace).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            text.Append(text.Length > 0 ? "\n" : "").Append("namespace ").Append(group.Key).Append('\n');
            foreach (Type type in group.OrderBy(type => type.FullName, StringComparer.Ordinal))
                AppendType(text, type);
        }

        return text.ToString();
    }

    private static void AppendType(StringBuilder text, Type type)
    {
        text.Append("  ").Append(TypeDeclaration.Of(type)).Append('\n');
        if (typeof(Delegate).IsAssignableFrom(type))
            return;
        IEnumerable<string> members = type.IsEnum
            ? Enum.GetNames(type).Select(name => (Name: name, Value: Convert.ToDecimal(Enum.Parse(type, name), CultureInfo.InvariantCulture)))
                .OrderBy(member => member.Value).ThenBy(member => member.Name, StringComparer.Ordinal)
                .Select(member => string.Create(CultureInfo.InvariantCulture, $"{member.Name} = {member.Value}"))
            : type.GetMembers(Declared).Where(IsVisible).Select(MemberDeclaration.Of).Order(StringComparer.Ordinal);
        foreach (string member in members)
            text.Append("    ").Append(member).Append('\n');
    }

    private static bool IsVisible(MemberInfo member) => IsWritten(member) && member switch
    {
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(MemberDeclaration.IsVisible),
        EventInfo @event => MemberDeclaration.IsVisible(@event.AddMethod!),
        ConstructorInfo constructor => MemberDeclaration.IsVisible(constructor) && !constructor.IsStatic,
        MethodInfo method => MemberDeclaration.IsVisible(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)),
        _ => false,
    };

    /// <summary>Whether a person wrote it: no record's Equals, PrintMembers or Clone, no type behind an extension block.</summary>
    private static bool IsWritten(MemberInfo member) =>
        !member.Name.StartsWith('<') && (member is PropertyInfo or EventInfo
            ? member.Name != "EqualityContract"
            : !member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false));
}
