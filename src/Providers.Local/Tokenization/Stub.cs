#pragma warning disable CS1591, CA1822, CA1801, IDE0060
namespace Polymodal.Providers.Local.Tokenization;
public sealed class TokenBuffer { public ReadOnlySpan<int> InputIds => default; public ReadOnlySpan<int> TokenTypeIds => default; }
public sealed class EncodedText { public IReadOnlyList<int> InputIds => []; public IReadOnlyList<int> SpecialTokensMask => []; }
public sealed record Padding(int PadId);
public sealed class Tokenizer { public static Tokenizer FromFile(string f) => new(); public Tokenizer WithLowercase() => this; public Padding? Padding => null; public int? TokenToId(string s) => 0; public bool Encode(ReadOnlySpan<char> t, TokenBuffer b, int max) => false; public EncodedText Encode(string s) => new(); }
