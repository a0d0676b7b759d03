using Microsoft.Extensions.AI;

namespace Polymodal.Delegating.Tests;

/// <summary>Normalising, cutting and quantising, and what becomes of the space.</summary>
public class VectorChangingEmbeddingGeneratorTests
{
    private static readonly EmbeddingSpace Raw = Fake.Space("raw") with { Dimensions = 3 }, Unit = Raw with { SpaceId = "unit", IsNormalized = true };

    [Fact]
    public async Task Vectors_get_unit_length_in_a_space_of_their_own_and_zeros_stay()
    {
        using var generator = new FakeGenerator<string>(text => text.Length == 0 ? [0, 0, 0] : [3, 0, -4], Raw).WithNormalization();
        GeneratedEmbeddings<Embedding<float>> vectors = await generator.GenerateAsync(["a", ""]);
        Assert.Equal([0.6f, 0, -0.8f], vectors[0].Vector.ToArray());
        Assert.Equal([0, 0, 0], vectors[1].Vector.ToArray());
        EmbeddingSpace space = generator.GetService<EmbeddingSpace>()!;
        Assert.True(space.IsNormalized);
        Assert.Equal(("raw/unit", "raw@fp32/unit"), (space.SpaceId, space.Fingerprint));
        Assert.Equal("raw/unit", EmbeddingSpace.SpaceIdOf(vectors[0]));
    }

    [Fact]
    public async Task A_space_of_unit_length_is_left_alone()
    {
        using var generator = new FakeGenerator<string>(_ => [0.6f, 0, -0.8f], Unit).WithNormalization();
        Assert.Equal("unit", EmbeddingSpace.SpaceIdOf((await generator.GenerateAsync(["a"]))[0]));
        Assert.Equal(Unit, generator.GetService<EmbeddingSpace>());
    }

    [Fact]
    public async Task Cut_vectors_are_scaled_again_only_where_the_space_is_of_unit_length()
    {
        var inner = new FakeGenerator<string>(_ => [0.3f, -0.4f, 0.8660254f], Unit);
        using var unit = inner.WithDimensions(2);
        Embedding<float> cut = (await unit.GenerateAsync(["a"]))[0], shorter = (await unit.GenerateAsync(["a"], new() { Dimensions = 1 }))[0];
        Assert.Equal([0.6f, -0.8f], cut.Vector.ToArray().Select(value => MathF.Round(value, 6)));
        Assert.Equal([1f], shorter.Vector.ToArray());
        Assert.Equal(("unit/cut-2", "unit/cut-1"), (EmbeddingSpace.SpaceIdOf(cut), EmbeddingSpace.SpaceIdOf(shorter)));
        Assert.Equal(("unit/cut-2", 2), (unit.GetService<EmbeddingSpace>()!.SpaceId, unit.GetService<EmbeddingSpace>()!.Dimensions));
        Assert.All(inner.Options, options => Assert.Null(options?.Dimensions));

        using var raw = new FakeGenerator<string>(_ => [3, -4, 5], Raw).WithDimensions(2);
        float[] asItWas = (await raw.GenerateVectorAsync("a")).ToArray();
        Assert.Equal([3, -4], asItWas);
    }

    [Fact]
    public async Task Impossible_sizes_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new FakeGenerator<string>(_ => [1, 2, 3], Raw).WithDimensions(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => Fake.TextGenerator().WithDimensions(0));
        using var generator = Fake.TextGenerator().WithDimensions(3); // gives two
        Assert.Contains("gave 2 dimensions; 3 cannot be cut", (await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync(["a"]))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => generator.GenerateAsync(["a"], new() { Dimensions = 4 }));
    }

    [Fact]
    public async Task Codes_are_those_of_the_quantisation_in_a_space_of_their_own()
    {
        float[] vector = [-1, 0, 0.5f, 1, 2, -0f, 1e-9f, -1e-9f, 3];
        var ranges = new QuantizationRanges([.. vector.Select(_ => -1f)], [.. vector.Select(_ => 1f)]);
        EmbeddingSpace space = Raw with { Dimensions = vector.Length };
        using var int8 = new FakeGenerator<string>(_ => vector, space).QuantizeToInt8(ranges);
        using var uint8 = new FakeGenerator<string>(_ => vector, space).QuantizeToUInt8(ranges);
        using var bits = new FakeGenerator<string>(_ => vector, space) { InputTokensPerCall = 4 }.QuantizeToBits();

        sbyte[] codes = new sbyte[vector.Length];
        byte[] unsigned = new byte[vector.Length];
        EmbeddingQuantization.ToInt8(vector, ranges, codes);
        EmbeddingQuantization.ToUInt8(vector, ranges, unsigned);
        Assert.Equal(codes, (await int8.GenerateAsync(["a"]))[0].Vector.ToArray());
        Assert.Equal(unsigned, (await uint8.GenerateAsync(["a"]))[0].Vector.ToArray());
        GeneratedEmbeddings<BinaryEmbedding> binary = await bits.GenerateAsync(["a"]);
        Assert.Equal([false, false, true, true, true, false, true, false, true], binary[0].Vector.Cast<bool>());
        Assert.Equal(4, binary.Usage!.InputTokenCount);
        Assert.Equal(("raw/bits", "raw/bits"), (EmbeddingSpace.SpaceIdOf(binary[0]), bits.GetService<EmbeddingSpace>()!.SpaceId));
        Assert.Throws<EmbeddingSpaceMismatchException>(() => EmbeddingSpace.EnsureSame("raw", bits.GetService<EmbeddingSpace>()!.SpaceId));
    }
}
