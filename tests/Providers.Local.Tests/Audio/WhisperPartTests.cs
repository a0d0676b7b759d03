using Polymodal.Providers.Local.Audio.Transcription;

namespace Polymodal.Providers.Local.Tests.Audio;

/// <summary>What becomes of time stamps, by the rules of openai/whisper's transcribe.py. Ids from 100 on are time stamps of 0.02 s each.</summary>
public sealed class WhisperPartTests
{
    private const int Zero = 100;

    [Fact]
    public void Parts_between_pairs_are_kept_and_what_the_window_cuts_is_heard_again()
    {
        (List<WhisperPart> parts, double? next) = WhisperPart.Split([At(0), 1, 2, At(4), At(4), 3, At(9.5), At(9.5), 4, 5], Zero, seconds: 30);
        Assert.Equal([(0, 4), (4, 9.5)], parts.Select(part => (part.Start, part.End)));
        Assert.Equal([[1, 2], [3]], parts.Select(part => part.Tokens));
        Assert.Equal(9.5, next);
    }

    [Fact]
    public void Behind_one_time_stamp_at_the_end_nobody_speaks()
    {
        (List<WhisperPart> parts, double? next) = WhisperPart.Split([At(0), 1, At(4), At(5), 3, At(9)], Zero, seconds: 30);
        Assert.Equal([(0, 4), (5, 9)], parts.Select(part => (part.Start, part.End)));
        Assert.Null(next);
    }

    [Fact]
    public void Without_a_pair_the_window_is_one_part()
    {
        (List<WhisperPart> parts, double? next) = WhisperPart.Split([At(0), 1, 2, 3], Zero, seconds: 12.5);
        Assert.Equal((0, 12.5), (parts.Single().Start, parts.Single().End));
        Assert.Null(next);
        Assert.Equal(8, WhisperPart.Split([At(0), 1, At(8)], Zero, seconds: 12.5).Parts.Single().End);
    }

    [Fact]
    public void A_pair_at_the_very_end_ends_the_last_part_there()
    {
        (List<WhisperPart> parts, double? next) = WhisperPart.Split([At(0), 1, At(4), At(4)], Zero, seconds: 30);
        Assert.Equal((0, 4), (parts.Single().Start, parts.Single().End));
        Assert.Equal(4, next);
    }

    [Fact]
    public void Nothing_said_is_a_part_without_tokens() => Assert.Empty(WhisperPart.Split([], Zero, seconds: 30).Parts.Single().Tokens);

    private static int At(double seconds) => Zero + (int)Math.Round(seconds / 0.02);
}
