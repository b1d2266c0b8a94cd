using System.Security.Cryptography;

using Microsoft.AspNetCore.DataProtection;

using RftConsole.Training;
using RftConsole.Training.Hub;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Catalogue;

/// <summary>What the settings page shows of the hub; never the token.</summary>
/// <param name="Endpoint">The address in use.</param>
/// <param name="EndpointFromEnvironment">It comes from <c>HF_ENDPOINT</c> and cannot be changed here.</param>
/// <param name="HasToken">There is a token for it.</param>
/// <param name="TokenFromEnvironment">It comes from <c>HF_TOKEN</c>.</param>
public sealed record HubSettingsView(string Endpoint, bool EndpointFromEnvironment, bool HasToken, bool TokenFromEnvironment);

/// <summary>Address and token of the model hub. The environment, <c>HF_ENDPOINT</c> and <c>HF_TOKEN</c>, stands above what was entered.</summary>
public interface IHubSettings
{
    Task<HubSettingsView> ViewAsync(CancellationToken cancellationToken = default);

    /// <summary>The connection for downloads.</summary>
    Task<HubConnection> ConnectionAsync(CancellationToken cancellationToken = default);

    /// <param name="address">Of a hub or mirror; empty for huggingface.co.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UserInputException">It is no http(s) address.</exception>
    Task SetEndpointAsync(string address, CancellationToken cancellationToken = default);

    /// <param name="token">A token for the address in use; null removes it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UserInputException">It has characters that no token has.</exception>
    Task SetTokenAsync(string? token, CancellationToken cancellationToken = default);
}

/// <summary>Settings in the database, the token encrypted with a key of the data folder and bound to the address that it was entered for.</summary>
internal sealed class HubSettings(SettingStore settings, IDataProtectionProvider protection, Func<string, string?> environment) : IHubSettings
{
    private const string EndpointKey = "hub.endpoint";
    private const string TokenKey = "hub.token";
    private const string TokenEndpointKey = "hub.token.endpoint";

    private readonly IDataProtector _protector = protection.CreateProtector("RftConsole.HubToken");

    public async Task<HubSettingsView> ViewAsync(CancellationToken cancellationToken = default)
    {
        HubConnection connection = await ConnectionAsync(cancellationToken);
        return new(connection.Endpoint.ToString().TrimEnd('/'), Variable("HF_ENDPOINT") is not null, connection.Token is not null, Variable("HF_TOKEN") is not null);
    }

    public async Task<HubConnection> ConnectionAsync(CancellationToken cancellationToken = default)
    {
        Uri endpoint = (Variable("HF_ENDPOINT") ?? await settings.FindAsync(EndpointKey, cancellationToken)) is { } address ? Parse(address) : HubConnection.DefaultEndpoint;
        string? token = Variable("HF_TOKEN");
        if (token is null && await settings.FindAsync(TokenEndpointKey, cancellationToken) == endpoint.ToString() && await settings.FindAsync(TokenKey, cancellationToken) is { } kept)
        {
            try
            {
                token = _protector.Unprotect(kept);
            }
            catch (CryptographicException)
            {
                // The key that encrypted it has gone: it has to be entered again.
            }
        }

        return new(endpoint, token);
    }

    public async Task SetEndpointAsync(string address, CancellationToken cancellationToken = default) =>
        await settings.SetAsync(EndpointKey, string.IsNullOrWhiteSpace(address) ? null : Parse(address).ToString(), cancellationToken);

    public async Task SetTokenAsync(string? token, CancellationToken cancellationToken = default)
    {
        string? trimmed = string.IsNullOrWhiteSpace(token) ? null : token.Trim();
        if (trimmed?.All(character => character is > ' ' and < (char)127) == false)
        {
            throw new UserInputException("Token: it has a character that no token has; copy it again.");
        }

        Uri endpoint = (await ConnectionAsync(cancellationToken)).Endpoint;
        await settings.SetAsync(TokenKey, trimmed is null ? null : _protector.Protect(trimmed), cancellationToken);
        await settings.SetAsync(TokenEndpointKey, trimmed is null ? null : endpoint.ToString(), cancellationToken);
    }

    private static Uri Parse(string address) =>
        Uri.TryCreate(address.Trim(), UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0 && uri.Query.Length == 0
            ? uri
            : throw new UserInputException($"Address of the hub: \"{address}\" is no address such as {HubConnection.DefaultEndpoint}.");

    private string? Variable(string name) => environment(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
}
