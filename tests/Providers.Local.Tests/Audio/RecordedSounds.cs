using System.Text.Json;

namespace Polymodal.Providers.Local.Tests.Audio;

/// <summary>The recorded sounds of the share.</summary>
internal static class RecordedSounds
{
    private static readonly string[] Own = [".wav", ".aiff", ".aifc", ".au"];

    // GSM in WAV is a format of telephones that ffmpeg reads.
    private static readonly string[] ByFfmpeg = ["wav-gsm610.wav"];

    // Of two chunks "data" the last counts, which a stream that cannot go back does not know yet: there it is the first.
    private static readonly string[] OfTwoMinds = ["wav-two-data-chunks.wav"];

    public static string PathOf(string file) => Repository.Reference($"media/audio/{file}");

    /// <summary>Every good sound that is read without ffmpeg.</summary>
    public static IEnumerable<object[]> ReadHere() => List("sounds.json", "sounds").Where(IsOwn).Select(sound => new object[] { sound.GetProperty("file").GetString()! });

    /// <summary>Those of them that are the same read forward only.</summary>
    public static IEnumerable<object[]> ReadForward() => ReadHere().Where(row => !OfTwoMinds.Contains((string)row[0]));

    /// <summary>Every broken sound in a format that is read here.</summary>
    public static IEnumerable<object[]> BrokenHere() => List("hostile.json", "files").Where(IsOwn).Select(sound => new object[] { sound.GetProperty("file").GetString()!, sound.GetProperty("expect").GetString()! });

    /// <summary>Every other sound, good or broken; none where there is no ffmpeg.</summary>
    public static IEnumerable<object[]> ReadByFfmpeg() => List("sounds.json", "sounds").Concat(List("hostile.json", "files")).Where(sound => !IsOwn(sound)).Select(sound => new object[] { sound.GetProperty("file").GetString()! });

    public static JsonElement Record(string file) => List("sounds.json", "sounds").First(sound => sound.GetProperty("file").GetString() == file);

    public static bool IsGood(string file) => !file.StartsWith("hostile/", StringComparison.Ordinal);

    private static bool IsOwn(JsonElement sound) => Own.Contains(Path.GetExtension(sound.GetProperty("file").GetString())) && !ByFfmpeg.Contains(sound.GetProperty("file").GetString());

    private static JsonElement[] List(string file, string field) => [.. JsonDocument.Parse(File.ReadAllBytes(PathOf(file))).RootElement.GetProperty(field).EnumerateArray()];
}
