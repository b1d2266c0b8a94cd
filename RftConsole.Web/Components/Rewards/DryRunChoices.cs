using System.Text.RegularExpressions;

using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Components.Rewards;

/// <summary>Where the responses of a dry run come from.</summary>
public enum DryRunOrigin
{
    Model,
    Pasted,
    Job,
}

/// <summary>What the form of a dry run holds.</summary>
public sealed partial class DryRunChoices
{
    public DryRunOrigin Origin { get; set; }

    public TrainingDataSource Data { get; set; } = PromptSource.First;

    public string BaseModel { get; set; } = BaseModels.Starter;

    public int Prompts { get; set; } = 8;

    public int GroupSize { get; set; } = 4;

    /// <summary>Null: what a job of the model allows.</summary>
    public int? MaxTokens { get; set; }

    public double Temperature { get; set; } = 1;

    /// <summary>Changes with each run, so that another one draws other prompts.</summary>
    public long Seed { get; set; }

    public string Prompt { get; set; } = "";

    public string ReferenceAnswer { get; set; } = "";

    /// <summary>Separated by lines of three hyphens.</summary>
    public string Responses { get; set; } = "";

    public string JobId { get; set; } = "";

    public int Groups { get; set; } = 8;

    /// <summary>What is asked for.</summary>
    public ResponseSource ToSource() => Origin switch
    {
        DryRunOrigin.Model => new ModelResponses(Data, BaseModel, Prompts, GroupSize, MaxTokens, Temperature, Seed),
        DryRunOrigin.Pasted => new PastedResponses(Prompt, ReferenceAnswer, [.. Separator.Split(Responses).Select(text => text.Trim('\r', '\n')).Where(text => Responses.Length > 0)]),
        _ => new JobRollouts(JobId, Groups),
    };

    [GeneratedRegex(@"^[ \t]*---[ \t]*\r?$", RegexOptions.Multiline)]
    private static partial Regex Separator { get; }
}
