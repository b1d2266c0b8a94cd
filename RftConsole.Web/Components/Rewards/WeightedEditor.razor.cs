using Microsoft.AspNetCore.Components;

using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;
using RftConsole.Web.Jobs;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Components.Rewards;

/// <summary>Edits a weighted combination. A part holds what its function was when it was chosen, as a job would.</summary>
public sealed partial class WeightedEditor
{
    private IReadOnlyList<Choice> _choices = [];

    [Inject]
    public required IRewardLibrary Library { get; init; }

    /// <summary>What is edited.</summary>
    [Parameter, EditorRequired]
    public required RewardFunctionSpecification Value { get; set; }

    /// <summary>Raised with the edited one.</summary>
    [Parameter]
    public EventCallback<RewardFunctionSpecification> ValueChanged { get; set; }

    private IReadOnlyList<WeightedPart> Parts => Value.Parts ?? [];

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        List<Choice> choices = [];
        foreach (LibraryReward reward in (await Library.ListAsync()).Where(reward => reward.Type != RewardFunctionSpecification.Weighted))
        {
            if (await Library.FindAsync(reward.Id) is { } entry)
            {
                choices.AddRange(entry.Versions.Select(version => new Choice(version.Id, L["{0}, version {1}", reward.Name, version.Number], version.Specification)));
            }
        }

        choices.AddRange(RewardTemplates.All.Select(template => new Choice(template.Name, template.Title, new() { Type = RewardTypes.Of(template), Template = template.Name })));
        _choices = choices;
    }

    private string KeyOf(RewardFunctionSpecification part) => _choices.FirstOrDefault(choice => choice.Specification == part)?.Key ?? "";

    private string TitleOf(string? key, RewardFunctionSpecification part) => _choices.FirstOrDefault(choice => choice.Key == key)?.Title ?? JobMapping.RewardName(part);

    private Task AddAsync() => SetAsync([.. Parts, new() { Weight = 1, RewardFunction = (_choices.FirstOrDefault(choice => Parts.All(part => part.RewardFunction != choice.Specification)) ?? _choices[0]).Specification }]);

    private Task ChooseAsync(int index, string? key) =>
        _choices.FirstOrDefault(choice => choice.Key == key) is { } chosen ? ReplaceAsync(index, Parts[index] with { RewardFunction = chosen.Specification }) : Task.CompletedTask;

    private Task ReplaceAsync(int index, WeightedPart part) => SetAsync([.. Parts.Select((other, at) => at == index ? part : other)]);

    private Task SetAsync(IReadOnlyList<WeightedPart> parts) => ValueChanged.InvokeAsync(Value with { Parts = parts.Count == 0 ? null : parts });

    private sealed record Choice(string Key, string Title, RewardFunctionSpecification Specification);
}
