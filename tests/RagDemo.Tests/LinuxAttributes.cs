namespace Polymodal.Samples.RagDemo.Tests;

/// <summary>A test of something that only Linux has; elsewhere it is skipped, which is decided at discovery.</summary>
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null : LinuxTheoryAttribute.Reason;
}

/// <inheritdoc cref="LinuxFactAttribute"/>
public sealed class LinuxTheoryAttribute : TheoryAttribute
{
    internal const string Reason = "It needs Linux: signals, or a folder that nobody may write.";

    public LinuxTheoryAttribute() => Skip = OperatingSystem.IsLinux() ? null : Reason;
}
