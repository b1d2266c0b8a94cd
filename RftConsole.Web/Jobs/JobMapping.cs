using System.Runtime.InteropServices;

using RftConsole.Training.Jobs;
using RftConsole.Training.Network;
using RftConsole.Training.Rewards;
using RftConsole.Training.Storage;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Jobs;

/// <summary>Rows to the records that pages read, and back.</summary>
internal static class JobMapping
{
    public static JobSummary ToSummary(JobRow row, RowTexts texts, StepClock? clock, int? queuePosition, long bytes) => new(
        row.Id,
        row.Name,
        row.CustomModelName,
        row.BaseModel,
        row.RewardName,
        row.Status,
        row.CreatedAt,
        row.StartedAt,
        row.FinishedAt,
        row.StepsDone,
        row.TotalSteps,
        row.BaselineAccuracy,
        row.BestAccuracy,
        row.Status is JobStatus.InProgress && row.TotalSteps > 0 ? clock?.TimeLeft(row.TotalSteps - row.StepsDone) : null,
        texts.OpenOrSay(MessagePlace(row.Id), row.Message),
        row.ModelId,
        StoredJson.Read<Dictionary<string, string>>(row.TagsJson))
    {
        QueuePosition = queuePosition,
        Pausing = row is { Status: JobStatus.InProgress, PauseRequested: true },
        Bytes = bytes,
        Phase = Phases(row) is var phases && phases.Any(phase => phase.Value != PhaseStatus.NotStarted) ? phases.Last(phase => phase.Value != PhaseStatus.NotStarted).Key : null,
    };

    public static JobDetails ToDetails(JobRow row, RowTexts texts, JobSummary summary, IEnumerable<JobLogRow> log, string folder, JobStorage storage) => new(
        summary,
        StoredJson.Read<JobSpecification>(row.SpecificationJson),
        Plan(row, texts),
        Phases(row),
        [.. log.Select(line => new JobLogLine(line.Time, line.Level, texts.OpenOrSay(LogPlace(row.Id), line.Message)))],
        folder)
    {
        TrainingDataSetId = row.TrainingDataSetId,
        TrainingDataSetVersion = row.TrainingDataSetVersion,
        ValidationDataSetId = row.ValidationDataSetId,
        ValidationDataSetVersion = row.ValidationDataSetVersion,
        InitialModelId = row.InitialModelId,
        Storage = storage,
    };

    public static RefusedCall ToRefusedCall(RefusedCallRow row) => new(row.Host, row.Caller, row.LastTime, row.Count);

    /// <summary>All three phases, in order; one that was never heard of has not started.</summary>
    public static Dictionary<JobPhase, PhaseStatus> Phases(JobRow row)
    {
        Dictionary<JobPhase, PhaseStatus>? stored = StoredJson.ReadOptional<Dictionary<JobPhase, PhaseStatus>>(row.PhasesJson);
        return Enum.GetValues<JobPhase>().ToDictionary(phase => phase, phase => stored?.GetValueOrDefault(phase) ?? PhaseStatus.NotStarted);
    }

    /// <summary>What data processing found; null where nothing is known yet, or where it is encrypted and cannot be read now.</summary>
    public static JobPlanned? Plan(JobRow row, RowTexts texts)
    {
        try
        {
            return StoredJson.ReadOptional<JobPlanned>(texts.Open(PlanPlace(row.Id), row.PlanJson));
        }
        catch (KeyUnavailableException)
        {
            return null;
        }
    }

    /// <summary>A row as it was before its texts were encrypted, or with the reason in their place why they cannot be read. It must not be stored.</summary>
    public static JobRow Readable(JobRow row, RowTexts texts)
    {
        row.Message = texts.OpenOrSay(MessagePlace(row.Id), row.Message);
        row.PlanJson = Plan(row, texts) is { } plan ? StoredJson.Write(plan) : null;
        return row;
    }

    /// <summary>Places of texts, for <see cref="RowTexts"/>.</summary>
    public static string MessagePlace(string jobId) => $"Jobs/{jobId}/Message";

    /// <inheritdoc cref="MessagePlace"/>
    public static string PlanPlace(string jobId) => $"Jobs/{jobId}/Plan";

    /// <inheritdoc cref="MessagePlace"/>
    public static string LogPlace(string jobId) => $"LogLines/{jobId}/Message";

    public static StepMetrics ToMetrics(JobMetricRow row) => new(row.Step, StoredJson.Read<Dictionary<string, double>>(row.ValuesJson));

    public static Rollout ToRollout(RolloutRow row, RowTexts texts) => new(
        row.Step,
        row.PromptIndex,
        row.SampleIndex,
        row.RecordId,
        texts.Open(Place(row, nameof(row.Prompt)), row.Prompt),
        texts.Open(Place(row, nameof(row.Completion)), row.Completion),
        row.TokenCount,
        row.FinishReason,
        row.Reward,
        row.Advantage,
        texts.Open(Place(row, nameof(row.ReferenceAnswer)), row.ReferenceAnswer),
        StoredJson.Read<List<RewardMetric>>(row.MetricsJson),
        texts.Open(Place(row, nameof(row.RewardError)), row.RewardError),
        texts.Open(Place(row, nameof(row.RewardOutput)), row.RewardOutput))
    {
        Unjudged = texts.Open(Place(row, nameof(row.Unjudged)), row.Unjudged),
    };

