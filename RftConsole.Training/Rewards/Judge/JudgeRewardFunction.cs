using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using RftConsole.Training.Jobs;
using RftConsole.Training.Text;

namespace RftConsole.Training.Rewards.Judge;

/// <summary>
/// A model that grades by instructions. An answer that cannot be read is asked for again, twice, with the reason; then the sample has no verdict. Nothing else than a
/// verdict becomes a score.
/// </summary>
public sealed class JudgeRewardFunction : IRewardFunction
{
    /// <summary>How often an answer that cannot be read is asked for again.</summary>
    private const int AskedAgain = 2;

    /// <summary>Changes when the prompts or the reading of answers change.</summary>
    private const string Version = "1";

    private const int OutputKept = 4000;

    private static readonly string[] s_score = ["score"];

    private readonly IJudge _judge;
    private readonly JudgePrompt _prompt;
    private readonly string? _instructions;
    private readonly JudgeRubric? _rubric;
    private readonly JudgeScoring _scoring;
    private readonly JudgeCache? _cache;

    /// <param name="name">The template's name, or another one to show.</param>
    /// <param name="judge">Who answers; the function disposes of it.</param>
    /// <param name="instructions">With placeholders; null where a rubric says all.</param>
    /// <param name="rubric">Criteria, or null.</param>
    /// <param name="scoring">How an answer becomes a score.</param>
    /// <param name="cache">Answers that are known; null for a judge of this process, whose batches must not depend on what was asked before.</param>
    public JudgeRewardFunction(string name, IJudge judge, string? instructions, JudgeRubric? rubric, JudgeScoring scoring, JudgeCache? cache = null)
    {
        (_judge, _instructions, _rubric, _scoring, _cache) = (judge, instructions, rubric, scoring, cache);
        _prompt = new(instructions, rubric, scoring);
        Name = $"{name} (judge: {judge.Name})";
        ContentHash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Join('\n', Version, judge.Identity, scoring, JsonSerializer.Serialize(rubric, JobSpecificationFile.Options), instructions))));
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string ContentHash { get; }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RewardResult>> ScoreAsync(IReadOnlyList<RewardSample> samples, CancellationToken cancellationToken)
    {
        List<Pending> all = [.. samples.SelectMany(sample => _prompt.Questions(sample).Select(question => new Pending(sample, question)))];
        List<Pending> open = all;
        for (int round = 0; round <= AskedAgain && open.Count > 0; round++)
        {
            await AskAsync(open, cancellationToken);
            open = [.. open.Where(pending => pending.Reading is null && pending.CanBeAskedAgain)];
        }

        int each = all.Count / Math.Max(1, samples.Count);
        return [.. samples.Select((sample, index) => Combine(sample.Id, all.GetRange(index * each, each)))];
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _judge.DisposeAsync();

    private async Task AskAsync(List<Pending> open, CancellationToken cancellationToken)
    {
        foreach (Pending pending in open)
        {
            if (_cache?.Find(JudgeCache.Key(ContentHash, pending.Question)) is { } known)
            {
                Read(pending, known);
            }
        }

        // Equal questions, as those about equal responses, are asked once.
        List<Pending>[] distinct = [.. open.Where(pending => pending.Reading is null).GroupBy(pending => pending.Conversation).Select(group => group.ToList())];
        if (distinct.Length > 0)
        {
            await _judge.AskAsync([.. distinct.Select(group => new JudgeQuestion(group[0].Messages))], (index, answer) => Hear(distinct[index], answer), cancellationToken);
        }
    }

    private void Hear(List<Pending> asked, JudgeAnswer answer)
    {
        foreach (Pending pending in asked)
        {
            Read(pending, answer);
        }

        // Only a verdict is kept: what could not be read is asked again, by a resumed job too.
        if (asked[0].Reading is not null)
        {
            _cache?.Keep(JudgeCache.Key(ContentHash, asked[0].Question), answer);
        }
    }

    private void Read(Pending pending, JudgeAnswer answer)
    {
        if (answer.Refusal is not null)
        {
            (pending.Reason, pending.CanBeAskedAgain) = (answer.Refusal, false);
            return;
        }

        pending.Output = answer.Text;
        if (_scoring == JudgeScoring.Probability)
        {
            if (answer.YesProbability is { } probability && double.IsFinite(probability))
            {
                pending.Reading = new([probability], [], null);
                pending.Output = string.Create(CultureInfo.InvariantCulture, $"P(yes) = {probability:0.####}");
            }
            else
            {
                // The same question has the same probability.
                (pending.Reason, pending.CanBeAskedAgain) = ("neither yes nor no was an option as its first word", false);
            }

            return;
        }

        string[] keys = _rubric is null || _prompt.AsksEach ? s_score : [.. _rubric.Criteria.Select(criterion => criterion.Name)];
        pending.Reading = JudgeAnswerReader.Read(answer, keys, pending.Response, out string? reason);
        if (reason is not null)
        {
            pending.Reason = $"the judge's answer could not be read ({reason}): {Shorten(answer.Text, 300)}";
            pending.Remind(Shorten(answer.Text, 1000), _prompt.Reminder(reason));
        }
    }

    private RewardResult Combine(string id, List<Pending> answers)
    {
        string output = Shorten(string.Join("\n\n", answers.Select(answer => answer.Output).Where(text => text.Length > 0)), OutputKept);
        if (answers.Find(answer => answer.Reading is null) is { } missing)
        {
            return RewardResult.WithoutVerdict(id, missing.Reason!, output);
        }

        string? warning = answers.Select(answer => answer.Reading!.Warning).FirstOrDefault(text => text is not null);

        // Only what the instructions name: a judge that invents a key each time would make as many charts.
        RewardMetric[] extra = [.. answers.SelectMany(answer => answer.Reading!.Extra).Where(metric => _instructions?.Contains(metric.Name, StringComparison.Ordinal) == true)];
        if (_rubric is null)
        {
            return new(id, answers[0].Reading!.Values[0], extra, null, output) { Warning = Named(warning) };
        }

        double[] values = [.. answers.SelectMany(answer => answer.Reading!.Values)];
        double weights = _rubric.Criteria.Sum(criterion => criterion.Weight);
        double score = _rubric.Criteria.Zip(values).Sum(pair => pair.First.Weight * pair.Second) / weights;
        RewardMetric[] metrics = [.. _rubric.Criteria.Zip(values).Select(pair => new RewardMetric(pair.First.Name, pair.Second, RewardMetricType.Reward))];

        // Where each criterion has an answer of its own, further figures of them cannot be told apart.
        return new(id, Math.Clamp(score, 0, 1), answers.Count == 1 ? [.. metrics, .. extra] : metrics, null, output) { Warning = Named(warning) };

        string? Named(string? text) => text is null ? null : $"sample '{id}': {text}";
    }

    private static string Shorten(string text, int most) => text.Length <= most ? text : text[..most] + "…";

    /// <summary>A question on its way.</summary>
    private sealed class Pending(RewardSample sample, string question)
    {
        private readonly List<ChatMessage> _messages = [new("user", question)];

        public IReadOnlyList<ChatMessage> Messages => [.. _messages];

        public string Question => question;

        public string Conversation => string.Join('\0', _messages.Select(message => message.Content));

        public string Response => sample.Messages.Count > 0 ? sample.Messages[^1].Content : "";

        public JudgeReading? Reading { get; set; }

        public string? Reason { get; set; }

        public string Output { get; set; } = "";

        public bool CanBeAskedAgain { get; set; } = true;

        /// <summary>The next question is about the last answer.</summary>
        public void Remind(string answer, string reminder)
        {
            _messages.RemoveRange(1, _messages.Count - 1);
            _messages.Add(new("assistant", answer.Length > 0 ? answer : "(no answer)"));
            _messages.Add(new("user", reminder));
        }
    }
}
