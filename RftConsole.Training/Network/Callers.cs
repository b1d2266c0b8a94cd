namespace RftConsole.Training.Network;

/// <summary>Who may call out, on behalf of a job or of the console itself, as messages and lists name them.</summary>
public static class Callers
{
    public const string Judge = "judge";

    public const string RemoteFunction = "remote function";

    public const string S3 = "S3";

    public const string ModelDownload = "model download";

    public const string RewardCode = "reward code";

    public const string Packages = "package installation";

    public const string KeyService = "key service";

    public const string Webhook = "webhook";
}
