using System.Buffers;
using System.IO.Compression;
using System.Numerics.Tensors;
using System.Text;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Audio.Transcription;

/// <summary>What was said in a window.</summary>
/// <param name="Tokens">Token ids without the prompt and the end.</param>
/// <param name="MeanLogProbability">Mean of the logarithms of their probabilities.</param>
internal sealed record WhisperWindow(IReadOnlyList<int> Tokens, double MeanLogProbability)
{
    // openai/whisper: a text that can be packed so well goes round in circles; one so unlikely was guessed; where silence is so likely, nothing was said.
    private const double MostCompression = 2.4, LeastLogProbability = -1, MostSilence = 0.6;
    private static readonly float[] Temperatures = [0, 0.2f, 0.4f, 0.6f, 0.8f, 1];

    /// <summary>How likely it is that nobody speaks.</summary>
    public double Silence { get; private init; }

    /// <summary>Whether nobody speaks: it is likely, and the text is not.</summary>
    public bool IsSilent => Silence > MostSilence && MeanLogProbability < LeastLogProbability;

    /// <summary>Listens to a window: greedily first, and with more and more chance while the text goes round in circles or is unlikely.</summary>
    /// <param name="session">The window.</param>
    /// <param name="tokens">The rules.</param>
    /// <param name="prompt">Token ids.</param>
    /// <param name="tokenizer">Tells the text.</param>
    /// <param name="falls">Whether other temperatures are tried.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static WhisperWindow Listen(WhisperDecoder.Session session, WhisperTokens tokens, long[] prompt, Tokenizer tokenizer, bool falls, CancellationToken cancellationToken)
    {
        WhisperWindow? window = null;
        foreach (float temperature in falls ? Temperatures : [0])
        {
            // The same chance each time: a sound has one answer.
            window = Listen(session, tokens, prompt, temperature, new Random(0), cancellationToken);
            string text = tokenizer.Decode([.. window.Tokens.Where(token => token < tokens.End)]);
            if (window.IsSilent || (window.MeanLogProbability >= LeastLogProbability && Compression(text) <= MostCompression))
                break;
        }

        return window!;
    }

    private static WhisperWindow Listen(WhisperDecoder.Session session, WhisperTokens tokens, long[] prompt, float temperature, Random random, CancellationToken cancellationToken)
    {
        bool withTimestamps = prompt[^1] != tokens.NoTimestamps;
        var said = new List<int>();
        double sum = 0;
        float[] logits = [];
        session.Start(prompt, ref logits);
        double silence = tokens.NoSpeech < logits.Length ? Math.Exp(LogProbability(session.AfterFirst, tokens.NoSpeech)) : 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            tokens.Forbid(logits, said, withTimestamps);
            int next = temperature == 0 ? TensorPrimitives.IndexOfMax<float>(logits) : Draw(logits, temperature, random);
            sum += LogProbability(logits, next);
            if (next == tokens.End || prompt.Length + said.Count + 1 >= tokens.MaxLength)
                return new WhisperWindow(said, sum / (said.Count + 1)) { Silence = silence };
            said.Add(next);
            session.Next(next, ref logits);
        }
    }

    private static double LogProbability(float[] logits, int token)
    {
        float most = TensorPrimitives.Max<float>(logits);
        float[] weights = ArrayPool<float>.Shared.Rent(logits.Length);
        try
        {
            Span<float> exponentials = weights.AsSpan(0, logits.Length);
            TensorPrimitives.Subtract(logits, most, exponentials);
            TensorPrimitives.Exp<float>(exponentials, exponentials);
            return logits[token] - most - Math.Log(TensorPrimitives.Sum<float>(exponentials));
        }
        finally
        {
            ArrayPool<float>.Shared.Return(weights);
        }
    }

    private static int Draw(float[] logits, float temperature, Random random)
    {
        float most = TensorPrimitives.Max<float>(logits);
        double[] weights = Array.ConvertAll(logits, logit => Math.Exp((logit - most) / temperature));
        double left = random.NextDouble() * weights.Sum();
        return Math.Max(0, Array.FindIndex(weights, weight => (left -= weight) < 0));
    }

    private static double Compression(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            zlib.Write(bytes);
        return (double)bytes.Length / packed.Length;
    }
}
