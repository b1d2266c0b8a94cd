using RftConsole.Training.Generation;

namespace RftConsole.Web.Inference;

/// <summary>The console's border with generation.</summary>
internal interface IChatEngine
{
    /// <inheritdoc cref="ChatGenerator.StreamAsync"/>
    IAsyncEnumerable<ChatPiece> StreamAsync(ChatRequest request, CancellationToken cancellationToken);
}

/// <summary>Generates in this process.</summary>
internal sealed class InProcessChatEngine(ChatGenerator generator) : IChatEngine
{
    public IAsyncEnumerable<ChatPiece> StreamAsync(ChatRequest request, CancellationToken cancellationToken) => generator.StreamAsync(request, cancellationToken);
}
