using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Polymodal.Samples.RagDemo.Tests;

/// <summary>The demo in this process, on a free port, over a folder of its own.</summary>
public sealed class RunningDemo : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningDemo(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.Single());
        Client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public Task Indexed => _app.Services.GetRequiredService<Indexing>().Completion;

    public static async Task<RunningDemo> StartAsync(TemporaryFolder folder) =>
        await StartAsync(new DemoOptions { Folder = folder.Documents, Database = folder.Database, Port = 0 });

    public static async Task<RunningDemo> StartAsync(DemoOptions options)
    {
        WebApplication app = await Program.CreateAsync(options);
        await app.StartAsync();
        return new(app);
    }

    public async Task<JsonElement> AskAsync(string question, string more = "") => await GetAsync($"api/ask?q={Uri.EscapeDataString(question)}{more}");

    public async Task<JsonElement> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using HttpResponseMessage response = await Client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(expected, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await Indexed;
        await _app.DisposeAsync();
    }
}
