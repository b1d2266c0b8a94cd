using System.Diagnostics;

using RftConsole.Build;
using RftConsole.Tests.Repository;
using RftConsole.Training.Compute;

using TorchSharp;

namespace RftConsole.Tests.Build;

/// <summary>The build step on the real library: in this build's output, in the package cache, and run by MSBuild.</summary>
public sealed class TorchSharpLoadingTests
{
    private const string Wanted = "GLIBCXX_3.4.32";
    private const string LibraryInOutput = "runtimes/linux-x64/native/libLibTorchSharp.so";

    [Fact]
    public async Task TorchSharp_loads_and_multiplies()
    {
        await using ComputeThread compute = new();

        float sum = await compute.RunAsync(WorkPriority.Training, () =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            return torch.ones(2, 2).mm(torch.ones(2, 2)).sum().item<float>();
        });

        Assert.Equal(8f, sum);
    }

    [Fact]
    public void The_output_has_no_strong_requirement_left()
    {
        byte[] image = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, LibraryInOutput));

        Assert.Equal(0, WeakenVersionNeed.Weaken(image, Wanted));
    }

    [Fact]
    public void The_package_cache_keeps_the_original()
    {
        byte[] image = File.ReadAllBytes(OriginalLibrary());

        Assert.Equal(1, WeakenVersionNeed.Weaken(image, Wanted));
    }

    [Fact]
    public async Task The_step_run_by_MSBuild_weakens_the_entry_once_and_then_leaves_the_file_alone()
    {
        string output = Directory.CreateTempSubdirectory("rftconsole-step-").FullName;
        try
        {
            string library = Path.Combine(output, LibraryInOutput);
            Directory.CreateDirectory(Path.GetDirectoryName(library)!);
            File.Copy(OriginalLibrary(), library);
            byte[] expected = File.ReadAllBytes(library);
            WeakenVersionNeed.Weaken(expected, Wanted);
            DateTime originalTime = File.GetLastWriteTimeUtc(library);
            string project = Path.Combine(output, "step.proj");
            await File.WriteAllTextAsync(project, $"""<Project><Import Project="{RepositoryFolder.Root}/Directory.Build.targets" /></Project>""");

            Assert.Contains("is weak now", await RunStepAsync(project, output), StringComparison.Ordinal);
            Assert.Equal(expected, await File.ReadAllBytesAsync(library));
            Assert.Equal(originalTime, File.GetLastWriteTimeUtc(library));

            Assert.DoesNotContain("is weak now", await RunStepAsync(project, output), StringComparison.Ordinal);
            Assert.Equal(expected, await File.ReadAllBytesAsync(library));
        }
        finally
        {
            Directory.Delete(output, recursive: true);
        }
    }

    /// <summary>The library as the package index serves it: in the cache, beside the assembly's own package.</summary>
    private static string OriginalLibrary()
    {
        string cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        string version = typeof(torch).Assembly.GetName().Version!.ToString(3);
        return Path.Combine(cache, "torchsharp", version, LibraryInOutput);
    }

    private static async Task<string> RunStepAsync(string project, string output)
    {
        ProcessStartInfo start = new("dotnet")
        {
            ArgumentList = { "msbuild", project, "-t:LetTorchSharpLoad", $"-p:OutDir={output}/", "-nologo", "-v:normal", "-nodeReuse:false" },
            WorkingDirectory = output,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        string said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, said);
        return said;
    }
}
