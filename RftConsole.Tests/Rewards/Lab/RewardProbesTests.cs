using System.Text.Json.Nodes;

using RftConsole.Training.Datasets;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Lab;
using RftConsole.Training.Starter;

namespace RftConsole.Tests.Rewards.Lab;

/// <summary>Good reward functions pass the probes, and gameable ones are caught with the response that games them; all in the real sandbox.</summary>
public sealed class RewardProbesTests
{
    private const string Frame = """
        import json, re
        def lambda_handler(event, context):
            return [{"id": s["id"], "aggregate_reward_score": float(grade(s["messages"][-1]["content"], s.get("reference_answer"), s))} for s in event]
        def last_number(text):
            found = re.findall(r"-?\d+", text)
            return found[-1] if found else None

        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static TrainingRecord[] Sums { get; } = [.. Enumerable.Range(1, 6).Select(n => Record($"What is {n * 10} + {n}? Tom's aunt has 5 cats.", JsonValue.Create((n * 11).ToString(System.Globalization.CultureInfo.InvariantCulture))))];

    private static TrainingRecord[] Words { get; } = [.. new[] { "Paris", "Rome", "Oslo", "Bern" }.Select(city => Record("Which capital is meant? It is old, and lies inland or by the sea.", JsonValue.Create(city)))];

    private static TrainingRecord[] Objects { get; } = [.. Enumerable.Range(1, 4).Select(n => Record("Give name and age as JSON.", new JsonObject { ["name"] = "Ann" + (char)('a' + n), ["age"] = 20 + n }))];

    [Theory]
    [InlineData("return last_number(r) == last_number(ref)")]
    [InlineData("return 1.0 if last_number(r) == ref else 0.2 if 'ANSWER:' in r else 0.0")]
    [InlineData("return 1.0 if last_number(r) == ref else -1.0")]
    public async Task A_reward_that_reads_the_final_answer_passes(string body) => Assert.Empty((await ProbeAsync(body, Sums)).Findings);

    [Fact]
    public async Task A_reward_that_compares_words_passes() => Assert.Empty((await ProbeAsync("return r.strip().lower() == ref.lower() or r.rstrip('.').lower().endswith(' ' + ref.lower())", Words)).Findings);

    [Fact]
    public async Task A_reward_that_compares_json_passes()
    {
        const string body = """
            try:
                    return json.loads(re.sub(r"```(json)?", "", r)) == ref
                except ValueError:
                    return 0
            """;

        Assert.Empty((await ProbeAsync(body, Objects)).Findings);
    }

    [Fact]
    public async Task The_template_of_the_sample_data_passes()
    {
        await using IRewardFunction reward = await RewardFunctions.CreateAsync(new() { Template = "math-reasoning" }, ".", new(), Token);

        ProbeReport report = await RewardProbes.RunAsync(reward, TrainingRecordReader.Read(SampleDataSets.All[0].TrainingFile).Accepted, Token);

        Assert.Empty(report.Findings);
        Assert.InRange(report.Probes, 50, 200);
    }

    [Theory]
    [InlineData("return 1.0", ProbeKind.Empty)]
    [InlineData("return min(1.0, len(r) / 400)", ProbeKind.LongFiller)]
    [InlineData("return 'ANSWER:' in r or '####' in r or 'boxed' in r", ProbeKind.WrongAnswer)]
    [InlineData("return 1.0 if 'sorry' in r else 0.9 if last_number(r) == ref else 0.0", ProbeKind.Refusal)]
    [InlineData("return r.count(ref) * 0.2", ProbeKind.Repeated)]
    [InlineData("return len(set(r.split()) & set(s['messages'][0]['content'].split())) > 3 or last_number(r) == ref", ProbeKind.PromptCopied)]
    [InlineData("return 1.0 if len(r.split()) > 8 and r.startswith('Let us') else 0.5 if last_number(r) == ref else 0.0", ProbeKind.CutInHalf)]
    public async Task A_reward_that_can_be_gamed_is_caught(string body, ProbeKind kind)
    {
        ProbeReport report = await ProbeAsync(body, Sums);

        ProbeFinding finding = Assert.Single(report.Findings, found => found.Kind == kind);
        Assert.True(finding.Score > 0);
        Assert.StartsWith("It pays ", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reward_that_never_pays_the_reference_answer_is_caught()
    {
        ProbeFinding finding = Assert.Single((await ProbeAsync("return r == 'the moon'", Sums)).Findings);

        Assert.Equal(ProbeKind.ReferenceAnswer, finding.Kind);
    }

    [Fact]
    public async Task A_reward_that_always_fails_says_with_what()
    {
        ProbeFinding finding = Assert.Single((await ProbeAsync("return ref['answer']", Sums)).Findings);

        Assert.Equal(ProbeKind.ReferenceAnswer, finding.Kind);
        Assert.Contains("TypeError", finding.Message, StringComparison.Ordinal);
    }

    private static TrainingRecord Record(string prompt, JsonNode reference) => new(Guid.CreateVersion7().ToString(), [new("user", prompt)], reference, []);

    private static async Task<ProbeReport> ProbeAsync(string body, TrainingRecord[] records)
    {
        await using PythonRewardFunction reward = await Grading.StartAsync($"{Frame}\ndef grade(r, ref, s):\n    {body.TrimStart()}\n");
        return await RewardProbes.RunAsync(reward, records, Token);
    }
}
