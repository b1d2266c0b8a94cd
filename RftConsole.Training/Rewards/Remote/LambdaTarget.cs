using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.Runtime.Credentials;

using RftConsole.Training.Jobs;

namespace RftConsole.Training.Rewards.Remote;

/// <summary>Where a function is and who calls it: address, region, credentials.</summary>
/// <param name="Invocations">The address of its invocations.</param>
/// <param name="Region">The region that calls are signed for.</param>
/// <param name="Credentials">Who signs; asked for each call, because credentials of a role expire.</param>
internal sealed record LambdaTarget(Uri Invocations, string Region, Func<Task<ImmutableCredentials>> Credentials)
{
    /// <summary>What an endpoint of one's own is called with where there are no credentials: emulators want some, whatever they are.</summary>
    private const string Local = "local";

    /// <summary>Whether the job names an endpoint of its own.</summary>
    public bool IsOwn { get; private init; }

    /// <summary>Finds out what a job file leaves to the environment.</summary>
    /// <exception cref="UserInputException">There is no region, or there are no credentials; the message names the field.</exception>
    public static async Task<LambdaTarget> OfAsync(RewardFunctionSpecification specification, string field, Func<string, string?> variable)
    {
        string name = specification.FunctionName!.Trim();
        string region = RegionOf(name) ?? specification.Region ?? variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION") ?? Profile(specification, variable)?.Region?.SystemName
            ?? (specification.Endpoint is not null ? "us-east-1" : throw new UserInputException($"{field}.region: is missing; give it, name the function by its ARN, or set AWS_REGION"));
        string endpoint = specification.Endpoint ?? $"https://lambda.{region}.{RegionEndpoint.GetBySystemName(region).PartitionDnsSuffix}";
        return new(new($"{endpoint.TrimEnd('/')}/2015-03-31/functions/{Uri.EscapeDataString(name)}/invocations"), region, await CredentialsAsync(specification, field, variable)) { IsOwn = specification.Endpoint is not null };
    }

    /// <summary>The region of an ARN; null where the name is none.</summary>
    private static string? RegionOf(string name) => name.Split(':') is ["arn", _, "lambda", { Length: > 0 } region, ..] ? region : null;

    private static async Task<Func<Task<ImmutableCredentials>>> CredentialsAsync(RewardFunctionSpecification specification, string field, Func<string, string?> variable)
    {
        if (specification.Credentials is { } names)
        {
            return Fixed(
                Value(names.AccessKeyIdEnv, "accessKeyIdEnv"),
                Value(names.SecretAccessKeyEnv, "secretAccessKeyEnv"),
                names.SessionTokenEnv is null ? null : Value(names.SessionTokenEnv, "sessionTokenEnv"));
        }

        if (specification.Profile is null && variable("AWS_ACCESS_KEY_ID") is { Length: > 0 } id && variable("AWS_SECRET_ACCESS_KEY") is { Length: > 0 } secret)
        {
            return Fixed(id, secret, variable("AWS_SESSION_TOKEN"));
        }

        if (Profile(specification, variable) is { } profile)
        {
            return Usable(profile.GetAWSCredentials(new CredentialProfileStoreChain()).GetCredentialsAsync, $"the profile {profile.Name} cannot be used");
        }

        if (specification.Profile is not null)
        {
            throw new UserInputException($"{field}.profile: there is no profile {specification.Profile} in the shared AWS files");
        }

        if (specification.Endpoint is not null)
        {
            return Fixed(Local, Local, null);
        }

        AWSCredentials role = await Found(() => DefaultAWSCredentialsIdentityResolver.GetCredentialsAsync());
        return Usable(role.GetCredentialsAsync, "there are no credentials");

        string Value(string name, string key) => variable(name) is { Length: > 0 } value ? value : throw new UserInputException($"{field}.credentials.{key}: the environment variable {name} is not set");

        async Task<AWSCredentials> Found(Func<Task<AWSCredentials>> find)
        {
            try
            {
                return await find();
            }
            catch (Exception error) when (error is AmazonClientException or AmazonServiceException or ArgumentException or InvalidOperationException)
            {
                throw new UserInputException($"{field}.credentials: there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give a profile", error);
            }
        }

        static Func<Task<ImmutableCredentials>> Usable(Func<Task<ImmutableCredentials>> get, string failure) => async () =>
        {
            try
            {
                return await get();
            }
            catch (Exception error) when (error is AmazonClientException or AmazonServiceException)
            {
                throw new TransientCallException($"{failure}: {error.Message.ReplaceLineEndings(" ")}", null, error);
            }
        };
    }

    private static Func<Task<ImmutableCredentials>> Fixed(string id, string secret, string? token)
    {
        ImmutableCredentials credentials = new(id, secret, string.IsNullOrEmpty(token) ? null : token);
        return () => Task.FromResult(credentials);
    }

    private static CredentialProfile? Profile(RewardFunctionSpecification specification, Func<string, string?> variable) =>
        new CredentialProfileStoreChain().TryGetProfile(specification.Profile ?? variable("AWS_PROFILE") ?? "default", out CredentialProfile profile) ? profile : null;
}
