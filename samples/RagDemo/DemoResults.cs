namespace Polymodal.Samples.RagDemo;

/// <summary>What <c>/api/status</c> answers.</summary>
/// <param name="IsIndexing">Whether documents are still being read.</param>
/// <param name="PassagesDone">Passages read; the last few of them may not be found yet.</param>
/// <param name="PassagesTotal">Passages that there will be; 0 until they are counted.</param>
/// <param name="Documents">Documents of the folder.</param>
/// <param name="Passages">Passages that can be found now.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Examples">Questions to begin with.</param>
public sealed record DemoStatus(bool IsIndexing, int PassagesDone, int PassagesTotal, int Documents, long Passages, string? Model, IReadOnlyList<string> Examples);

/// <summary>What <c>/api/ask</c> answers.</summary>
/// <param name="Question">The question.</param>
/// <param name="Quotes">The answer; empty when the documents do not seem to answer.</param>
/// <param name="Passages">The nearest passages.</param>
/// <param name="IsIndexing">Whether more passages may still come.</param>
/// <param name="PassagesSearched">How many passages were compared with the question.</param>
/// <param name="Milliseconds">How long it took.</param>
public sealed record AskResult(string Question, IReadOnlyList<Quote> Quotes, IReadOnlyList<Passage> Passages, bool IsIndexing, long PassagesSearched, long Milliseconds);

/// <summary>What <c>/api/document</c> answers.</summary>
/// <param name="Source">The document.</param>
/// <param name="Title">Its title.</param>
/// <param name="Text">All of its text.</param>
public sealed record DocumentResult(string Source, string Title, string Text);
