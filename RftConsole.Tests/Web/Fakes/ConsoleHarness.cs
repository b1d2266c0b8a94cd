using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using RftConsole.Training.Jobs;
using RftConsole.Web;
using RftConsole.Web.Catalogue;
using RftConsole.Web.DataSets;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;
using RftConsole.Web.Rewards;
using RftConsole.Web.Storage;

namespace RftConsole.Tests.Web.Fakes;

/// <summary>A console without its web server: the real database, queue, runner and loader over a fake trainer. Starting another one on the same folder is a restart.</summary>
internal sealed class ConsoleHarness : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>A real model folder, small and of random weights: what a job needs to be accepted.</summary>
    public static string BaseModelFolder { get; } = Path.Combine(AppContext.BaseDirectory, "TestData", "models", "tiny-llama-tied");

    private readonly IHost _host;
    private readonly DataFolder _folder;

    private ConsoleHarness(IHost host, DataFolder folder) => (_host, _folder) = (host, folder);

    public IServiceProvider Services => _host.Services;

    public IJobs Jobs => _host.Services.GetRequiredService<IJobs>();

    public ICustomModels Models => _host.Services.GetRequiredService<ICustomModels>();

    public IDeployments Deployments => _host.Services.GetRequiredService<IDeployments>();

    public IPlayground Playground => _host.Services.GetRequiredService<IPlayground>();

    public IDataSets DataSets => _host.Services.GetRequiredService<IDataSets>();

    public IRewardLibrary Rewards => _host.Services.GetRequiredService<IRewardLibrary>();

    public IJudgeEndpoints JudgeEndpoints => _host.Services.GetRequiredService<IJudgeEndpoints>();

    public IGradedExamples Examples => _host.Services.GetRequiredService<IGradedExamples>();

    public IRewardCode RewardCode => _host.Services.GetRequiredService<IRewardCode>();

    public IBaseModels BaseModels => _host.Services.GetRequiredService<IBaseModels>();

    public IHubSettings Hub => _host.Services.GetRequiredService<IHubSettings>();

    /// <summary>Another instance of a service, with what the container does not know given here.</summary>
    public T Create<T>(params object[] given) => ActivatorUtilities.CreateInstance<T>(_host.Services, given);

    public ChangeFeed Feed => _host.Services.GetRequiredService<ChangeFeed>();

    public static Task<ConsoleHarness> StartAsync(TemporaryFolder root, FakeJobEngine engine, FakeChatEngine? chat = null, Func<string, string?>? environment = null) => StartAsync(
        root,
        services =>
        {
            services.AddSingleton<IJobEngine>(engine);
            services.AddSingleton<IChatEngine>(chat ?? new FakeChatEngine());
        },
        environment);

    /// <summary>One that trains and answers in earnest, on the compute thread of the tests.</summary>
    public static Task<ConsoleHarness> StartRealAsync(TemporaryFolder root) => StartAsync(
        root,
        services =>
        {
            services.AddSingleton(TestEngine.Compute);
            services.AddSingleton(TestEngine.Models);
        },
        null);

    private static async Task<ConsoleHarness> StartAsync(TemporaryFolder root, Action<IServiceCollection> engines, Func<string, string?>? environment)
    {
        DataFolder folder = DataFolder.Open(Path.Combine(root.Path, "data"));
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddConsoleServices(folder);
        engines(builder.Services);
        // What is set on the machine that tests run on must not reach them.
        builder.Services.AddSingleton<IHubSettings>(provider => new HubSettings(provider.GetRequiredService<SettingStore>(), provider.GetRequiredService<IDataProtectionProvider>(), environment ?? (_ => null)));
        IHost host = builder.Build();
        await host.Services.GetRequiredService<ConsoleDatabase>().MigrateAsync(TestContext.Current.CancellationToken);
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new(host, folder);
    }

    /// <summary>A job on the tiny model that reads two files of the test's folder.</summary>
    public static JobSpecification Specification(TemporaryFolder root, string name) => new()
    {
        Name = name,
        BaseModel = BaseModelFolder,
        TrainingData = new() { File = root.Write("train.jsonl", "{}") },
        RewardFunction = new() { File = root.Write("reward.py", "def lambda_handler(event, context): return []") },
        Tags = new Dictionary<string, string> { ["team"] = "demo" },
    };

    public async Task<JobDetails> JobAsync(string id) => await Jobs.FindAsync(id) ?? throw new InvalidOperationException($"There is no job {id}.");

    public Task<JobDetails> WaitForAsync(string id, JobStatus status) => WaitForAsync(id, job => job.Summary.Status == status);

    public Task<JobDetails> WaitForAsync(string id, Func<JobDetails, bool> condition) => WaitForAsync(ChangeTopic.Jobs, () => JobAsync(id), condition);

    public async Task<Deployment> WaitForDeploymentAsync(string id, DeploymentStatus status) =>
        await WaitForAsync(ChangeTopic.Deployments, async () => (await Deployments.FindAsync(id))!, deployment => deployment.Status == status);

    public async Task<CatalogueModel> WaitForBaseModelAsync(string name, Func<CatalogueModel, bool> condition) =>
        await WaitForAsync(ChangeTopic.BaseModels, async () => (await BaseModels.ListAsync()).Single(model => model.Name == name), condition);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Looks again after every change that the feed tells of.</summary>
    private async Task<T> WaitForAsync<T>(ChangeTopic topic, Func<Task<T>> read, Func<T, bool> condition)
    {
        using SemaphoreSlim news = new(1);
        using IDisposable subscription = Feed.Subscribe(topic, null, () =>
        {
            news.Release();
            return Task.CompletedTask;
        });
        while (true)
        {
            if (!await news.WaitAsync(s_patience, TestContext.Current.CancellationToken))
            {
                throw new TimeoutException($"Nothing changed any more; the last state was {await read()}.");
            }

            T value = await read();
            if (condition(value))
            {
                return value;
            }
        }
    }
}
