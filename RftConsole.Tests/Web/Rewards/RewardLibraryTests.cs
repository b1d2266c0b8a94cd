using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Web.Jobs;
using RftConsole.Web.Rewards;

namespace RftConsole.Tests.Web.Rewards;

/// <summary>The library over the real database and real files.</summary>
public sealed class RewardLibraryTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task Versions_are_kept_with_their_code_and_outlive_a_restart()
    {
        string id;
        await using (ConsoleHarness console = await StartAsync())
        {
            id = await console.Rewards.CreateAsync("exact", await CodeAsync(console, "# one"), "first");
            await console.Rewards.SaveAsync(id, await CodeAsync(console, "# two"), " second ");
        }

        await using ConsoleHarness again = await StartAsync();
        RewardEntry entry = (await again.Rewards.FindAsync(id))!;

        Assert.Equal([(2, "second"), (1, "first")], entry.Versions.Select(version => (version.Number, version.Note)));
        Assert.Equal("# two", await again.RewardCode.ReadAsync(entry.Latest.Specification.File!));
        Assert.Equal("# one", await again.RewardCode.ReadAsync(entry.Versions[1].Specification.File!));
        Assert.Equal(2, Assert.Single(await again.Rewards.ListAsync()).LatestVersion);
        Assert.Equal(id, (await again.Rewards.FindByNameAsync("EXACT"))!.Reward.Id);
    }

    [Fact]
    public async Task A_data_folder_that_moved_keeps_its_functions()
    {
        string id;
        await using (ConsoleHarness console = await StartAsync())
        {
            id = await console.Rewards.CreateAsync("exact", await CodeAsync(console, "# one"), "");
        }

        using TemporaryFolder elsewhere = new();
        Directory.Move(Path.Combine(_root.Path, "data"), Path.Combine(elsewhere.Path, "data"));
        await using ConsoleHarness moved = await ConsoleHarness.StartAsync(elsewhere, new FakeJobEngine());

        Assert.Equal("# one", await moved.RewardCode.ReadAsync((await moved.Rewards.FindAsync(id))!.Latest.Specification.File!));
    }

    [Fact]
    public async Task Saving_what_is_saved_already_makes_no_version()
    {
        await using ConsoleHarness console = await StartAsync();
        string id = await console.Rewards.CreateAsync("exact", await CodeAsync(console, "# one"), "");

        RewardVersion same = await console.Rewards.SaveAsync(id, await CodeAsync(console, "# one"), "again");

        Assert.Equal(1, same.Number);
        Assert.Single((await console.Rewards.FindAsync(id))!.Versions);
    }

    [Fact]
    public async Task Versions_of_equal_content_have_the_same_hash_and_others_do_not()
    {
        await using ConsoleHarness console = await StartAsync();
        string one = await console.Rewards.CreateAsync("one", await CodeAsync(console, "# same"), "");
        string two = await console.Rewards.CreateAsync("two", await CodeAsync(console, "# same"), "");
        RewardVersion other = await console.Rewards.SaveAsync(two, await CodeAsync(console, "# other"), "");

        Assert.Equal((await console.Rewards.FindAsync(one))!.Latest.ContentHash, (await console.Rewards.FindAsync(two))!.Versions[1].ContentHash);
        Assert.NotEqual(other.ContentHash, (await console.Rewards.FindAsync(one))!.Latest.ContentHash);
    }

    [Fact]
    public async Task Two_pages_that_save_at_once_make_two_versions()
    {
        await using ConsoleHarness console = await StartAsync();
        string id = await console.Rewards.CreateAsync("exact", await CodeAsync(console, "# zero"), "");
        RewardFunctionSpecification[] codes = [.. await Task.WhenAll(Enumerable.Range(1, 6).Select(number => CodeAsync(console, $"# {number}")))];

        await Task.WhenAll(codes.Select(code => Task.Run(() => console.Rewards.SaveAsync(id, code, ""))));

        Assert.Equal([7, 6, 5, 4, 3, 2, 1], (await console.Rewards.FindAsync(id))!.Versions.Select(version => version.Number));
    }

    [Theory]
    [InlineData("", "Name: give a name.")]
    [InlineData("two words", "Name: \" \" is not allowed")]
    [InlineData("math-reasoning", "is the name of a template")]
    [InlineData("EXACT", "there is a reward function \"EXACT\" already")]
    public async Task A_name_that_cannot_be_used_is_refused_with_its_reason(string name, string reason)
    {
        await using ConsoleHarness console = await StartAsync();
        await console.Rewards.CreateAsync("exact", await CodeAsync(console, "# one"), "");
        string other = await console.Rewards.CreateAsync("other", await CodeAsync(console, "# one"), "");

        Assert.Contains(reason, (await Assert.ThrowsAnyAsync<UserInputException>(async () => await console.Rewards.CreateAsync(name, await CodeAsync(console, "# one"), ""))).Message, StringComparison.Ordinal);
        Assert.Contains(reason, (await Assert.ThrowsAnyAsync<UserInputException>(() => console.Rewards.RenameAsync(other, name))).Message, StringComparison.Ordinal);
        Assert.Equal(2, (await console.Rewards.ListAsync()).Count);
    }

    [Fact]
    public async Task A_job_keeps_the_version_that_it_ran()
    {
        await using ConsoleHarness console = await StartAsync();
        string id = await console.Rewards.CreateAsync("exact", await CodeAsync(console, "# one"), "");
        RewardEntry entry = (await console.Rewards.FindAsync(id))!;
        string job = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "first") with { RewardFunction = entry.Latest.Specification });
        await console.Rewards.RecordUseAsync(job, entry.Latest.Id);
        await console.Rewards.SaveAsync(id, await CodeAsync(console, "# two"), "");

        Assert.Equal(new UsedReward(id, "exact", 1), await console.Rewards.UsedByAsync(job));
        Assert.Equal([new RewardUser(job, "first", 1)], await console.Rewards.UsersAsync(id));
        Assert.Equal(1, Assert.Single(await console.Rewards.ListAsync()).Jobs);
        JobDetails details = await console.JobAsync(job);
        Assert.Equal("exact, version 1", details.Summary.RewardName);
        Assert.Equal("# one", await console.RewardCode.ReadAsync(details.Specification.RewardFunction.File!));

        await console.Rewards.DeleteAsync(id);

        Assert.Null(await console.Rewards.UsedByAsync(job));
        Assert.Equal("# one", await console.RewardCode.ReadAsync((await console.JobAsync(job)).Specification.RewardFunction.File!));
        Assert.Contains("deleted already", (await Assert.ThrowsAsync<UserInputException>(() => console.Rewards.DeleteAsync(id))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<UserInputException>(() => console.Rewards.SaveAsync(id, new(), ""));
    }

    [Fact]
    public async Task A_deleted_job_uses_nothing_any_more()
    {
        await using ConsoleHarness console = await StartAsync();
        string id = await console.Rewards.CreateAsync("exact", await CodeAsync(console, "# one"), "");
        RewardEntry entry = (await console.Rewards.FindAsync(id))!;
        string job = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "first") with { RewardFunction = entry.Latest.Specification });
        await console.Rewards.RecordUseAsync(job, entry.Latest.Id);
        await console.WaitForAsync(job, JobStatus.Completed);

        await console.Jobs.DeleteAsync(job);

        Assert.Empty(await console.Rewards.UsersAsync(id));
    }

    private Task<ConsoleHarness> StartAsync() => ConsoleHarness.StartAsync(_root, new FakeJobEngine());

    private static async Task<RewardFunctionSpecification> CodeAsync(ConsoleHarness console, string code) => new() { File = await console.RewardCode.KeepAsync(code) };
}
