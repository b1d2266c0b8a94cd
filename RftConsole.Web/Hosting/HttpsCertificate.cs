using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

using RftConsole.Training.Backup;

namespace RftConsole.Web.Hosting;

/// <summary>The certificate of HTTPS: the one that the user names, or one that the console makes for itself.</summary>
internal static class HttpsCertificate
{
    /// <summary>Browsers accept none that lives longer.</summary>
    private const int LifeDays = 397;

    private const int RenewDays = 14;

    /// <exception cref="StartupException">A file that was named cannot be used.</exception>
    public static X509Certificate2 Load(ConsoleOptions options, string folder, TimeProvider time) =>
        options.Certificate is null ? LoadOrMakeOwn(options, folder, time.GetUtcNow()) : LoadNamed(options, options.Certificate);

    /// <summary>SHA-256 of the certificate, as browsers show it.</summary>
    public static string Fingerprint(X509Certificate2 certificate) => string.Join(':', Convert.ToHexString(SHA256.HashData(certificate.RawData)).Chunk(2).Select(pair => new string(pair)));

    private static X509Certificate2 LoadNamed(ConsoleOptions options, string file)
    {
        try
        {
            string? password = options.CertificatePasswordFile is { } secret ? File.ReadAllText(secret).TrimEnd('\r', '\n') : null;
            X509Certificate2 certificate = Path.GetExtension(file).ToLowerInvariant() is ".pfx" or ".p12"
                ? X509CertificateLoader.LoadPkcs12FromFile(file, password)
                : password is null
                    ? X509Certificate2.CreateFromPemFile(file, options.CertificateKey)
                    : X509Certificate2.CreateFromEncryptedPemFile(file, password, options.CertificateKey);
            return certificate.HasPrivateKey ? certificate : throw new StartupException($"--certificate {file} has no private key: name the key's file with --certificate-key.");
        }
        catch (Exception problem) when (problem is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartupException($"--certificate {file} cannot be used ({problem.Message.ReplaceLineEndings(" ").TrimEnd('.')}): see that it is a PKCS #12 or PEM file, with its key and the right password.");
        }
    }

    private static X509Certificate2 LoadOrMakeOwn(ConsoleOptions options, string folder, DateTimeOffset now)
    {
        string file = Path.Combine(folder, "self-signed.pfx");
        if (File.Exists(file))
        {
            try
            {
                X509Certificate2 kept = X509CertificateLoader.LoadPkcs12FromFile(file, null);
                if (kept.NotAfter.ToUniversalTime() > now.UtcDateTime.AddDays(RenewDays))
                {
                    return kept;
                }
            }
            catch (CryptographicException)
            {
                // Damaged: a new one takes its place, and browsers will ask again.
            }

            File.Delete(file);
        }

        PrivateFolder.Create(folder);
        byte[] made = Make(options, now);
        using (FileStream writer = PrivateFolder.CreateFile(file))
        {
            writer.Write(made);
        }

        return X509CertificateLoader.LoadPkcs12(made, null);
    }

    private static byte[] Make(ConsoleOptions options, DateTimeOffset now)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN=RftConsole on {Dns.GetHostName()}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        foreach (string name in (string[])["localhost", Dns.GetHostName(), .. options.Hosts.Where(host => host != "*" && !IPAddress.TryParse(host, out _))])
        {
            names.AddDnsName(name);
        }

        foreach (IPAddress address in MachineNames.Addresses().Concat([IPAddress.Loopback, IPAddress.IPv6Loopback]).Distinct())
        {
            names.AddIpAddress(address);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(LifeDays - 1));
        return certificate.Export(X509ContentType.Pkcs12);
    }
}
