using RftConsole.Tests.Web.Fakes;
using RftConsole.Web.Rewards;
using RftConsole.Web.Storage;

namespace RftConsole.Tests.Web.Rewards;

/// <summary>Code that users write, in the real sandbox and on disk.</summary>
public sealed class RewardCodeTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly DataFolder _folder;
    private readonly RewardCode _code;

    public RewardCodeTests()
    {
        _folder = DataFolder.Open(_root.Path);
        _code = new(_folder);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        _root.Dispose();
    }

    [Theory]
    [InlineData("def lambda_handler(event, context):\n    return (]\n", "SyntaxError", 2, 13)]
    [InlineData("import json\nimport boto3\ndef lambda_handler(event, context):\n    return []\n", "'boto3'", 2, null)]
    [InlineData("x = 1\n", "no function lambda_handler", null, null)]
    public async Task What_is_wrong_is_named_with_its_place(string source, string message, int? line, int? column)
    {
        CodeProblem problem = (await _code.CheckAsync(source, cancellationToken: Token))!;

        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.Equal((line, column), (problem.Line, problem.Column));
    }

    [Fact]
    public async Task Usable_code_has_no_problem() => Assert.Null(await _code.CheckAsync("def lambda_handler(event, context):\n    return []\n", cancellationToken: Token));

    [Fact]
    public async Task Code_is_kept_by_its_content()
    {
        string first = await _code.KeepAsync("one", Token);
        string second = await _code.KeepAsync("two", Token);

        Assert.Equal(first, await _code.KeepAsync("one", Token));
        Assert.Equal(("one", "two"), (await File.ReadAllTextAsync(first, Token), await File.ReadAllTextAsync(second, Token)));
        Assert.Equal("reward.py", Assert.Single(Directory.GetFiles(Path.GetDirectoryName(first)!).Select(Path.GetFileName)));
    }
}
