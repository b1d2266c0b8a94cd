using System.Diagnostics;

using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Sandbox;

namespace RftConsole.Tests.Rewards;

/// <summary>Failures of infrastructure are tried again and then reported; they never become a reward.</summary>
public sealed class SandboxFailureTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sandbox_that_was_killed_between_two_calls_is_replaced()
    {
        await using PythonRewardFunction function = await Grading.StartAsync(Grading.Handler("score = 0.5"));
        int first = function.SandboxProcessId!.Value;
        Kill(first);

        RewardResult result = Assert.Single(await function.ScoreAsync(Grading.Samples(1), Token));

        Assert.Equal((0.5, null), (result.Score, result.Error));
        Assert.NotEqual(first, function.SandboxProcessId);
    }

    [Fact]
    public async Task A_sandbox_that_is_killed_in_the_middle_of_a_call_is_an_infrastructure_failure_and_no_reward()
    {
        await using PythonRewardFunction function = await Grading.StartAsync(Grading.Handler("time.sleep(4)"), Grading.Options with { Retries = 0 });
        int sandbox = function.SandboxProcessId!.Value;
        Task<IReadOnlyList<RewardResult>> call = function.ScoreAsync(Grading.Samples(1), Token);
        while (SandboxFixture.Descendants(sandbox).Count < 2)
        {
            await Task.Yield();
        }

        Kill(sandbox);

        RewardInfrastructureException error = await Assert.ThrowsAsync<RewardInfrastructureException>(() => call);
        Assert.Contains("The reward sandbox ended while it worked", error.Message);
    }

    [Fact]
    public async Task A_sandbox_that_does_not_start_is_tried_three_more_times_with_growing_waits()
    {
        string log = Path.Combine(Directory.CreateTempSubdirectory("broken").FullName, "attempts");
        string broken = Path.Combine(Path.GetDirectoryName(log)!, "bwrap");
        await File.WriteAllTextAsync(broken, $"#!/bin/sh\necho attempt >> {log}\necho 'bwrap: Creating new namespace failed: Operation not permitted' >&2\nexit 1\n", Token);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(broken, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        ImmediateTime time = new();
        RewardOptions options = new() { TimeProvider = time };
        await using SandboxSession session = new("broken", "broken.py", "", options, () => [new(broken, "/usr/bin/python3", [], null)]);

        RewardInfrastructureException error = await Assert.ThrowsAsync<RewardInfrastructureException>(() => session.LoadAsync(Token));

        Assert.StartsWith("The sandbox for reward code does not start: bwrap: Creating new namespace failed: Operation not permitted. ", error.Message);
        Assert.Equal(4, (await File.ReadAllLinesAsync(log, Token)).Length);
        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)], time.Waits);
        Directory.Delete(Path.GetDirectoryName(log)!, true);
    }

    [Fact]
    public async Task The_second_way_to_start_is_taken_where_the_first_fails()
    {
        SandboxCommand works = SandboxTools.Candidates()[0];
        await using SandboxSession session = new("second", "second.py", Grading.Handler("pass"), Grading.Options, () => [works with { Python = "/usr/bin/no-such-python" }, works]);
        await session.LoadAsync(Token);
        Assert.NotNull(session.ProcessId);
    }

    [Fact]
    public async Task A_python_outside_of_usr_is_bound_by_itself()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "other-python-" + Guid.NewGuid().ToString("N"));
        string python = Path.Combine(Directory.CreateDirectory(folder).FullName, "python3");
        File.Copy("/usr/bin/python3", python);
        await File.WriteAllTextAsync(Path.Combine(AppContext.BaseDirectory, "beside-other-python.txt"), "secret", Token);
        IReadOnlyList<SandboxCommand> candidates = SandboxTools.Candidates(program => program switch
        {
            "/usr/bin/python3" => null,
            "python3" => python,
            _ => "/usr/bin/" + program,
        });
        Assert.Equal([folder], candidates[0].PythonFolders);
        string source = "import os, sys\ndef lambda_handler(event, context):\n    print(sys.executable, os.listdir(os.path.dirname(os.path.dirname(sys.executable))))\n    return []";
        await using SandboxSession session = new("other", "other.py", source, Grading.Options, () => candidates);

        await session.LoadAsync(Token);
        RewardReply reply = await session.ScoreAsync("[]"u8.ToArray(), 1, TimeSpan.FromSeconds(5), Token);

        Assert.Equal($"{python} ['{Path.GetFileName(folder)}']\n", reply.Output);
        Directory.Delete(folder, true);
    }

    [Fact]
    public async Task Where_the_kernel_does_not_limit_processes_new_ones_are_refused()
    {
        SandboxCommand command = SandboxTools.Candidates()[0];
        await using SandboxSession session = new("root", "root.py", Grading.Handler("try:\n    os.fork()\nexcept OSError as error:\n    print(error.errno)"), Grading.Options, () => [command with { SetPriv = null }]);
        await session.LoadAsync(Token);
        RewardReply reply = await session.ScoreAsync("[]"u8.ToArray(), 1, TimeSpan.FromSeconds(5), Token);
        // An ordinary user may fork within the limit; root, for whom the kernel knows no limit, may not.
        Assert.Equal(Environment.IsPrivilegedProcess ? "1\n" : "", reply.Output);
    }

    [Fact]
    public async Task A_failure_of_the_users_code_is_not_tried_again()
    {
        await using PythonRewardFunction function = await Grading.StartAsync(Grading.Handler("raise ValueError(len(event))"), new RewardOptions { TimeProvider = new ImmediateTime(fails: true) });
        IReadOnlyList<RewardResult> results = await function.ScoreAsync(Grading.Samples(2), Token);
        Assert.All(results, result => Assert.StartsWith("ValueError: 1", result.Error));
    }

    [Fact]
    public void A_missing_tool_is_named_with_the_command_that_installs_it()
    {
        RewardInfrastructureException bubblewrap = Assert.Throws<RewardInfrastructureException>(() => SandboxTools.Candidates(_ => null));
        Assert.Matches("bubblewrap .*is not installed. Install it with: .*(apt-get|dnf) install bubblewrap$", bubblewrap.Message);
        RewardInfrastructureException python = Assert.Throws<RewardInfrastructureException>(() => SandboxTools.Candidates(program => program == "bwrap" ? "/usr/bin/bwrap" : null));
        Assert.Matches("Python 3 is not installed. Install it with: .*(apt-get|dnf) install python3$", python.Message);
    }

    [Theory]
    [InlineData("kernel/apparmor_restrict_unprivileged_userns", "1", "profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }")]
    [InlineData("kernel/apparmor_restrict_unprivileged_userns", "1", "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0")]
    [InlineData("kernel/unprivileged_userns_clone", "0", "sudo sysctl -w kernel.unprivileged_userns_clone=1")]
    [InlineData("user/max_user_namespaces", "0", "sudo sysctl -w user.max_user_namespaces=10000")]
    public void A_kernel_setting_that_forbids_the_sandbox_is_named_with_the_command_that_allows_it(string setting, string value, string command)
    {
        string message = SandboxDiagnosis.DoesNotStart("bwrap: setting up uid map: Permission denied\n", name => name == setting ? value : null, inContainer: false);
        Assert.StartsWith("The sandbox for reward code does not start: bwrap: setting up uid map: Permission denied. ", message);
        Assert.Contains(command, message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_container_that_forbids_the_sandbox_is_named() =>
        Assert.Contains("--cap-add SYS_ADMIN", SandboxDiagnosis.DoesNotStart("bwrap: Creating new namespace failed: Operation not permitted", _ => null, inContainer: true));

    [Fact]
    public async Task A_cancelled_call_ends_the_sandbox_and_the_next_one_grades()
    {
        await using PythonRewardFunction function = await Grading.StartAsync(Grading.Handler("time.sleep(4 if event[0]['id'] == 'slow' else 0)"));
        int sandbox = function.SandboxProcessId!.Value;
        using CancellationTokenSource cancel = new();
        Task<IReadOnlyList<RewardResult>> call = function.ScoreAsync([Grading.Sample("slow", "")], cancel.Token);
        while (SandboxFixture.Descendants(sandbox).Count < 2)
        {
            await Task.Yield();
        }

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Null((await function.ScoreAsync(Grading.Samples(1), Token))[0].Error);
        Assert.Null(SandboxFixture.ReadStat($"/proc/{sandbox}"));
    }

    [Fact]
    public async Task Disposing_leaves_no_process_behind()
    {
        PythonRewardFunction function = await Grading.StartAsync(Grading.Handler("pass"));
        int sandbox = function.SandboxProcessId!.Value;
        int worker = Assert.Single(SandboxFixture.Descendants(sandbox));
        await function.DisposeAsync();
        Assert.Null(SandboxFixture.ReadStat($"/proc/{sandbox}"));
        Assert.True(SpinWait.SpinUntil(() => SandboxFixture.ReadStat($"/proc/{worker}") is null, TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task Two_functions_do_not_meet()
    {
        await using PythonRewardFunction first = await Grading.StartAsync(Grading.Handler("score = 0.25"));
        await using PythonRewardFunction second = await Grading.StartAsync(Grading.Handler("try:\n    os.kill(-1, 9)\nexcept OSError:\n    pass\nprint(os.listdir('/tmp'))"));
        await second.ScoreAsync(Grading.Samples(1), Token);
        int sandbox = first.SandboxProcessId!.Value;
        Assert.Equal(0.25, (await first.ScoreAsync(Grading.Samples(1), Token))[0].Score);
        Assert.Equal(sandbox, first.SandboxProcessId);
    }

    private static void Kill(int process)
    {
        using Process sandbox = Process.GetProcessById(process);
        sandbox.Kill();
        // A signal takes effect some time after it is sent; until then the worker still answers.
        sandbox.WaitForExit();
    }

    /// <summary>A clock whose timers fire at once and are written down.</summary>
    private sealed class ImmediateTime(bool fails = false) : TimeProvider
    {
        public List<TimeSpan> Waits { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Assert.False(fails, "nothing was to be tried again");
            Waits.Add(dueTime);
            return base.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
