using Microsoft.ML.OnnxRuntime;

namespace Polymodal.Providers.Local.Onnx;

/// <summary>The runtime's one environment a process.</summary>
internal static class OnnxEnvironment
{
    private static readonly Lock Gate = new();

    /// <summary>Makes the environment so that nothing is written to stderr, unless the host has already made its own.</summary>
    public static void BeQuiet()
    {
        lock (Gate)
        {
            if (OrtEnv.IsCreated)
                return;
            var options = new EnvironmentCreationOptions { logId = "polymodal", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            OrtEnv.CreateInstanceWithOptions(ref options);
        }
    }
}
