using Microsoft.AspNetCore.Components;

using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Rollouts;

/// <summary>A job's answers: a list with filters, or one prompt's group side by side. What is shown stands in the address.</summary>
public sealed partial class RolloutsExplorer
{
    [Inject]
    public required NavigationManager Navigation { get; init; }

    /// <summary>The job.</summary>
    [Parameter, EditorRequired]
    public required string JobId { get; set; }

    /// <summary>Of the sampling.</summary>
    [Parameter]
    public double Temperature { get; set; } = 1;

    /// <summary>Changes when the job has news.</summary>
    [Parameter]
    public int StepsDone { get; set; }

    [SupplyParameterFromQuery(Name = "step")]
    public int? Step { get; set; }

    /// <summary>Counts from 1; only where one prompt's group is shown.</summary>
    [SupplyParameterFromQuery(Name = "prompt")]
    public int? Prompt { get; set; }

    [SupplyParameterFromQuery(Name = "search")]
    public string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "least")]
    public double? LeastReward { get; set; }

    [SupplyParameterFromQuery(Name = "most")]
    public double? MostReward { get; set; }

    [SupplyParameterFromQuery(Name = "shortest")]
    public int? LeastTokens { get; set; }

    [SupplyParameterFromQuery(Name = "longest")]
    public int? MostTokens { get; set; }

    [SupplyParameterFromQuery(Name = "fault")]
    public string? Fault { get; set; }

    private RolloutQuery Filter => new(JobId, Step, string.IsNullOrWhiteSpace(Search) ? null : Search.Trim())
    {
        LeastReward = LeastReward,
        MostReward = MostReward,
        LeastTokens = LeastTokens,
        MostTokens = MostTokens,
        Fault = Enum.TryParse(Fault, ignoreCase: true, out RolloutFault fault) ? fault : RolloutFault.Any,
    };

    /// <summary>At once, and in the address, which follows when the browser has answered: two quick filters must not undo each other.</summary>
    private void Apply(RolloutQuery filter)
    {
        (Step, Prompt, Search, Fault) = (filter.Step, null, string.IsNullOrWhiteSpace(filter.Search) ? null : filter.Search, filter.Fault == RolloutFault.Any ? null : filter.Fault.ToString());
        (LeastReward, MostReward, LeastTokens, MostTokens) = (filter.LeastReward, filter.MostReward, filter.LeastTokens, filter.MostTokens);
        Navigation.NavigateTo(
            Navigation.GetUriWithQueryParameters(new Dictionary<string, object?>
            {
                ["step"] = Step,
                ["prompt"] = Prompt,
                ["search"] = Search,
                ["least"] = LeastReward,
                ["most"] = MostReward,
                ["shortest"] = LeastTokens,
                ["longest"] = MostTokens,
                ["fault"] = Fault,
            }),
            replace: true);
    }

    private void Go(int? step, int? prompt) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["step"] = step, ["prompt"] = prompt }));
}
