using System.Globalization;
using System.Net.Sockets;

namespace Polymodal.Samples.RagDemo;

/// <summary>What the page needs of a web server: where it listens, who may ask, which headers it sends.</summary>
internal static class DemoHost
{
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>A server on the loopback address, unless the options name others.</summary>
    public static WebApplicationBuilder CreateBuilder(DemoOptions options)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = options.ContentRoot });
        builder.WebHost.UseUrls(AddressOf(options));
        // A page from elsewhere could point its own name at this machine; only local names are answered.
        if (options.Urls is null)
            builder.Configuration["AllowedHosts"] = "localhost;127.0.0.1;[::1]";
        // A start that fails is said in one line by whoever started it; the host would log the whole stack.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Services.AddProblemDetails();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(3));
        return builder;
    }

    /// <summary>Serves <c>wwwroot</c>, and problem details in place of error pages.</summary>
    public static void UseDemoPage(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            IHeaderDictionary headers = context.Response.Headers;
            headers.ContentSecurityPolicy = ContentSecurityPolicy;
            headers.XContentTypeOptions = "nosniff";
            headers.CacheControl = "no-cache";
            headers["Referrer-Policy"] = "no-referrer";
            return next(context);
        });
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseDefaultFiles();
        app.UseStaticFiles();
    }

    /// <summary>Starts the server.</summary>
    /// <exception cref="DemoException">It cannot listen where the options say.</exception>
    public static async Task ListenAsync(this WebApplication app, DemoOptions options)
    {
        try
        {
            await app.StartAsync();
        }
        catch (Exception exception) when (exception is IOException or SocketException or FormatException or InvalidOperationException)
        {
            throw new DemoException($"Cannot listen at {AddressOf(options)}: {exception.Message.TrimEnd('.')}. Choose another port with --port, or another address with --urls.", exception);
        }
    }

    private static string AddressOf(DemoOptions options) => options.Urls ?? string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{options.Port}");
}
