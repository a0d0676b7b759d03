namespace Polymodal.Multimodal;

/// <summary>Sentences around the name of a class: models of pictures and sounds were trained with captions, so that a sentence fits better than a bare word.</summary>
/// <remarks>Several sentences are better than one: their vectors are averaged. Immutable.</remarks>
public static class PromptTemplates
{
    /// <summary>Where the name of the class goes.</summary>
    public const string Place = "{}";

    /// <summary>The bare name.</summary>
    public static IReadOnlyList<string> Name { get; } = [Place];

    /// <summary>For pictures.</summary>
    public static IReadOnlyList<string> Picture { get; } = ["a photo of a {}.", "a picture of the {}.", "a close-up photo of a {}.", "a drawing of a {}."];

    /// <summary>For sounds.</summary>
    public static IReadOnlyList<string> Sound { get; } = ["This is a sound of {}.", "the sound of {}", "a recording of {}."];

    /// <summary>For texts.</summary>
    public static IReadOnlyList<string> Text { get; } = ["This text is about {}.", "{}"];

    /// <summary>The sentences of a class.</summary>
    /// <param name="templates">Each with <see cref="Place"/> at least once.</param>
    /// <param name="label">The name of the class.</param>
    /// <exception cref="ArgumentException">There are no templates, or one has no <see cref="Place"/>.</exception>
    public static IReadOnlyList<string> Fill(IReadOnlyList<string> templates, string label)
    {
        ArgumentNullException.ThrowIfNull(templates);
        ArgumentNullException.ThrowIfNull(label);
        if (templates.Count == 0)
            throw new ArgumentException($"there are no templates. Give at least one with {Place}.", nameof(templates));
        if (templates.FirstOrDefault(template => !template.Contains(Place, StringComparison.Ordinal)) is { } bare)
            throw new ArgumentException($"the template '{bare}' has no {Place}, so that all classes would have one prompt. Put {Place} where the name goes.", nameof(templates));
        return [.. templates.Select(template => template.Replace(Place, label, StringComparison.Ordinal))];
    }
}
