using RftConsole.Training.Rewards;

namespace RftConsole.Tests.Rewards;

/// <summary>What reward code cannot use up. Each test is one attack, and the worker still grades after it.</summary>
public sealed class SandboxLimitTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    [Fact]
    public async Task An_endless_loop_ends_at_the_time_limit()
    {
        RewardResult result = await sandbox.SurviveAsync("while True: pass");
        Assert.Equal("stopped at the time limit of 4 s", result.Error);
        Assert.Equal(0, result.Score);
    }

    [Fact]
    public async Task A_sleep_ends_at_the_time_limit_and_keeps_what_was_printed()
    {
        RewardResult result = await sandbox.SurviveAsync("print('before', flush=True)\ntime.sleep(1000)");
        Assert.Equal(("stopped at the time limit of 4 s", "before\n"), (result.Error, result.Output));
    }

    [Fact]
    public async Task A_loop_that_no_signal_or_exception_ends_is_ended()
    {
        RewardResult result = await sandbox.SurviveAsync("""
            for number in range(1, 65):
                try:
                    signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError):
                    pass
            while True:
                try:
                    while True: pass
                except BaseException:
                    pass
            """);
        Assert.Equal("stopped at the time limit of 4 s", result.Error);
    }

    [Fact]
    public async Task A_memory_bomb_meets_the_memory_limit()
    {
        RewardResult result = await sandbox.SurviveAsync("bytearray(1 << 30)");
        Assert.StartsWith("out of memory: the limit is 256 MB", result.Error);
    }

    [Fact]
    public async Task A_memory_bomb_in_small_pieces_meets_it_too()
    {
        RewardResult result = await sandbox.SurviveAsync("pieces = []\nwhile True: pieces.append(bytearray(1 << 16))");
        Assert.StartsWith("out of memory", result.Error);
    }

    [Fact]
    public async Task A_memory_bomb_spread_over_processes_meets_it_too()
    {
        RewardResult result = await sandbox.AttackAsync("""
            for _ in range(12):
                if os.fork() == 0:
                    block = bytearray(os.urandom(1 << 20)) * 150
                    time.sleep(60)
            time.sleep(60)
            """);
        Assert.Equal("out of memory: its processes together use more than the limit of 256 MB", result.Error);
        Assert.Null((await sandbox.AttackAsync("pass")).Error);
    }

    [Fact]
    public async Task An_endless_result_meets_a_limit()
    {
        RewardResult result = await sandbox.SurviveAsync("def endless():\n    while True: yield 1\nnames['answer'] = list(endless())");
        Assert.NotNull(result.Error);
        result = await sandbox.SurviveAsync("names['answer'] = [{'id': 'x' * (1 << 20)} for _ in range(20)]");
        Assert.Equal("stopped because its result is longer than 16 MB", result.Error);
    }

    [Fact]
    public async Task A_fork_bomb_meets_the_limit_of_processes()
    {
        RewardResult result = await sandbox.SurviveAsync("""
            while True:
                try:
                    os.fork()
                except OSError:
                    pass
            """);
        Assert.Equal("stopped at the time limit of 4 s", result.Error);
    }

    [Fact]
    public Task The_number_of_processes_is_bounded() => sandbox.PrintsAsync(
        "True",
        """
        children = 0
        try:
            while children < 1000:
                if os.fork() == 0:
                    time.sleep(60)
                    os._exit(0)
                children += 1
        except OSError:
            pass
        print(children < 16)
        """);

    [Fact]
    public async Task Threads_count_as_processes()
    {
        RewardResult result = await sandbox.SurviveAsync("for _ in range(1000): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()");
        Assert.StartsWith("RuntimeError: can't start new thread", result.Error);
    }

    [Fact]
    public async Task An_output_flood_is_stopped()
    {
        RewardResult result = await sandbox.SurviveAsync("while True: os.write(1, b'x' * 65536)");
        Assert.Equal("stopped because it printed more than 1048576 bytes", result.Error);
        Assert.InRange(result.Output.Length, 1, 10000);
    }

    [Fact]
    public async Task A_file_cannot_grow_beyond_its_limit()
    {
        RewardResult result = await sandbox.AttackAsync("print(refused(lambda: open('/tmp/large', 'wb', 0).write(b'x' * (64 << 20)) and open('/tmp/large', 'ab', 0).write(b'x')))");
        Assert.Equal("EFBIG\n", result.Output);
    }

    [Theory]
    [InlineData("/tmp")]
    [InlineData("/dev/shm")]
    public async Task Many_files_cannot_grow_beyond_the_limit_together(string folder)
    {
        RewardResult result = await sandbox.AttackAsync($"print(refused(lambda: [open('{folder}/%d' % n, 'wb', 0).write(b'x' * (1 << 20)) and None for n in range(50)] and [open('{folder}/last%d' % n, 'wb', 0).write(b'x' * 4096) for n in range(3)]))");
        Assert.Equal("ENOSPC\n", result.Output);
    }

    [Fact]
    public Task Limits_cannot_be_raised() => sandbox.PrintsAsync(
        "ValueError ValueError EPERM",
        """
        for limit in (resource.RLIMIT_AS, resource.RLIMIT_NPROC):
            try:
                resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            except ValueError as error:
                print(type(error).__name__, end=" ")
        print(refused(lambda: syscall(302, 1, 9, 0, 0)))
        """);

    [Fact]
    public Task Memory_that_no_limit_counts_cannot_be_had() =>
        sandbox.PrintsAsync("EPERM EPERM EPERM EPERM", "print(*(refused(lambda: syscall(number, 0, 1 << 20, 0o1666, 0)) for number in (319, 29, 68, 240)))");

    [Fact]
    public async Task Open_files_are_bounded()
    {
        RewardResult result = await sandbox.SurviveAsync("files = [open('/dev/null') for _ in range(1000)]");
        Assert.StartsWith("OSError: [Errno 24] Too many open files", result.Error);
    }

    [Fact]
    public async Task A_recursion_without_end_fails_the_sample_only()
    {
        RewardResult result = await sandbox.SurviveAsync("def f(): return f()\nf()");
        Assert.StartsWith("RecursionError", result.Error);
        result = await sandbox.SurviveAsync("sys.setrecursionlimit(10 ** 9)\nclass A:\n    def __repr__(self): return repr(self)\nrepr(A())");
        Assert.NotNull(result.Error);
    }
}
