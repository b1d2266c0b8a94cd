using System.Runtime.CompilerServices;
using System.Threading.Channels;

using RftConsole.Training.Generation;
using RftConsole.Training.Text;
using RftConsole.Web.Inference;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>A playground whose answers a test writes, piece by piece.</summary>
public sealed class FakePlayground : IPlayground
{
    private readonly Dictionary<string, Channel<ChatPiece>> _answers = [];

    public List<PlaygroundTarget> Targets { get; } = [new("base:starter", "Starter", "Base model", "starter")];

    /// <summary>What was asked: target, last message, settings.</summary>
    public List<(string Target, IReadOnlyList<ChatMessage> Messages, PlaygroundSettings Settings)> Asked { get; } = [];

    /// <summary>Targets whose stream was cancelled.</summary>
    public List<string> Cancelled { get; } = [];

    /// <summary>The next answers are new ones.</summary>
    public void Restart() => _answers.Clear();

    public Channel<ChatPiece> Answer(string target)
    {
        if (!_answers.TryGetValue(target, out Channel<ChatPiece>? answer))
        {
            _answers[target] = answer = Channel.CreateUnbounded<ChatPiece>();
        }

        return answer;
    }

    public Task<IReadOnlyList<PlaygroundTarget>> TargetsAsync(CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<PlaygroundTarget>>([.. Targets]);

    public async IAsyncEnumerable<ChatPiece> StreamAsync(string targetId, IReadOnlyList<ChatMessage> messages, PlaygroundSettings settings, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Asked.Add((targetId, messages, settings));
        using CancellationTokenRegistration registration = cancellationToken.Register(() => Cancelled.Add(targetId));
        await foreach (ChatPiece piece in Answer(targetId).Reader.ReadAllAsync(cancellationToken))
        {
            yield return piece;
        }
    }
}
