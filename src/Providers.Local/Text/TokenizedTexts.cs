using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Text;

/// <summary>The tokens of many texts, one after the other in one array, ready to be cut into runs.</summary>
internal sealed class TokenizedTexts
{
    private readonly int[] _starts;
    private int[] _inputIds = new int[1024];
    private int[] _tokenTypeIds = new int[1024];

    /// <summary>Tokenizes texts.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="prompt">Put before each text.</param>
    /// <param name="maxTokens">Where a text is cut, special tokens included.</param>
    /// <param name="cancellationToken">Ends the work between two texts.</param>
    public TokenizedTexts(Tokenizer tokenizer, IReadOnlyList<string> texts, string prompt, int maxTokens, CancellationToken cancellationToken)
        : this(texts, prompt, (text, buffer) => tokenizer.Encode(text, buffer, maxTokens), cancellationToken)
    {
    }

    /// <summary>Tokenizes texts in an encoder's own way.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="prompt">Put before each text.</param>
    /// <param name="encode">Leaves the tokens of a text in the buffer, and there too whether it has cut them.</param>
    /// <param name="cancellationToken">Ends the work between two texts.</param>
    public TokenizedTexts(IReadOnlyList<string> texts, string prompt, TextTokenization encode, CancellationToken cancellationToken)
    {
        _starts = new int[texts.Count + 1];
        Lengths = new int[texts.Count];
        var buffer = new TokenBuffer();
        for (int text = 0; text < texts.Count; text++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            encode(prompt.Length == 0 ? texts[text] : prompt + texts[text], buffer);
            CutTexts += buffer.WasCut ? 1 : 0;
            Append(text, buffer);
        }
    }

    /// <summary>Tokens of each text.</summary>
    public int[] Lengths { get; }

    /// <summary>How many texts were cut at the limit.</summary>
    public int CutTexts { get; }

    /// <summary>Tokens of all texts together.</summary>
    public int Total => _starts[^1];

    /// <summary>Pads some of the texts to the longest of them.</summary>
    /// <param name="texts">Their indices.</param>
    /// <param name="padId">Token number of the padding.</param>
    /// <param name="padLeft">Whether padding stands before the text.</param>
    /// <param name="intent">What the texts are for.</param>
    /// <param name="fixedLength">What all texts are padded to; null for the longest of them.</param>
    public TextBatch Batch(ReadOnlySpan<int> texts, int padId, bool padLeft, EmbeddingIntent? intent = null, int? fixedLength = null)
    {
        int sequence = fixedLength ?? 0;
        foreach (int text in texts)
            sequence = Math.Max(sequence, Lengths[text]);
        var batch = new TextBatch(texts.Length, sequence) { Intent = intent };
        batch.InputIds.AsSpan().Fill(padId);
        for (int row = 0; row < texts.Length; row++)
            CopyTo(texts[row], batch, row, padLeft);
        return batch;
    }

    /// <summary>Writes a text into a row of a batch, whose ids are padding so far.</summary>
    /// <param name="text">Its index.</param>
    /// <param name="batch">The batch, as long as the text at least.</param>
    /// <param name="row">The row.</param>
    /// <param name="padLeft">Whether padding stands before the text.</param>
    public void CopyTo(int text, TextBatch batch, int row, bool padLeft)
    {
        int start = _starts[text], length = Lengths[text], sequence = batch.SequenceLength;
        int target = (row * sequence) + (padLeft ? sequence - length : 0);
        for (int token = 0; token < length; token++)
        {
            batch.InputIds[target + token] = _inputIds[start + token];
            batch.TokenTypeIds[target + token] = _tokenTypeIds[start + token];
        }

        batch.AttentionMask.AsSpan(target, length).Fill(1);
    }

    private void Append(int text, TokenBuffer buffer)
    {
        int start = _starts[text], end = start + buffer.InputIds.Length;
        if (end > _inputIds.Length)
        {
            Array.Resize(ref _inputIds, Math.Max(end, _inputIds.Length * 2));
            Array.Resize(ref _tokenTypeIds, _inputIds.Length);
        }

        buffer.InputIds.CopyTo(_inputIds.AsSpan(start));
        buffer.TokenTypeIds.CopyTo(_tokenTypeIds.AsSpan(start));
        Lengths[text] = buffer.InputIds.Length;
        _starts[text + 1] = end;
    }
}

/// <summary>Tokenizes one text.</summary>
/// <param name="text">The text, its prompt before it.</param>
/// <param name="buffer">Receives the tokens.</param>
internal delegate void TextTokenization(ReadOnlySpan<char> text, TokenBuffer buffer);
