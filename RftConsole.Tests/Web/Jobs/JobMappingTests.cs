using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Tests.Web.Jobs;

/// <summary>What the database keeps of a job's records.</summary>
public sealed class JobMappingTests
{
    [Fact]
    public void A_rollout_comes_back_from_its_row_with_a_verdict_or_without()
    {
        Rollout judged = FakeJobEngine.RolloutOf(6, 1, 1), unjudged = judged with { Reward = null, Advantage = 0, Unjudged = "the judge's answer could not be read" };

        RowTexts texts = new("/no/such/folder");
        Assert.Equivalent(judged, JobMapping.ToRollout(JobMapping.ToRow("j", judged, texts), texts), strict: true);
        Assert.Equivalent(unjudged, JobMapping.ToRollout(JobMapping.ToRow("j", unjudged, texts), texts), strict: true);
    }

    [Theory]
    [InlineData("""{"template":"math-reasoning"}""", "Mathematical reasoning with ground truth verification")]
    [InlineData("""{"type":"lambda","functionName":"grade"}""", "grade")]
    [InlineData("""{"type":"modelAsJudge","template":"summarization"}""", "Summarization (multi-turn dialogs)")]
    [InlineData("""{"type":"modelAsJudge","instructions":"x"}""", "Model as judge")]
    [InlineData("""{"type":"weighted","parts":[{"weight":1,"rewardFunction":{"file":"a/reward.py"}},{"weight":1,"rewardFunction":{"type":"lambda","functionName":"grade"}}]}""", "reward.py + grade")]
    public void A_reward_function_of_any_type_has_a_name_to_show(string reward, string name) => Assert.Equal(
        name,
        JobMapping.RewardName(JobSpecificationFile.Parse($$"""{"name":"n","baseModel":"starter","trainingData":{"sampleData":"arithmetic"},"rewardFunction":{{reward}}}""", "job.json").RewardFunction));
}
