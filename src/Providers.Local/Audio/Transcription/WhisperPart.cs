namespace Polymodal.Providers.Local.Audio.Transcription;

/// <summary>What is said between two time stamps of a window.</summary>
/// <param name="Start">In seconds from the window's start.</param>
/// <param name="End">In seconds from the window's start.</param>
/// <param name="Tokens">Token ids, time stamps left out.</param>
internal sealed record WhisperPart(double Start, double End, IReadOnlyList<int> Tokens)
{
    private const double SecondsPerTimestamp = 0.02;

    /// <summary>Cuts what was said in a window at its time stamps, which stand in pairs: the end of a part and the start of the next.</summary>
    /// <param name="tokens">Token ids, time stamps among them.</param>
    /// <param name="firstTimestamp">The id of 0.00.</param>
    /// <param name="seconds">Length of the window.</param>
    /// <returns>
    /// The parts, and where the next window begins: after the last pair, for a part that the window cuts off is heard again as a whole. Null where all of the window was
    /// heard: it ends with one time stamp, behind which nobody speaks, or has no pair.
    /// </returns>
    /// <remarks>Reference: openai/whisper 20250625, transcribe.py.</remarks>
    public static (List<WhisperPart> Parts, double? Next) Split(IReadOnlyList<int> tokens, int firstTimestamp, double seconds)
    {
        bool IsTime(int place) => place >= 0 && tokens[place] >= firstTimestamp;
        double Time(int place) => (tokens[place] - firstTimestamp) * SecondsPerTimestamp;
        var parts = new List<WhisperPart>();
        List<int> cuts = [.. Enumerable.Range(0, tokens.Count).Where(place => IsTime(place) && IsTime(place - 1))];
        if (cuts.Count == 0)
        {
            // One part, from the window's start to the only time stamp that says something, else to the window's end.
            int last = Enumerable.Range(0, tokens.Count).LastOrDefault(IsTime, -1);
            parts.Add(new WhisperPart(0, last >= 0 && Time(last) > 0 ? Time(last) : seconds, Words(0, tokens.Count)));
            return (parts, null);
        }

        bool endsAlone = IsTime(tokens.Count - 1) && !IsTime(tokens.Count - 2);
        double next = Time(cuts[^1] - 1);
        if (endsAlone)
            cuts.Add(tokens.Count);
        int from = 0;
        foreach (int cut in cuts)
        {
            parts.Add(new WhisperPart(Time(from), Time(cut - 1), Words(from, cut)));
            from = cut;
        }

        return (parts, endsAlone ? null : next);

        int[] Words(int start, int end) => [.. tokens.Skip(start).Take(end - start).Where(token => token < firstTimestamp)];
    }
}
