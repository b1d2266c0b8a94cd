using System.Globalization;
using System.Net.Sockets;

using RftConsole.Web;
using RftConsole.Web.Hosting;
using RftConsole.Web.Security;
using RftConsole.Web.Storage;

if (args is ["--help" or "-h"])
{
    Console.WriteLine(ConsoleOptions.Usage);
    return 0;
}

// Files, logs and the API read the same on every machine; pages take the reader's language for themselves.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;

try
{
    ConsoleOptions options = ConsoleOptions.Parse(args, Environment.GetEnvironmentVariable);
    using DataFolder folder = DataFolder.Open(options.DataFolder);
    foreach (ListenAddress address in options.Addresses)
    {
        RequireFreePort(address);
    }

    WebApplicationBuilder builder = WebApplication.CreateBuilder([.. options.HostArguments]);
    builder.WebHost.UseStaticWebAssets();
    builder.WebHost.ConfigureConsoleServer(options, folder);
    builder.Logging.ConfigureConsoleLog(options);
    builder.Services.AddConsoleServices(folder).AddConsoleWeb(options);

    await using WebApplication app = builder.Build();
    await app.Services.GetRequiredService<ConsoleDatabase>().MigrateAsync();
    await app.Services.GetRequiredService<SecurityStart>().PrepareAsync();
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
static void RequireFreePort(ListenAddress address)
{
    try
    {
        using TcpListener probe = new(address.ProbeAddress, address.Port);
        probe.Start();
    }
    catch (SocketException problem)
    {
        throw new StartupException(problem.SocketErrorCode == SocketError.AddressAlreadyInUse
            ? $"Port {address.Port} is in use: stop what listens there, or choose another port with --port N."
            : $"Port {address.Port} cannot be opened ({problem.Message}): choose another port with --port N.");
    }
}

/// <summary>The console's entry point, public for the tests' host.</summary>
public partial class Program;
