namespace Polymodal.Providers.Local.Models;

/// <summary>A well-known model: where it is found and what a person wants to know before it is loaded. Everything else its folder says.</summary>
public sealed record LocalModel
{
    /// <summary>Its name on the model hub, e.g. <c>sentence-transformers/all-MiniLM-L6-v2</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Length of its vectors.</summary>
    public required int Dimensions { get; init; }

    /// <summary>The folder that a program's <c>models</c> folder has it in: the last part of <see cref="Id"/>.</summary>
    public string FolderName => Id[(Id.LastIndexOf('/') + 1)..];

    /// <summary>Where a program has the model when a package or project brought it.</summary>
    internal string ShippedPath => Path.Combine(AppContext.BaseDirectory, "models", FolderName);
}
