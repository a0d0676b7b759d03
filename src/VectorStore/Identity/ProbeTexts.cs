namespace Polymodal.VectorStore;

/// <summary>The fixed texts by which a text model is recognised: 16 short ones, then 16 long ones. Never edited; another set gets another name.</summary>
/// <remarks>Two lengths, because what was put before a text (a prompt) weighs much in a short one and little in a long one.</remarks>
internal static class ProbeTexts
{
    /// <summary>The name of the set.</summary>
    public const string Set = "text-1";

    /// <summary>How many short texts the set begins with; as many long ones follow.</summary>
    public const int ShortCount = 16;

    private const int SentencesOfLongText = 6;

    private static readonly string[] Short =
    [
        "cat", "winter", "invoice", "La mer", "running", "x = y + 1", "Berlin", "no", "sad", "2026", "electron", "bread", "recht", "violin", "地震", "open source",
    ];

    private static readonly string[] Sentences =
    [
        "A cat sleeps on the warm sofa while rain runs down the window.",
        "The invoice of March lists twelve items, two of which were never delivered.",
        "Snow fell all night, and in the morning the pass was closed.",
        "La mer est calme aujourd'hui, et les bateaux rentrent au port.",
        "She runs ten kilometres before breakfast and says it clears her mind.",
        "A function returns its first argument when the second is zero.",
        "Berlin has more bridges than many cities that are famous for theirs.",
        "No, the committee did not approve the budget of the new school.",
        "He was sad for a week after the old dog had died.",
        "In 2026 the spacecraft reached the small moon and sent its first pictures.",
        "An electron has a negative charge and a very small mass.",
        "Let the dough of the bread rise for two hours in a warm place.",
        "Das Gericht hat entschieden, dass der Vertrag nicht gilt.",
        "The violin came in late, but the audience did not seem to notice.",
        "地震のあと、町の人々は学校の体育館に集まった。",
        "The licence of the library allows changes as long as they are published.",
    ];

    /// <summary>The texts.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. Short,
        .. Enumerable.Range(0, Sentences.Length).Select(first => string.Join(' ', Enumerable.Range(0, SentencesOfLongText).Select(i => Sentences[(first + (i * 5)) % Sentences.Length]))),
    ];
}
