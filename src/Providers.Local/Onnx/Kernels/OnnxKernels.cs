using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Polymodal.Providers.Local.Onnx.Kernels;

/// <summary>The operators of <see cref="RowKernels"/>, as ONNX Runtime calls them; <see cref="OnnxFusion"/> puts them in the place of slower nodes.</summary>
/// <remarks>
/// Inputs and outputs are float32 tensors of rows along the last axis, unless said otherwise. Optional inputs may be left out.
/// <list type="bullet">
/// <item>LayerNormalization(x, gamma, [beta]) with the attribute epsilon.</item>
/// <item>Gelu(x, [scale: one a row], [bias]).</item>
/// <item>ScaleAndShift(x, [scale: one a row], [bias]).</item>
/// <item>Quantize(x, [factors]) with the attributes floor and unit: uint8 values about 128, and one scale a row.</item>
/// </list>
/// </remarks>
internal static unsafe class OnnxKernels
{
    /// <summary>The operators' domain.</summary>
    public const string Domain = "polymodal";

    // Elements that are worth a task of their own.
    private const int PerTask = 16_384;

    private static readonly nint Operators = Make();

    /// <summary>Lets sessions use the operators; only where <see cref="OnnxApi.IsAvailable"/>.</summary>
    public static void AddTo(SessionOptions options) => OnnxApi.AddDomain(options, Operators);

    private static nint Make()
    {
        nint domain = OnnxApi.CreateDomain("polymodal\0"u8);
        OnnxApi.AddOperator(domain, OnnxOperator.Create("LayerNormalization\0"u8, required: 2, optional: 1, isQuantized: false, &LayerNormalization));
        OnnxApi.AddOperator(domain, OnnxOperator.Create("Gelu\0"u8, required: 1, optional: 2, isQuantized: false, &Gelu));
        OnnxApi.AddOperator(domain, OnnxOperator.Create("ScaleAndShift\0"u8, required: 1, optional: 2, isQuantized: false, &ScaleAndShift));
        OnnxApi.AddOperator(domain, OnnxOperator.Create("Quantize\0"u8, required: 1, optional: 1, isQuantized: true, &Quantize));
        return domain;
    }

    private static void LayerNormalization(in RowWork work, long row)
    {
        int width = work.WidthOf(row);
        RowKernels.LayerNormalization(work.Row(row), new(work.First, width), work.Vector(work.Second), work.Epsilon, new((float*)work.Y + row * work.Width, width));
    }

    private static void Gelu(in RowWork work, long row) =>
        RowKernels.Gelu(work.Row(row), work.Scale(row), work.Vector(work.Second), new((float*)work.Y + row * work.Width, work.WidthOf(row)));

    private static void ScaleAndShift(in RowWork work, long row) =>
        RowKernels.ScaleAndShift(work.Row(row), work.Scale(row), work.Vector(work.Second), new((float*)work.Y + row * work.Width, work.WidthOf(row)));

    private static void Quantize(in RowWork work, long row) =>
        work.Scales[row] = RowKernels.Quantize(work.Row(row), work.Vector(work.First), work.Floor, work.Unit, new((byte*)work.Y + row * work.Width, work.WidthOf(row)));

    /// <summary>One run of an operator: checks the shapes, then shares the rows out.</summary>
    public static void Run(OnnxKernel* kernel, nint context)
    {
        RowWork work = kernel->Work;
        OnnxOperator* op = kernel->Operator;
        Span<long> room = stackalloc long[OnnxApi.MostAxes];
        nint x = OnnxApi.Input(context, 0);
        ReadOnlySpan<long> shape = OnnxApi.Shape(x, room);
        long count = 1;
        foreach (long axis in shape)
            count *= axis;
        long last = shape.Length > 0 ? shape[^1] : 1;
        work.X = (float*)OnnxApi.Elements(x);
        bool hasVector = false, scalesRows = op->Optional == 2;
        for (int i = 1; i < op->Required + op->Optional; i++)
        {
            nint input = OnnxApi.Input(context, i);
            if (input == 0)
                continue;
            hasVector = true;
            long wanted = scalesRows && i == 1 ? count / Math.Max(1, last) : last, found = Count(input);
            if (found != wanted)
                throw new InvalidOperationException($"input {i} has {found} elements where {wanted} were expected");
            if (i == 1)
                work.First = (float*)OnnxApi.Elements(input);
            else
                work.Second = (float*)OnnxApi.Elements(input);
        }

        work.Y = OnnxApi.Elements(OnnxApi.Output(context, 0, shape));
        if (op->IsQuantized)
            work.Scales = (float*)OnnxApi.Elements(OnnxApi.Output(context, 1, [.. shape[..^1], 1]));

        if (count == 0)
            return;
        // Without anything that belongs to a row or to a component, rows need not be the tensor's own.
        work.Width = hasVector || op->IsQuantized ? (int)last : PerTask;
        work.Count = count;
        work.RowsPerTask = Math.Max(1, PerTask / work.Width);
        long rows = (count + work.Width - 1) / work.Width, tasks = (rows + work.RowsPerTask - 1) / work.RowsPerTask;
        if (tasks == 1)
            work.Do(0);
        else
            OnnxApi.ParallelFor(context, &DoTask, (int)tasks, &work);
        if (work.HasFailed)
            throw new InvalidOperationException("the rows cannot be computed");
    }

    // No exception may leave a function that the runtime calls.
    [UnmanagedCallersOnly]
    private static void DoTask(void* work, nuint task)
    {
        try
        {
            ((RowWork*)work)->Do((long)task);
        }
        catch (Exception)
        {
            ((RowWork*)work)->HasFailed = true;
        }
    }

    private static long Count(nint tensor)
    {
        Span<long> room = stackalloc long[OnnxApi.MostAxes];
        long count = 1;
        foreach (long axis in OnnxApi.Shape(tensor, room))
            count *= axis;
        return count;
    }
}

/// <summary>Rows to be computed, and with what.</summary>
internal unsafe struct RowWork
{
    public delegate*<in RowWork, long, void> Compute;
    public float* X, First, Second, Scales;
    public void* Y;
    public long Count;
    public int Width, RowsPerTask;
    public bool HasFailed;
    public float Epsilon, Floor, Unit;

    /// <summary>Elements of a row; the last one may have fewer.</summary>
    public readonly int WidthOf(long row) => (int)Math.Min(Width, Count - row * Width);

    /// <summary>A row of the input.</summary>
    public readonly ReadOnlySpan<float> Row(long row) => new(X + row * Width, WidthOf(row));

    /// <summary>A vector with a number a component; empty where there is none.</summary>
    public readonly ReadOnlySpan<float> Vector(float* vector) => vector == null ? default : new(vector, Width);

    /// <summary>The row's factor.</summary>
    public readonly float Scale(long row) => First == null ? 1 : First[row];

    /// <summary>Computes the rows of one task.</summary>
    public readonly void Do(long task)
    {
        long end = Math.Min((task + 1) * RowsPerTask, (Count + Width - 1) / Width);
        for (long row = task * RowsPerTask; row < end; row++)
            Compute(this, row);
    }
}

/// <summary>A node's operator, with the node's attributes.</summary>
internal unsafe struct OnnxKernel
{
    public OnnxOperator* Operator;
    public RowWork Work;
}
