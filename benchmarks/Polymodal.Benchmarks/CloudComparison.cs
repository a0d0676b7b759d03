using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.Providers.Cloud;

namespace Polymodal.Benchmarks;

/// <summary>
/// What the cloud engine costs: 10,000 vectors of 1,536 numbers from a server on this machine, through the public generator (split, sent, checked, ordered, scaled, stamped), against reading the
/// bytes of the same answers, which lie in memory, with source-generated System.Text.Json into one list.
/// </summary>
internal static class CloudComparison
{
    private const int Count = 10_000, Dimensions = 1_536, PerRequest = 2_048;

    public static async Task RunAsync(int rounds)
    {
        byte[][] numbers = Answers(base64: false), base64 = Answers(base64: true);
        var texts = Enumerable.Range(0, Count).Select(i => $"text {i}").ToArray();
        foreach ((string name, byte[][] answers, CloudEncoding encoding) in ((string, byte[][], CloudEncoding)[])[("JSON numbers", numbers, CloudEncoding.Float), ("base64", base64, CloudEncoding.Base64)])
        {
            using var server = new AnswerServer(answers);
            await using ServiceProvider services = new ServiceCollection().AddOpenAITextEmbeddings(options =>
                (options.ApiKey, options.Endpoint, options.Encoding) = ("none", server.Endpoint, encoding)).BuildServiceProvider();
            var generator = services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
            GeneratedEmbeddings<Embedding<float>> ours = await generator.GenerateAsync(texts);
            List<float[]> plain = Plain(numbers);
            for (int i = 0; i < Count; i++)
            {
                if (!ours[i].Vector.Span.SequenceEqual(plain[i]))
                    throw new InvalidOperationException($"vector {i} differs");
            }

            var ratios = new List<double>();
            double best = double.MaxValue, bestPlain = double.MaxValue;
            for (int round = 0; round < rounds; round++)
            {
                double plainTime = Time(() => Plain(numbers).Count);
                long start = Stopwatch.GetTimestamp();
                await generator.GenerateAsync(texts);
                double time = Stopwatch.GetElapsedTime(start).TotalSeconds;
                ratios.Add(time / plainTime);
                (best, bestPlain) = (Math.Min(best, time), Math.Min(bestPlain, plainTime));
            }

            ratios.Sort();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name}: {best:0.000} s, reading JSON numbers from memory {bestPlain:0.000} s; ratio median {ratios[ratios.Count / 2]:0.00}, least {ratios[0]:0.00}, most {ratios[^1]:0.00} of {rounds}"));
        }
    }

    private static double Time(Func<int> read)
    {
        long start = Stopwatch.GetTimestamp();
        if (read() != Count)
            throw new InvalidOperationException("not all vectors were read");
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static List<float[]> Plain(byte[][] answers)
    {
        var vectors = new List<float[]>(Count);
        foreach (byte[] answer in answers)
            vectors.AddRange(JsonSerializer.Deserialize(answer, PlainWire.Default.PlainAnswer)!.Data.Select(item => item.Embedding));
        return vectors;
    }

    /// <summary>One answer a request. Vectors are of unit length, so that both sides give the same bits.</summary>
    private static byte[][] Answers(bool base64)
    {
        var random = new Random(17);
        return [.. Enumerable.Range(0, Count).Chunk(PerRequest).Select(chunk =>
        {
            var json = new StringBuilder("{\"object\":\"list\",\"data\":[");
            for (int i = 0; i < chunk.Length; i++)
            {
                float[] vector = [.. Enumerable.Range(0, Dimensions).Select(_ => (float)(random.NextDouble() - 0.5))];
                float norm = System.Numerics.Tensors.TensorPrimitives.Norm<float>(vector);
                System.Numerics.Tensors.TensorPrimitives.Divide(vector, norm, vector);
                string written = base64 ? $"\"{Convert.ToBase64String(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(vector))}\""
                    : $"[{string.Join(",", vector.Select(number => number.ToString("R", CultureInfo.InvariantCulture)))}]";
                json.Append(CultureInfo.InvariantCulture, $"{(i > 0 ? "," : "")}{{\"object\":\"embedding\",\"index\":{i},\"embedding\":{written}}}");
            }

            return Encoding.UTF8.GetBytes(json.Append("],\"usage\":{\"prompt_tokens\":1,\"total_tokens\":1}}").ToString());
        })];
    }

    internal sealed record PlainAnswer(IReadOnlyList<PlainItem> Data);

    internal sealed record PlainItem(int Index, float[] Embedding);

    /// <summary>Answers a request by the number in its first text.</summary>
    private sealed class AnswerServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly byte[][] _answers;

        public AnswerServer(byte[][] answers)
        {
            _answers = answers;
            _listener.Start();
            Endpoint = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1");
            _ = AcceptAsync();
        }

        public Uri Endpoint { get; }

        public void Dispose() => _listener.Dispose();

        private async Task AcceptAsync()
        {
            try
            {
                for (; ; )
                    _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
            }
        }

        private async Task ServeAsync(TcpClient client)
        {
            try
            {
                using (client)
                using (var reader = new StreamReader(client.GetStream(), Encoding.Latin1, leaveOpen: true))
                {
                    while (await reader.ReadLineAsync() is { } line)
                    {
                        int length = 0;
                        for (; line.Length > 0; line = await reader.ReadLineAsync() ?? "")
                        {
                            if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                                length = int.Parse(line[15..], CultureInfo.InvariantCulture);
                        }

                        char[] body = new char[length];
                        await reader.ReadBlockAsync(body);
                        string text = new(body), first = text[(text.IndexOf("\"text ", StringComparison.Ordinal) + 6)..];
                        byte[] answer = _answers[int.Parse(first[..first.IndexOf('"', StringComparison.Ordinal)], CultureInfo.InvariantCulture) / PerRequest];
                        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {answer.Length}\r\n\r\n"));
                        await client.GetStream().WriteAsync(answer);
                    }
                }
            }
            catch (IOException)
            {
                // The client has closed its connection.
            }
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CloudComparison.PlainAnswer))]
internal sealed partial class PlainWire : JsonSerializerContext;
