using MudBlazor;

using RftConsole.Training;
using RftConsole.Web.Components.Dialogs;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Components.Rewards;

/// <summary>Deleting a function of the library, which is asked about with the jobs that use it.</summary>
internal static class DeletedReward
{
    private const int MostNamed = 5;

    /// <summary>True when it is deleted.</summary>
    /// <exception cref="UserInputException">It has been deleted already.</exception>
    public static async Task<bool> AskAsync(IDialogService dialogs, IRewardLibrary library, string id, string name, CancellationToken cancellationToken)
    {
        IReadOnlyList<RewardUser> users = await library.UsersAsync(id, cancellationToken);
        string[] jobs = [.. users.Select(user => user.JobName).Distinct()];
        string text = jobs.Length == 0
            ? L["No job uses it. All its versions are gone for good."]
            : L["Used by {0}. Jobs keep copies of their own; all its versions here are gone for good.", jobs.Length > MostNamed ? L["{0} and {1} more", string.Join(", ", jobs.Take(MostNamed)), jobs.Length - MostNamed] : string.Join(", ", jobs)];
        if (!await ConfirmDialog.AskAsync(dialogs, L["Delete {0}?", name], text, L["Delete"]))
        {
            return false;
        }

        await library.DeleteAsync(id, cancellationToken);
        return true;
    }
}
