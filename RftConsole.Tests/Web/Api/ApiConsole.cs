using System.Net.Http.Headers;

using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Web;
using RftConsole.Web.Api.Keys;

namespace RftConsole.Tests.Web.Api;

/// <summary>A whole console with the real trainer, on a port of its own, for clients that others wrote. Its environment gives it a key.</summary>
public sealed class ApiConsole : IAsyncLifetime
{
    /// <summary>The key that the environment gives.</summary>
    public const string Key = "key-of-the-environment";

    private readonly TemporaryFolder _root = new();
    private readonly WebApplicationFactory<ConsoleOptions> _console;

    public ApiConsole()
    {
        _console = new WebApplicationFactory<ConsoleOptions>().WithWebHostBuilder(host =>
        {
            host.UseSetting("data", DataFolder);
            host.UseSetting("port", "0");
            host.ConfigureTestServices(services => services.AddSingleton<IApiKeys>(provider =>
                ActivatorUtilities.CreateInstance<ApiKeys>(provider, (Func<string, string?>)(name => name == ApiKeys.Variable ? Key : null))));
        });
        _console.UseKestrel(0);
    }

    public string DataFolder => Path.Combine(_root.Path, "data");

    /// <summary>Such as <c>http://127.0.0.1:12345</c>.</summary>
    public string Address { get; private set; } = "";

    public IServiceProvider Services => _console.Services;

    public ValueTask InitializeAsync()
    {
        _console.StartServer();
        Address = _console.ClientOptions.BaseAddress.ToString().TrimEnd('/');
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _console.DisposeAsync();
        _root.Dispose();
    }

    /// <summary>A client that sends the key of the environment, or another one, or none.</summary>
    public HttpClient Client(string? key = Key)
    {
        HttpClient client = new() { BaseAddress = new Uri(Address + "/v1/") };
        if (key is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return client;
    }

    /// <summary>A file of the tests' folder.</summary>
    public string Write(string name, string text) => _root.Write(name, text);
}

/// <summary>Tests that share the console; each leaves it usable for the others.</summary>
[CollectionDefinition(Name)]
public sealed class ApiConsoleCollection : ICollectionFixture<ApiConsole>
{
    public const string Name = "API console";
}
