using System.Text.Json.Nodes;

using RftConsole.Training.Text;

namespace RftConsole.Training.Datasets;

/// <summary>Turns training records into the token ids that a model is prompted with.</summary>
public static class PromptEncoder
{
    /// <summary>
    /// The day that templates which write today's date get: a job's prompts are a function of the job and never of the day it runs
    /// (or resumes) on. It is the day that Llama 3.2's own template falls back to.
    /// </summary>
    public static readonly DateTimeOffset Today = new(2024, 7, 26, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A clock that stands at <see cref="Today"/>.</summary>
    internal static readonly TimeProvider Clock = new StoppedClock(Today);

    /// <summary>Renders and tokenises each record; what cannot be used is left out and listed.</summary>
    /// <param name="records">The records, whose order the result keeps.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="template">The model's chat template.</param>
    /// <param name="maxPromptLength">In tokens, the opening of the assistant's turn included.</param>
    /// <param name="variables">Further variables for the template, such as <c>reasoning_effort</c>.</param>
    /// <param name="cancellation">Checked before each record.</param>
    /// <exception cref="UserInputException">The template goes over its limits of time or memory.</exception>
    public static PreparedPrompts Encode(
        IEnumerable<TrainingRecord> records,
        Tokenizer tokenizer,
        ChatTemplate template,
        int maxPromptLength,
        JsonObject? variables = null,
        CancellationToken cancellation = default)
    {
        template = template.At(Clock);
        var prompts = new List<EncodedPrompt>();
        var dropped = new List<DroppedPrompt>();
        foreach (var record in records)
        {
            cancellation.ThrowIfCancellationRequested();
            int[] ids;
            try
            {
                ids = tokenizer.Encode(template.Render(record.Messages, addGenerationPrompt: true, record.Tools, variables));
            }
            catch (ChatTemplateException e)
            {
                dropped.Add(new DroppedPrompt(record, null, e.Message));
                continue;
            }

            if (ids.Length == 0)
            {
                dropped.Add(new DroppedPrompt(record, 0, "the chat template makes an empty prompt of it"));
            }
            else if (ids.Length > maxPromptLength)
            {
                dropped.Add(new DroppedPrompt(record, ids.Length, $"{ids.Length} tokens, more than maxPromptLength ({maxPromptLength})"));
            }
            else
            {
                prompts.Add(new EncodedPrompt(record, ids));
            }
        }

        return new PreparedPrompts(prompts, dropped);
    }

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => now;
    }
}

/// <summary>What became of the records.</summary>
/// <param name="Prompts">The usable ones, in the records' order.</param>
/// <param name="Dropped">The others, with the reason.</param>
public sealed record PreparedPrompts(IReadOnlyList<EncodedPrompt> Prompts, IReadOnlyList<DroppedPrompt> Dropped);

/// <summary>A record and the token ids of its rendered prompt.</summary>
public sealed record EncodedPrompt(TrainingRecord Record, int[] Ids);

/// <summary>A record that is not trained on.</summary>
/// <param name="Record">The record.</param>
/// <param name="Length">The prompt's length in tokens; null where it could not be rendered.</param>
/// <param name="Reason">Why it is left out.</param>
public sealed record DroppedPrompt(TrainingRecord Record, int? Length, string Reason);
