using System.Net;
using System.Net.Sockets;

using RftConsole.Web;
using RftConsole.Web.Storage;

if (args is ["--help" or "-h"])
{
    Console.WriteLine(ConsoleOptions.Usage);
    return 0;
}

try
{
    ConsoleOptions options = ConsoleOptions.Parse(args, Environment.GetEnvironmentVariable);
    using DataFolder folder = DataFolder.Open(options.DataFolder);
    RequireFreePort(options.Port);

    WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
    builder.WebHost.UseStaticWebAssets();
    builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, options.Port));
    builder.Logging.ClearProviders().AddSimpleConsole(console =>
    {
        console.SingleLine = true;
        console.UseUtcTimestamp = true;
        console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
    });
    builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);
    // The data folder is open to its owner only; there is nothing that could encrypt the keys in it.
    builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error);
    builder.Services.AddConsoleServices(folder).AddConsoleWeb();

    await using WebApplication app = builder.Build();
    await app.Services.GetRequiredService<ConsoleDatabase>().MigrateAsync();
    app.MapConsole();
    await app.RunAsync();
    return 0;
}
catch (StartupException problem)
{
    await Console.Error.WriteLineAsync(problem.Message);
    return 2;
}

// Kestrel finds out late and with a stack trace in the log; asking first makes it one line.
static void RequireFreePort(int port)
{
    try
    {
        using TcpListener probe = new(IPAddress.Loopback, port);
        probe.Start();
    }
    catch (SocketException problem)
    {
        throw new StartupException(problem.SocketErrorCode == SocketError.AddressAlreadyInUse
            ? $"Port {port} is in use: stop what listens there, or choose another port with --port N."
            : $"Port {port} cannot be opened ({problem.Message}): choose another port with --port N.");
    }
}

/// <summary>The console's entry point, public for the tests' host.</summary>
public partial class Program;
