using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.OnnxRuntime;

namespace Polymodal.Providers.Local.Onnx.Kernels;

/// <summary>The functions of ONNX Runtime's C interface that its C# classes do not offer: those for own operators.</summary>
/// <remarks>Places of functions: https://github.com/microsoft/onnxruntime/blob/main/include/onnxruntime/core/session/onnxruntime_c_api.h, OrtApi; none ever moves.</remarks>
internal static unsafe class OnnxApi
{
    /// <summary>The version of the interface that is used: the first with all that the operators need, ONNX Runtime 1.18.</summary>
    public const uint Version = 18;

    /// <summary>Most axes of a tensor that an operator takes.</summary>
    public const int MostAxes = 16;

    // Places in OrtApi.
    private const int CreateStatus = 0, GetErrorMessage = 2, CreateCustomOpDomain = 26, CustomOpDomainAdd = 27;
    private const int AddCustomOpDomain = 28, GetTensorMutableData = 51, CreateTensorTypeAndShapeInfo = 57, SetDimensions = 59;
    private const int GetDimensionsCount = 61, GetDimensions = 62, GetSymbolicDimensions = 63, GetTensorTypeAndShape = 65;
    private const int KernelInfoGetAttributeFloat = 85, KernelContextGetInput = 90, KernelContextGetOutput = 91, ReleaseStatus = 93;
    private const int ReleaseTensorTypeAndShapeInfo = 99, ShapeInferContextGetInputTypeShape = 268, ShapeInferContextSetOutputTypeShape = 270, SetSymbolicDimensions = 271;
    private const int KernelContextParallelFor = 274;

    private static readonly nint* Functions = Find();
    private static int _axesNamed;

    /// <summary>Whether the runtime's library was found and is new enough.</summary>
    public static bool IsAvailable => Functions != null;

    /// <summary>Makes a domain of operators, which must outlive all sessions.</summary>
    public static nint CreateDomain(ReadOnlySpan<byte> name)
    {
        nint domain;
        fixed (byte* text = name)
            Check(((delegate* unmanaged<byte*, nint*, nint>)Functions[CreateCustomOpDomain])(text, &domain));
        return domain;
    }

    /// <summary>Adds an operator to a domain.</summary>
    public static void AddOperator(nint domain, OnnxOperator* op) => Check(((delegate* unmanaged<nint, OnnxOperator*, nint>)Functions[CustomOpDomainAdd])(domain, op));

    /// <summary>Lets the sessions of some options use a domain.</summary>
    public static void AddDomain(SessionOptions options, nint domain) => Check(((delegate* unmanaged<nint, nint, nint>)Functions[AddCustomOpDomain])(options.DangerousGetHandle(), domain));

