using System.Runtime.CompilerServices;

namespace Polymodal.Providers.Cloud.Tests;

/// <summary>Takes the services' variables out of this process before the first test: what a machine has set must not change what the tests find.</summary>
internal static class EmptyEnvironment
{
    /// <summary>Variables that no <see cref="CloudService"/> lists: those of signing, projects and regions.</summary>
    private static readonly string[] Others =
    [
        "GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION", "GOOGLE_APPLICATION_CREDENTIALS",
        "AWS_REGION", "AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    ];

#pragma warning disable CA2255 // This is a program of tests: nobody else loads it.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Clear()
    {
        IEnumerable<CloudService> services = Services.All.Values.Select(registration => registration.Api(null).Service);
        foreach (string variable in services.SelectMany(service => service.KeyVariables.Concat(service.EndpointVariables)).Concat(Others))
            Environment.SetEnvironmentVariable(variable, null);
    }
}
