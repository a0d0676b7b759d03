using Microsoft.Extensions.AI;

namespace Polymodal.Providers.Local;

/// <summary>Pictures from files, streams, bytes and addresses, for any generator of pictures.</summary>
public static class ImageEmbeddingGeneratorExtensions
{
    // What is inside is told by the bytes, so a general type serves for all.
    private const string MediaType = "image/*";

    /// <summary>Embeds the picture in a file.</summary>
    /// <param name="generator">The generator.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">For the call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static async Task<Embedding<float>> GenerateFromFileAsync(
        this IEmbeddingGenerator<DataContent, Embedding<float>> generator, string path, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return await generator.GenerateFromBytesAsync(await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false), options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Embeds the picture in a stream, which is read to its end and not disposed.</summary>
    /// <param name="generator">The generator.</param>
    /// <param name="stream">The file's bytes.</param>
    /// <param name="options">For the call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<Embedding<float>> GenerateFromStreamAsync(
        this IEmbeddingGenerator<DataContent, Embedding<float>> generator, Stream stream, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentNullException.ThrowIfNull(stream);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, cancellationToken).ConfigureAwait(false);
        return await generator.GenerateFromBytesAsync(bytes.ToArray(), options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Embeds the picture in bytes.</summary>
    /// <param name="generator">The generator.</param>
    /// <param name="file">A file's bytes.</param>
    /// <param name="options">For the call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static Task<Embedding<float>> GenerateFromBytesAsync(
        this IEmbeddingGenerator<DataContent, Embedding<float>> generator, ReadOnlyMemory<byte> file, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return generator.GenerateAsync(new DataContent(file, MediaType), options, cancellationToken);
    }

    /// <summary>Embeds the picture at an address. Without a client nothing is fetched: only <c>data:</c> and <c>file:</c> are read.</summary>
    /// <param name="generator">The generator.</param>
    /// <param name="address">The address.</param>
    /// <param name="client">Fetches <c>http:</c> and <c>https:</c>; null refuses them. Its <c>MaxResponseContentBufferSize</c> limits what is read.</param>
    /// <param name="options">For the call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="NotSupportedException">The address is of another kind, or of the web without a client.</exception>
    public static async Task<Embedding<float>> GenerateFromUriAsync(
        this IEmbeddingGenerator<DataContent, Embedding<float>> generator, Uri address, HttpClient? client = null, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsAbsoluteUri && address.Scheme == "data")
            return await generator.GenerateAsync(new DataContent(address), options, cancellationToken).ConfigureAwait(false);
        if (address.IsAbsoluteUri && address.IsFile)
            return await generator.GenerateFromFileAsync(address.LocalPath, options, cancellationToken).ConfigureAwait(false);
        if (address.IsAbsoluteUri && address.Scheme is "http" or "https" && client is not null)
            return await generator.GenerateFromBytesAsync(await client.GetByteArrayAsync(address, cancellationToken).ConfigureAwait(false), options, cancellationToken).ConfigureAwait(false);
        throw new NotSupportedException($"an address of kind '{(address.IsAbsoluteUri ? address.Scheme : "relative")}' is not read; supported: data, file, and with an HttpClient http and https.");
    }
}
