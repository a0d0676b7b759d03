using System.Runtime.InteropServices;

namespace Polymodal.Providers.Local.Onnx.Kernels;

/// <summary>An operator as ONNX Runtime wants it described: functions, then what they need to know. Lives as long as the process.</summary>
/// <remarks>Layout: https://github.com/microsoft/onnxruntime/blob/main/include/onnxruntime/core/session/onnxruntime_c_api.h, OrtCustomOp.</remarks>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OnnxOperator
{
    private const int Float = 1, Byte = 2, IsRequired = 0, IsOptional = 1;

    private uint _version;
    private readonly nint _createKernel;
    private nint _getName, _getExecutionProvider, _getInputType, _getInputCount, _getOutputType, _getOutputCount;
    private readonly nint _compute;
    private nint _destroy, _getInputKind, _getOutputKind, _getInputMemory;
    private readonly nint _variadicInputs, _variadicInputKind, _variadicOutputs, _variadicOutputKind;
    private nint _createKernel2, _compute2, _inferShapes, _getStart, _getEnd, _getInPlace, _releaseInPlace;
    private readonly nint _getAlias, _releaseAlias;
    private nint _name;
    private delegate*<in RowWork, long, void> _row;

    /// <summary>How many inputs there must be.</summary>
    public int Required { get; private set; }

    /// <summary>How many more there may be.</summary>
    public int Optional { get; private set; }

    /// <summary>Whether the outputs are bytes and one scale a row.</summary>
    public bool IsQuantized { get; private set; }

    /// <summary>Describes an operator.</summary>
    public static OnnxOperator* Create(ReadOnlySpan<byte> name, int required, int optional, bool isQuantized, delegate*<in RowWork, long, void> row)
    {
        var text = (byte*)NativeMemory.Alloc((nuint)name.Length);
        name.CopyTo(new Span<byte>(text, name.Length));
        var op = (OnnxOperator*)NativeMemory.AllocZeroed((nuint)sizeof(OnnxOperator));
        *op = new()
        {
            _version = OnnxApi.Version,
            _name = (nint)text,
            _row = row,
            Required = required,
            Optional = optional,
            IsQuantized = isQuantized,
            _getName = (nint)(delegate* unmanaged<OnnxOperator*, nint>)&Name,
            _getExecutionProvider = (nint)(delegate* unmanaged<OnnxOperator*, nint>)&Processor,
            _getInputType = (nint)(delegate* unmanaged<OnnxOperator*, nuint, int>)&InputType,
            _getInputCount = (nint)(delegate* unmanaged<OnnxOperator*, nuint>)&InputCount,
            _getOutputType = (nint)(delegate* unmanaged<OnnxOperator*, nuint, int>)&OutputType,
            _getOutputCount = (nint)(delegate* unmanaged<OnnxOperator*, nuint>)&OutputCount,
            _destroy = (nint)(delegate* unmanaged<OnnxKernel*, void>)&Destroy,
            _getInputKind = (nint)(delegate* unmanaged<OnnxOperator*, nuint, int>)&InputKind,
            _getOutputKind = (nint)(delegate* unmanaged<OnnxOperator*, nuint, int>)&OutputKind,
            _getInputMemory = (nint)(delegate* unmanaged<OnnxOperator*, nuint, int>)&OutputKind,
            _createKernel2 = (nint)(delegate* unmanaged<OnnxOperator*, nint, nint, OnnxKernel**, nint>)&CreateKernel,
            _compute2 = (nint)(delegate* unmanaged<OnnxKernel*, nint, nint>)&Compute,
            _inferShapes = (nint)(delegate* unmanaged<OnnxOperator*, nint, nint>)&InferShapes,
            _getStart = (nint)(delegate* unmanaged<OnnxOperator*, int>)&Start,
            _getEnd = (nint)(delegate* unmanaged<OnnxOperator*, int>)&End,
            _getInPlace = isQuantized ? 0 : (nint)(delegate* unmanaged<int**, int**, nuint>)&InPlace,
            _releaseInPlace = isQuantized ? 0 : (nint)(delegate* unmanaged<int*, int*, void>)&ReleaseInPlace,
        };
        return op;
    }

    [UnmanagedCallersOnly]
    private static nint Name(OnnxOperator* op) => op->_name;

    [UnmanagedCallersOnly]
    private static nint Processor(OnnxOperator* op) => 0;

    [UnmanagedCallersOnly]
    private static int InputType(OnnxOperator* op, nuint index) => Float;

    [UnmanagedCallersOnly]
    private static nuint InputCount(OnnxOperator* op) => (nuint)(op->Required + op->Optional);

    [UnmanagedCallersOnly]
    private static int OutputType(OnnxOperator* op, nuint index) => op->IsQuantized && index == 0 ? Byte : Float;

    [UnmanagedCallersOnly]
    private static nuint OutputCount(OnnxOperator* op) => op->IsQuantized ? 2u : 1u;

    [UnmanagedCallersOnly]
    private static int InputKind(OnnxOperator* op, nuint index) => (int)index < op->Required ? IsRequired : IsOptional;

    [UnmanagedCallersOnly]
    private static int OutputKind(OnnxOperator* op, nuint index) => 0;

    [UnmanagedCallersOnly]
    private static int Start(OnnxOperator* op) => 1;

    [UnmanagedCallersOnly]
    private static int End(OnnxOperator* op) => int.MaxValue;

    [UnmanagedCallersOnly]
    private static nuint InPlace(int** inputs, int** outputs)
    {
        var places = (int*)NativeMemory.AllocZeroed(2 * sizeof(int));
        *inputs = places;
        *outputs = places + 1;
        return 1;
    }

    [UnmanagedCallersOnly]
    private static void ReleaseInPlace(int* inputs, int* outputs) => NativeMemory.Free(inputs);

    // No exception may leave a function that the runtime calls.
    [UnmanagedCallersOnly]
    private static nint CreateKernel(OnnxOperator* op, nint api, nint info, OnnxKernel** kernel)
    {
        try
        {
            *kernel = (OnnxKernel*)NativeMemory.AllocZeroed((nuint)sizeof(OnnxKernel));
            **kernel = new()
            {
                Operator = op,
                Work = new() { Compute = op->_row, Epsilon = OnnxApi.Attribute(info, "epsilon\0"u8) ?? 1e-5f, Floor = OnnxApi.Attribute(info, "floor\0"u8) ?? 0, Unit = OnnxApi.Attribute(info, "unit\0"u8) ?? 0 },
            };
            return 0;
        }
        catch (Exception exception)
        {
            return OnnxApi.Failure(exception.Message);
        }
    }

    [UnmanagedCallersOnly]
    private static void Destroy(OnnxKernel* kernel) => NativeMemory.Free(kernel);

    [UnmanagedCallersOnly]
    private static nint Compute(OnnxKernel* kernel, nint context)
    {
        try
        {
            OnnxKernels.Run(kernel, context);
            return 0;
        }
        catch (Exception exception)
        {
            return OnnxApi.Failure(exception.Message);
        }
    }

    [UnmanagedCallersOnly]
    private static nint InferShapes(OnnxOperator* op, nint context)
    {
        try
        {
            OnnxApi.InferShape(context, 0, isColumn: false);
            if (op->IsQuantized)
                OnnxApi.InferShape(context, 1, isColumn: true);
            return 0;
        }
        catch (Exception exception)
        {
            return OnnxApi.Failure(exception.Message);
        }
    }
}
