using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Dialogs;

/// <summary>The tags of one job, or those that several jobs have together.</summary>
public sealed partial class TagsDialog
{
    private readonly SortedDictionary<string, string> _present = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _added = new(StringComparer.Ordinal);
    private readonly HashSet<string> _removed = [];
    private string _key = "";
    private string _value = "";
    private string? _error;

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    /// <summary>The jobs.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<JobSummary> Jobs { get; set; }

    private string Title => Jobs.Count == 1 ? L["Tags of {0}", Jobs[0].Name] : L["Tags of {0} jobs", Jobs.Count];

    /// <summary>Shows the dialog; the change that was asked for, null for none.</summary>
    public static async Task<TagChange?> AskAsync(IDialogService dialogs, IReadOnlyList<JobSummary> jobs)
    {
        DialogParameters<TagsDialog> parameters = new() { { dialog => dialog.Jobs, jobs } };
        IDialogReference shown = await dialogs.ShowAsync<TagsDialog>(L["Tags"], parameters, new DialogOptions { MaxWidth = MaxWidth.Small, FullWidth = true, CloseOnEscapeKey = true });
        DialogResult? result = await shown.Result;
        return result is { Canceled: false, Data: TagChange change } && (change.Set.Count > 0 || change.Removed.Count > 0) ? change : null;
    }

    /// <inheritdoc />
    protected override void OnInitialized()
    {
        foreach (IGrouping<string, string> tag in Jobs.SelectMany(job => job.Tags).GroupBy(tag => tag.Key, tag => tag.Value))
        {
            // Jobs may have different values under one key.
            string text = Display.Tag(tag.Key, string.Join(", ", tag.Distinct().Order(StringComparer.OrdinalIgnoreCase)));
            _present[tag.Key] = tag.Count() < Jobs.Count ? L["{0} ({1} of {2})", text, tag.Count(), Jobs.Count] : text;
        }
    }

    private bool Add()
    {
        string key = _key.Trim();
        if (key.Length == 0)
        {
            return true;
        }

        try
        {
            SpecificationCheck.RequireTags(new Dictionary<string, string> { [key] = _value.Trim() });
        }
        catch (UserInputException refused)
        {
            _error = refused.Message;
            return false;
        }

        _added[key] = _value.Trim();
        (_key, _value) = ("", "");
        return true;
    }

    private void Take(string key)
    {
        _added.Remove(key);
        _removed.Add(key);
    }

    /// <summary>A tag that was written and not added is meant too.</summary>
    private void Save()
    {
        if (Add())
        {
            Dialog.Close(new TagChange(new Dictionary<string, string>(_added), [.. _removed.Where(key => !_added.ContainsKey(key))]));
        }
    }
}
