using System.Numerics.Tensors;

namespace Polymodal.Providers.Cloud;

/// <summary>Turns an answer's vectors into floats in the order of the inputs, and refuses an answer in which anything is amiss.</summary>
internal static class CloudVectorCheck
{
    private const float UnitTolerance = 1e-6f;

    /// <summary>Checks and orders.</summary>
    /// <param name="answer">The vectors as they came.</param>
    /// <param name="vectors">Receives one vector an input.</param>
    /// <param name="dimensions">The length that each must have; null: that of the first.</param>
    /// <param name="encoding">In which form they came.</param>
    /// <param name="normalize">Whether they are to have unit length.</param>
    /// <param name="fail">Makes the exception from what was found.</param>
    public static void Read(IEnumerable<IndexedVector> answer, Span<float[]> vectors, int? dimensions, CloudEncoding encoding, bool normalize, Func<string, CloudServiceException> fail)
    {
        int count = 0;
        foreach (IndexedVector item in answer)
        {
            int place = item.Index ?? count;
            if (count++ == vectors.Length)
                throw fail($"more than {vectors.Length} vectors for {vectors.Length} inputs");
            if (place < 0 || place >= vectors.Length)
                throw fail($"a vector with index {place} for {vectors.Length} inputs");
            if (vectors[place] is not null)
                throw fail($"two vectors with index {place}");
            float[] vector = item.Vector ?? throw fail($"no numbers for index {place}");
            if (encoding == CloudEncoding.Binary)
                vector = Signs(vector) ?? throw fail($"index {place} with numbers that are no bytes");
            dimensions ??= vector.Length;
            if (vector.Length != dimensions || vector.Length == 0)
                throw fail($"a vector of {vector.Length} numbers at index {place} where {dimensions} were expected");
            float norm = TensorPrimitives.Norm<float>(vector);
            if (!float.IsFinite(norm) && Array.FindIndex(vector, number => !float.IsFinite(number)) is >= 0 and var wrong)
                throw fail($"a vector whose number {wrong} at index {place} is not finite");
            // A vector that is of unit length already keeps its bits; one of zeros has no direction.
            if (normalize && Math.Abs(norm - 1) > UnitTolerance)
                Scale(vector, norm);
            vectors[place] = vector;
        }

        if (count != vectors.Length)
            throw fail($"{count} vectors for {vectors.Length} inputs");
    }

    private static void Scale(float[] vector, float norm)
    {
        if (!float.IsFinite(norm) || norm < 1e-18f)
        {
            // The squares do not fit into floats: first to a size where they do.
            float largest = Math.Abs(TensorPrimitives.MaxMagnitude<float>(vector));
            if (largest == 0)
                return;
            TensorPrimitives.Divide(vector, largest, vector);
            norm = TensorPrimitives.Norm<float>(vector);
        }

        TensorPrimitives.Divide(vector, norm, vector);
    }

    /// <summary>One number a bit, the first bit of a byte first: 1 for a set one, −1 otherwise. Null when a number is no byte.</summary>
    private static float[]? Signs(float[] bytes)
    {
        float[] signs = new float[bytes.Length * 8];
        for (int i = 0; i < signs.Length; i++)
        {
            float value = bytes[i / 8];
            if (value is not (>= 0 and <= 255) || value != (int)value)
                return null;
            signs[i] = ((int)value >> (7 - (i % 8)) & 1) == 1 ? 1 : -1;
        }

        return signs;
    }
}
