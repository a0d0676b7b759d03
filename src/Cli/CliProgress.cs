namespace Polymodal.Cli;

/// <summary>Passes progress on at once; <see cref="Progress{T}"/> would tell it from another thread, after the end.</summary>
/// <param name="tell">Hears it.</param>
internal sealed class CliProgress<T>(Action<T> tell) : IProgress<T>
{
    public void Report(T value) => tell(value);
}
