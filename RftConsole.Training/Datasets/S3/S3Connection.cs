namespace RftConsole.Training.Datasets.S3;

/// <summary>How S3, or a store that speaks its protocol, is reached.</summary>
public sealed record S3Connection
{
    /// <summary>Such as <c>eu-central-1</c>; null takes the profile's, or us-east-1.</summary>
    public string? Region { get; init; }

    /// <summary>A profile of the AWS configuration files; null takes keys, or what the AWS SDK finds by itself.</summary>
    public string? Profile { get; init; }

    public string? AccessKeyId { get; init; }

    public string? SecretAccessKey { get; init; }

    /// <summary>Of temporary keys.</summary>
    public string? SessionToken { get; init; }

    /// <summary>Requests are not signed: for public buckets.</summary>
    public bool Anonymous { get; init; }

    /// <summary>The address of another store, such as <c>http://127.0.0.1:9000</c>; null for AWS.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Buckets stand in the path and not in the host's name, as most other stores want it.</summary>
    public bool PathStyle { get; init; }

    /// <summary>The environment variables of the AWS tools: <c>AWS_REGION</c>, <c>AWS_PROFILE</c>, <c>AWS_ACCESS_KEY_ID</c>, <c>AWS_ENDPOINT_URL_S3</c> …</summary>
    /// <remarks>
    /// <c>RFTCONSOLE_S3_ANONYMOUS=true</c> sends requests without a signature; <c>RFTCONSOLE_S3_PATH_STYLE</c> says whether buckets stand in the
    /// path, which is the default where an endpoint is given.
    /// </remarks>
    public static S3Connection FromEnvironment(Func<string, string?> environment)
    {
        var endpoint = Text("AWS_ENDPOINT_URL_S3") ?? Text("AWS_ENDPOINT_URL");
        return new S3Connection
        {
            Region = Text("AWS_REGION") ?? Text("AWS_DEFAULT_REGION"),
            Profile = Text("AWS_PROFILE"),
            AccessKeyId = Text("AWS_ACCESS_KEY_ID"),
            SecretAccessKey = Text("AWS_SECRET_ACCESS_KEY"),
            SessionToken = Text("AWS_SESSION_TOKEN"),
            Anonymous = Switch("RFTCONSOLE_S3_ANONYMOUS", false),
            Endpoint = endpoint,
            PathStyle = Switch("RFTCONSOLE_S3_PATH_STYLE", endpoint is not null),
        };

        string? Text(string name) => environment(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

        bool Switch(string name, bool otherwise) => Text(name)?.ToUpperInvariant() switch
        {
            null => otherwise,
            "1" or "TRUE" or "YES" => true,
            "0" or "FALSE" or "NO" => false,
            _ => throw new UserInputException($"the environment variable {name} is \"{Text(name)}\"; it must be true or false"),
        };
    }
}
