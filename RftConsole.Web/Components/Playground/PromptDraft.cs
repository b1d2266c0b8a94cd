using RftConsole.Training.Text;
using RftConsole.Web.Inference;

namespace RftConsole.Web.Components.Playground;

/// <summary>What is about to be asked, and how: written by hand, read from an address, or taken from a validation set.</summary>
/// <param name="picker">The validation set.</param>
public sealed class PromptDraft(PromptPicker picker)
{
    public string Prompt { get; set; } = "";

    /// <summary>Empty for none.</summary>
    public string System { get; set; } = "";

    /// <summary>Turns of a validation prompt between its system prompt and its last message.</summary>
    public IReadOnlyList<ChatMessage> Earlier { get; private set; } = [];

    public PlaygroundSettings Settings { get; private set; } = PlaygroundAddress.DefaultSettings;

    /// <summary>Whether a person said how many tokens: the validation set does otherwise.</summary>
    public bool HasMaxTokens { get; private set; }

    /// <summary>Whether answers to a validation prompt are graded.</summary>
    public bool Grades { get; set; } = true;

    /// <summary>Whether whoever asks may grade at all: it runs the reward function, which takes the role builder.</summary>
    public bool MayGrade { get; set; } = true;

    /// <summary>Takes what an address says, but for the validation prompt.</summary>
    public void Read(PlaygroundAddress address)
    {
        (Prompt, System, Earlier, Settings, HasMaxTokens) = (address.Prompt, address.System ?? "", [], address.Settings, address.HasMaxTokens);
        picker.Choose(address.Set);
    }

    /// <summary>The address of this.</summary>
    /// <param name="targets">Who is to answer.</param>
    public PlaygroundAddress ToAddress(IReadOnlyList<string?> targets) => new()
    {
        Targets = targets,
        Prompt = Prompt,
        System = System,
        Settings = Settings,
        HasMaxTokens = HasMaxTokens,
        Set = picker.IsChosen || picker.Number is not null ? picker.SetId : null,
        Record = picker.Number + 1,
    };

    /// <summary>Takes settings that a person chose.</summary>
    public void Set(PlaygroundSettings settings)
    {
        HasMaxTokens |= settings.MaxTokens != Settings.MaxTokens;
        Settings = settings;
    }

    /// <summary>Takes the settings of a comparison, to the letter.</summary>
    public void SetAll(PlaygroundSettings settings) => (Settings, HasMaxTokens) = (settings, true);

    /// <summary>Takes the validation prompt that was gone to, with its system prompt and the token limit of its job.</summary>
    public void TakeRecord()
    {
        if (picker is not { Record: { } record, Set: { } set })
        {
            return;
        }

        (Prompt, System, Earlier) = (PromptPicker.PromptOf(record), PromptPicker.SystemOf(record), PromptPicker.EarlierOf(record));
        Grades = !set.IsCostly;
        if (!HasMaxTokens && set.MaxTokens is { } most)
        {
            Settings = Settings with { MaxTokens = most };
        }
    }

    /// <summary>A prompt that was changed is none of the set any more, and no reference answer fits it.</summary>
    public void OnEdited()
    {
        if (picker.Record is { } record && (Prompt != PromptPicker.PromptOf(record) || System != PromptPicker.SystemOf(record)))
        {
            picker.Leave();
        }
    }

    /// <summary>A conversation that begins with this.</summary>
    public ConversationStart ToStart() => new(System.Length > 0 ? [new("system", System), .. Earlier] : Earlier, Prompt, Settings with { Tools = picker.Record?.Tools })
    {
        Record = picker.Record,
        Set = picker.Set,
        Grades = Grades && MayGrade,
    };
}
