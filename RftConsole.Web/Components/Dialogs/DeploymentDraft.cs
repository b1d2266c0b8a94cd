using RftConsole.Web.Components.Wizard;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Components.Dialogs;

/// <summary>What is typed about a deployment, as text: what a browser keeps of it.</summary>
/// <param name="Name">Its name; empty where it has one already.</param>
/// <param name="Description">Its description.</param>
/// <param name="Tags">Its tags, those without a key included.</param>
/// <param name="Logging">Whether calls are logged.</param>
/// <param name="Step">The checkpoint; 0 where none is chosen.</param>
internal sealed record DeploymentDraft(string Name, string Description, IReadOnlyList<TagEntry> Tags, bool Logging, int Step = 0)
{
    /// <summary>Reads what <see cref="ToString"/> has written.</summary>
    /// <exception cref="System.Text.Json.JsonException">It is none.</exception>
    public static DeploymentDraft Read(string text) => StoredJson.Read<DeploymentDraft>(text);

    /// <inheritdoc />
    public override string ToString() => StoredJson.Write(this);
}