    /// <summary>A failure, as the runtime wants it told.</summary>
    public static nint Failure(string message)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(message + '\0'))
            return ((delegate* unmanaged<int, byte*, nint>)Functions[CreateStatus])(2, text);
    }

    /// <summary>The number that a node's attribute has; null when it has none of this name.</summary>
    public static float? Attribute(nint info, ReadOnlySpan<byte> name)
    {
        float number;
        nint status;
        fixed (byte* text = name)
            status = ((delegate* unmanaged<nint, byte*, float*, nint>)Functions[KernelInfoGetAttributeFloat])(info, text, &number);
        if (status == 0)
            return number;
        ((delegate* unmanaged<nint, void>)Functions[ReleaseStatus])(status);
        return null;
    }

    /// <summary>An input of a run; 0 where it is left out.</summary>
    public static nint Input(nint context, int index)
    {
        nint value;
        Check(((delegate* unmanaged<nint, nuint, nint*, nint>)Functions[KernelContextGetInput])(context, (nuint)index, &value));
        return value;
    }

    /// <summary>Makes an output of a run.</summary>
    public static nint Output(nint context, int index, ReadOnlySpan<long> shape)
    {
        nint value;
        fixed (long* axes = shape)
            Check(((delegate* unmanaged<nint, nuint, long*, nuint, nint*, nint>)Functions[KernelContextGetOutput])(context, (nuint)index, axes, (nuint)shape.Length, &value));
        return value;
    }

    /// <summary>Where the elements of a tensor are.</summary>
    public static void* Elements(nint tensor)
    {
        void* elements;
        Check(((delegate* unmanaged<nint, void**, nint>)Functions[GetTensorMutableData])(tensor, &elements));
        return elements;
    }

    /// <summary>The axes of a tensor.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="axes">Room for them.</param>
    /// <returns>Those of <paramref name="axes"/> that are filled.</returns>
    public static ReadOnlySpan<long> Shape(nint tensor, Span<long> axes)
    {
        nint info;
        Check(((delegate* unmanaged<nint, nint*, nint>)Functions[GetTensorTypeAndShape])(tensor, &info));
        try
        {
            return axes[..Axes(info, axes)];
        }
        finally
        {
            ((delegate* unmanaged<nint, void>)Functions[ReleaseTensorTypeAndShapeInfo])(info);
        }
    }

    /// <summary>Calls a function for 0, 1, …, count − 1, on the threads of the session that runs.</summary>
    public static void ParallelFor(nint context, delegate* unmanaged<void*, nuint, void> function, int count, void* state) =>
        Check(((delegate* unmanaged<nint, delegate* unmanaged<void*, nuint, void>, nuint, nuint, void*, nint>)Functions[KernelContextParallelFor])(context, function, (nuint)count, 0, state));

    /// <summary>While a session is made: gives an output the axes of the first input, or all but the last of them and 1.</summary>
    public static void InferShape(nint context, int output, bool isColumn)
    {
        nint known, info;
        Span<long> room = stackalloc long[MostAxes];
        Check(((delegate* unmanaged<nint, nuint, nint*, nint>)Functions[ShapeInferContextGetInputTypeShape])(context, 0, &known));
        Span<long> axes = room[..Axes(known, room)];
        nint* names = stackalloc nint[MostAxes];
        Check(((delegate* unmanaged<nint, nint*, nuint, nint>)Functions[GetSymbolicDimensions])(known, names, (nuint)axes.Length));
        if (isColumn && axes.Length > 0)
            axes[^1] = 1;

        var made = new List<nint>();
        byte none = 0;
        Check(((delegate* unmanaged<nint*, nint>)Functions[CreateTensorTypeAndShapeInfo])(&info));
        try
        {
            for (int i = 0; i < axes.Length; i++)
            {
                // What has neither a number nor a name would be taken for the number −1.
                if (axes[i] >= 0)
                    names[i] = (nint)(&none);
                else if (names[i] == 0 || *(byte*)names[i] == 0)
                    made.Add(names[i] = Marshal.StringToCoTaskMemUTF8($"polymodal_axis_{Interlocked.Increment(ref _axesNamed)}"));
            }

            fixed (long* numbers = axes)
                Check(((delegate* unmanaged<nint, long*, nuint, nint>)Functions[SetDimensions])(info, numbers, (nuint)axes.Length));
            Check(((delegate* unmanaged<nint, nint*, nuint, nint>)Functions[SetSymbolicDimensions])(info, names, (nuint)axes.Length));
            Check(((delegate* unmanaged<nint, nuint, nint, nint>)Functions[ShapeInferContextSetOutputTypeShape])(context, (nuint)output, info));
        }
        finally
        {
            made.ForEach(Marshal.FreeCoTaskMem);
            ((delegate* unmanaged<nint, void>)Functions[ReleaseTensorTypeAndShapeInfo])(info);
        }
    }

    private static int Axes(nint info, Span<long> axes)
    {
        nuint rank;
        Check(((delegate* unmanaged<nint, nuint*, nint>)Functions[GetDimensionsCount])(info, &rank));
        if (rank > (nuint)axes.Length)
            throw new InvalidOperationException($"A tensor has {rank} axes; at most {axes.Length} are supported.");
        fixed (long* pointer = axes)
            Check(((delegate* unmanaged<nint, long*, nuint, nint>)Functions[GetDimensions])(info, pointer, rank));
        return (int)rank;
    }

    // The library that the runtime's classes have loaded; where the system does not list it, the one that they would load.
    private static nint* Find()
    {
        OnnxEnvironment.BeQuiet();
        using var process = Process.GetCurrentProcess();
        foreach (ProcessModule module in process.Modules)
        {
            using (module)
            {
                if (module.ModuleName.Contains("onnxruntime", StringComparison.OrdinalIgnoreCase) && NativeLibrary.TryLoad(module.FileName, out nint library) && From(library) is var functions && functions != null)
                    return functions;
            }
        }

        return NativeLibrary.TryLoad("onnxruntime", typeof(OrtEnv).Assembly, null, out nint other) ? From(other) : null;
    }

    private static nint* From(nint library) =>
        NativeLibrary.TryGetExport(library, "OrtGetApiBase", out nint get)
            ? (nint*)((delegate* unmanaged<uint, nint>)(*((delegate* unmanaged<nint*>)get)()))(Version)
            : null;

    private static void Check(nint status)
    {
        if (status == 0)
            return;
        string message = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)Functions[GetErrorMessage])(status)) ?? "";
        ((delegate* unmanaged<nint, void>)Functions[ReleaseStatus])(status);
        throw new InvalidOperationException($"ONNX Runtime refused an operator: {message}");
    }
}
