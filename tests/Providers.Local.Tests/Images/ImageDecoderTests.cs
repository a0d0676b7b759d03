using System.Security.Cryptography;
using System.Text.Json;
using Polymodal.Providers.Local.Images;

namespace Polymodal.Providers.Local.Tests.Images;

/// <summary>Pictures become the pixels that Pillow makes of them; broken and hostile files end in an error of the stated kinds.</summary>
public sealed class ImageDecoderTests
{
    // Formats of the recorded pictures that are refused by name.
    private static readonly string[] NotRead = ["JPEG2000", "JPEG 2000", "ICO", "TGA", "QOI", "PCX"];

    private static readonly Dictionary<string, string> NotReadFiles = new()
    {
        ["jpeg/lossless-sof3.jpg"] = "lossless JPEG",
        ["tiff/lab8.tif"] = "L*a*b*",
    };

    // libvips doubles the colour of 4:2:0 by repeating it, Pillow by blending: edges of colour differ, the picture as a whole does not.
    private static readonly HashSet<string> RepeatedColour = ["avif/lossy-420.avif", "avif/alpha.avif", "avif/exif-orientation-6.avif", "avif/animated.avif"];

    // libvips rounds where Pillow cuts off.
    private static readonly HashSet<string> OffByOne = ["tiff/rgba8-premultiplied.tif"];

    public static TheoryData<string> Read => [.. RecordedPictures.Good.Where(picture => !IsNotRead(picture)).Select(RecordedPictures.NameOf)];

    public static TheoryData<string> Refused => [.. RecordedPictures.Good.Where(IsNotRead).Select(RecordedPictures.NameOf)];

    public static TheoryData<string> HostileFiles => [.. RecordedPictures.Hostile.Select(RecordedPictures.NameOf)];

    [Theory, MemberData(nameof(Read))]
    public void Pixels_are_those_that_Pillow_gives(string file)
    {
        JsonElement recorded = RecordedPictures.Good.Single(picture => RecordedPictures.NameOf(picture) == file), rgb = recorded.GetProperty("rgb");
        PixelBuffer picture = ImageDecoder.Default.Decode(RecordedPictures.Bytes(file), new());
        Assert.Equal((rgb.GetProperty("width").GetInt32(), rgb.GetProperty("height").GetInt32()), (picture.Width, picture.Height));
        if (Convert.ToHexStringLower(SHA256.HashData(picture.Pixels.Span)) == rgb.GetProperty("sha256").GetString())
            return;
        Assert.True(recorded.GetProperty("lossy").GetBoolean() || OffByOne.Contains(file), "a lossless picture differs");
        int[] columns = Numbers(rgb, "sample_x"), rows = Numbers(rgb, "sample_y");
        int largest = 0, sum = 0, count = 0;
        foreach ((int row, JsonElement line) in rows.Zip(rgb.GetProperty("sample").EnumerateArray()))
        {
            byte[] values = Convert.FromHexString(line.GetString()!);
            for (int i = 0; i < values.Length; i++, count++)
            {
                int off = Math.Abs(values[i] - picture.Pixels.Span[(((row * picture.Width) + columns[i / 3]) * 3) + (i % 3)]);
                (largest, sum) = (Math.Max(largest, off), sum + off);
            }
        }

        Assert.True(RepeatedColour.Contains(file) ? sum <= 7 * count : largest <= (OffByOne.Contains(file) ? 1 : 2), $"most {largest}, mean {(double)sum / count:0.00} levels off");
    }

    [Theory, MemberData(nameof(Refused))]
    public void What_is_not_read_is_refused_by_name(string file)
    {
        string message = Assert.Throws<NotSupportedException>(() => ImageDecoder.Default.Decode(RecordedPictures.Bytes(file), new())).Message;
        string format = RecordedPictures.Good.Single(picture => RecordedPictures.NameOf(picture) == file).GetProperty("format").GetString()!;
        Assert.Contains(NotReadFiles.TryGetValue(file, out string? name) ? name : format.Replace("JPEG2000", "JPEG 2000", StringComparison.Ordinal), message, StringComparison.Ordinal);
    }

    [Theory, InlineData("jpeg/twelve-bit.jpg", "12 bits"), InlineData("heic/still.heic", "HEIC"), InlineData("jxl/lossless.jxl", "JPEG XL")]
    public void What_Pillow_does_not_read_either_is_refused_by_name(string file, string name) =>
        Assert.Contains(name, Assert.Throws<NotSupportedException>(() => ImageDecoder.Default.Decode(RecordedPictures.Bytes(file), new())).Message, StringComparison.Ordinal);

