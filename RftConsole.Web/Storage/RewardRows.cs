namespace RftConsole.Web.Storage;

/// <summary>A reward function of the library.</summary>
internal sealed class RewardFunctionRow
{
    public required string Id { get; set; }

    public required string Name { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>One saved version of a reward function; never changed.</summary>
internal sealed class RewardVersionRow
{
    public required string Id { get; set; }

    public required string FunctionId { get; set; }

    public RewardFunctionRow? Function { get; set; }

    /// <summary>Counts from 1 within the function.</summary>
    public int Number { get; set; }

    /// <summary>What a job file would say, files relative to the data folder.</summary>
    public required string SpecificationJson { get; set; }

    /// <summary>SHA-256 of the specification with the code of its files.</summary>
    public required string ContentHash { get; set; }

    public required string Note { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>Which version a job runs.</summary>
internal sealed class RewardUseRow
{
    public required string JobId { get; set; }

    public required string VersionId { get; set; }

    public RewardVersionRow? Version { get; set; }
}

/// <summary>A response that a person has graded, to compare a reward function with.</summary>
internal sealed class GradedExampleRow
{
    public required string Id { get; set; }

    public required string FunctionId { get; set; }

    /// <summary>The training record that was answered, as its file has it.</summary>
    public required string RecordJson { get; set; }

    public required string Response { get; set; }

    /// <summary>0 is a fail, 1 a pass; between them a score.</summary>
    public double Grade { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>An OpenAI-compatible endpoint that can judge.</summary>
internal sealed class JudgeEndpointRow
{
    public required string Id { get; set; }

    public required string Name { get; set; }

    public required string BaseUrl { get; set; }

    public required string Model { get; set; }

    /// <summary>The key, encrypted; null where the endpoint wants none.</summary>
    public string? ProtectedKey { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}
