using Microsoft.AspNetCore.Components;

using RftConsole.Training;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Components.Rewards;

/// <summary>The versions of a function, what each of them says, and what changed between two.</summary>
public sealed partial class RewardVersions
{
    /// <summary>Stands for what is in the editor, among the numbers of versions.</summary>
    private const int EditorSide = 0;

    private int _shown;
    private int? _other;
    private string _text = "";
    private string _otherText = "";
    private string? _failure;
    private int? _asked;
    private int _latest;

    [Inject]
    public required IRewardCode RewardCode { get; init; }

    /// <summary>The function.</summary>
    [Parameter, EditorRequired]
    public required RewardEntry Entry { get; set; }

    /// <summary>Jobs that run or ran one of its versions.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<RewardUser> Users { get; set; }

    /// <summary>What is in the editor.</summary>
    [Parameter, EditorRequired]
    public required RewardDraft Draft { get; set; }

    /// <summary>The version that the address asks for.</summary>
    [Parameter]
    public int? Asked { get; set; }

    /// <summary>Raised when a version is to be taken into the editor.</summary>
    [Parameter]
    public EventCallback<RewardVersion> Restore { get; set; }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        bool asked = _shown == 0 || _asked != Asked;
        // Whoever looked at the latest version goes on doing so.
        if (asked || (_shown == _latest && _other is null))
        {
            await ShowAsync(asked ? Asked ?? Entry.Latest.Number : Entry.Latest.Number, null);
        }

        (_asked, _latest) = (Asked, Entry.Latest.Number);
    }

    private string Title(int? number) => number switch
    {
        null => L["Nothing: show the version"],
        EditorSide => L["What is in the editor"],
        { } version => L["Version {0}", version] + (Entry.Versions.FirstOrDefault(saved => saved.Number == version)?.Note is { Length: > 0 } note ? $": {Shorten(note)}" : ""),
    };

    private static string Shorten(string note) => note.Length <= 40 ? note : note[..40] + "…";

    private async Task ShowAsync(int number, int? other)
    {
        (_shown, _other, _failure) = (Entry.Versions.Any(version => version.Number == number) ? number : Entry.Latest.Number, other == number ? null : other, null);
        try
        {
            _text = await TextAsync(_shown);
            _otherText = _other is { } compared and not EditorSide ? await TextAsync(compared) : "";
        }
        catch (UserInputException unreadable)
        {
            _failure = unreadable.Message;
        }
    }

    private async Task<string> TextAsync(int number) => (await RewardDraft.OpenAsync(Entry.Versions.First(version => version.Number == number).Specification, RewardCode)).Text;
}
