using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Onnx;

namespace Polymodal.Providers.Local.Audio.Transcription;

/// <summary>Whisper's decoder in the layout of community exports: one merged file, or one for the first step and one for those after it.</summary>
/// <remarks>Safe for concurrent use; what one window needs from step to step is a <see cref="Session"/>.</remarks>
internal sealed class WhisperDecoder : IDisposable
{
    private const string Logits = "logits", Past = "past_key_values.", Present = "present.";
    private static readonly string[] Folders = ["onnx/", ""];
    private readonly OnnxModel _first, _later;

    private WhisperDecoder(OnnxModel first, OnnxModel later) => (_first, _later) = (first, later);

    /// <summary>Loads the decoder of a folder.</summary>
    /// <exception cref="FileNotFoundException">The folder has none.</exception>
    public static WhisperDecoder Load(ModelFolder folder, OnnxModelOptions options)
    {
        string? Find(string name) => Folders.Select(place => place + name).FirstOrDefault(folder.Has);
        if (Find("decoder_model_merged.onnx") is { } merged)
        {
            OnnxModel model = folder.LoadGraph(merged, options);
            return new WhisperDecoder(model, model);
        }

        if (Find("decoder_model.onnx") is not { } first || Find("decoder_with_past_model.onnx") is not { } later)
            throw new FileNotFoundException($"{folder.Name} has neither decoder_model_merged.onnx nor decoder_model.onnx and decoder_with_past_model.onnx. Fetch the whole folder of an ONNX export.");
        OnnxModel started = folder.LoadGraph(first, options);
        try
        {
            return new WhisperDecoder(started, folder.LoadGraph(later, options));
        }
        catch
        {
            started.Dispose();
            throw;
        }
    }

    /// <summary>Begins a window.</summary>
    /// <param name="encoded">The encoder's frames, [1, frame, hidden].</param>
    /// <param name="shape">Their axes.</param>
    /// <param name="limits">What runs may use.</param>
    public Session Begin(float[] encoded, long[] shape, RunLimits limits) => new(this, encoded, shape, limits);

    /// <inheritdoc/>
    public void Dispose()
    {
        _first.Dispose();
        _later.Dispose();
    }

    /// <summary>The steps of one window. Keys and values of the sound are those of the first step; those of the text come from the step before.</summary>
    public sealed class Session(WhisperDecoder decoder, float[] encoded, long[] shape, RunLimits limits) : IDisposable
    {
        private OnnxResults? _started, _last;
        private long[] _prompt = [];
        private float[] _afterPrompt = [];

        /// <summary>Logits of what would follow the prompt's first token: they tell whether anything is said at all.</summary>
        public float[] AfterFirst { get; private set; } = [];

        /// <summary>Reads the prompt; of one that was read last, what is known of it is taken again.</summary>
        /// <param name="prompt">Token ids.</param>
        /// <param name="logits">Receives the logits of the next token.</param>
        public void Start(long[] prompt, ref float[] logits)
        {
            if (_started is not null && prompt.AsSpan().SequenceEqual(_prompt))
            {
                _last?.Dispose();
                _last = null;
                logits = [.. _afterPrompt];
                return;
            }

            Dispose();
            _started = Run(decoder._first, prompt, ref logits);
            AfterFirst = _started.Floats(Logits, out _)[..logits.Length].ToArray();
            (_prompt, _afterPrompt) = (prompt, [.. logits]);
        }

        /// <summary>Reads one more token.</summary>
        /// <param name="token">Its id.</param>
        /// <param name="logits">Receives the logits of the next token.</param>
        public void Next(long token, ref float[] logits)
        {
            OnnxResults next = Run(decoder._later, [token], ref logits);
            _last?.Dispose();
            _last = next;
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            _last?.Dispose();
            _started?.Dispose();
            _last = _started = null;
        }

        private OnnxResults Run(OnnxModel model, long[] tokens, ref float[] logits)
        {
            using var inputs = new OnnxInputs(model);
            inputs.Add("input_ids", tokens, 1, tokens.Length);
            inputs.Add("encoder_hidden_states", encoded.AsMemory(), shape);
            inputs.Add("use_cache_branch", [_started is null ? 0 : 1], 1);
            foreach (OnnxPort port in model.Inputs.Where(port => port.Name.StartsWith(Past, StringComparison.Ordinal)))
            {
                string present = Present + port.Name[Past.Length..];
                if (_started is null)
                    inputs.AddEmpty(port, 1, Axis(port, 1), 0, Axis(port, 3));
                else
                    inputs.Add(port.Name, _last is { } last && port.Name.Contains(".decoder.", StringComparison.Ordinal) ? last : _started, present);
            }

            OnnxResults results = model.Run(inputs, [.. model.Outputs.Select(output => output.Name)], limits);
            ReadOnlySpan<float> values = results.Floats(Logits, out long[] axes);
            Array.Resize(ref logits, (int)axes[^1]);
            values[^logits.Length..].CopyTo(logits);
            return results;
        }

        private static long Axis(OnnxPort port, int axis) => port.Shape[axis] > 0 ? port.Shape[axis] : 1;
    }
}
