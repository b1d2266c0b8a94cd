using System.Text;

using Microsoft.AspNetCore.Components;

using QRCoder;

using RftConsole.Web.Security.Accounts;

namespace RftConsole.Web.Components.SignIn;

/// <summary>Turns the second factor of one's own account on and off.</summary>
public sealed partial class AuthenticatorPage
{
    private Account? _account;
    private string? _key;
    private string? _image;
    private IReadOnlyList<string>? _codes;

    /// <summary>What was entered.</summary>
    [SupplyParameterFromForm]
    public AuthenticatorForm? Form { get; set; }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        _account = await Flow.CurrentAsync();
        if (_account is { TwoFactorEnabled: false })
        {
            (_key, string uri) = await Flow.AuthenticatorAsync();
            _image = "data:image/svg+xml;base64," + Convert.ToBase64String(Encoding.UTF8.GetBytes(Draw(uri)));
        }
    }

    private static string Draw(string text)
    {
        using QRCodeData data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        using SvgQRCode code = new(data);
        return code.GetGraphic(4);
    }

    private async Task TurnOnAsync()
    {
        _codes = await Flow.EnableSecondFactorAsync(Form?.Code ?? "");
        Problems = _codes is null ? [L["The code is wrong: see that the clocks of this machine and of the authenticator agree."]] : [];
    }

    private async Task TurnOffAsync()
    {
        if (await Flow.DisableSecondFactorAsync(Form?.Password ?? ""))
        {
            Navigation.NavigateTo("/account");
        }
        else
        {
            Problems = [L["The password is wrong."]];
        }
    }

    /// <summary>A code or a password.</summary>
    public sealed class AuthenticatorForm
    {
        public string? Code { get; set; }

        public string? Password { get; set; }
    }
}
