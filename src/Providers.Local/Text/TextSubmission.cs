using Polymodal.Providers.Local.Scheduling;

namespace Polymodal.Providers.Local.Text;

/// <summary>The texts of one call, on their way through a chain.</summary>
/// <param name="chain">What they go through.</param>
/// <param name="texts">The texts.</param>
/// <param name="prompt">Put before each of them.</param>
/// <param name="intent">What they are for, where the caller said so.</param>
internal sealed class TextSubmission(TextChain chain, string[] texts, string prompt, EmbeddingIntent? intent) : Submission<TextItem>(texts.Length)
{
    // Latin text has about four characters a token; other scripts have fewer, which a queue may misjudge.
    private const int CharactersPerToken = 4;
    private int _tokens, _cutTexts;

    /// <summary>What they go through.</summary>
    public TextChain Chain => chain;

    /// <summary>How many leading tokens of each text are prompt.</summary>
    public int PromptTokens { get; } = chain.Encoder.PromptTokens(prompt);

    /// <summary>Tokens of the texts made ready so far.</summary>
    public int Tokens => _tokens;

    /// <summary>How many of them lost their end.</summary>
    public int CutTexts => _cutTexts;

    /// <summary>What they are for, where the caller said so.</summary>
    public EmbeddingIntent? Intent => intent;

    public override object Kind { get; } = (chain, intent, prompt);

    public override int Estimate(int index) => Math.Min(chain.Encoder.MaxTokens, ((prompt.Length + texts[index].Length) / CharactersPerToken) + 2);

    public override void Prepare(int start, Span<TextItem> items, CancellationToken cancellationToken)
    {
        TokenizedTexts tokens = chain.Encoder.Tokenize(new ArraySegment<string>(texts, start, items.Length), prompt, cancellationToken);
        for (int text = 0; text < items.Length; text++)
            items[text] = new TextItem(this, tokens, text);
        Interlocked.Add(ref _tokens, tokens.Total);
        Interlocked.Add(ref _cutTexts, tokens.CutTexts);
    }
}

/// <summary>A text as tokens.</summary>
/// <param name="Submission">The call it belongs to.</param>
/// <param name="Tokens">Its tokens, with those of others.</param>
/// <param name="Text">Which of them it is.</param>
internal readonly record struct TextItem(TextSubmission Submission, TokenizedTexts Tokens, int Text) : IWorkItem
{
    public int Length => Tokens.Lengths[Text];

    public int Cost => Math.Max(1, Submission.Chain.Encoder.FixedLength ?? Length);
}
