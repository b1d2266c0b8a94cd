using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

using MudBlazor.Services;

using RftConsole.Training.Compute;
using RftConsole.Training.Generation;
using RftConsole.Training.Hub;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Web.Api;
using RftConsole.Web.Catalogue;
using RftConsole.Web.Components;
using RftConsole.Web.Components.Help;
using RftConsole.Web.DataSets;
using RftConsole.Web.Evaluation;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;
using RftConsole.Web.Notifications;
using RftConsole.Web.Operations;
using RftConsole.Web.Rewards;
using RftConsole.Web.Samples;
using RftConsole.Web.Security;
using RftConsole.Web.Security.Audit;
using RftConsole.Web.Settings;
using RftConsole.Web.Storage;

namespace RftConsole.Web;

/// <summary>What the console consists of.</summary>
internal static class Extensions
{
    private const string Ready = "ready";

    /// <summary>Jobs, models, deployments and playground over a data folder; needs no web server.</summary>
    public static IServiceCollection AddConsoleServices(this IServiceCollection services, DataFolder folder)
    {
        services.AddSingleton(folder);
        services.AddSingleton(TimeProvider.System);
        services.AddDbContextFactory<ConsoleDbContext>(options => options
            .UseSqlite($"Data Source={folder.DatabaseFile}")
            // An older database is copied before it is changed: a change that takes no transaction is none to warn of.
            .ConfigureWarnings(warnings => warnings.Log((RelationalEventId.CommandExecuted, LogLevel.Debug)).Ignore(RelationalEventId.NonTransactionalMigrationOperationWarning)));
        services.AddSingleton<ConsoleDatabase>();
        services.AddDbContextFactory<SecurityDbContext>(options => SecurityDbContext.Configure(options
            .ConfigureWarnings(warnings => warnings.Log((RelationalEventId.CommandExecuted, LogLevel.Debug))), folder.DatabaseFile));

        services.AddDataProtection().SetApplicationName("RftConsole").PersistKeysToFileSystem(Directory.CreateDirectory(folder.KeyFolder));
        services.AddSingleton<IModelNames, RegisteredNames>();
        services.AddSingleton<IHubSettings>(provider => new HubSettings(provider.GetRequiredService<SettingStore>(), provider.GetRequiredService<IDataProtectionProvider>(), Environment.GetEnvironmentVariable));
        services.AddSingleton(_ => new HubClient());
        services.AddSingleton<ModelDownloads>();
        services.AddHostedService(provider => provider.GetRequiredService<ModelDownloads>());
        services.AddSingleton<IBaseModels, BaseModelCatalog>();

        services.AddSingleton<EncryptionKeys>();
        services.AddSingleton<IEncryptionKeys>(provider => provider.GetRequiredService<EncryptionKeys>());
        services.AddHostedService(provider => provider.GetRequiredService<EncryptionKeys>());

        services.AddSingleton<ComputeThreads>();
        services.AddSingleton<IComputeThreads>(provider => provider.GetRequiredService<ComputeThreads>());
        services.AddSingleton<IHyperparameterDefaults, HyperparameterDefaults>();
        services.AddSingleton<IDataFolderUse, DataFolderUse>();
        // Once, at the start, and from the console's own database.
        services.AddSingleton(provider => new ComputeThread(provider.GetRequiredService<ComputeThreads>().WantedAsync().GetAwaiter().GetResult()));
        services.AddSingleton<ModelHost>();
        services.AddSingleton<ChatGenerator>();
        services.AddSingleton<JobEstimator>();

        services.AddSingleton<ChangeFeed>();
        services.AddSingleton<RunningJobs>();
        services.AddSingleton<IJobEngine, InProcessJobEngine>();
        services.AddSingleton<JobDisk>();
        services.AddSingleton<JobControl>();
        services.AddSingleton<JobSummaries>();
        services.AddSingleton<RewardCurves>();
        services.AddSingleton<IRollouts, RolloutStore>();
        services.AddSingleton<IJobs, JobService>();
        services.AddHostedService<JobRunner>();

        services.AddSingleton<NotificationStore>();
        services.AddSingleton<INotifications>(provider => provider.GetRequiredService<NotificationStore>());
        services.AddSingleton<WebhookSettings>();
        services.AddSingleton<WebhookClient>();
        services.AddSingleton<IWebhook, Webhook>();
        services.AddHostedService<WebhookSender>();

        services.AddSingleton<SettingStore>();
        services.AddSingleton<IUploadLimit, UploadLimit>();
        services.AddSingleton<IUploads, UploadStore>();
        services.AddSingleton<IInvocationLogs, InvocationLogImport>();
        services.AddSingleton<IS3Settings>(provider => new S3Settings(provider.GetRequiredService<SettingStore>(), provider.GetRequiredService<IDataProtectionProvider>(), Environment.GetEnvironmentVariable));
        services.AddSingleton<IS3Data, S3Import>();
        services.AddSingleton<IDataSets, DataSetService>();
        services.AddSingleton<RecordFiles>();
        services.AddSingleton<IDataSetVersions, DataSetVersions>();

        services.AddSingleton<IRewardCode, RewardCode>();
        services.AddSingleton<IRewardTrial, RewardTrial>();
        services.AddSingleton<IRewardLibrary, RewardLibrary>();
        services.AddSingleton<IGradedExamples, GradedExamples>();
        services.AddSingleton<IJudgeEndpoints>(provider => ActivatorUtilities.CreateInstance<JudgeEndpoints>(provider, (Func<string, string?>)Environment.GetEnvironmentVariable));

        services.AddSingleton<IChatEngine, InProcessChatEngine>();
        services.AddSingleton(InferenceLimits.Default);
        services.AddSingleton<InvocationLog>();
        services.AddSingleton<UsageMeter>();
        services.AddSingleton<IUsage>(provider => provider.GetRequiredService<UsageMeter>());
        services.AddHostedService(provider => provider.GetRequiredService<UsageMeter>());
        services.AddSingleton<ServedModels>();
        services.AddSingleton<InferenceHost>();
        services.AddSingleton<ModelArchive>();
        services.AddSingleton<ICustomModels, CustomModelService>();
        services.AddSingleton<DeploymentLoader>();
        services.AddHostedService(provider => provider.GetRequiredService<DeploymentLoader>());
        services.AddSingleton<IDeployments, DeploymentService>();
        services.AddSingleton<PlaygroundTargets>();
        services.AddSingleton<IPlayground, PlaygroundService>();
        services.AddSingleton<IValidationSets, ValidationSets>();
        services.AddSingleton<IModelComparison, ModelComparison>();
        services.AddSingleton<SampleJobs>();
        services.AddConsoleApi();
        return services;
    }

