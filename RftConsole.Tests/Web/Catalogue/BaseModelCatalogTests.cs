using RftConsole.Tests.Hub;
using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Hub;
using RftConsole.Web.Catalogue;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Web.Catalogue;

/// <summary>Registered models over the real database and data folder.</summary>
public sealed class BaseModelCatalogTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    [Fact]
    public async Task A_folder_is_registered_where_it_lies_and_jobs_and_the_playground_know_its_name()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine());

        string name = await console.BaseModels.AddPathAsync(ConsoleHarness.BaseModelFolder, null);

        CatalogueModel added = (await console.BaseModels.ListAsync())[1];
        Assert.Equal(("tiny-llama-tied", "Llama", BaseModelStatus.Ready, ConsoleHarness.BaseModelFolder), (added.Name, added.Family, added.Status, added.Source));
        Assert.True(added.Bytes > 500_000);
        string job = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "by-name") with { BaseModel = name });
        Assert.Equal(name, (await console.WaitForAsync(job, JobStatus.Completed)).Summary.BaseModel);
        Assert.Contains(await console.Playground.TargetsAsync(), target => target.Id == "base:tiny-llama-tied");
    }

    [Fact]
    public async Task A_model_that_tuned_models_need_stays_and_one_that_nothing_needs_goes_without_its_files()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine());
        string name = await console.BaseModels.AddPathAsync(ConsoleHarness.BaseModelFolder, "mine");
        string id = (await console.BaseModels.ListAsync())[1].Id;
        string job = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "first") with { BaseModel = name });
        string model = (await console.WaitForAsync(job, JobStatus.Completed)).Summary.ModelId!;

        Assert.Equal(["first-tuned"], (await console.BaseModels.UsersAsync(name)).Models);
        Assert.Contains("first-tuned", (await Assert.ThrowsAsync<UserInputException>(() => console.BaseModels.RemoveAsync(id))).Message, StringComparison.Ordinal);
        await console.Models.DeleteAsync(model);
        await console.BaseModels.RemoveAsync(id);

        Assert.Single(await console.BaseModels.ListAsync());
        Assert.True(File.Exists(Path.Combine(ConsoleHarness.BaseModelFolder, "config.json")));
    }

    [Fact]
    public async Task What_cannot_be_used_is_refused_in_one_line()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine());
        string sharded = Copy("tiny-llama-sharded");
        File.Delete(Path.Combine(sharded, "model-00003-of-00005.safetensors"));
        string foreign = Copy("tiny-qwen2");
        File.WriteAllText(Path.Combine(foreign, "config.json"), File.ReadAllText(Path.Combine(foreign, "config.json")).Replace("\"qwen2\"", "\"gemma3\"", StringComparison.Ordinal));
        string mixed = Copy("tiny-llama-tied");
        File.Copy(Path.Combine(Goldens.ModelOf("tiny-llama3-rope"), "tokenizer.json"), Path.Combine(mixed, "tokenizer.json"), overwrite: true);

        Assert.Contains("model-00003-of-00005.safetensors", await RefuseAsync(console, sharded), StringComparison.Ordinal);
        Assert.Contains("\"gemma3\" is not supported", await RefuseAsync(console, foreign), StringComparison.Ordinal);
        Assert.Contains("another model's tokenizer", await RefuseAsync(console, mixed), StringComparison.Ordinal);
        Assert.Contains("not there", await RefuseAsync(console, Path.Combine(_root.Path, "nothing")), StringComparison.Ordinal);
        Assert.Contains("whole path", await RefuseAsync(console, "relative/folder"), StringComparison.Ordinal);
        Assert.Contains("not a GGUF file", await RefuseAsync(console, _root.Write("broken.gguf", "no model at all")), StringComparison.Ordinal);
        Assert.Contains("already", (await Assert.ThrowsAsync<UserInputException>(() => console.BaseModels.AddPathAsync(ConsoleHarness.BaseModelFolder, "Starter"))).Message, StringComparison.Ordinal);
        Assert.Single(await console.BaseModels.ListAsync());
    }

    [Fact]
    public async Task A_model_whose_files_have_gone_says_so_and_starts_no_job()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine());
        string copy = Copy("tiny-llama-tied");
        string name = await console.BaseModels.AddPathAsync(copy, "gone");
        Directory.Delete(copy, recursive: true);

        CatalogueModel model = (await console.BaseModels.ListAsync())[1];
        Assert.Equal(BaseModelStatus.Failed, model.Status);
        Assert.Contains("not there any more", model.Message, StringComparison.Ordinal);
        Assert.Contains("not there any more", (await Assert.ThrowsAnyAsync<UserInputException>(() => console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "job") with { BaseModel = name }))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_download_goes_on_after_a_restart_and_its_model_is_ready_then()
    {
        await using LocalHub hub = await LocalHub.StartAsync();
        string? Environment(string name) => name == "HF_ENDPOINT" ? hub.Endpoint.ToString() : null;
        TaskCompletionSource stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        hub.Send = async (http, content) =>
        {
            http.Response.ContentLength = content.Length;
            await http.Response.Body.WriteAsync(content.AsMemory(0, 100_000));
            await http.Response.Body.FlushAsync();
            stalled.TrySetResult();
            TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = http.RequestAborted.Register(left.SetResult);
            await left.Task;
            return true;
        };
        await using (ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine(), environment: Environment))
        {
            await console.BaseModels.DownloadAsync(HubReference.Parse("tiny/model"), null);
            await stalled.Task.WaitAsync(TestContext.Current.CancellationToken);
            await console.WaitForBaseModelAsync("model", model => model.Progress is { Total: > 0 });
            Assert.Contains("not downloaded yet", (await Assert.ThrowsAnyAsync<UserInputException>(() => console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "early") with { BaseModel = "model" }))).Message, StringComparison.Ordinal);
        }

        hub.Send = (_, _) => Task.FromResult(false);
        await using ConsoleHarness again = await ConsoleHarness.StartAsync(_root, new FakeJobEngine(), environment: Environment);
        CatalogueModel ready = await again.WaitForBaseModelAsync("model", model => model.Status == BaseModelStatus.Ready);

        Assert.Equal(("mit", "tiny/model, commit 0123456"), (ready.Licence, ready.Source));
        string job = await again.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "late") with { BaseModel = "model" });
        await again.WaitForAsync(job, JobStatus.Completed);
    }

    [Fact]
    public async Task A_paused_download_stays_paused_and_a_cancelled_one_leaves_nothing()
    {
        await using LocalHub hub = await LocalHub.StartAsync();
        hub.Intercept = _ => Microsoft.AspNetCore.Http.Results.StatusCode(404);
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine(), environment: name => name == "HF_ENDPOINT" ? hub.Endpoint.ToString() : null);
        await console.BaseModels.DownloadAsync(HubReference.Parse("tiny/model"), null);
        CatalogueModel failed = await console.WaitForBaseModelAsync("model", model => model.Status == BaseModelStatus.Failed);
        Assert.Contains("knows no model tiny/model", failed.Message, StringComparison.Ordinal);

        hub.Intercept = _ => null;
        await console.BaseModels.ResumeAsync(failed.Id);
        await console.BaseModels.PauseAsync(failed.Id);
        Assert.NotEqual(BaseModelStatus.Downloading, (await console.BaseModels.ListAsync())[1].Status);
        await console.BaseModels.RemoveAsync(failed.Id);

        Assert.Single(await console.BaseModels.ListAsync());
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_root.Path, "data", "base-models")));
    }

    [Fact]
    public async Task The_environment_stands_above_what_was_entered_and_a_token_belongs_to_its_address()
    {
        Dictionary<string, string> variables = [];
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine(), environment: name => variables.GetValueOrDefault(name));
        await console.Hub.SetTokenAsync("hf_mine");
        Assert.Equal("hf_mine", (await console.Hub.ConnectionAsync()).Token);
        Assert.All(Directory.GetFiles(Path.Combine(_root.Path, "data"), "console.db*"), file => Assert.DoesNotContain("hf_mine", System.Text.Encoding.Latin1.GetString(ReadShared(file)), StringComparison.Ordinal));

        await console.Hub.SetEndpointAsync("https://mirror.example/hf/");
        Assert.Equal(("https://mirror.example/hf", false), ((await console.Hub.ViewAsync()).Endpoint, (await console.Hub.ViewAsync()).HasToken));
        variables["HF_ENDPOINT"] = "https://huggingface.co";
        Assert.Equal("hf_mine", (await console.Hub.ConnectionAsync()).Token);
        variables["HF_TOKEN"] = "hf_operator";
        Assert.Equal(new("https://huggingface.co", true, true, true), await console.Hub.ViewAsync());
        Assert.Equal("hf_operator", (await console.Hub.ConnectionAsync()).Token);
        variables.Clear();
        await console.Hub.SetEndpointAsync("");
        await console.Hub.SetTokenAsync(null);
        Assert.Equal(new("https://huggingface.co", false, false, false), await console.Hub.ViewAsync());
        await Assert.ThrowsAsync<UserInputException>(() => console.Hub.SetEndpointAsync("ftp://mirror"));
    }

    public void Dispose() => _root.Dispose();

    private static byte[] ReadShared(string file)
    {
        using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    private static async Task<string> RefuseAsync(ConsoleHarness console, string path)
    {
        string message = (await Assert.ThrowsAnyAsync<UserInputException>(() => console.BaseModels.AddPathAsync(path, null))).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    private string Copy(string model)
    {
        string target = Directory.CreateDirectory(Path.Combine(_root.Path, model)).FullName;
        foreach (string file in Directory.GetFiles(Goldens.ModelOf(model)))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }

        return target;
    }
}
