using System.Diagnostics;
using System.Text;

namespace Polymodal.Tests;

/// <summary>A program of the repository in a process of its own.</summary>
internal static class ChildProgram
{
    /// <summary>How to start it, its output and errors redirected as UTF-8.</summary>
    /// <param name="assembly">Path of its <c>.dll</c>.</param>
    /// <param name="args">Its arguments.</param>
    public static ProcessStartInfo Of(string assembly, params string[] args)
    {
        // A test run in the background of a shell passes an ignored SIGINT on; env gives the program the usual one.
        ProcessStartInfo start = OperatingSystem.IsLinux()
            ? new("env", ["--default-signal=INT", "dotnet", assembly, .. args])
            : new("dotnet", [assembly, .. args]);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.StandardOutputEncoding = start.StandardErrorEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return start;
    }
}
