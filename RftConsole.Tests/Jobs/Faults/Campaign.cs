using System.Globalization;

namespace RftConsole.Tests.Jobs.Faults;

/// <summary>How long the fault campaign is: short in the suite, as long as the environment says otherwise.</summary>
internal static class Campaign
{
    /// <summary>RFTCONSOLE_FAULT_SEED, or 1.</summary>
    public static int Seed => Number("RFTCONSOLE_FAULT_SEED", 1);

    /// <summary>RFTCONSOLE_FAULT_KILLS, or the number of the short form.</summary>
    public static int Kills(int shortForm) => Number("RFTCONSOLE_FAULT_KILLS", shortForm);

    /// <summary>A generator for the <paramref name="index"/>-th draw.</summary>
    public static Random Draw(int index) => new(unchecked((Seed * 1_000_003) + (index * 7919)));

    private static int Number(string variable, int otherwise) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
