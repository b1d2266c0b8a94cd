using System.Text.Json.Serialization;

namespace RftConsole.Training.Network;

/// <summary>Which network a job may use.</summary>
public enum NetworkMode
{
    /// <summary>Judge, remote functions and S3 go where they are configured to; reward code has no network all the same.</summary>
    [JsonStringEnumMemberName("off")]
    Off,

    /// <summary>Nothing leaves this machine's process.</summary>
    [JsonStringEnumMemberName("none")]
    None,

    /// <summary>The named hosts alone, for reward code too.</summary>
    [JsonStringEnumMemberName("hosts")]
    Hosts,
}

/// <summary>Network isolation of a job (<c>networkIsolation</c> of job.json).</summary>
public sealed record NetworkIsolation
{
    /// <summary>As if nothing were said.</summary>
    public static NetworkIsolation Off { get; } = new();

    public NetworkMode Mode { get; init; }

    /// <summary><see cref="NetworkMode.Hosts"/>: each a host with its port, such as <c>judge.example:443</c> or <c>[2001:db8::1]:8080</c>; in the other modes empty.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>The mode's name in job files.</summary>
    public static string Name(NetworkMode mode) => mode switch
    {
        NetworkMode.None => "none",
        NetworkMode.Hosts => "hosts",
        _ => "off",
    };

    /// <summary>The hosts, read.</summary>
    /// <param name="field">What errors call this object, such as <c>networkIsolation</c>.</param>
    /// <exception cref="UserInputException">An entry is no host with a port, or the list does not fit the mode.</exception>
    public IReadOnlySet<HostPort> Read(string field = "networkIsolation")
    {
        if (Mode != NetworkMode.Hosts)
        {
            return Hosts.Count == 0 ? new HashSet<HostPort>() : throw new UserInputException($"{field}.hosts: stands beside mode {Name(Mode)}; set mode to hosts, or leave the list out");
        }

        if (Hosts.Count == 0)
        {
            throw new UserInputException($"{field}.hosts: is empty; name at least one host with its port, such as judge.example:443, or set mode to none");
        }

        HashSet<HostPort> read = [];
        foreach ((int index, string text) in Hosts.Index())
        {
            read.Add(HostPort.TryParse(text, out HostPort host, out string? problem) ? host : throw new UserInputException($"{field}.hosts[{index}]: {problem}"));
        }

        return read;
    }

    /// <summary>By content, the list included.</summary>
    public bool Equals(NetworkIsolation? other) => other is not null && Mode == other.Mode && Hosts.SequenceEqual(other.Hosts, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Mode, Hosts.Count);
}
