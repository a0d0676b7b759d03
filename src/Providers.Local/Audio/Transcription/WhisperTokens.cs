using System.Numerics.Tensors;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Audio.Transcription;

/// <summary>Which tokens Whisper may say next: those that its folder forbids, and the order of time stamps.</summary>
/// <remarks>Reference: openai/whisper 20250625, decoding.py (SuppressTokens, ApplyTimestampRules); immutable.</remarks>
internal sealed class WhisperTokens
{
    private readonly int[] _suppressed, _suppressedFirst;
    private readonly int _latestFirst;
    private readonly WhisperGenerationConfig _config;
    private readonly string _file;

    public WhisperTokens(ModelFolder folder)
    {
        _file = $"{folder.Name}/{WhisperGenerationConfig.File}";
        _config = folder.Read(WhisperGenerationConfig.File, WhisperJson.Default.WhisperGenerationConfig);
        Start = _config.DecoderStartTokenId ?? throw Missing("decoder_start_token_id");
        End = _config.EosTokenId ?? throw Missing("eos_token_id");
        NoTimestamps = _config.NoTimestampsTokenId ?? throw Missing("no_timestamps_token_id");
        MaxLength = _config.MaxLength is { } length and > 4 ? length : 448;
        _suppressed = [.. _config.SuppressTokens ?? []];
        _suppressedFirst = [.. _config.BeginSuppressTokens ?? []];
        _latestFirst = _config.MaxInitialTimestampIndex ?? 50;
    }

    public int Start { get; }

    public int End { get; }

    public int NoTimestamps { get; }

    /// <summary>What stands for a window in which nobody speaks.</summary>
    public int NoSpeech => NoTimestamps - 1;

    /// <summary>The time stamp 0.00; each one after it is 0.02 s later.</summary>
    public int FirstTimestamp => NoTimestamps + 1;

    /// <summary>Most tokens of a window, the prompt among them.</summary>
    public int MaxLength { get; }

    /// <summary>The tokens of languages; none where the model knows one only.</summary>
    public IReadOnlyDictionary<string, int> Languages => _config.IsMultilingual == false ? new Dictionary<string, int>() : _config.LangToId ?? new Dictionary<string, int>();

    /// <summary>The prompt of a window.</summary>
    /// <param name="language">Token of the language; null where the model knows one only.</param>
    /// <param name="translates">Whether English is wanted whatever is spoken.</param>
    /// <param name="withTimestamps">Whether time stamps are wanted.</param>
    public long[] Prompt(int? language, bool translates, bool withTimestamps)
    {
        List<long> prompt = [Start];
        if (language is { } token)
            prompt.AddRange([token, _config.TaskToId?.GetValueOrDefault(translates ? "translate" : "transcribe") is { } task and > 0 ? task : throw Missing("task_to_id")]);
        if (!withTimestamps)
            prompt.Add(NoTimestamps);
        return [.. prompt];
    }

    /// <summary>The token of a language.</summary>
    /// <param name="language">E.g. <c>en</c>, <c>en-GB</c>.</param>
    /// <exception cref="NotSupportedException">The model does not know it.</exception>
    public int Language(string language) =>
        Languages.TryGetValue($"<|{language.Split('-')[0].ToLowerInvariant()}|>", out int token) ? token
            : throw new NotSupportedException($"SpeechLanguage is '{language}'; {_file} knows {string.Join(", ", Languages.Keys.Select(key => key.Trim('<', '|', '>')))}. Choose one of these, or leave it out.");

    /// <summary>Forbids tokens by −∞.</summary>
    /// <param name="logits">Of the next token.</param>
    /// <param name="said">The tokens so far, without the prompt.</param>
    /// <param name="withTimestamps">Whether the prompt asks for time stamps.</param>
    public void Forbid(Span<float> logits, IReadOnlyList<int> said, bool withTimestamps)
    {
        foreach (int token in _suppressed)
            logits[token] = float.NegativeInfinity;
        foreach (int token in said.Count == 0 ? _suppressedFirst : [])
            logits[token] = float.NegativeInfinity;
        if (withTimestamps)
            ForbidByTime(logits, said);
    }

    private void ForbidByTime(Span<float> logits, IReadOnlyList<int> said)
    {
        int first = FirstTimestamp;
        logits[NoTimestamps] = float.NegativeInfinity;
        bool isTime = said is [.., var last] && last >= first, wasTime = said.Count < 2 || said[^2] >= first;
        // Time stamps come in pairs, but for the first and the last.
        if (isTime && wasTime)
            logits[first..].Fill(float.NegativeInfinity);
        else if (isTime)
            logits[..End].Fill(float.NegativeInfinity);
        if (said.LastOrDefault(token => token >= first) is var latest and > 0)
            logits[first..(isTime && !wasTime ? latest : Math.Min(latest + 1, logits.Length))].Fill(float.NegativeInfinity);
        if (said.Count == 0)
        {
            logits[..first].Fill(float.NegativeInfinity);
            logits[Math.Min(logits.Length, first + _latestFirst + 1)..].Fill(float.NegativeInfinity);
        }

        // Where time as a whole is likelier than any text, it is time.
        float most = TensorPrimitives.Max<float>(logits[..first]), mostTime = TensorPrimitives.Max<float>(logits[first..]);
        if (float.IsNegativeInfinity(mostTime))
            return;
        double sum = 0;
        foreach (float logit in logits[first..])
            sum += Math.Exp(logit - mostTime);
        if (mostTime + Math.Log(sum) > most)
            logits[..first].Fill(float.NegativeInfinity);
    }

    private InvalidDataException Missing(string field) => new($"{_file}: {field} is missing. Fetch the file again, or add it.");
}
