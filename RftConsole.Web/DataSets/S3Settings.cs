using System.Security.Cryptography;
using System.Text.Json;

using Microsoft.AspNetCore.DataProtection;

using RftConsole.Training;
using RftConsole.Training.Datasets.S3;
using RftConsole.Web.Storage;

namespace RftConsole.Web.DataSets;

/// <summary>What the settings page shows of the connection to S3; never the secret.</summary>
/// <param name="Connection">The connection, its secrets left out.</param>
/// <param name="HasSecret">There is a secret access key.</param>
/// <param name="FromEnvironment">Nothing was entered: it comes from the environment's variables.</param>
public sealed record S3SettingsView(S3Connection Connection, bool HasSecret, bool FromEnvironment);

/// <summary>How the console reaches S3: what was entered, or else the environment's variables.</summary>
public interface IS3Settings
{
    Task<S3SettingsView> ViewAsync(CancellationToken cancellationToken = default);

    /// <summary>The connection with its secrets.</summary>
    Task<S3Connection> ConnectionAsync(CancellationToken cancellationToken = default);

    /// <summary>Keeps a connection, its secret encrypted.</summary>
    /// <param name="connection">An empty secret beside the same access key id keeps the one that is stored; null forgets all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UserInputException">Something of it cannot be used.</exception>
    Task SetAsync(S3Connection? connection, CancellationToken cancellationToken = default);
}

/// <inheritdoc cref="IS3Settings" />
internal sealed class S3Settings(SettingStore settings, IDataProtectionProvider protection, Func<string, string?> environment) : IS3Settings
{
    private const string ConnectionKey = "s3.connection";
    private const string SecretKey = "s3.secret";

    private readonly IDataProtector _protector = protection.CreateProtector("RftConsole.S3Secret");

    public async Task<S3SettingsView> ViewAsync(CancellationToken cancellationToken = default)
    {
        bool entered = await settings.FindAsync(ConnectionKey, cancellationToken) is not null;
        S3Connection connection = await ConnectionAsync(cancellationToken);
        return new(connection with { SecretAccessKey = null, SessionToken = null }, connection.SecretAccessKey is not null, !entered);
    }

    public async Task<S3Connection> ConnectionAsync(CancellationToken cancellationToken = default)
    {
        if (await settings.FindAsync(ConnectionKey, cancellationToken) is not { } stored)
        {
            return S3Connection.FromEnvironment(environment);
        }

        return JsonSerializer.Deserialize<S3Connection>(stored)! with { SecretAccessKey = await SecretAsync(cancellationToken) };
    }

    public async Task SetAsync(S3Connection? connection, CancellationToken cancellationToken = default)
    {
        if (connection is null)
        {
            await settings.SetAsync(ConnectionKey, null, cancellationToken);
            await settings.SetAsync(SecretKey, null, cancellationToken);
            return;
        }

        S3SettingsView before = await ViewAsync(cancellationToken);
        string? secret = Text(connection.SecretAccessKey);
        if (secret is null && Text(connection.AccessKeyId) is { } id && id == before.Connection.AccessKeyId && !before.FromEnvironment)
        {
            secret = await SecretAsync(cancellationToken);
        }

        S3Connection clean = connection with
        {
            Region = Text(connection.Region),
            Profile = Text(connection.Profile),
            AccessKeyId = Text(connection.AccessKeyId),
            SecretAccessKey = secret,
            Endpoint = Text(connection.Endpoint),
        };
        using (S3Store probe = new(clean))
        {
            // Made to see that all of it can be used.
        }

        await settings.SetAsync(ConnectionKey, JsonSerializer.Serialize(clean with { SecretAccessKey = null, SessionToken = null }), cancellationToken);
        await settings.SetAsync(SecretKey, secret is null ? null : _protector.Protect(secret), cancellationToken);
    }

    private async Task<string?> SecretAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await settings.FindAsync(SecretKey, cancellationToken) is { } kept ? _protector.Unprotect(kept) : null;
        }
        catch (CryptographicException)
        {
            // The keys of the data folder were lost; the secret has to be entered again.
            return null;
        }
    }

    private static string? Text(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();
}