    [Theory, MemberData(nameof(HostileFiles))]
    public void Hostile_files_end_in_a_picture_or_in_a_clear_error(string file)
    {
        string advice = RecordedPictures.Hostile.Single(hostile => RecordedPictures.NameOf(hostile) == file).GetProperty("advice").GetString()!;
        try
        {
            PixelBuffer picture = ImageDecoder.Default.Decode(RecordedPictures.Bytes($"hostile/{file}"), new());
            Assert.NotEqual("error", advice);
            Assert.InRange((long)picture.Width * picture.Height, 1, new ImageDecodingOptions().MaxPixels);
        }
        catch (Exception exception) when (exception is InvalidDataException or NotSupportedException)
        {
            Assert.NotEqual("picture", advice);
            Assert.InRange(exception.Message.Length, 20, 600);
        }
    }

    [Fact]
    public void Limits_are_checked_before_pixels_are_decoded()
    {
        byte[] file = RecordedPictures.Bytes("photo-china-640x480.jpg");
        Assert.Contains("MaxPixels", Assert.Throws<InvalidDataException>(() => ImageDecoder.Default.Decode(file, new() { MaxPixels = 307_199 })).Message, StringComparison.Ordinal);
        Assert.Contains("MaxBytes", Assert.Throws<InvalidDataException>(() => ImageDecoder.Default.Decode(file, new() { MaxBytes = 1_000 })).Message, StringComparison.Ordinal);
        Assert.Contains("MaxSide", Assert.Throws<InvalidDataException>(() => ImageDecoder.Default.Decode(file, new() { MaxSide = 639 })).Message, StringComparison.Ordinal);
        Assert.Equal(640, ImageDecoder.Default.Decode(file, new() { MaxPixels = 307_200, MaxSide = 640 }).Width);
    }

    [Fact]
    public void A_cancelled_decode_says_so()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => ImageDecoder.Default.Decode(RecordedPictures.Bytes("photo-china-640x480.jpg"), new(), cancelled.Token));
    }

    [Fact]
    public void Alpha_is_dropped_or_laid_on_a_ground()
    {
        byte[] file = RecordedPictures.Bytes("png/rgba8.png");
        ReadOnlySpan<byte> dropped = ImageDecoder.Default.Decode(file, new()).Pixels.Span, onWhite = ImageDecoder.Default.Decode(file, new() { Background = RgbColor.White }).Pixels.Span;
        Assert.False(dropped.SequenceEqual(onWhite));
        for (int i = 0; i < dropped.Length; i++)
            Assert.True(onWhite[i] >= dropped[i]);
    }

    [Fact]
    public void Later_frames_of_an_animation_are_read_when_asked_for()
    {
        byte[] file = RecordedPictures.Bytes("gif/animated.gif");
        int frames = ImageDecoder.Default.CountFrames(file, new());
        Assert.Equal(3, frames);
        byte[][] pictures = [.. Enumerable.Range(0, frames).Select(frame => ImageDecoder.Default.Decode(file, new() { Frame = frame }).Pixels.ToArray())];
        Assert.Equal(frames, pictures.Select(pixels => Convert.ToHexString(SHA256.HashData(pixels))).Distinct().Count());
        Assert.Throws<InvalidDataException>(() => ImageDecoder.Default.Decode(file, new() { Frame = frames }));
    }

    [Fact]
    public void Frames_are_sampled_evenly_over_an_animation()
    {
        byte[] file = RecordedPictures.Bytes("gif/animated.gif");
        byte[][] all = [.. Enumerable.Range(0, 3).Select(frame => ImageDecoder.Default.Decode(file, new() { Frame = frame }).Pixels.ToArray())];
        Assert.Equal(all[1], Assert.Single(ImageDecoder.Default.SampleFrames(file, 1)).Pixels.ToArray());
        Assert.Equal(all, ImageDecoder.Default.SampleFrames(file, 100).Select(frame => frame.Pixels.ToArray()));
        Assert.Equal([all[0], all[2]], ImageDecoder.Default.SampleFrames(file, 2).Select(frame => frame.Pixels.ToArray()));
    }

    [Fact]
    public void All_hostile_files_one_after_the_other_take_little_memory()
    {
        foreach (string file in RecordedPictures.Hostile.Select(RecordedPictures.NameOf))
        {
            long began = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                ImageDecoder.Default.Decode(RecordedPictures.Bytes($"hostile/{file}"), new());
            }
            catch (Exception exception) when (exception is InvalidDataException or NotSupportedException)
            {
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - began, 0, 200_000_000);
        }
    }

    private static bool IsNotRead(JsonElement picture) => NotRead.Contains(picture.GetProperty("format").GetString()) || NotReadFiles.ContainsKey(RecordedPictures.NameOf(picture));

    private static int[] Numbers(JsonElement json, string field) => [.. json.GetProperty(field).EnumerateArray().Select(value => value.GetInt32())];
}
