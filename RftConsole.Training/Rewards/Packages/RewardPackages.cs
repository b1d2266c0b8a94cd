namespace RftConsole.Training.Rewards.Packages;

/// <summary>Python packages that were installed for a reward function, in a folder outside the sandbox; read-only inside it.</summary>
/// <param name="Folder">What stands on the module path of the sandbox.</param>
/// <param name="Hash">SHA-256 (lower-case hexadecimal) of every installed file: a part of a job's identity.</param>
/// <param name="Installed">Name and version of each distribution, such as <c>numpy 2.1.0</c>, sorted.</param>
public sealed record RewardPackages(string Folder, string Hash, IReadOnlyList<string> Installed);
