using RftConsole.Training.Datasets.S3;
using RftConsole.Training.Network;

namespace RftConsole.Training.Jobs;

/// <summary>What a job's own configuration calls, compared with what its network isolation lets through, before anything is done.</summary>
public static class NetworkNeeds
{
    /// <summary>Looks at judge, remote functions and S3.</summary>
    /// <param name="job">The job.</param>
    /// <param name="network">Its gate.</param>
    /// <param name="placeOf">Where calls about an address of S3 go; null where this is not known yet, and then only mode none refuses them.</param>
    /// <exception cref="UserInputException">One of them is refused; the message names the field.</exception>
    public static void Check(JobSpecification job, OutboundPolicy network, Func<S3Address, HostPort>? placeOf = null)
    {
        if (network.Mode == NetworkMode.Off)
        {
            return;
        }

        CheckReward(job.RewardFunction, "rewardFunction", network);
        CheckS3(job.TrainingData.S3Uri, "trainingData.s3Uri", network, placeOf);
        CheckS3(job.TrainingData.InvocationLogs is { Path: var path } && S3Address.IsAddress(path) ? path : null, "trainingData.invocationLogs.path", network, placeOf);
        CheckS3(job.OutputData?.S3Uri, "outputData.s3Uri", network, placeOf);
    }

    private static void CheckReward(RewardFunctionSpecification reward, string field, OutboundPolicy network)
    {
        CheckAddress(reward.JudgeModel?.BaseUrl, field + ".judgeModel.baseUrl", network);
        CheckAddress(reward.Endpoint, field + ".endpoint", network);
        if (reward is { Type: RewardFunctionSpecification.Lambda, Endpoint: null } && network.Mode == NetworkMode.None)
        {
            throw new UserInputException($"{field}.functionName: network isolation (mode none) refuses calls of AWS Lambda; allow its host with mode hosts, or set the mode to off");
        }

        foreach ((int index, WeightedPart part) in (reward.Parts ?? []).Index())
        {
            CheckReward(part.RewardFunction, $"{field}.parts[{index}].rewardFunction", network);
        }
    }

    private static void CheckAddress(string? address, string field, OutboundPolicy network)
    {
        if (Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && network.Obstacle(HostPort.Of(uri)) is { } obstacle)
        {
            throw new UserInputException($"{field}: {obstacle}");
        }
    }

    private static void CheckS3(string? uri, string field, OutboundPolicy network, Func<S3Address, HostPort>? placeOf)
    {
        string? obstacle = uri is null ? null
            : placeOf is not null ? network.Obstacle(placeOf(S3Address.Parse(uri, field)))
            : network.Mode == NetworkMode.None ? "network isolation (mode none) refuses S3; allow its host with mode hosts, or set the mode to off"
            : null;
        if (obstacle is not null)
        {
            throw new UserInputException($"{field}: {obstacle}");
        }
    }
}