    /// <summary>Pages, their security, health.</summary>
    public static IServiceCollection AddConsoleWeb(this IServiceCollection services, ConsoleOptions options)
    {
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddMudServices();
        services.AddTransient<MudBlazor.MudLocalizer, MudTexts>();
        services.AddScoped<HelpState>();
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.HeaderName = UploadEndpoints.TokenHeader;
            antiforgery.Cookie.SecurePolicy = options.IsHttpsOnly ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
        });
        services.AddHealthChecks()
            .AddCheck<ConsoleDatabase>("database", tags: [Ready])
            .AddCheck<ComputeCheck>("compute", tags: [Ready])
            .AddCheck<DiskCheck>("disk", tags: [Ready])
            .AddCheck<ModelCheck>("model", tags: [Ready]);
        services.AddSingleton<ModelCheck>();
        services.AddTelemetry(Environment.GetEnvironmentVariable);
        services.AddConsoleSecurity(options);
        return services;
    }

    /// <summary>The way of a request.</summary>
    public static WebApplication MapConsole(this WebApplication app)
    {
        app.UseForwardedHeaders();
        app.UseMiddleware<SecurityHeadersMiddleware>();
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.UseLanguages();
        app.UseRateLimiter();
        app.UseAuthentication();
        app.UseMiddleware<CurrentActorMiddleware>();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapHealthChecks("/health/live", new() { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready", new() { Predicate = check => check.Tags.Contains(Ready) }).AllowAnonymous();
        app.MapMetrics(Environment.GetEnvironmentVariable(Telemetry.TokenVariable));
        app.MapStaticAssets().AllowAnonymous();
        app.MapLanguage();
        app.MapAuditLog();
        app.MapJobFiles();
        app.MapUploads();
        app.MapDataSets();
        app.MapAdapterDownload();
        app.MapConsoleApi();
        // The policy of the middleware forbids framing already; a second header would only say it again.
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null);
        return app;
    }
}
