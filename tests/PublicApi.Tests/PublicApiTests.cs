using System.Reflection;

namespace Polymodal.PublicApi;

public class PublicApiTests
{
    /// <summary>The assemblies of the project's own that lie beside this one: those the project file refers to.</summary>
    private static string[] References => [.. Directory.EnumerateFiles(AppContext.BaseDirectory, "Polymodal.*.dll")
        .Select(file => Path.GetFileNameWithoutExtension(file))
        .Where(name => name != typeof(PublicApiTests).Assembly.GetName().Name)
        .Order(StringComparer.Ordinal)];

    public static TheoryData<string> Assemblies() => new(References);

    [Theory, MemberData(nameof(Assemblies))]
    public void Public_surface_is_approved(string assembly)
    {
        string surface = PublicSurface.Of(Assembly.Load(assembly)), approved = Approved.Read(assembly);
        if (surface != approved)
            Assert.Fail($"{assembly}: the public surface changed. {Approved.WriteReceived(assembly, surface)}\n{FirstDifference(approved, surface)}");
        Approved.DeleteReceived(assembly);
    }

    [Fact]
    public void Every_approved_text_has_its_assembly() =>
        Assert.Empty(Approved.Assemblies.Except(References));

    private static string FirstDifference(string approved, string surface)
    {
        string[] before = approved.Split('\n'), now = surface.Split('\n');
        int line = before.Zip(now).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"First difference, line {line + 1}:\n  approved: {before.ElementAtOrDefault(line)}\n  found:    {now.ElementAtOrDefault(line)}";
    }
}
