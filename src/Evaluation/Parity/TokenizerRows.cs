using System.IO.Compression;
using System.Text.Json;

namespace Polymodal.Evaluation.Parity;

/// <summary>Rows about tokens: everything must be equal, and the note says where it is not.</summary>
internal static class TokenizerRows
{
    private const int LongestQuote = 40;

    /// <summary>A row that passes when there is nothing to note.</summary>
    /// <param name="caseId">The case.</param>
    /// <param name="what">What is compared.</param>
    /// <param name="compare">Gives the first difference, or null.</param>
    public static ParityRow Of(string caseId, string what, Func<string?> compare)
    {
        string? note = compare();
        return new(caseId, what, null, null, note is null ? ParityVerdict.Pass : ParityVerdict.Fail, note);
    }

    /// <summary>A row for something that the library refused: it passes when it is refused here too.</summary>
    /// <param name="caseId">The case.</param>
    /// <param name="recorded">The library's error.</param>
    /// <param name="run">What must throw.</param>
    public static ParityRow Refused(string caseId, string recorded, Action run) =>
        Refusal(run) is { } ours ? new(caseId, "refused", null, null, ParityVerdict.Pass, ours.Message)
            : new(caseId, "refused", null, null, ParityVerdict.Fail, $"nothing was wrong here; recorded '{Shortened(recorded)}'");

    /// <summary>The error of a file or an argument that something ends with, or null.</summary>
    public static Exception? Refusal(Action run)
    {
        try
        {
            run();
            return null;
        }
        catch (Exception exception) when (exception is InvalidDataException or NotSupportedException or ArgumentException)
        {
            return exception;
        }
    }

    /// <summary>The first difference of two lists, or null.</summary>
    public static string? List<T>(string what, IReadOnlyList<T> ours, IReadOnlyList<T> recorded)
    {
        for (int i = 0; i < Math.Min(ours.Count, recorded.Count); i++)
        {
            if (!EqualityComparer<T>.Default.Equals(ours[i], recorded[i]))
                return $"{what} at {i}: {Quoted(ours[i])}, recorded {Quoted(recorded[i])}";
        }

        return ours.Count == recorded.Count ? null : $"{what}: {ours.Count}, recorded {recorded.Count}";
    }

    /// <summary>The difference of two decoded texts, or null.</summary>
    public static string? Text(string ours, JsonElement recorded) =>
        ours == recorded.GetString() ? null : $"decoded '{Shortened(ours)}', recorded '{Shortened(recorded.GetString()!)}'";

    /// <summary>A recorded list of whole numbers.</summary>
    public static int[] Integers(JsonElement list) => [.. list.EnumerateArray().Select(number => number.GetInt32())];

    /// <summary>A recorded list of whole numbers with gaps.</summary>
    public static int?[] OptionalIntegers(JsonElement list) => [.. list.EnumerateArray().Select(number => number.ValueKind == JsonValueKind.Null ? (int?)null : number.GetInt32())];

    /// <summary>A place of a text, counted in UTF-16 units, in code points as the record counts.</summary>
    public static int InCodePoints(string text, int place)
    {
        int count = place;
        for (int i = 0; i < place; i++)
            count -= char.IsLowSurrogate(text[i]) ? 1 : 0;
        return count;
    }

    /// <summary>The content of a file, unpacked when its name ends in <c>.gz</c>.</summary>
    public static byte[] ReadAll(string file)
    {
        if (!file.EndsWith(".gz", StringComparison.Ordinal))
            return File.ReadAllBytes(file);
        using var content = new MemoryStream();
        using var packed = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        packed.CopyTo(content);
        return content.ToArray();
    }

    private static string Quoted<T>(T value) => value is null ? "none" : Shortened(value.ToString()!);

    private static string Shortened(string text) => text.Length <= LongestQuote ? text : string.Concat(text.AsSpan(0, LongestQuote), "…");
}
