namespace Polymodal.Tests;

/// <summary>A test of what only Unix systems have, such as signals and links without privileges. Elsewhere it is skipped, which is decided at discovery.</summary>
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute()
    {
        if (OperatingSystem.IsWindows())
            Skip = "Needs a Unix system.";
    }
}
