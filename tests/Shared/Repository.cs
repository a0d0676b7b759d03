namespace Polymodal.Tests;

/// <summary>The repository that the tests were built from, and what lies in it.</summary>
internal static class Repository
{
    /// <summary>Its folder, found from the output folder by the solution file.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The model that ships.</summary>
    public static string MiniLM => PathOf("models/all-MiniLM-L6-v2");

    /// <summary>A file or folder of the repository.</summary>
    /// <param name="relativePath">With <c>/</c> as separator.</param>
    public static string PathOf(string relativePath) => Path.Combine([Root, .. relativePath.Split('/')]);

    /// <summary>A recorded reference; read only.</summary>
    /// <param name="name">Its area and name, e.g. <c>text/e5-prompts</c>.</param>
    public static string Reference(string name) => PathOf($"tests/Fixtures/reference/{name}");

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Polymodal.slnx")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Polymodal.slnx. Run this from its place in a clone.");
    }
}
