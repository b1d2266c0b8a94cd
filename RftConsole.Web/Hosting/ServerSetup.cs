using System.Security.Cryptography.X509Certificates;

using Microsoft.AspNetCore.Server.Kestrel.Core;

using RftConsole.Web.Storage;

namespace RftConsole.Web.Hosting;

/// <summary>The web server and the log.</summary>
internal static class ServerSetup
{
    /// <summary>Of a request that is no upload: room for a reward function's code or a long conversation.</summary>
    public const long MostRequestBytes = 16L << 20;

    /// <summary>Addresses, certificate and limits.</summary>
    /// <exception cref="StartupException">The certificate cannot be used.</exception>
    public static void ConfigureConsoleServer(this ConfigureWebHostBuilder host, ConsoleOptions options, DataFolder folder)
    {
        X509Certificate2? certificate = options.Addresses.Any(address => address.IsHttps) ? HttpsCertificate.Load(options, folder.CertificateFolder, TimeProvider.System) : null;
        if (certificate is not null && options.Certificate is null)
        {
            Console.WriteLine($"HTTPS with a certificate that this console made itself; browsers ask once. Compare its SHA-256 fingerprint: {HttpsCertificate.Fingerprint(certificate)}");
        }

        host.ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            Limit(server.Limits);
            foreach (ListenAddress address in options.Addresses)
            {
                address.Bind(server, listen =>
                {
                    if (address.IsHttps)
                    {
                        listen.UseHttps(certificate!);
                    }
                });
            }
        });
    }

    /// <summary>Text for people or JSON for machines, both on standard output in UTC.</summary>
    public static void ConfigureConsoleLog(this ILoggingBuilder logging, ConsoleOptions options)
    {
        logging.ClearProviders();
        if (options.JsonLog)
        {
            logging.AddJsonConsole(console =>
            {
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
            });
        }
        else
        {
            logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            });
        }

        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);
        // The data folder is open to its owner only; there is nothing that could encrypt the keys in it.
        logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error);
    }

    /// <summary>A client that sends slowly, or very much, costs no more than itself.</summary>
    private static void Limit(KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = MostRequestBytes;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        limits.MaxRequestHeadersTotalSize = 32 * 1024;
        limits.MaxConcurrentConnections = 2000;
        // An upload over a poor line is still far above this; what trickles is ended after the grace period.
        limits.MinRequestBodyDataRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(10));
        limits.MinResponseDataRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(10));
    }
}
