using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Web.Components.Dialogs;
using RftConsole.Web.Components.Rewards;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Components.Pages;

/// <summary>The library of reward functions, and the templates to start from.</summary>
public sealed partial class RewardsPage
{
    private IReadOnlyList<LibraryReward>? _rewards;
    private string? _refused;

    [Inject]
    public required IRewardLibrary Library { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Library.Subscribe(changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken) => _rewards = await Library.ListAsync(cancellationToken);

    private async Task CreateAsync(string? template)
    {
        DialogParameters<NewRewardDialog> parameters = new() { { dialog => dialog.Template, template } };
        IDialogReference shown = await Dialogs.ShowAsync<NewRewardDialog>(L["Create reward function"], parameters, new DialogOptions { MaxWidth = MaxWidth.Small, FullWidth = true });
        if (await shown.Result is { Canceled: false, Data: string id })
        {
            Navigation.NavigateTo("/rewards/" + id);
        }
    }

    private async Task DeleteAsync(LibraryReward reward)
    {
        _refused = null;
        try
        {
            await DeletedReward.AskAsync(Dialogs, Library, reward.Id, reward.Name, Ended);
        }
        catch (UserInputException refused)
        {
            _refused = refused.Message;
        }

        await LoadAsync(Ended);
    }
}
