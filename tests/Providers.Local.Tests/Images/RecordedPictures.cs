using System.Text.Json;

namespace Polymodal.Providers.Local.Tests.Images;

/// <summary>The recorded pictures, good and hostile.</summary>
internal static class RecordedPictures
{
    public static string Folder => Repository.Reference("media/images");

    public static byte[] Bytes(string file) => File.ReadAllBytes(Path.Combine(Folder, file));

    public static IReadOnlyList<JsonElement> Good { get; } = Read("pictures.json", "pictures");

    public static IReadOnlyList<JsonElement> Hostile { get; } = Read("hostile.json", "files");

    public static string NameOf(JsonElement picture) => picture.GetProperty("file").GetString()!;

    private static JsonElement[] Read(string file, string list) => [.. JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, file))).RootElement.GetProperty(list).EnumerateArray()];
}
