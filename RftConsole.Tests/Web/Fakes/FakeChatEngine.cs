using System.Runtime.CompilerServices;

using RftConsole.Training.Generation;
using RftConsole.Web.Inference;

namespace RftConsole.Tests.Web.Fakes;

/// <summary>Answers with the adapter's folder name; a gate and a failure for tests of what happens meanwhile and otherwise.</summary>
internal sealed class FakeChatEngine : IChatEngine
{
    public Func<CancellationToken, Task> BeforeAnswer { get; set; } = _ => Task.CompletedTask;

    public List<ChatRequest> Requests { get; } = [];

    public async IAsyncEnumerable<ChatPiece> StreamAsync(ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Requests.Add(request);
        await BeforeAnswer(cancellationToken).WaitAsync(cancellationToken);
        yield return new(Path.GetFileName(request.AdapterFolder) ?? "base", 1, TimeSpan.Zero, null);
        yield return new("", 1, TimeSpan.Zero, "stop");
    }
}
