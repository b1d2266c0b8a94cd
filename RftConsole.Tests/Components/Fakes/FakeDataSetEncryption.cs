using RftConsole.Training;
using RftConsole.Web.DataSets;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>Data sets and the keys that they are encrypted with, in memory.</summary>
public sealed class FakeDataSetEncryption : IDataSetEncryption
{
    public Dictionary<string, string> KeyOf { get; } = [];

    /// <summary>Why nothing can be encrypted; null where it can.</summary>
    public string? Refusal { get; set; }

    /// <summary>What an encryption waits for; it hears of the dialog that is closed.</summary>
    public Func<IProgress<double>?, CancellationToken, Task> Work { get; set; } = (_, _) => Task.CompletedTask;

    public string? FindKey(string id) => KeyOf.GetValueOrDefault(id);

    public async Task EncryptAsync(string id, string keyName, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        if (Refusal is not null)
        {
            throw new UserInputException(Refusal);
        }

        await Work(progress, cancellationToken);
        KeyOf[id] = keyName;
    }
}
