namespace Polymodal.PublicApi;

/// <summary>What the printer does not show, an approved text cannot guard.</summary>
public class PublicSurfaceTests
{
    [Theory]
    [InlineData("readonly record struct Point")]
    [InlineData("sealed record Person")]
    [InlineData("abstract record Shape : IComparable<Shape>")]
    [InlineData("static class Extensions")]
    [InlineData("ref struct Window")]
    [InlineData("interface IConvert<in TIn, out TOut>")]
    [InlineData("enum Level : byte")]
    [InlineData("delegate string? Namer<T>(T value, out int length) where T : notnull")]
    [InlineData("class Store<TKey, TValue> : Dictionary<TKey, TValue>, IDisposable where TKey : class, IComparable<TKey>, new() where TValue : class?")]
    [InlineData("class Store<TKey, TValue>.Cursor")]
    public void Shows_what_kind_of_type_it_is(string declaration) => Assert.Contains(declaration, Lines("  "));

    [Theory]
    [InlineData("Low = 1")]
    [InlineData("High = 200")]
    public void Shows_the_values_of_an_enum(string member) => Assert.Contains(member, Lines("    "));

    [Theory]
    [InlineData("string Name { get; init; }")]
    [InlineData("required string? Title { get; set; }")]
    [InlineData("int Count { get; protected set; }")]
    [InlineData("int Hidden { get; }")]
    [InlineData("int this[string? key] { get; }")]
    [InlineData("IReadOnlyList<string?>? Names { get; }")]
    [InlineData("Dictionary<string, List<ValueTuple<int, string?>>> Nested { get; }")]
    [InlineData("event EventHandler? Changed")]
    [InlineData("const string Key = \"a.b\"")]
    [InlineData("static readonly string?[] Shared")]
    [InlineData("protected abstract void Draw()")]
    [InlineData("virtual float Area()")]
    [InlineData("override string ToString()")]
    [InlineData("protected Shape(string name)")]
    [InlineData("Person(string Name)")]
    public void Shows_members_with_their_nullability(string declaration) => Assert.Contains(declaration, Lines("    "));

    [Theory]
    [InlineData("static T? FirstOr<T>(this IEnumerable<T> items, T? fallback = default)")]
    [InlineData("static T Same<T>(T value) where T : struct, Enum")]
    [InlineData("static void Fill<T>(Span<T> target) where T : unmanaged")]
    [InlineData("static Task<string?[]> ReadAsync(string path, float scale = 0.5, Level level = Level.High, int? limit = null, CancellationToken cancellationToken = default)")]
    [InlineData("static ref readonly int Pick(in Point point, ref int a, params string[] names)")]
    public void Shows_parameters_with_defaults_and_constraints(string declaration) => Assert.Contains(declaration, Lines("    "));

    [Theory]
    [InlineData("PrintMembers")]
    [InlineData("EqualityContract")]
    [InlineData("Deconstruct")]
    [InlineData("op_Equality")]
    [InlineData("get_")]
    [InlineData("Private")]
    [InlineData("Internal")]
    [InlineData("IEquatable<Person>")]
    [InlineData("<Clone>$")]
    public void Hides_what_no_user_sees_or_no_person_wrote(string name) => Assert.DoesNotContain(Lines(""), line => line.Contains(name, StringComparison.Ordinal));

    [Fact]
    public void The_order_does_not_follow_the_order_of_declaration()
    {
        Type[] types = typeof(Samples.Shape).Assembly.GetTypes();
        Assert.Equal(PublicSurface.Of(types), PublicSurface.Of(types.Reverse()));
    }

    private static IEnumerable<string> Lines(string indent) =>
        PublicSurface.Of(typeof(Samples.Shape).Assembly.GetTypes().Where(type => type.Namespace == typeof(Samples.Shape).Namespace && (type.IsPublic || type.IsNestedPublic)))
            .Split('\n').Where(line => line.StartsWith(indent, StringComparison.Ordinal)).Select(line => line[indent.Length..]);
}
