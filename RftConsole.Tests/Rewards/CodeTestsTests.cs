using System.Text.Json.Nodes;

using RftConsole.Training.Rewards;

namespace RftConsole.Tests.Rewards;

/// <summary>The template <c>code-tests</c> in the sandbox: right code, wrong code, and code that attacks its grader.</summary>
public sealed class CodeTestsTests
{
    private const string Tests = """["assert f(1) == 2", "assert f(2) == 3", "assert abs(f(3) - 4) < 1e-9"]""";

    private static readonly (string Response, string Tests, double Score)[] s_rows =
    [
        ("Here it is:\n```python\ndef f(x):\n    return x + 1\n```\nIt adds one.", Tests, 1),
        ("def f(x): return x + 1", Tests, 1),
        ("```\ndef f(x): return 0\n```\nBetter:\n```py\ndef f(x): return x + 1\n```", Tests, 1),
        ("```python\ndef f(x): return x + 1\n```\nExample:\n```python\nprint(f(3))\n```", Tests, 1),
        ("```python\ndef f(x): return x + 1", Tests, 1),
        ("def f(x): return 2", Tests, 1 / 3.0),
        ("def f(x): return x", Tests, 0),
        ("def f(x) return x + 1", Tests, 0),
        ("I cannot write code.", Tests, 0),
        ("", Tests, 0),
        ("raise ValueError()\ndef f(x): return x + 1", Tests, 0),
        ("def f(x):\n    if x == 1:\n        raise ValueError()\n    return x + 1", Tests, 2 / 3.0),
        ("def f(x): return [(x, {'k': {x}}), 1.5, None, b'a', True]", """["assert f(1) == [(1, {'k': {1}}), 1.5, None, b'a', True]", "assert f(2) is None"]""", 0.5),
        ("from collections import OrderedDict\ndef f(x): return OrderedDict(a=x)", """["assert f(1) == {'a': 1}"]""", 1),
        ("def f(x): return x + 1", "\"import math\\nassert f(1) == 2\\nassert math.isclose(f(2), 3.0)\\nassert f(3) == 5\"", 2 / 3.0),
        ("def f(x): return x + 1", "\"def check(candidate):\\n    assert candidate(1) == 2\"", 1),
        ("def f(x): return x", "\"def check(candidate):\\n    assert candidate(1) == 2\"", 0),
        ("a, b = map(int, input().split())\nprint(a + b)", """[{"input": "1 2\n", "output": "3"}, {"input": "-1 1", "output": "0\n"}]""".Replace("\n", "\\n"), 1),
        ("print(3)", """[{"input": "1 2", "output": "3"}, {"input": "2 2", "output": "4"}]""", 0.5),
        // Code that ends, floods, eats or outsmarts.
        ("import os\nos._exit(0)\ndef f(x): return x + 1", Tests, 0),
        ("import os\ndef f(x):\n    if x == 1: os._exit(0)\n    return x + 1", Tests, 2 / 3.0),
        ("def f(x):\n    if x == 1: raise SystemExit(0)\n    return x + 1", Tests, 2 / 3.0),
        ("def f(x): return 'x' * 10 ** 11", Tests, 0),
        ("print('x' * 10 ** 7)\ndef f(x):\n    print('y' * 10 ** 6)\n    return x + 1", Tests, 1),
        ("while True: print('x' * 10 ** 6)", """[{"output": "x"}]""", 0),
        ("class Any:\n    def __eq__(self, other): return True\ndef f(x): return Any()", Tests, 0),
        ("class Any(int):\n    def __eq__(self, other): return True\ndef f(x): return Any(0)", """["assert f(1) == 2"]""", 0),
        ("import builtins\nbuiltins.AssertionError = ValueError\nbuiltins.eval = lambda *a: 2\nbuiltins.compile = lambda *a: 'pass'\ndef f(x): return 0", """["assert f(1) == 7"]""", 0),
        ("import os\nos.fork()\ndef f(x): return x + 1", """["assert f(1) == 3"]""", 0),
        ("import gc\ndef f(x):\n    return next((o for o in gc.get_objects() if isinstance(o, str) and 'assert' in o), 0)", """["assert f(1) == 2"]""", 0),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_test_counts_and_no_trick_passes_one()
    {
        await using IRewardFunction function = await StartAsync();
        IReadOnlyList<RewardResult> results = await function.ScoreAsync(
            [.. s_rows.Select((row, index) => Sample($"c:{index}", row.Response, row.Tests))],
            Token);
        Assert.Empty(results.Zip(s_rows).Where(pair => pair.First.Error is not null || Math.Abs(pair.First.Score - pair.Second.Score) > 1e-12)
            .Select(pair => $"{pair.Second.Response}: {pair.First.Error ?? pair.First.Score.ToString(System.Globalization.CultureInfo.InvariantCulture)}"));
    }

    [Fact]
    public async Task Code_that_loops_for_ever_costs_the_rest_of_its_batch_nothing()
    {
        await using IRewardFunction function = await StartAsync();
        IReadOnlyList<RewardResult> results = await function.ScoreAsync(
            [
                Sample("loop:0", "def f(x):\n    while True:\n        pass", """["assert f(1) == 2"]"""),
                Sample("start:0", "while True: pass", Tests),
                Sample("program:0", "while True: pass", """[{"output": "3"}]"""),
                Sample("good:0", "def f(x): return x + 1", Tests),
            ],
            Token);
        Assert.Equal([0, 0, 0, 1], results.Select(result => result.Score));
        Assert.All(results, result => Assert.Null(result.Error));
        Assert.Equal([new("all_tests", 1, RewardMetricType.Reward), new("tests_passed", 1, RewardMetricType.Metric), new("code_found", 1, RewardMetricType.Metric)], results[3].Metrics);
    }

    [Fact]
    public async Task Code_that_kills_its_grader_fails_its_own_sample_only()
    {
        await using IRewardFunction function = await StartAsync();
        IReadOnlyList<RewardResult> results = await function.ScoreAsync(
            [Sample("kill:0", "import os, signal\ndef f(x): os.kill(os.getppid(), signal.SIGKILL)", Tests), Sample("good:0", "def f(x): return x + 1", Tests)],
            Token);
        Assert.Equal([0, 1], results.Select(result => result.Score));
        Assert.Contains("signal 9", results[0].Error);
        Assert.Null(results[1].Error);
    }

    [Fact]
    public async Task Tests_may_stand_in_the_reference_answer_and_setup_runs_first()
    {
        RewardSample sample = Grading.Sample("a:0", "def f(x): return BASE + x", JsonNode.Parse("""{"tests": ["assert f(1) == 11"], "setup": "BASE = 10"}"""));
        await using IRewardFunction function = await StartAsync();
        Assert.Equal(1, Assert.Single(await function.ScoreAsync([sample], Token)).Score);
    }

    [Fact]
    public async Task A_record_without_tests_is_an_error_that_says_what_is_missing()
    {
        await using IRewardFunction function = await StartAsync();
        IReadOnlyList<RewardResult> results = await function.ScoreAsync([Grading.Sample("a:0", "def f(x): return 1"), Sample("b:0", "x = 1", "\"def check(candidate): pass\"", entryPoint: null)], Token);
        Assert.Contains("sample a:0 has no tests", results[0].Error);
        Assert.Contains("entry_point must name the function", results[1].Error);
    }

    private static RewardSample Sample(string id, string response, string tests, string? entryPoint = "f") =>
        Grading.Sample(id, response, null, new() { ["tests"] = JsonNode.Parse(tests), ["entry_point"] = entryPoint });

    private static Task<IRewardFunction> StartAsync() => RewardFunctions.CreateAsync(new() { Template = "code-tests" }, ".", new(), Token);
}
