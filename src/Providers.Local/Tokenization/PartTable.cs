namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The types that one of the four steps can have in tokenizer.json, by name.</summary>
/// <param name="name">The section, e.g. <c>normalizer</c>.</param>
/// <param name="folder">Where its types stand in the source, for messages.</param>
/// <param name="types">The types.</param>
/// <typeparam name="T">What a type is read into.</typeparam>
internal sealed class PartTable<T>(string name, string folder, params PartType<T>[] types)
    where T : class
{
    /// <summary>Reads a section.</summary>
    /// <exception cref="NotSupportedException">Its type is not in the table.</exception>
    /// <exception cref="InvalidDataException">It has no type, and no type of the table is known by its fields.</exception>
    public T Read(JsonPart part)
    {
        if (part.Optional("type") is not { } type)
        {
            // Files older than the field are told apart by what else they hold.
            PartType<T>? known = Array.Find(types, candidate => candidate.Fields.Length > 0 && Array.TrueForAll(candidate.Fields, part.Has));
            return known?.Read(part) ?? throw new InvalidDataException(
                $"{part.Where("type")} is missing or null; supported: {Names}. Export the tokenizer again.");
        }

        string found = type.Text();
        PartType<T>? wanted = Array.Find(types, candidate => candidate.Name == found);
        return wanted?.Read(part) ?? throw new NotSupportedException(
            $"{part.Where("type")} is '{JsonPart.Shortened(found)}'; supported: {Names}. " +
            $"Export the model with one of these, or add the {name} as one file in Tokenization/{folder}.");
    }

    private string Names => string.Join(", ", types.Select(type => type.Name));
}

/// <summary>A type of one of the four steps.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Read">Reads it.</param>
/// <param name="Fields">The fields that tell it apart in a file without type; none where the reference needs the type.</param>
/// <typeparam name="T">What it is read into.</typeparam>
internal sealed record PartType<T>(string Name, Func<JsonPart, T> Read, params string[] Fields);
