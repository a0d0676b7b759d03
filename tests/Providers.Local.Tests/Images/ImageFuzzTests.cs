using System.Globalization;
using Polymodal.Providers.Local.Images;

namespace Polymodal.Providers.Local.Tests.Images;

/// <summary>
/// Damaged pictures, as many as the environment variable POLYMODAL_FUZZ_PICTURES says, from the seed POLYMODAL_FUZZ_SEED. Without them 200,000, the same in every
/// run. See docs/fuzzing.md.
/// </summary>
public sealed class ImageFuzzTests
{
    private const int Shards = 8, PicturesByDefault = 200_000;

    // A picture that has become large by a changed header is not what is looked for here.
    private static readonly ImageDecodingOptions Options = new() { MaxPixels = 1_000_000, Timeout = TimeSpan.FromSeconds(5) };

    private static readonly Lazy<byte[][]> Originals = new(() =>
        [.. RecordedPictures.Good.Select(RecordedPictures.NameOf).Where(file => !file.StartsWith("photo-", StringComparison.Ordinal)).Select(RecordedPictures.Bytes).Where(file => file.Length < 40_000)]);

    public static TheoryData<int> Shard => [.. Enumerable.Range(0, Shards)];

    [Theory, MemberData(nameof(Shard)), Trait("Category", "Fuzz")]
    public void A_damaged_picture_is_read_or_refused(int shard)
    {
        int count = Setting("POLYMODAL_FUZZ_PICTURES", PicturesByDefault) / Shards, seed = Setting("POLYMODAL_FUZZ_SEED", 20261126);
        for (int i = 0; i < count; i++)
        {
            int number = (shard * count) + i;
            byte[] file = Damaged(unchecked((seed * 397) ^ number));
            try
            {
                ImageDecoder.Default.Decode(file, Options);
            }
            catch (Exception exception) when (exception is InvalidDataException or NotSupportedException)
            {
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"picture {number} of seed {seed}: {exception.GetType().Name}: {exception.Message}", exception);
            }
        }
    }

    private static byte[] Damaged(int seed)
    {
        var random = new Random(seed);
        byte[] file = [.. Originals.Value[random.Next(Originals.Value.Length)]];
        if (random.Next(4) == 0)
            file = file[..random.Next(1, file.Length)];
        for (int changes = random.Next(1, 12); changes > 0; changes--)
        {
            int at = random.Next(random.Next(3) == 0 ? file.Length : Math.Min(file.Length, 200));
            switch (random.Next(4))
            {
                case 0:
                    file[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    file[at] = (byte)random.Next(256);
                    break;
                case 2:
                    file[at] = random.Next(2) == 0 ? (byte)0 : (byte)255;
                    break;
                default:
                    int length = Math.Min(random.Next(1, 64), file.Length - at), from = random.Next(file.Length - length + 1);
                    Array.Copy(file, from, file, at, length);
                    break;
            }
        }

        return file;
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : otherwise;
}
