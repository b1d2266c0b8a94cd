using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Web.Api.Keys;

namespace RftConsole.Web.Components.Dialogs;

/// <summary>Makes an API key, and shows it once.</summary>
public sealed partial class ApiKeyDialog
{
    /// <summary>Days until it expires; 0 is never.</summary>
    private static readonly int[] _choices = [30, 90, 365, 0];

    private string _name = "";
    private bool _inference = true;
    private bool _read = true;
    private bool _write = true;
    private int _days = 90;
    private int? _perMinute;
    private NewApiKey? _made;
    private string? _failure;
    private bool _busy;

    [Inject]
    public required IApiKeys Keys { get; init; }

    [Inject]
    public required TimeProvider Time { get; init; }

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    private static string Days(int days) => days switch
    {
        0 => L["Never"],
        365 => L["In a year"],
        _ => L["In {0} days", days],
    };

    private async Task CreateAsync()
    {
        _failure = null;
        _busy = true;
        try
        {
            ApiScopes scopes = (_inference ? ApiScopes.Inference : 0) | (_read ? ApiScopes.FineTuningRead : 0) | (_write ? ApiScopes.FineTuningWrite : 0);
            _made = await Keys.CreateAsync(new(_name, scopes, _days == 0 ? null : Time.GetUtcNow().AddDays(_days), _perMinute));
        }
        catch (UserInputException refused)
        {
            _failure = refused.Message;
        }
        finally
        {
            _busy = false;
        }
    }
}
