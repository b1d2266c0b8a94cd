using System.Text.Json.Nodes;

namespace RftConsole.Training.Datasets.Inspection;

/// <summary>Points out records that seem to hold personal data; nothing is changed or left out.</summary>
internal sealed class PersonalData
{
    private static readonly (PersonalDataKinds Kind, string Described)[] s_kinds =
    [
        (PersonalDataKinds.EmailAddress, "e-mail addresses"),
        (PersonalDataKinds.CardNumber, "payment card numbers"),
        (PersonalDataKinds.PhoneNumber, "phone numbers"),
        (PersonalDataKinds.Iban, "bank accounts (IBAN)"),
        (PersonalDataKinds.SocialSecurityNumber, "US social security numbers"),
    ];

    private readonly LineList[] _lines = [.. s_kinds.Select(_ => new LineList())];

    /// <summary>Looks at the contents of the turns, the reference answer and the metadata.</summary>
    public void Add(int line, TrainingRecord record)
    {
        var found = KindsIn(record.ReferenceAnswer) | KindsIn(record.Metadata);
        foreach (var message in record.Messages)
        {
            found |= PersonalDataPatterns.Find(message.Content);
        }

        for (var kind = 0; found != 0 && kind < s_kinds.Length; kind++)
        {
            if ((found & s_kinds[kind].Kind) != 0)
            {
                _lines[kind].Add(line);
            }
        }
    }

    public IEnumerable<string> Warnings() => s_kinds.Zip(_lines).Where(kind => kind.Second.Count > 0).Select(kind =>
        $"Personal data: {kind.Second.Counted()} with what looks like {kind.First.Described} ({kind.Second}). Nothing was changed.");

    private static PersonalDataKinds KindsIn(JsonNode? node) => node switch
    {
        JsonObject members => members.Aggregate(PersonalDataKinds.None, (found, member) => found | KindsIn(member.Value)),
        JsonArray items => items.Aggregate(PersonalDataKinds.None, (found, item) => found | KindsIn(item)),
        JsonValue value => value.TryGetValue(out string? text) ? PersonalDataPatterns.Find(text) : PersonalDataKinds.None,
        _ => PersonalDataKinds.None,
    };
}

/// <summary>What a text seems to hold.</summary>
[Flags]
internal enum PersonalDataKinds
{
    None = 0,
    EmailAddress = 1,
    CardNumber = 2,
    PhoneNumber = 4,
    Iban = 8,
    SocialSecurityNumber = 16,
}
