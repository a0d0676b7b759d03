namespace Polymodal.Providers.Local.Tests.Audio;

/// <summary>A stream that cannot go back, as a pipe.</summary>
internal sealed class ForwardStream(byte[] bytes) : MemoryStream(bytes)
{
    public override bool CanSeek => false;
}
