using System.Runtime.InteropServices;

namespace Polymodal.Providers.Local.Ffmpeg;

/// <summary>The ffmpeg program: encoded bytes in through a pipe, what they hold out through another. It may open nothing else.</summary>
internal static class FfmpegProgram
{
    /// <summary>Finds the program.</summary>
    /// <param name="chosen">A path; empty for none; null to look on PATH and among npm packages.</param>
    public static string? Find(string? chosen)
    {
        if (chosen is not null)
            return chosen.Length > 0 && File.Exists(chosen) ? Path.GetFullPath(chosen) : null;
        string name = OperatingSystem.IsWindows() ? "ffmpeg.exe" : "ffmpeg";
        string architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        string system = OperatingSystem.IsWindows() ? "win32" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
        IEnumerable<string> onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Where(Path.IsPathRooted);
        IEnumerable<string> packages = Above(AppContext.BaseDirectory).Select(folder => Path.Combine(folder, "node_modules"))
            .SelectMany(modules => new[] { Path.Combine(modules, "ffmpeg-static"), Path.Combine(modules, "@ffmpeg-installer", $"{system}-{architecture}") });
        return onPath.Concat(packages).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    /// <summary>Its arguments, none of which comes from the input.</summary>
    /// <param name="formats">The demuxers allowed, separated by commas: none that opens other things, as play lists and devices do.</param>
    /// <param name="input">Further options of the input.</param>
    /// <param name="output">Options of the output, which is <c>pipe:1</c>.</param>
    /// <remarks>
    /// The protocol <c>cache</c> keeps what was read from the pipe in a temporary file of ffmpeg's own, readable by its user alone. On Unix it has no name
    /// and goes with the program; on Windows it is deleted at the end, but not by a program that is ended by force.
    /// So files whose index stands at their end are read as well.
    /// </remarks>
    public static string[] Arguments(string formats, string[] input, string[] output) =>
        ["-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist", "pipe,cache", "-format_whitelist", formats, .. input, "-read_ahead_limit", "-1", "-i", "cache:pipe:0", .. output];

    private static IEnumerable<string> Above(string folder)
    {
        for (DirectoryInfo? directory = new(folder); directory is not null; directory = directory.Parent)
            yield return directory.FullName;
    }
}
