using System.Collections.ObjectModel;
using System.Reflection;

namespace Polymodal.PublicApi;

/// <summary>
/// The nullability the compiler wrote for one type reference: one flag for each reference type in it, outermost first
/// (0 not stated, 1 not null, 2 may be null). The reflection API's own reader cannot tell <c>T</c> from <c>T?</c>.
/// </summary>
/// <remarks>Format: dotnet/roslyn, docs/features/nullable-metadata.md.</remarks>
internal sealed class Nullability
{
    private const string Attribute = "System.Runtime.CompilerServices.NullableAttribute";
    private const string ContextAttribute = "System.Runtime.CompilerServices.NullableContextAttribute";

    private readonly byte[] _flags;
    private int _next;

    private Nullability(byte[] flags) => _flags = flags;

    public static Nullability None => new([0]);

    public static Nullability Of(ParameterInfo parameter) => Of(parameter.GetCustomAttributesData(), parameter.Member);

    public static Nullability Of(MemberInfo member) => member is Type { IsGenericParameter: true } parameter
        ? Of(parameter.GetCustomAttributesData(), parameter.DeclaringMethod ?? (MemberInfo?)parameter.DeclaringType)
        : Of(member.GetCustomAttributesData(), member.DeclaringType);

    /// <summary>The flag of the next type in the reference. One flag stands for all.</summary>
    public byte Next() => _flags.Length == 1 ? _flags[0] : _flags[_next++];

    private static Nullability Of(IList<CustomAttributeData> attributes, MemberInfo? context)
    {
        if (attributes.FirstOrDefault(attribute => attribute.AttributeType.FullName == Attribute) is not { } found)
            return new([Context(context)]);
        return found.ConstructorArguments[0].Value is ReadOnlyCollection<CustomAttributeTypedArgument> many
            ? new([.. many.Select(flag => (byte)flag.Value!)])
            : new([(byte)found.ConstructorArguments[0].Value!]);
    }

    /// <summary>What holds where nothing is said: the innermost context around.</summary>
    private static byte Context(MemberInfo? member)
    {
        for (; member is not null; member = member.DeclaringType)
        {
            if (member.GetCustomAttributesData().FirstOrDefault(attribute => attribute.AttributeType.FullName == ContextAttribute) is { } context)
                return (byte)context.ConstructorArguments[0].Value!;
        }

        return 0;
    }
}
