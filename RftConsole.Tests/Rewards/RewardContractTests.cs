using System.Text.Json.Nodes;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;

namespace RftConsole.Tests.Rewards;

/// <summary>The contract of section 4 with real functions in the real sandbox.</summary>
public sealed class RewardContractTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_event_has_the_published_shape()
    {
        string source = """
            import json
            def lambda_handler(event, context):
                print(json.dumps(event, sort_keys=True))
                return [{"id": s["id"], "aggregate_reward_score": 0.5} for s in event]
            """;
        await using PythonRewardFunction function = await Grading.StartAsync(source);
        RewardSample sample = Grading.Sample("123:0", "x = 4 ½ \u2028 \"quoted\"", new JsonObject { ["solution"] = "x = 4" }, new JsonObject { ["my_key"] = "my value", ["level"] = 3 });

        RewardResult result = Assert.Single(await function.ScoreAsync([sample], Token));

        JsonNode expected = JsonNode.Parse("""
            [{"id":"123:0",
              "messages":[{"role":"user","content":"What is 48 + 24?"},{"role":"assistant","content":"x = 4 ½ \u2028 \"quoted\""}],
              "metadata":{"reference_answer":{"solution":"x = 4"},"my_key":"my value","level":3},
              "reference_answer":{"solution":"x = 4"}}]
            """)!;
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(result.Output)), result.Output);
    }

    [Fact]
    public async Task Scores_metrics_and_order_are_those_of_the_function()
    {
        string source = """
            def lambda_handler(event, context):
                results = [{"id": s["id"], "aggregate_reward_score": float(s["reference_answer"]),
                            "metrics_list": [{"name": "accuracy", "value": 0.9, "type": "Reward"}, {"name": "policy_compliance", "value": 1, "type": "Metric"}]}
                           for s in event]
                return list(reversed(results))
            """;
        await using PythonRewardFunction function = await Grading.StartAsync(source);
        RewardSample[] samples = [.. Enumerable.Range(0, 70).Select(index => Grading.Sample($"a:{index}", "", (index / 100.0).ToString(System.Globalization.CultureInfo.InvariantCulture)))];

        IReadOnlyList<RewardResult> results = await function.ScoreAsync(samples, Token);

        Assert.Equal(samples.Select(sample => sample.Id), results.Select(result => result.Id));
        Assert.All(results, (result, index) => Assert.Equal(index / 100.0, result.Score, 12));
        Assert.All(results, result => Assert.Null(result.Error));
        Assert.Equal([new("accuracy", 0.9, RewardMetricType.Reward), new("policy_compliance", 1, RewardMetricType.Metric)], results[^1].Metrics);
    }

    [Fact]
    public async Task Dataclasses_tuples_and_unknown_keys_are_results_too()
    {
        string source = """
            from dataclasses import dataclass, field
            from typing import List

            @dataclass
            class Metric:
                name: str
                value: float
                type: str

            @dataclass
            class Output:
                id: str
                aggregate_reward_score: float
                metrics_list: List[Metric]
                note: object = None

            def lambda_handler(event, context):
                return tuple(Output(s["id"], 0.25, [Metric("m", 0.5, "Metric")], note={1, 2}) for s in event)
            """;
        RewardResult result = Assert.Single(await Grading.RunAsync(source));
        Assert.Null(result.Error);
        Assert.Equal(0.25, result.Score);
        Assert.Equal([new("m", 0.5, RewardMetricType.Metric)], result.Metrics);
    }

    [Fact]
    public async Task The_context_has_the_members_of_aws_lambda()
    {
        RewardResult result = await Grading.RunBodyAsync("""
            left = context.get_remaining_time_in_millis()
            assert 0 < left <= 5000, left
            assert len(context.aws_request_id) == 36
            assert context.function_version == "$LATEST"
            assert context.memory_limit_in_mb == "512"
            assert context.function_name in context.invoked_function_arn
            assert context.log_group_name and context.log_stream_name
            assert context.identity is None and context.client_context is None
            context.log("logged")
            """);
        Assert.Null(result.Error);
        Assert.Equal("logged", result.Output);
    }

    [Fact]
    public async Task What_is_printed_is_kept_in_its_order_from_both_streams()
    {
        RewardResult result = await Grading.RunBodyAsync("""
            print("one")
            print("two \ud800", file=sys.stderr)
            os.write(1, b"three\n")
            """);
        Assert.Null(result.Error);
        Assert.Equal("one\ntwo \\ud800\nthree\n", result.Output);
    }

    [Theory]
    [InlineData("for s in event: print('grading', s['id'])")]
    [InlineData("[print('grading', s['id']) for s in event]")]
    [InlineData("for position, s in enumerate(event):\n    sys.stderr.write('grading ' + s['id'] + chr(10))")]
    [InlineData("def grade(s):\n    os.write(1, b'grading ' + s['id'].encode() + b'\\n')\nlist(map(grade, event))")]
    public async Task What_is_printed_for_a_sample_of_a_batch_is_kept_with_that_sample(string body)
    {
        IReadOnlyList<RewardResult> results = await Grading.RunAsync(Grading.Handler($"print('batch of', len(event))\n{body}\nprint('done')"), 3);
        Assert.Equal(["batch of 3\ngrading r0:0\ndone\n", "batch of 3\ngrading r1:0\ndone\n", "batch of 3\ngrading r2:0\ndone\n"], results.Select(result => result.Output));
    }

    [Fact]
    public async Task Output_that_no_sample_can_be_told_for_is_kept_with_all()
    {
        string source = Grading.Handler("""
            for s in event:
                if s is event[1]: break
            print("after a break")
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(lambda s: time.sleep(0.05) or print(s["id"] + "\n", end=""), event[:1]))
            for s in event:
                for other in event: pass
                print("pair", s["id"])
            """, "from concurrent.futures import ThreadPoolExecutor");
        IReadOnlyList<RewardResult> results = await Grading.RunAsync(source, 2);
        Assert.Equal(["after a break\nr0:0\npair r0:0\n", "after a break\nr0:0\npair r1:0\n"], results.Select(result => result.Output));
    }

    [Fact]
    public async Task The_event_is_a_list_in_every_respect()
    {
        RewardResult result = await Grading.RunBodyAsync("""
            import copy, json, pickle
            assert isinstance(event, list) and len(event) == 1 and event == [event[0]] and event[-1] is event[0]
            assert json.loads(json.dumps(event)) == event and type(event[:]) is list and type(event + []) is list
            assert copy.deepcopy(event) == event and type(pickle.loads(pickle.dumps(event))) is list
            assert sorted(event, key=lambda s: s["id"]) == event and event.copy() == list(event)
            """);
        Assert.Null(result.Error);
        Assert.Equal("", result.Output);
    }

    [Fact]
    public async Task What_is_logged_is_kept_as_in_aws_lambda()
    {
        string before = "import logging\nlogger = logging.getLogger()\nlogger.setLevel(logging.INFO)\nlogger.info('loaded')";
        RewardResult result = await Grading.RunBodyAsync("logger.info('score %d', 1)\nlogging.getLogger('mine').warning('odd')\nlogger.debug('unseen')", before: before);
        Assert.Null(result.Error);
        Assert.Equal("[INFO]\tloaded\n[INFO]\tscore 1\n[WARNING]\todd\n", result.Output);
    }

    [Fact]
    public async Task The_variables_of_aws_lambda_can_be_read()
    {
        RewardResult result = await Grading.RunBodyAsync("print(os.environ['AWS_LAMBDA_FUNCTION_NAME'], os.environ['AWS_REGION'], os.environ['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'])");
        Assert.Equal("reward.py us-east-1 512\n", result.Output);
    }

    [Fact]
    public async Task Long_output_is_cut_and_says_so()
    {
        RewardResult result = await Grading.RunBodyAsync("print('x' * 99999)", Grading.Options with { OutputKept = 100 });
        Assert.Null(result.Error);
        Assert.Equal(new string('x', 100) + "\n… (99900 bytes more)", result.Output);
    }

    [Fact]
    public async Task A_failed_batch_is_run_again_sample_by_sample()
    {
        string source = """
            def lambda_handler(event, context):
                print(len(event))
                return [{"id": s["id"], "aggregate_reward_score": 1 / (s["id"] != "r2:0")} for s in event]
            """;
        IReadOnlyList<RewardResult> results = await Grading.RunAsync(source, 5, Grading.Options with { FailureScore = -0.5 });
        Assert.Equal([1, 1, -0.5, 1, 1], results.Select(result => result.Score));
        Assert.Equal("ZeroDivisionError: division by zero (line 3)", results[2].Error);
        Assert.Equal([0, 1, 3, 4], Enumerable.Range(0, 5).Where(index => results[index].Error is null));
        Assert.All(results, result => Assert.Equal("1\n", result.Output));
    }

    [Fact]
    public async Task An_error_message_fails_the_whole_batch()
    {
        IReadOnlyList<RewardResult> results = await Grading.RunAsync("def lambda_handler(event, context):\n    return {'errorMessage': 'no ground truth', 'errorType': 'KeyError'}", 2);
        Assert.All(results, result => Assert.Equal("the function returned an error: KeyError: no ground truth", result.Error));
        Assert.All(results, result => Assert.Equal(0, result.Score));
    }

    [Fact]
    public async Task A_function_that_only_works_one_by_one_still_grades()
    {
        IReadOnlyList<RewardResult> results = await Grading.RunAsync("def lambda_handler(event, context):\n    return [{'id': event[0]['id'], 'aggregate_reward_score': 1}]", 3);
        Assert.All(results, result => Assert.Null(result.Error));
        Assert.Equal(["r0:0", "r1:0", "r2:0"], results.Select(result => result.Id));
    }

    [Fact]
    public async Task The_batch_size_is_the_most_that_a_call_gets()
    {
        IReadOnlyList<RewardResult> results = await Grading.RunAsync(Grading.Handler("score = len(event) / 10"), 7, Grading.Options with { BatchSize = 3 });
        Assert.Equal([0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.1], results.Select(result => result.Score));
    }

    [Theory]
    [InlineData("def lambda_handler(event, context)\n    return []", "SyntaxError", "(line 1)")]
    [InlineData("x = 1\n\n\nimport boto3\ndef lambda_handler(e, c): return []", "'boto3' is not installed", "(line 4)")]
    [InlineData("def handler(event, context): return []", "defines no function lambda_handler(event, context)", "")]
    [InlineData("lambda_handler = 3", "lambda_handler is a int, not a function", "")]
    [InlineData("def lambda_handler(event): return []", "must take two arguments", "")]
    [InlineData("import os\nos._exit(3)", "exit status 3", "")]
    [InlineData("import sys\nsys.exit('bye')", "sys.exit('bye')", "(line 2)")]
    [InlineData("while True: pass", "time limit of 4 s", "")]
    [InlineData("raise ValueError('at the top')", "ValueError: at the top", "(line 1)")]
    [InlineData("def f():\n\treturn 1\n        return 2", "TabError", "(line 3)")]
    public async Task A_file_that_cannot_be_used_is_refused_before_anything_is_graded(string source, string reason, string line)
    {
        RewardCodeException error = await Assert.ThrowsAsync<RewardCodeException>(() => Grading.StartAsync(source, Grading.Options with { BatchTimeout = TimeSpan.FromSeconds(4) }));
        Assert.StartsWith("The reward function reward.py cannot be used: ", error.Message);
        Assert.Contains(reason, error.Message);
        Assert.Contains(line, error.Message);
    }

    [Fact]
    public async Task An_import_inside_the_handler_is_named_as_well()
    {
        RewardResult result = await Grading.RunBodyAsync("import numpie");
        Assert.Contains("the Python module 'numpie' is not installed in the sandbox", result.Error);
    }

    [Fact]
    public async Task Equal_samples_get_equal_results_in_another_sandbox()
    {
        string source = Grading.Handler("import random, uuid\nscore = random.random()\nprint(set('the quick brown fox'.split()), context.aws_request_id, hash('x'))");
        RewardResult first = Assert.Single(await Grading.RunAsync(source));
        RewardResult second = Assert.Single(await Grading.RunAsync(source));
        Assert.Equal((first.Score, first.Output), (second.Score, second.Output));
    }

    [Fact]
    public async Task The_content_hash_is_a_function_of_the_source()
    {
        await using PythonRewardFunction first = await Grading.StartAsync(Grading.Handler("pass"));
        await using PythonRewardFunction same = await Grading.StartAsync(Grading.Handler("pass"));
        await using PythonRewardFunction other = await Grading.StartAsync(Grading.Handler("score = 0"));
        Assert.Matches("^[0-9a-f]{64}$", first.ContentHash);
        Assert.Equal(first.ContentHash, same.ContentHash);
        Assert.NotEqual(first.ContentHash, other.ContentHash);
    }

    [Fact]
    public async Task A_template_and_a_file_make_a_function()
    {
        string folder = Directory.CreateTempSubdirectory("rewards").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "mine.py"), Grading.Handler("score = 0.75"), Token);
        await using IRewardFunction template = await RewardFunctions.CreateAsync(new() { Template = "math-reasoning" }, folder, Grading.Options, Token);
        await using IRewardFunction file = await RewardFunctions.CreateAsync(new() { File = "mine.py" }, folder, Grading.Options, Token);

        Assert.Equal("math-reasoning", template.Name);
        Assert.Equal(1, (await template.ScoreAsync(Grading.Samples(1), Token))[0].Score);
        Assert.Equal("mine.py", file.Name);
        Assert.Equal(0.75, (await file.ScoreAsync(Grading.Samples(1), Token))[0].Score);
        Directory.Delete(folder, true);
    }

    [Theory]
    [InlineData("customCode", "maths", null, "rewardFunction.template 'maths' is not known; the templates are: math-reasoning")]
    [InlineData("customCode", null, "missing.py", "rewardFunction.file 'missing.py' cannot be read")]
    [InlineData("customCode", null, null, "neither a template nor a file")]
    [InlineData("customCode", "math-reasoning", "a.py", "both a template and a file")]
    [InlineData("magic", "math-reasoning", null, "rewardFunction.type is 'magic'")]
    public async Task A_specification_that_cannot_be_used_names_its_field(string type, string? template, string? file, string message)
    {
        RewardFunctionSpecification specification = new() { Type = type, Template = template, File = file };
        UserInputException error = await Assert.ThrowsAsync<UserInputException>(() => RewardFunctions.CreateAsync(specification, Path.GetTempPath(), Grading.Options, Token));
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public async Task A_call_with_a_warm_worker_costs_milliseconds()
    {
        await using PythonRewardFunction function = await Grading.StartAsync("def lambda_handler(event, context):\n    return [{'id': s['id'], 'aggregate_reward_score': 1} for s in event]", Grading.Options with { BatchSize = 1 });
        await function.ScoreAsync(Grading.Samples(10), Token);
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        await function.ScoreAsync(Grading.Samples(200), Token);
        TimeSpan each = System.Diagnostics.Stopwatch.GetElapsedTime(start) / 200;
        TestContext.Current.TestOutputHelper!.WriteLine($"one call, worker warm: {each.TotalMilliseconds:0.00} ms");
        // The figure to reach is 3 ms on a machine of its own; this only notices a worker that is not warm.
        Assert.InRange(each, TimeSpan.Zero, TimeSpan.FromMilliseconds(60));
    }

    [Fact]
    public void A_limit_out_of_range_is_named()
    {
        Assert.Contains("rewardBatchSize is 0", Assert.Throws<UserInputException>(() => new RewardOptions { BatchSize = 0 }.Validate()).Message);
        Assert.Contains("15 minutes", Assert.Throws<UserInputException>(() => new RewardOptions { BatchTimeout = TimeSpan.FromMinutes(16) }.Validate()).Message);
    }

    [Fact]
    public async Task Two_samples_with_one_id_are_a_fault_of_the_caller()
    {
        await using PythonRewardFunction function = await Grading.StartAsync(Grading.Handler("pass"));
        await Assert.ThrowsAsync<ArgumentException>(() => function.ScoreAsync([.. Grading.Samples(1), .. Grading.Samples(1)], Token));
    }
}
