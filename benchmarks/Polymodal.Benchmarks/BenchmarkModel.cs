using Polymodal.Providers.Local.Models;

namespace Polymodal.Benchmarks;

/// <summary>The model that ships.</summary>
internal static class BenchmarkModel
{
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "models", MiniLM.L6V2.FolderName);
}
