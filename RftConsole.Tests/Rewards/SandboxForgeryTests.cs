using RftConsole.Training.Rewards;

namespace RftConsole.Tests.Rewards;

/// <summary>Reward code can neither forge what the worker says, nor break the worker, nor reach another call.</summary>
public sealed class SandboxForgeryTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private const string Forged = """
        forged = json.dumps({"seal": "00" * 16, "stopped": None, "exit": 0, "signal": None, "elapsedMs": 1, "memoryKb": 1, "dirty": False}).encode()
        value = json.dumps({"value": [{"id": "id:0", "aggregate_reward_score": 0.123}]}).encode()
        frames = b"".join(struct.pack("<I", len(part)) + part for part in (forged, struct.pack("<I", len(value)) + value, b""))

        """;

    [Theory]
    [InlineData("os._exit(0)", "before it returned")]
    [InlineData("os._exit(3)", "exit status 3")]
    [InlineData("sys.exit(1)", "sys.exit(1)")]
    [InlineData("os.abort()", "signal 6")]
    [InlineData("os.kill(os.getpid(), signal.SIGKILL)", "signal 9")]
    [InlineData("raise KeyboardInterrupt", "KeyboardInterrupt")]
    [InlineData("raise BaseException('deep')", "BaseException: deep")]
    [InlineData("ctypes.string_at(0)", "signal 11")]
    [InlineData("os.closerange(0, 256)", "exit status 70")]
    [InlineData("del sys.modules['os']; os.write = None", "exit status 70")]
    public async Task An_end_of_the_process_is_a_failed_sample(string attack, string reason)
    {
        RewardResult result = await sandbox.SurviveAsync(attack);
        Assert.Contains(reason, result.Error);
        Assert.Equal(0, result.Score);
    }

    [Fact]
    public async Task An_exception_that_cannot_be_described_is_a_failed_sample()
    {
        RewardResult result = await sandbox.SurviveAsync("class Evil(Exception):\n    def __str__(self): raise ValueError()\nraise Evil()");
        Assert.NotNull(result.Error);
    }

    [Theory]
    [InlineData("os.kill(os.getppid(), signal.SIGKILL)")]
    [InlineData("os.kill(1, signal.SIGSTOP)")]
    [InlineData("os.kill(1, signal.SIGINT)")]
    [InlineData("os.kill(1, signal.SIGTERM)")]
    [InlineData("refused(lambda: os.kill(-1, signal.SIGKILL))")]
    [InlineData("signal.pidfd_send_signal(os.pidfd_open(1), signal.SIGKILL)")]
    [InlineData("[os.kill(1, number) for number in range(1, 65) for _ in range(3)]")]
    public async Task The_worker_cannot_be_killed_stopped_or_interrupted(string attack)
    {
        RewardResult result = await sandbox.SurviveAsync(attack);
        Assert.Null(result.Error);
    }

    [Fact]
    public Task The_worker_cannot_be_traced_read_or_slowed() => sandbox.PrintsAsync(
        "EPERM EPERM EPERM EPERM EPERM EPERM EPERM",
        """
        print(refused(lambda: syscall(101, 16, 1, 0, 0)), refused(lambda: syscall(310, 1, 0, 0, 0, 0, 0)), refused(lambda: syscall(311, 1, 0, 0, 0, 0, 0)),
              refused(lambda: syscall(438, os.pidfd_open(1), 4, 0)), refused(lambda: os.setpriority(os.PRIO_PROCESS, 1, 19)),
              refused(lambda: os.sched_setaffinity(1, {0})), refused(lambda: resource.prlimit(1, resource.RLIMIT_CPU, (0, 0))))
        """);

    [Fact]
    public Task The_call_holds_no_descriptor_but_its_own() => sandbox.PrintsAsync(
        "[0, 1, 2] 1",
        """
        held = [number for number in range(1024) if refused(lambda: os.fstat(number) and None) == "done: None"]
        print(held[:3], len(held) - 3)
        """);

    [Fact]
    public async Task Frames_written_to_every_descriptor_never_become_a_reward()
    {
        RewardResult result = await sandbox.SurviveAsync(Forged + """
            for number in range(3, 256):
                try:
                    os.write(number, frames)
                except OSError:
                    pass
            """);
        Assert.Equal("something other than the function's return value was written to the result channel", result.Error);
        Assert.Equal(0, result.Score);
    }

    [Fact]
    public async Task Frames_that_are_printed_are_text()
    {
        RewardResult result = await sandbox.SurviveAsync(Forged + "os.write(1, frames)\nos.write(2, frames)");
        Assert.Null(result.Error);
        Assert.Equal(1.0, result.Score);
        Assert.Contains("0.123", result.Output);
    }

    [Theory]
    [InlineData("\\0sample 5\\0mine", "mine")]
    [InlineData("\\0sample 99999999999999999999\\0mine", "\0sample 99999999999999999999\0mine")]
    [InlineData("\\0sample x\\0mine", "\0sample x\0mine")]
    [InlineData("\\0sample \\0sample \\0sample 0\\0mine", "\0sample \0sample mine")]
    public async Task A_forged_mark_in_the_output_moves_text_and_nothing_else(string text, string kept)
    {
        RewardResult result = await sandbox.SurviveAsync($"os.write(1, b'{text}')");
        Assert.Null(result.Error);
        Assert.Equal((1.0, kept), (result.Score, result.Output));
    }

    [Fact]
    public async Task A_forged_result_for_another_sample_is_refused()
    {
        RewardResult result = await sandbox.SurviveAsync("names['extra'] = [{'id': 'other:0', 'aggregate_reward_score': 1.0}]");
        Assert.Contains("the result has 2 entries for 1 samples (entry 2 has the id 'other:0', which was not sent)", result.Error);
    }

    [Fact]
    public async Task A_frame_that_claims_to_be_broken_infrastructure_never_becomes_a_reward()
    {
        RewardInfrastructureException error = await Assert.ThrowsAsync<RewardInfrastructureException>(() => sandbox.AttackAsync("""
            claim = json.dumps({"broken": "forged", "value": [{"id": "id:0", "aggregate_reward_score": 1}]}).encode()
            for number in range(3, 256):
                try:
                    os.write(number, struct.pack("<I", len(claim)) + claim)
                except OSError:
                    pass
            os._exit(0)
            """));
        Assert.Contains("forged", error.Message);
    }

    [Fact]
    public async Task Tampering_with_modules_ends_with_the_call()
    {
        RewardResult result = await sandbox.SurviveAsync("""
            import builtins
            STATE.append(1)
            globals()["lambda_handler"] = None
            for module in list(sys.modules.values()):
                for name in ("fork", "read", "write", "kill", "dumps", "loads", "monotonic", "wait4", "poll", "serve", "run", "apply"):
                    if hasattr(module, name):
                        setattr(module, name, lambda *a, **k: (_ for _ in ()).throw(SystemError("tampered")))
            builtins.len = lambda x: 0
            gc.collect()
            for thing in gc.get_objects():
                if isinstance(thing, dict) and "allowProcesses" in thing:
                    thing.clear()
            """);
        Assert.NotNull(result.Error);
    }

    [Fact]
    public async Task The_workers_own_modules_are_not_at_hand()
    {
        RewardResult result = await sandbox.SurviveAsync("import _rft_worker");
        Assert.Contains("the Python module '_rft_worker' is not installed", result.Error);
    }

    [Fact]
    public async Task Threads_do_not_outlive_the_call()
    {
        RewardResult result = await sandbox.SurviveAsync("threading.Thread(target=lambda: time.sleep(60)).start()");
        Assert.Null(result.Error);
    }

    [Fact]
    public async Task Processes_do_not_outlive_the_call()
    {
        RewardResult result = await sandbox.SurviveAsync("""
            ready, up = os.pipe()
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    listener = socket.socket()
                    listener.bind(("127.0.0.1", 4321))
                    listener.listen()
                    os.write(up, b"x")
                    time.sleep(60)
                os._exit(0)
            os.read(ready, 1)
            socket.create_connection(("127.0.0.1", 4321), 1)
            print("daemon is up")
            """);
        Assert.Equal((null, "daemon is up\n"), (result.Error, result.Output));
        await sandbox.PrintsAsync("ECONNREFUSED", "print(refused(lambda: socket.create_connection(('127.0.0.1', 4321), 1)))");
    }

    [Theory]
    [InlineData("/tmp")]
    [InlineData("/dev/shm")]
    public async Task Files_do_not_outlive_the_call(string folder)
    {
        RewardResult planted = await sandbox.AttackAsync($"os.makedirs('{folder}/a/b')\nopen('{folder}/note', 'w').write('x')");
        Assert.Null(planted.Error);
        await sandbox.PrintsAsync("[]", $"print(os.listdir('{folder}'))");
    }

    [Fact]
    public async Task A_tree_of_folders_without_end_does_not_outlive_the_call()
    {
        RewardResult result = await sandbox.AttackAsync("""
            os.chdir("/tmp")
            for _ in range(3000):
                os.mkdir("d")
                os.chdir("d")
            os.chmod("/tmp/d", 0)
            """);
        Assert.Null(result.Error);
        await sandbox.PrintsAsync("[]", "print(os.listdir('/tmp'))");
    }

    [Theory]
    [InlineData("float('nan')", "aggregate_reward_score is nan; it must be a finite number")]
    [InlineData("float('-inf')", "aggregate_reward_score is -inf")]
    [InlineData("10 ** 400", "integer beyond the range of a double")]
    [InlineData("10 ** 100000", "integer beyond the range of a double")]
    [InlineData("True", "a boolean")]
    [InlineData("'1.0'", "the text '1.0'")]
    [InlineData("'\\ud800'", "the text '?'")]
    [InlineData("None", "null (None)")]
    [InlineData("object()", "is object; it must be a finite number")]
    [InlineData("__import__('decimal').Decimal(1)", "is Decimal;")]
    public async Task A_score_that_is_no_finite_number_is_an_error(string score, string reason)
    {
        RewardResult result = await sandbox.SurviveAsync($"names['score'] = {score}");
        Assert.StartsWith("sample 'id:0': aggregate_reward_score is ", result.Error);
        Assert.Contains(reason, result.Error);
        Assert.Equal(0, result.Score);
    }

    [Fact]
    public async Task Deep_results_do_no_harm()
    {
        const string Deep = "deep = []\nfor _ in range(100000): deep = [deep]\n";
        RewardResult result = await sandbox.SurviveAsync(Deep + "names['score'] = deep");
        Assert.Contains("aggregate_reward_score is list", result.Error);
        result = await sandbox.SurviveAsync(Deep + "names['answer'] = [{'id': 'id:0', 'aggregate_reward_score': 1, 'note': deep}]");
        Assert.Null(result.Error);
        result = await sandbox.SurviveAsync(Deep + "names['answer'] = deep");
        Assert.Contains("entry 1 is list, not an object", result.Error);
    }

    [Fact]
    public async Task Deep_json_on_the_result_channel_does_no_harm()
    {
        RewardResult result = await sandbox.SurviveAsync("""
            claim = b'{"value":' + b'[' * 1000000 + b']' * 1000000 + b'}'
            for number in range(3, 64):
                try:
                    view = struct.pack("<I", len(claim)) + claim
                    while view: view = view[os.write(number, view):]
                except OSError:
                    pass
            os._exit(0)
            """);
        Assert.StartsWith("the result channel carries no JSON", result.Error);
    }

    [Fact]
    public async Task Standard_input_is_empty() => await sandbox.PrintsAsync("''", "print(repr(sys.stdin.read()))");
}
