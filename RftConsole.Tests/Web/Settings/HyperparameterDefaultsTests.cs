using Microsoft.Extensions.DependencyInjection;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Grpo;
using RftConsole.Training.Jobs;
using RftConsole.Web.Settings;
using RftConsole.Web.Storage;

namespace RftConsole.Tests.Web.Settings;

/// <summary>What jobs begin with.</summary>
public sealed class HyperparameterDefaultsTests : IAsyncLifetime
{
    private readonly TemporaryFolder _root = new();
    private ConsoleHarness _console = null!;

    private IHyperparameterDefaults Defaults => _console.Services.GetRequiredService<IHyperparameterDefaults>();

    private SettingStore Settings => _console.Services.GetRequiredService<SettingStore>();

    public async ValueTask InitializeAsync() => _console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine());

    public async ValueTask DisposeAsync()
    {
        await _console.DisposeAsync();
        _root.Dispose();
    }

    [Fact]
    public async Task They_are_the_engines_own_until_they_are_set_and_only_what_differs_is_kept()
    {
        Hyperparameters own = new();
        Assert.Equal(own, await Defaults.FindAsync() with { LoraTargets = own.LoraTargets });

        await Defaults.SetAsync(new() { TrainingSamplePerPrompt = 4, LossType = LossType.Grpo });

        Assert.Equal("""{"trainingSamplePerPrompt":4,"lossType":"grpo"}""", await Settings.FindAsync("defaults.hyperparameters"));
        Hyperparameters found = await Defaults.FindAsync();
        Assert.Equal((4, LossType.Grpo, 1), (found.TrainingSamplePerPrompt, found.LossType, found.EpochCount));
        await Defaults.SetAsync(new());
        Assert.Null(await Settings.FindAsync("defaults.hyperparameters"));
    }

    [Fact]
    public async Task A_value_out_of_range_is_refused_by_name()
    {
        UserInputException refused = await Assert.ThrowsAsync<UserInputException>(() => Defaults.SetAsync(new() { TrainingSamplePerPrompt = 1 }));

        Assert.Contains("trainingSamplePerPrompt", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Defaults_of_another_version_are_the_engines_own_again()
    {
        await Settings.SetAsync("defaults.hyperparameters", "{\"temperature\":\"warm\"}");

        Assert.Equal(1.0, (await Defaults.FindAsync()).Temperature);
    }

    [Fact]
    public void Lengths_are_cut_to_the_models_context()
    {
        Hyperparameters fitted = HyperparameterDefaults.Fit(new() { MaxPromptLength = 4096, InferenceMaxTokens = 100 }, 256);

        Assert.Equal((256, 100), (fitted.MaxPromptLength, fitted.InferenceMaxTokens));
    }

    [Fact]
    public async Task The_number_of_threads_is_kept_for_the_next_start_and_checked()
    {
        IComputeThreads threads = _console.Services.GetRequiredService<IComputeThreads>();
        await Assert.ThrowsAsync<UserInputException>(() => threads.SetAsync(0));
        await Assert.ThrowsAsync<UserInputException>(() => threads.SetAsync(Environment.ProcessorCount + 1));

        await threads.SetAsync(1);
        await _console.DisposeAsync();
        _console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine());

        ComputeThreadsView view = await _console.Services.GetRequiredService<IComputeThreads>().ViewAsync();
        Assert.Equal((1, 1, false), (view.Wanted, view.Now, view.TakesRestart));
    }
}
