using RftConsole.Tests.Rewards.Judge;
using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;

namespace RftConsole.Tests.Jobs.Faults;

/// <summary>A judge that dies in the middle of a batch never becomes a reward: the job pauses, and goes on when the judge is back.</summary>
public sealed class JudgeFaultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_judge_that_dies_in_mid_batch_pauses_the_job_and_a_resume_ends_as_if_it_had_lived()
    {
        await using JudgeServer judge = await JudgeServer.StartAsync();
        JobSpecification job = SmallJob.Specification with
        {
            RewardFunction = JobSpecificationFile.Parse(
                $$$"""{"name":"j","baseModel":"starter","trainingData":{"sampleData":"arithmetic"},"rewardFunction":{"type":"modelAsJudge","judgeModel":{"baseUrl":"{{{judge.BaseUrl}}}","model":"m"},"instructions":"Grade {completion} for {prompt}"}}""",
                "job.json").RewardFunction,
            Hyperparameters = SmallJob.Specification.Hyperparameters with { MaxSteps = 2 },
        };
        judge.Answer = request => Task.FromResult(Verdict(request));
        string uninterrupted = Path.Combine(_folder.Path, "uninterrupted");
        await using (var process = JobProcess.Start(uninterrupted, job))
        {
            Assert.Equal(0, (await process.EndAsync()).ExitCode);
        }

        string output = Path.Combine(_folder.Path, "run");
        bool dead = false;
        int answered = 0;
        judge.Answer = request =>
        {
            // Some of the second step's answers have come when it dies.
            dead |= Directory.Exists(output) && File.Exists(new JobFolder(output).Rollouts) && new FileInfo(new JobFolder(output).Rollouts).Length > 0 && ++answered > 5;
            if (dead)
            {
                request.Http.Abort();
            }

            return Task.FromResult(Verdict(request));
        };
        await using (var process = JobProcess.Start(output, job))
        {
            Assert.Equal(1, (await process.EndAsync()).ExitCode);
            Assert.Contains("judge", process.Log[^1], StringComparison.Ordinal);
            Assert.Contains("Training: Stopped", process.Log);
        }

        Assert.True(dead);
        judge.Answer = request => Task.FromResult(Verdict(request));
        await using (var process = JobProcess.Start(output, job))
        {
            Assert.Equal(0, (await process.EndAsync()).ExitCode);
        }

        SmallJob.AssertSame(uninterrupted, output);
    }

    /// <summary>A function of the question, as a judge at temperature 0 is one.</summary>
    private static Microsoft.AspNetCore.Http.IResult Verdict(JudgeRequest request) =>
        JudgeServer.Completion($$"""{"score": 0.{{string.Concat(request.Texts).Sum(x => x) % 10}}, "reasoning": "as it is"}""");
}
