using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Polymodal.Providers.Local.Audio.Decoding;

namespace Polymodal.Providers.Local.Tests.Audio;

public sealed class AudioDecoderTests
{
    private static readonly AudioDecoder Own = new(new AudioDecoderOptions { FfmpegPath = "" });

    [Theory, MemberData(nameof(RecordedSounds.ReadHere), MemberType = typeof(RecordedSounds))]
    public void Wav_aiff_and_au_give_every_recorded_sample_without_ffmpeg(string file)
    {
        JsonElement record = RecordedSounds.Record(file);
        AudioSamples sound = Read(Own, File.ReadAllBytes(RecordedSounds.PathOf(file)));
        Assert.Equal((record.GetProperty("rate").GetInt32(), record.GetProperty("channels").GetInt32(), record.GetProperty("frames").GetInt32()), (sound.SamplingRate, sound.Channels, sound.Frames));
        if (record.GetProperty("frames").GetInt32() > 0)
            Assert.Equal(record.GetProperty("sha256_float32_interleaved").GetString(), Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(sound.Samples.Span))));
    }

    [Theory, MemberData(nameof(RecordedSounds.ReadForward), MemberType = typeof(RecordedSounds))]
    public void A_stream_that_cannot_seek_gives_the_same_or_says_what_to_do(string file)
    {
        byte[] bytes = File.ReadAllBytes(RecordedSounds.PathOf(file));
        try
        {
            using AudioReader reader = Own.Open(new ForwardStream(bytes));
            Assert.Equal(Read(Own, bytes).Samples.ToArray(), AudioSamples.ReadAll(reader).Samples.ToArray());
        }
        catch (NotSupportedException exception)
        {
            Assert.Contains("Give the sound as a file or as bytes", exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory, MemberData(nameof(RecordedSounds.BrokenHere), MemberType = typeof(RecordedSounds))]
    public void A_broken_file_ends_in_a_clear_error_or_in_the_samples_that_are_there(string file, string expect)
    {
        byte[] bytes = File.ReadAllBytes(RecordedSounds.PathOf(file));
        int? frames = null;
        Exception? error = Record.Exception(() => { frames = Read(Own, bytes).Frames; });
        Assert.True(error is null or InvalidDataException or NotSupportedException, error?.ToString());
        if (expect == "error")
            Assert.NotNull(error);
        if (expect == "empty-or-error")
            Assert.True(error is not null || frames == 0);
        // A sample takes half a byte at least, whatever a header claims; a sound in blocks ends with a whole one, whose missing bytes count as zeros.
        int block = bytes.Length >= 34 && IsInBlocks(bytes) ? Math.Max((ushort)1, BitConverter.ToUInt16(bytes, 32)) : 1;
        Assert.True(frames is null || frames <= 2 * ((bytes.Length + block - 1) / block * block), $"{frames} frames of {bytes.Length} bytes in blocks of {block}");
    }

    // "fmt " stands first in these files: its tag is that of IMA or Microsoft ADPCM.
    private static bool IsInBlocks(byte[] bytes) => BitConverter.ToUInt16(bytes, 20) is 2 or 0x11;

    [Fact]
    public void Any_change_of_a_byte_ends_in_samples_or_a_clear_error()
    {
        var random = new Random(8);
        foreach (object[] file in RecordedSounds.ReadHere().Where((_, i) => i % 5 == 0))
        {
            byte[] bytes = File.ReadAllBytes(RecordedSounds.PathOf((string)file[0]));
            for (int i = 0; i < 60; i++)
            {
                byte[] changed = bytes[..random.Next(1, bytes.Length + 1)];
                for (int change = 0; change < 3; change++)
                    changed[random.Next(Math.Min(changed.Length, 64))] = (byte)random.Next(256);
                Exception? error = Record.Exception(() => Read(Own, changed));
                Assert.True(error is null or InvalidDataException or NotSupportedException, $"{file[0]}, change {i}: {error}");
            }
        }
    }

    [Fact]
    public void Another_format_without_ffmpeg_says_how_to_get_it()
    {
        var error = Assert.Throws<NotSupportedException>(() => Read(Own, File.ReadAllBytes(RecordedSounds.PathOf("flac-16.flac"))));
        Assert.Contains("Install ffmpeg", error.Message, StringComparison.Ordinal);
    }

    [FfmpegFact]
    public void Other_formats_are_read_by_ffmpeg_and_lossless_ones_exactly()
    {
        var decoder = new AudioDecoder();
        foreach (string file in RecordedSounds.ReadByFfmpeg().Select(row => (string)row[0]))
        {
            AudioSamples? sound = null;
            Exception? error = Record.Exception(() => { sound = Read(decoder, File.ReadAllBytes(RecordedSounds.PathOf(file))); });
            Assert.True(error is null or InvalidDataException or NotSupportedException, $"{file}: {error}");
            if (!RecordedSounds.IsGood(file))
                continue;
            Assert.True(error is null, $"{file}: {error?.Message}");
            JsonElement record = RecordedSounds.Record(file);
            if (record.GetProperty("lossless").GetBoolean())
                Assert.True(record.GetProperty("sha256_float32_interleaved").GetString() == Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(sound!.Samples.Span))), file);
        }
    }

    [Fact]
    public void Of_two_data_chunks_the_last_counts_or_the_first_of_a_stream_that_cannot_go_back()
    {
        byte[] bytes = File.ReadAllBytes(RecordedSounds.PathOf("wav-two-data-chunks.wav"));
        float[] first = Read(Own, [.. bytes[..(44 + BitConverter.ToInt32(bytes, 40))]]).Samples.ToArray();
        using AudioReader forward = Own.Open(new ForwardStream(bytes));
        Assert.Equal(first, AudioSamples.ReadAll(forward).Samples.ToArray());
        Assert.NotEqual(first, Read(Own, bytes).Samples.ToArray());
    }

    [Fact]
    public void A_tag_longer_than_the_file_is_an_error_before_any_program_is_asked()
    {
        var error = Assert.Throws<InvalidDataException>(() => Read(Own, File.ReadAllBytes(RecordedSounds.PathOf("hostile/id3-huge.mp3"))));
        Assert.Contains("ID3 tag", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sound_longer_than_allowed_is_an_error()
    {
        var decoder = new AudioDecoder(new AudioDecoderOptions { LongestSound = TimeSpan.FromSeconds(1) });
        Assert.Contains("LongestSound", Assert.Throws<InvalidDataException>(() => Read(decoder, File.ReadAllBytes(RecordedSounds.PathOf("speech-en.wav")))).Message, StringComparison.Ordinal);
    }

    private static AudioSamples Read(AudioDecoder decoder, byte[] bytes)
    {
        using AudioReader reader = decoder.Open(new MemoryStream(bytes));
        return AudioSamples.ReadAll(reader);
    }
}

/// <summary>A test that needs the ffmpeg program on PATH; decided at discovery.</summary>
internal sealed class FfmpegFactAttribute : FactAttribute
{
    public FfmpegFactAttribute()
    {
        if (new AudioDecoder().FfmpegPath is null)
            Skip = "Needs the program ffmpeg on PATH.";
    }
}
