namespace Polymodal.Providers.Local.Audio.Transcription;

/// <summary>Every step of hearing one window.</summary>
/// <param name="Heard">The log-mel spectrogram, [band, frame].</param>
/// <param name="Frames">What the encoder makes of it, [frame, hidden].</param>
/// <param name="Prompt">Token ids that the decoder begins with.</param>
/// <param name="FirstLogits">Logits of the first token, before any is forbidden.</param>
/// <param name="Tokens">Token ids that were said, without the prompt and the end.</param>
/// <param name="Text">The same as text.</param>
internal sealed record WhisperTrace(float[] Heard, float[] Frames, long[] Prompt, float[] FirstLogits, int[] Tokens, string Text)
{
    /// <summary>Length of a frame's vector.</summary>
    public required int Hidden { get; init; }

    /// <summary>Frames that hold sound.</summary>
    public required int SoundFrames { get; init; }
}
