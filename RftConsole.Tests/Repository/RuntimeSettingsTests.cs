using System.Text.Json;

namespace RftConsole.Tests.Repository;

/// <summary>Settings of the runtime that programs are started with, and that no line of code shows.</summary>
public sealed class RuntimeSettingsTests
{
    [Theory]
    [InlineData("RftConsole.Web")]
    [InlineData("RftConsole.Training")]
    public void The_heap_is_kept_small_and_compressed_data_that_is_cut_off_is_an_error(string program)
    {
        JsonElement settings = JsonElement.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, $"{program}.runtimeconfig.json"))).GetProperty("runtimeOptions").GetProperty("configProperties");

        Assert.False(settings.TryGetProperty("System.GC.Server", out JsonElement server) && server.GetBoolean());
        Assert.True(settings.GetProperty("System.IO.Compression.UseStrictValidation").GetBoolean());
    }
}
