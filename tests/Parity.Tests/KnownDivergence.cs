using Polymodal.Evaluation.Parity;

namespace Polymodal.Parity.Tests;

/// <summary>A recorded tensor that does not agree by its rule, why, and by how much at most.</summary>
/// <param name="Reference">Area and folder.</param>
/// <param name="Case">The case.</param>
/// <param name="Tensor">The tensor.</param>
/// <param name="Largest">Largest difference allowed; null where nothing can be compared.</param>
/// <param name="Why">The evidence.</param>
internal sealed record KnownDivergence(string Reference, string Case, string Tensor, double? Largest, string Why)
{
    // Recorded with ONNX Runtime 1.32 on an Intel Xeon with VNNI. What int8 kernels round, and on processors without VNNI saturate, differs between processors and versions:
    // the record's own page allows 5e-2 or a cosine of 0.998 for such files, though its rule does not match this file's name. Hidden states are farther from it, and
    // equally far from torch's float32 on both sides: at most 0.157, mean 0.0219. float16: ONNX Runtime before 1.31 rounds elsewhere, at most 5.7e-3.
    private const string Kernels = "int8 kernels differ between processors and versions of ONNX Runtime";

    private const string Rounding = "ONNX Runtime before 1.31 rounds float16 elsewhere";

    private const string Inside = "the value stands inside the graph, which has no such output";

    // torchaudio's Fourier transform is MKL's in float32, whose rounding is large beside bands 65 dB below the loudest; filters and cosines are rounded here as there. The record's
    // rule is that of the transforms themselves, and Kaldi's banks, of which these cepstra are made, are allowed 1e-3 by their own record. Of torchaudio's other cepstra the
    // record has the transform: started from it they agree by the rule.
    private const string Transform = "MKL's Fourier transform rounds in float32";

    /// <summary>All that are known.</summary>
    public static IReadOnlyList<KnownDivergence> All { get; } =
    [
        new("text/onnx-variants", "onnxruntime-model_quantized", "last_hidden_state.sample", 0.2, Kernels),
        new("text/onnx-variants", "onnxruntime-model_quantized", "final", 5e-2, Kernels),
        new("text/onnx-variants", "onnxruntime-model_quantized", "final_alone", 5e-2, Kernels),
        new("text/onnx-variants", "onnxruntime-model_fp16", "last_hidden_state.sample", 6e-3, Rounding),
        new("audio/dsp-stft", "mfcc/kaldi", "mfcc", 2e-4, Transform),
        new("text/nv-embed-latent", "no-instruction", "hidden_before_latent_attention.sample", null, Inside),
        new("text/nv-embed-latent", "instruction", "hidden_before_latent_attention.sample", null, Inside),
        new("text/nv-embed-latent", "instruction-truncated", "hidden_before_latent_attention", null, Inside),
    ];

    /// <summary>The same, for a theory.</summary>
    public static TheoryData<string, string, string> Listed()
    {
        var data = new TheoryData<string, string, string>();
        foreach (KnownDivergence known in All)
            data.Add(known.Reference, known.Case, known.Tensor);
        return data;
    }

    /// <summary>The entry of a row, or null; a row that differs by more than its entry allows has none.</summary>
    /// <param name="reference">The reference's name among the roots.</param>
    /// <param name="row">The row.</param>
    public static KnownDivergence? Of(string reference, ParityRow row) => All.FirstOrDefault(known =>
        reference.StartsWith(known.Reference + '/', StringComparison.Ordinal) && known.Case == row.Case && known.Tensor == row.Tensor && (known.Largest is null || row.LargestDifference <= known.Largest));
}
