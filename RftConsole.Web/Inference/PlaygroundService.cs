using System.Runtime.CompilerServices;

using RftConsole.Training;
using RftConsole.Training.Generation;
using RftConsole.Training.Text;
using RftConsole.Web.Api.Keys;

namespace RftConsole.Web.Inference;

/// <summary>The playground's way to the inference host.</summary>
internal sealed class PlaygroundService(InferenceHost host, PlaygroundTargets targets) : IPlayground
{
    /// <summary>Alternatives that are told of each token.</summary>
    private const int Alternatives = 5;

    public Task<IReadOnlyList<PlaygroundTarget>> TargetsAsync(CancellationToken cancellationToken = default) => targets.ListAsync(cancellationToken);

    public async IAsyncEnumerable<ChatPiece> StreamAsync(
        string targetId,
        IReadOnlyList<ChatMessage> messages,
        PlaygroundSettings settings,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (messages.Count == 0 || messages[^1].Role != "user" || string.IsNullOrWhiteSpace(messages[^1].Content))
        {
            throw new UserInputException("Prompt: write something for the model to answer.");
        }

        Check(settings);
        ServedModel model = await targets.ResolveAsync(targetId, cancellationToken);
        InferenceCall call = new(messages, settings.MaxTokens, settings.Temperature, settings.TopP, settings.Seed) { Streams = true, LikeliestTokens = Alternatives, Tools = settings.Tools };
        await foreach (ChatPiece piece in host.StreamAsync(model, call, ApiCaller.Playground, cancellationToken))
        {
            yield return piece;
        }
    }

    /// <exception cref="UserInputException">A setting is out of its range.</exception>
    internal static void Check(PlaygroundSettings settings)
    {
        if (!(settings.Temperature >= 0 && settings.Temperature <= 2))
        {
            throw new UserInputException(FormattableString.Invariant($"Temperature: {settings.Temperature} is outside its range from 0 to 2."));
        }

        if (!(settings.TopP > 0 && settings.TopP <= 1))
        {
            throw new UserInputException(FormattableString.Invariant($"Top P: {settings.TopP} must lie above 0 and be at most 1."));
        }

        if (settings.MaxTokens < 1)
        {
            throw new UserInputException($"Maximum tokens: {settings.MaxTokens} is too small, the least is 1.");
        }
    }
}
