using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Text;
using RftConsole.Web.Evaluation;

namespace RftConsole.Web.Components.Playground;

/// <summary>Goes through the prompts of a validation set, one by one.</summary>
public sealed class PromptPicker(IValidationSets sets)
{
    private string? _chosen;

    /// <summary>Where prompts can be taken from.</summary>
    public IReadOnlyList<ValidationSource> Sources { get; private set; } = [];

    /// <summary>The set that prompts are taken from; null where there is none at all.</summary>
    public string? SetId => Sources.Any(source => source.Id == _chosen) ? _chosen : Fallback;

    /// <summary>Whether a person chose the set.</summary>
    public bool IsChosen => SetId is not null && SetId == _chosen;

    /// <summary>The set, once it has been read.</summary>
    public ValidationSet? Set { get; private set; }

    /// <summary>The place of the prompt in the set, from 0; null for a prompt of one's own.</summary>
    public int? Number { get; private set; }

    /// <summary>The prompt; null for one of one's own.</summary>
    public TrainingRecord? Record => Set is { } set && Number is { } number ? set.Records[number] : null;

    /// <summary>Why the set cannot be read.</summary>
    public string? Failure { get; private set; }

    /// <summary>The set that suits the models, where none was chosen.</summary>
    public string? Suits { get; set; }

    private string? Fallback => (Sources.FirstOrDefault(source => source.Id == Suits)
        ?? Sources.FirstOrDefault(source => source.Id.StartsWith(ValidationSource.SamplePrefix, StringComparison.Ordinal))
        ?? Sources.FirstOrDefault())?.Id;

    /// <summary>Reads what there is to choose from.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken) => Sources = await sets.ListAsync(cancellationToken);

    /// <summary>Chooses a set, and no prompt of it yet.</summary>
    public void Choose(string? id)
    {
        _chosen = id;
        (Number, Failure) = (null, null);
    }

    /// <summary>The prompt that the user has written is none of the set.</summary>
    public void Leave() => Number = null;

    /// <summary>Reads the chosen set where it is not there yet.</summary>
    public async Task<ValidationSet?> ReadAsync(CancellationToken cancellationToken)
    {
        if (SetId is not { } id || Set?.Source.Id == id)
        {
            return SetId is null ? null : Set;
        }

        (Set, Number, Failure) = (null, null, null);
        try
        {
            Set = await sets.FindAsync(id, cancellationToken);
        }
        catch (UserInputException unreadable)
        {
            Failure = unreadable.Message;
        }

        return Set;
    }

    /// <summary>Goes to a prompt of the set; beyond either end it goes on at the other.</summary>
    public async Task GoAsync(int number, CancellationToken cancellationToken)
    {
        if (await ReadAsync(cancellationToken) is { } set)
        {
            Number = ((number % set.Records.Count) + set.Records.Count) % set.Records.Count;
        }
    }

    /// <summary>Goes to another prompt of the set, whichever.</summary>
    public async Task GoAnywhereAsync(CancellationToken cancellationToken)
    {
        if (await ReadAsync(cancellationToken) is { Records.Count: var count })
        {
            // Not the one that is shown already.
            Number = Number is { } shown && count > 1 ? (shown + 1 + Random.Shared.Next(count - 1)) % count : Random.Shared.Next(count);
        }
    }

    /// <summary>The user's message that is to be answered.</summary>
    public static string PromptOf(TrainingRecord record) => record.Messages[^1].Content;

    /// <summary>The system prompt; empty where there is none.</summary>
    public static string SystemOf(TrainingRecord record) => record.Messages[0].Role == "system" ? record.Messages[0].Content : "";

    /// <summary>What was said between the two.</summary>
    public static IReadOnlyList<ChatMessage> EarlierOf(TrainingRecord record) => [.. record.Messages.Skip(record.Messages[0].Role == "system" ? 1 : 0).SkipLast(1)];

    /// <summary>The reference answer as people read it; null where there is none.</summary>
    public static string? ReferenceOf(TrainingRecord record) => record.ReferenceAnswer switch
    {
        null => null,
        System.Text.Json.Nodes.JsonValue value when value.TryGetValue(out string? text) => text,
        var other => other.ToJsonString(),
    };
}
