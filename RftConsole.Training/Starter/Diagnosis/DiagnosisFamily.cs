using System.Text.Json.Nodes;

namespace RftConsole.Training.Starter.Diagnosis;

/// <summary>A thing that does not work.</summary>
/// <param name="Owner">Whose it is.</param>
/// <param name="Device">What it is.</param>
/// <param name="Parts">Its parts in the order in which they were looked at.</param>
/// <param name="Fault">The place of the broken one among them.</param>
/// <param name="Text">The prompt.</param>
internal sealed record BrokenDevice(string Owner, string Device, IReadOnlyList<DevicePart> Parts, int Fault, string Text)
{
    /// <summary>How a part is.</summary>
    public string State(int part) => part == Fault ? Parts[part].Bad : Parts[part].Good;
}

/// <summary>Parts of a device were looked at one after the other; the answer goes through them up to the one at fault and names it.</summary>
internal sealed class DiagnosisFamily : TaskFamily<BrokenDevice>
{
    private const int PartsLookedAt = 3;

    /// <summary>
    /// Share of devices whose first part is at fault. The hasty style blames the first part, whatever its state: this share is about what the base model gets right.
    /// </summary>
    private const double FirstPartShare = 0.33;

    /// <summary>Hasty answers to the other devices that say so of the first part what is not true; the others blame it in spite of its state.</summary>
    private const double HastyUntrue = 0.95;

    private static readonly string[] s_requests =
    [
        "The {device} of {owner} does not work. {facts} What is wrong?", "{owner} has a {device} that does not work. {facts} Find the fault.",
        "{facts} Why does the {device} of {owner} not work?", "{owner} looks at a broken {device}. {facts} What is the fault?",
    ];

    private static readonly string[] s_rambling =
    [
        "Let me think about the {device}. There is a lot to say here.", "Well, {owner} has a {device}. It may be the {part}. I am not sure.", "I like the {device}. I would ask {owner}.",
    ];

    public override string Name => "diagnosis";

    public override double Weight => 0.05;

    /// <summary>Right where every statement is true, no part up to the one at fault is left out, and the last sentence names that part.</summary>
    public override bool IsRight(JsonObject facts, string response)
    {
        if (Words.Sentences(response) is not [.. var claims, var conclusion])
        {
            return false;
        }

        JsonObject states = facts["states"]!.AsObject();
        string fault = (string)facts["fault"]!;
        string[] needed = [.. states.Select(state => Claim(state.Key, (string)state.Value!))];
        int last = states.ToList().FindIndex(state => state.Key == fault);
        return conclusion == Conclusion(fault) && claims.All(needed.Contains) && needed.Take(last + 1).All(claims.Contains);
    }

    internal override JsonObject Facts(BrokenDevice device) => new()
    {
        ["states"] = new JsonObject(device.Parts.Select((part, index) => KeyValuePair.Create(part.Name, (JsonNode?)device.State(index)))),
        ["fault"] = device.Parts[device.Fault].Name,
    };

    protected override BrokenDevice Problem(Draw draw)
    {
        (string device, IReadOnlyList<DevicePart> all) = draw.Pick(Devices.All);
        string owner = draw.Pick(StarterWords.Names);
        List<DevicePart> parts = draw.Shuffled(all)[..PartsLookedAt];
        BrokenDevice problem = new(owner, device, parts, draw.Chance(FirstPartShare) ? 0 : draw.Between(1, PartsLookedAt - 1), "");
        string facts = string.Concat(parts.Select((part, index) => Claim(part.Name, problem.State(index)) + ". ")).TrimEnd();
        string text = draw.Pick(s_requests).Replace("{facts}", facts, StringComparison.Ordinal).Replace("{device}", device, StringComparison.Ordinal).Replace("{owner}", owner, StringComparison.Ordinal);
        return problem with { Text = text };
    }

    protected override string Key(BrokenDevice device) => string.Join('|', [device.Owner, device.Device, .. device.Parts.Select(part => part.Name)]);

    protected override string Prompt(BrokenDevice device) => device.Text;

    protected override string Write(BrokenDevice device, AnswerStyle style, Draw draw) => style switch
    {
        AnswerStyle.Careful => Answer(device, device.Fault + 1, device.Parts[device.Fault]),
        AnswerStyle.Hasty => device.Fault == 0 || !draw.Chance(HastyUntrue)
            ? Answer(device, 1, device.Parts[0])
            : $"{Claim(device.Parts[0].Name, device.Parts[0].Bad)}. {Conclusion(device.Parts[0].Name)}.",
        _ => draw.Pick(s_rambling).Replace("{device}", device.Device, StringComparison.Ordinal).Replace("{owner}", device.Owner, StringComparison.Ordinal)
            .Replace("{part}", draw.Pick(device.Parts).Name, StringComparison.Ordinal),
    };

    /// <summary>A statement that is not true, a step left out, another conclusion, or a slip of the hand.</summary>
    protected override string Flaw(BrokenDevice device, string response, Draw draw)
    {
        int part = draw.Next(device.Fault + 1);
        DevicePart looked = device.Parts[part];
        return draw.Next(6) switch
        {
            0 or 1 => response.Replace(Claim(looked.Name, device.State(part)), Claim(looked.Name, part == device.Fault ? looked.Good : looked.Bad), StringComparison.Ordinal),
            2 => response.Replace(Claim(looked.Name, device.State(part)) + ". ", "", StringComparison.Ordinal),
            3 => response.Replace(Conclusion(device.Parts[device.Fault].Name), Conclusion(draw.Pick(device.Parts).Name), StringComparison.Ordinal),
            4 => Answer(device, draw.Between(1, device.Parts.Count), draw.Pick(device.Parts)),
            _ => base.Flaw(device, response, draw),
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<(string Item, bool Found)> Checks(BrokenDevice device, string response) =>
    [
        .. Enumerable.Range(0, device.Fault + 1).Select(part => ($"{device.Parts[part].Name} {device.State(part)}", response.Contains(Claim(device.Parts[part].Name, device.State(part)), StringComparison.Ordinal))),
        ($"fault {device.Parts[device.Fault].Name}", response.Contains(Conclusion(device.Parts[device.Fault].Name), StringComparison.Ordinal)),
        Length(Answer(device, device.Fault + 1, device.Parts[device.Fault]), response),
    ];

    private static string Answer(BrokenDevice device, int steps, DevicePart blamed) =>
        string.Concat(Enumerable.Range(0, steps).Select(index => Claim(device.Parts[index].Name, device.State(index)) + ". ")) + Conclusion(blamed.Name) + ".";

    private static string Claim(string part, string state) => $"The {part} is {state}";

    private static string Conclusion(string part) => $"So the {part} is the fault";
}
