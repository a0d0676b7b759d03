using Microsoft.Extensions.AI;

namespace Polymodal.Providers.Local;

/// <summary>A text of any length as vectors: one for the whole, and one for each chunk.</summary>
/// <param name="Embedding">Of the whole text: the mean of its chunks, weighted by tokens, of unit length where the model's vectors are.</param>
/// <param name="Chunks">The chunks in the order of the text; at least one. Together they cover it but for white space between them.</param>
public sealed record LongTextEmbedding(Embedding<float> Embedding, IReadOnlyList<TextSpanEmbedding> Chunks);

/// <summary>A chunk of a text and its vector. Its text is <c>text.Substring(Start, Length)</c>.</summary>
/// <param name="Start">Where it starts in the text, in UTF-16 units; never within a surrogate pair.</param>
/// <param name="Length">Its length in UTF-16 units.</param>
/// <param name="Tokens">Its tokens, special and prompt tokens not counted.</param>
/// <param name="Embedding">Its vector.</param>
public sealed record TextSpanEmbedding(int Start, int Length, int Tokens, Embedding<float> Embedding);
