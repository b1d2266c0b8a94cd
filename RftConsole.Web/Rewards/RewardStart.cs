using RftConsole.Training.Compute;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Network;
using RftConsole.Training.Rewards;

namespace RftConsole.Web.Rewards;

/// <summary>Starts a reward function for a person who waits for it, outside of any job.</summary>
internal static class RewardStart
{
    /// <param name="reward">The function; its files are absolute paths.</param>
    /// <param name="network">What it may call.</param>
    /// <param name="models">For judges of this process.</param>
    /// <param name="endpoints">Keys of judges elsewhere.</param>
    /// <param name="options">Limits.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="RftConsole.Training.UserInputException">The function cannot be used.</exception>
    /// <exception cref="RewardInfrastructureException">What runs the function cannot be used.</exception>
    public static Task<IRewardFunction> StartAsync(RewardFunctionSpecification reward, OutboundPolicy network, ModelHost models, IJudgeEndpoints endpoints, RewardOptions options, CancellationToken cancellationToken) =>
        RewardFunctions.CreateAsync(reward, ".", new RewardServices { Network = network, Models = models, Priority = WorkPriority.Interactive, Secret = endpoints.SecretsOf(reward) }, options, cancellationToken);
}
