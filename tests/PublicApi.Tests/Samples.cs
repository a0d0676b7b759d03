// One of each thing that the printer must show. These types are printed, never run.
#pragma warning disable CA1036, CA1051, CA1816, CA1822, CS0067 // What these rules ask for would make the samples longer, not better.
namespace Polymodal.PublicApi.Samples;

public enum Level : byte
{
    High = 200,
    Low = 1,
}

public delegate string? Namer<T>(T value, out int length)
    where T : notnull;

public interface IConvert<in TIn, out TOut>
{
    TOut Convert(TIn value);
}

public readonly record struct Point(int X, int Y);

public ref struct Window
{
    public Span<int> Values;
}

public sealed record Person(string Name)
{
    public required string? Title { get; set; }

    public int Hidden { get; private set; }

    internal int Internal { get; set; }
}

public abstract record Shape : IComparable<Shape>
{
    public const string Key = "a.b";
    public static readonly string?[] Shared = [];

    protected Shape(string name) => Private(name);

    public event EventHandler? Changed;

    public int Count { get; protected set; }

    public IReadOnlyList<string?>? Names => null;

    public Dictionary<string, List<(int Number, string? Text)>> Nested => [];

    public int this[string? key] => key?.Length ?? 0;

    public int CompareTo(Shape? other) => 0;

    public virtual float Area() => 0;

    public override string ToString() => "";

    protected abstract void Draw();

    private static void Private(string name) => _ = name;
}

public class Store<TKey, TValue> : Dictionary<TKey, TValue>, IDisposable
    where TKey : class, IComparable<TKey>, new()
    where TValue : class?
{
    public void Dispose()
    {
    }

    public class Cursor;
}

public static class Extensions
{
    public static T? FirstOr<T>(this IEnumerable<T> items, T? fallback = default) => items.DefaultIfEmpty(fallback).First();

    public static T Same<T>(T value)
        where T : struct, Enum => value;

    public static void Fill<T>(Span<T> target)
        where T : unmanaged => target.Clear();

    public static Task<string?[]> ReadAsync(
        string path, float scale = 0.5f, Level level = Level.High, int? limit = null, CancellationToken cancellationToken = default) => Task.FromResult<string?[]>([path]);

    public static ref readonly int Pick(in Point point, ref int a, params string[] names) => ref a;
}
