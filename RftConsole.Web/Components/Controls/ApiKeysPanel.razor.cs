using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Web.Api.Keys;
using RftConsole.Web.Components.Dialogs;
using RftConsole.Web.Inference;

namespace RftConsole.Web.Components.Controls;

/// <summary>The keys of the HTTP API: made, revoked, and what each was used for. A key is shown once, by the dialog that makes it.</summary>
public sealed partial class ApiKeysPanel
{
    private static readonly TimeSpan _counted = TimeSpan.FromDays(30);

    private IReadOnlyList<ApiKey>? _keys;
    private ILookup<string, UsageHour> _usage = Array.Empty<UsageHour>().ToLookup(hour => hour.Caller);
    private string? _failure;

    [Inject]
    public required IApiKeys Keys { get; init; }

    [Inject]
    public required IUsage UsageByHour { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required TimeProvider Time { get; init; }

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Keys.Subscribe(changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        _keys = await Keys.ListAsync(cancellationToken);
        _usage = (await UsageByHour.SinceAsync(Time.GetUtcNow() - _counted, cancellationToken: cancellationToken)).ToLookup(hour => hour.Caller);
    }

    private static string Scopes(ApiKey key) => key.Scopes == ApiScopes.All
        ? L["everything"]
        : string.Join(", ", Enum.GetValues<ApiScopes>().Where(scope => scope is ApiScopes.Inference or ApiScopes.FineTuningRead or ApiScopes.FineTuningWrite && key.Scopes.HasFlag(scope)).Select(ApiAccess.NameOf));

    private string Expiry(ApiKey key) => key switch
    {
        { RevokedAt: not null } => L["revoked"],
        { ExpiresAt: { } end } when end <= Time.GetUtcNow() => L["expired"],
        { ExpiresAt: { } end } => Display.Date(end.ToLocalTime()),
        _ => L["never"],
    };

    private (long Requests, long Tokens) Usage(ApiKey key) => (_usage[key.Id].Sum(hour => hour.Requests), _usage[key.Id].Sum(hour => hour.PromptTokens + hour.CompletionTokens));

    private async Task CreateAsync()
    {
        IDialogReference shown = await Dialogs.ShowAsync<ApiKeyDialog>(L["Create API key"], new DialogOptions { MaxWidth = MaxWidth.Small, FullWidth = true });
        await shown.Result;
        await LoadAsync(Ended);
    }

    private async Task RevokeAsync(ApiKey key)
    {
        if (!await ConfirmDialog.AskAsync(Dialogs, L["Revoke {0}?", key.Name], L["Programs that use this key are refused from now on."], L["Revoke"]))
        {
            return;
        }

        _failure = null;
        try
        {
            await Keys.RevokeAsync(key.Id, Ended);
        }
        catch (UserInputException refused)
        {
            _failure = refused.Message;
        }

        await LoadAsync(Ended);
    }
}
