using System.Reflection;

namespace RftConsole.Web.Security.Guards;

/// <summary>What a call of a service is.</summary>
internal enum AccessKind
{
    /// <summary>Whoever may see the console may call it.</summary>
    Read,

    /// <summary>Takes a role and leaves nothing that lasts.</summary>
    Use,

    /// <summary>Takes a role and is written to the audit log.</summary>
    Change,
}

/// <summary>Who may call the methods of a service, and which of them change something.</summary>
/// <param name="Subject">What the service keeps, as it stands in the audit log: <c>job</c>, <c>data-set</c>.</param>
/// <param name="Role">The role that its changes take.</param>
/// <param name="Reads">Methods that only read, although their names do not say so.</param>
/// <param name="Uses">Methods that take the role and are no changes.</param>
internal sealed record AccessRule(string Subject, ConsoleRole Role, IReadOnlyList<string> Reads, IReadOnlyList<string> Uses)
{
    private static readonly string[] s_reading = ["Find", "List", "View", "Users", "Subscribe"];

    /// <summary>A method that nobody thought of is a change: the guard fails closed.</summary>
    public AccessKind KindOf(MethodInfo method) =>
        Uses.Contains(method.Name) ? AccessKind.Use
        : Reads.Contains(method.Name) || s_reading.Any(word => method.Name.StartsWith(word, StringComparison.Ordinal)) ? AccessKind.Read
        : AccessKind.Change;
}
