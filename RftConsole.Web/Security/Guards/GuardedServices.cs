using Microsoft.Extensions.DependencyInjection.Extensions;

using RftConsole.Web.Api.Keys;
using RftConsole.Web.Catalogue;
using RftConsole.Web.DataSets;
using RftConsole.Web.Evaluation;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;
using RftConsole.Web.Notifications;
using RftConsole.Web.Rewards;
using RftConsole.Web.Security.Accounts;
using RftConsole.Web.Settings;

namespace RftConsole.Web.Security.Guards;

/// <summary>Which services are guarded, and how.</summary>
internal static class GuardedServices
{
    /// <summary>Puts a guard before every service that keeps something; to be called after all of them are registered.</summary>
    public static IServiceCollection AddGuards(this IServiceCollection services)
    {
        services.TryAddSingleton<SubjectNames>();
        services.TryAddSingleton<ServiceGuard>();

        services.Guard<IJobs>("job", ConsoleRole.Builder, reads: [nameof(IJobs.MetricsAsync), nameof(IJobs.RewardCurvesAsync), nameof(IJobs.RolloutsAsync), nameof(IJobs.EstimateAsync)]);
        services.Guard<ICustomModels>("model", ConsoleRole.Builder);
        services.Guard<IDeployments>("deployment", ConsoleRole.Builder);
        services.Guard<IDataSets>("data-set", ConsoleRole.Builder, reads: [nameof(IDataSets.JobsUsingAsync), nameof(IDataSets.CountTokensAsync)]);
        services.Guard<IDataSetVersions>("data-set", ConsoleRole.Builder, reads: [nameof(IDataSetVersions.ReadAsync), nameof(IDataSetVersions.WithHashAsync)]);
        services.Guard<IDataSetEncryption>("data-set", ConsoleRole.Builder);
        services.Guard<IUploads>("upload", ConsoleRole.Builder, reads: [nameof(IUploads.OffsetOf)], uses: [nameof(IUploads.BeginAsync), nameof(IUploads.AppendAsync), nameof(IUploads.CompleteAsync), nameof(IUploads.Delete)]);
        services.Guard<IInvocationLogs>("invocation-logs", ConsoleRole.Builder, uses: [nameof(IInvocationLogs.PreviewAsync)]);
        services.Guard<IS3Data>("s3-data", ConsoleRole.Builder, uses: [nameof(IS3Data.BucketsAsync), nameof(IS3Data.ListAsync)]);
        services.Guard<IRewardLibrary>("reward-function", ConsoleRole.Builder, reads: [nameof(IRewardLibrary.UsedByAsync)], uses: [nameof(IRewardLibrary.RecordUseAsync)]);
        services.Guard<IRewardCode>("reward-code", ConsoleRole.Builder, reads: [nameof(IRewardCode.ReadAsync)], uses: [nameof(IRewardCode.CheckAsync), nameof(IRewardCode.KeepAsync), nameof(IRewardCode.KeepRequirementsAsync)]);
        services.Guard<IRewardTrial>("reward-trial", ConsoleRole.Builder, uses: [nameof(IRewardTrial.ProbeAsync), nameof(IRewardTrial.DryRunAsync), nameof(IRewardTrial.GradeAsync)]);
        services.Guard<IValidationSets>("validation-set", ConsoleRole.Builder);
        services.Guard<IModelComparison>("model-comparison", ConsoleRole.Builder, uses: [nameof(IModelComparison.GradeAsync), nameof(IModelComparison.RunAsync)]);
        services.Guard<IGradedExamples>("graded-example", ConsoleRole.Builder);
        services.Guard<IBaseModels>("base-model", ConsoleRole.Builder, reads: [nameof(IBaseModels.CostAsync)]);
        services.Guard<IJudgeEndpoints>("judge-endpoint", ConsoleRole.Administrator, reads: [nameof(IJudgeEndpoints.SecretsOf)], uses: [nameof(IJudgeEndpoints.TestAsync)]);
        services.Guard<IHubSettings>("hub-settings", ConsoleRole.Administrator, reads: [nameof(IHubSettings.ConnectionAsync)]);
        services.Guard<IS3Settings>("s3-settings", ConsoleRole.Administrator, reads: [nameof(IS3Settings.ConnectionAsync)]);
        services.Guard<IUploadLimit>("upload-limit", ConsoleRole.Administrator, reads: [nameof(IUploadLimit.BytesAsync)]);
        services.Guard<IHyperparameterDefaults>("default-hyperparameters", ConsoleRole.Administrator);
        services.Guard<IComputeThreads>("compute-threads", ConsoleRole.Administrator);
        services.Guard<IDataFolderUse>("data-folder", ConsoleRole.Administrator);
        services.Guard<IApiKeys>("api-key", ConsoleRole.Administrator);
        services.Guard<IEncryptionKeys>("encryption-key", ConsoleRole.Administrator, reads: [nameof(IEncryptionKeys.DefaultAsync)]);
        services.Guard<INotifications>("notification", ConsoleRole.Builder);
        services.Guard<IWebhook>("webhook", ConsoleRole.Administrator, uses: [nameof(IWebhook.TestAsync)]);
        services.Guard<IAccounts>("user", ConsoleRole.Administrator);
        return services;
    }

    /// <summary>Replaces the registration of a service by one with a guard before it.</summary>
    internal static void Guard<TService>(this IServiceCollection services, string subject, ConsoleRole role, string[]? reads = null, string[]? uses = null)
        where TService : class
    {
        ServiceDescriptor registered = services.Last(descriptor => descriptor.ServiceType == typeof(TService));
        services.Remove(registered);
        AccessRule rule = new(subject, role, reads ?? [], uses ?? []);
        services.Add(new(typeof(TService), provider => GuardProxy<TService>.Wrap(Create<TService>(provider, registered), rule, provider.GetRequiredService<ServiceGuard>()), registered.Lifetime));
    }

    private static TService Create<TService>(IServiceProvider provider, ServiceDescriptor registered) =>
        (TService)(registered.ImplementationInstance
            ?? registered.ImplementationFactory?.Invoke(provider)
            ?? ActivatorUtilities.CreateInstance(provider, registered.ImplementationType!));
}