    public static RolloutRow ToRow(string jobId, Rollout rollout, RowTexts texts)
    {
        RolloutRow row = ToRow(jobId, rollout);
        row.Prompt = texts.Seal(Place(row, nameof(row.Prompt)), row.Prompt);
        row.Completion = texts.Seal(Place(row, nameof(row.Completion)), row.Completion);
        row.ReferenceAnswer = texts.Seal(Place(row, nameof(row.ReferenceAnswer)), row.ReferenceAnswer);
        row.RewardError = texts.Seal(Place(row, nameof(row.RewardError)), row.RewardError);
        row.Unjudged = texts.Seal(Place(row, nameof(row.Unjudged)), row.Unjudged);
        row.RewardOutput = texts.Seal(Place(row, nameof(row.RewardOutput)), row.RewardOutput);
        return row;
    }

    private static string Place(RolloutRow row, string column) => FormattableString.Invariant($"Rollouts/{row.JobId}/{row.Step}/{row.PromptIndex}/{row.SampleIndex}/{column}");

    private static RolloutRow ToRow(string jobId, Rollout rollout) => new()
    {
        JobId = jobId,
        Step = rollout.Step,
        PromptIndex = rollout.PromptIndex,
        SampleIndex = rollout.SampleIndex,
        RecordId = rollout.RecordId,
        Prompt = rollout.Prompt,
        Completion = rollout.Completion,
        TokenCount = rollout.TokenCount,
        FinishReason = rollout.FinishReason,
        Reward = rollout.Reward,
        Advantage = rollout.Advantage,
        ReferenceAnswer = rollout.ReferenceAnswer,
        MetricsJson = StoredJson.Write(rollout.Metrics),
        RewardError = rollout.RewardError,
        Unjudged = rollout.Unjudged,
        RewardOutput = rollout.RewardOutput,
    };

    /// <summary>The tokens of a completion; null where nobody kept them.</summary>
    public static RolloutTokensRow? ToTokensRow(string jobId, Rollout rollout, RowTexts texts)
    {
        if (rollout.Tokens is not { } tokens)
        {
            return null;
        }

        RolloutTokensRow row = new() { JobId = jobId, Step = rollout.Step, PromptIndex = rollout.PromptIndex, SampleIndex = rollout.SampleIndex, Completion = Packed(tokens.Completion), LogProbabilities = Packed(tokens.LogProbabilities) };
        row.Prompt = rollout.SampleIndex == 0 ? texts.Seal(Place(row, nameof(row.Prompt)), Packed(tokens.Prompt)) : null;
        row.Completion = texts.Seal(Place(row, nameof(row.Completion)), row.Completion);
        row.LogProbabilities = texts.Seal(Place(row, nameof(row.LogProbabilities)), row.LogProbabilities);
        return row;
    }

    /// <summary>Tokens from their row and that of their group's first completion.</summary>
    public static RolloutTokens ToTokens(RolloutTokensRow row, RolloutTokensRow first, RowTexts texts) => new(
        Unpacked<int>(texts.Open(Place(first, nameof(first.Prompt)), first.Prompt)),
        Unpacked<int>(texts.Open(Place(row, nameof(row.Completion)), row.Completion)),
        Unpacked<float>(texts.Open(Place(row, nameof(row.LogProbabilities)), row.LogProbabilities)));

    private static string Place(RolloutTokensRow row, string column) => FormattableString.Invariant($"RolloutTokens/{row.JobId}/{row.Step}/{row.PromptIndex}/{row.SampleIndex}/{column}");

    private static string Packed<T>(T[] values)
        where T : unmanaged => Convert.ToBase64String(MemoryMarshal.AsBytes(values.AsSpan()));

    private static T[] Unpacked<T>(string? packed)
        where T : unmanaged => packed is null ? [] : MemoryMarshal.Cast<byte, T>(Convert.FromBase64String(packed)).ToArray();

    /// <summary>The reward template's title, or the name of the file, the remote function, the judge or the parts.</summary>
    public static string RewardName(RewardFunctionSpecification reward) =>
        RewardTemplates.All.FirstOrDefault(template => template.Name == reward.Template)?.Title
        ?? reward.Template
        ?? Path.GetFileName(reward.File)
        ?? reward.FunctionName
        ?? (reward.Parts is { } parts ? string.Join(" + ", parts.Select(part => RewardName(part.RewardFunction))) : null)
        ?? (reward.Type == RewardFunctionSpecification.ModelAsJudge ? "Model as judge" : "");
}
