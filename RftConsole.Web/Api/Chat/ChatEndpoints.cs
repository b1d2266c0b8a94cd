using System.Text.Json;

using RftConsole.Training.Generation;
using RftConsole.Web.Api.Keys;
using RftConsole.Web.Inference;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Api.Chat;

/// <summary>Chat completions, whole or as server-sent events.</summary>
internal static class ChatEndpoints
{
    public static void MapChat(this ApiRoutes routes) =>
        routes.Post("/chat/completions", ApiScopes.Inference, CompleteAsync, "Answers a conversation.")
            .WithMetadata(new ApiRequestBody(typeof(ChatCompletionBody)))
            .Produces<ChatCompletion>()
            .Produces<ChatChunk>(StatusCodes.Status200OK, "text/event-stream");

    private static async Task<IResult> CompleteAsync(HttpContext http, ServedModels models, InferenceHost host, TimeProvider time)
    {
        ChatCall call = ChatCallReader.Read(await ApiJson.ReadAsync(http.Request, http.RequestAborted));
        ServedModel model = await models.FindAsync(call.Model, http.RequestAborted)
            ?? throw new ApiException(StatusCodes.Status404NotFound, $"There is no model '{ApiException.Shorten(call.Model)}' here; GET /v1/models lists them.", "model", "model_not_found");
        Answering answering = new("chatcmpl-" + NewId.Create(), time.GetUtcNow().ToUnixTimeSeconds(), model.Name, call);
        IAsyncEnumerable<ChatPiece> pieces = host.StreamAsync(model, call.Call, ApiAccess.CallerOf(http).KeyId, http.RequestAborted);
        if (call.Call.Streams)
        {
            await StreamAsync(http, answering, pieces);
            return Results.Empty;
        }

        return Results.Json(await WholeAsync(answering, pieces), ApiJson.Options);
    }

    private static async Task<ChatCompletion> WholeAsync(Answering answering, IAsyncEnumerable<ChatPiece> pieces)
    {
        System.Text.StringBuilder[] texts = [.. Enumerable.Range(0, answering.Call.Call.Choices).Select(_ => new System.Text.StringBuilder())];
        List<TokenLogprob>[] logprobs = [.. texts.Select(_ => new List<TokenLogprob>())];
        string[] reasons = new string[texts.Length];
        await foreach (ChatPiece piece in pieces)
        {
            answering.Count(piece);
            texts[piece.Choice].Append(piece.Text);
            logprobs[piece.Choice].AddRange(piece.Tokens.Select(ToLogprob));
            reasons[piece.Choice] = piece.FinishReason ?? reasons[piece.Choice];
        }

        bool scored = answering.Call.Call.LikeliestTokens is not null;
        return new(
            answering.Id,
            "chat.completion",
            answering.Created,
            answering.Model,
            [.. texts.Select((text, index) => new ChatChoice(index, new("assistant", text.ToString()), scored ? new(logprobs[index]) : null, reasons[index]))],
            answering.Usage);
    }

    /// <summary>The first piece is waited for before the answer begins: what can be wrong shows by then, and gets a status of its own.</summary>
    private static async Task StreamAsync(HttpContext http, Answering answering, IAsyncEnumerable<ChatPiece> pieces)
    {
        await using IAsyncEnumerator<ChatPiece> reading = pieces.GetAsyncEnumerator(http.RequestAborted);
        bool more = await reading.MoveNextAsync();
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        bool[] begun = new bool[answering.Call.Call.Choices];
        try
        {
            while (more)
            {
                ChatPiece piece = reading.Current;
                answering.Count(piece);
                if (!begun[piece.Choice])
                {
                    begun[piece.Choice] = true;
                    Write(http, answering.Chunk(new ChunkChoice(piece.Choice, new() { Role = "assistant", Content = "" }, null, null)));
                }

                if (piece.Text.Length > 0 || piece.Tokens.Count > 0)
                {
                    Write(http, answering.Chunk(new ChunkChoice(piece.Choice, new() { Content = piece.Text }, piece.Tokens.Count > 0 ? new([.. piece.Tokens.Select(ToLogprob)]) : null, null)));
                }

                if (piece.FinishReason is not null)
                {
                    Write(http, answering.Chunk(new ChunkChoice(piece.Choice, new(), null, piece.FinishReason)));
                }

                await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
                more = await reading.MoveNextAsync();
            }

            if (answering.Call.IncludeUsage)
            {
                Write(http, answering.Chunk() with { Usage = answering.Usage });
            }

            WriteRaw(http, "[DONE]"u8);
        }
        catch (Exception problem) when (!http.RequestAborted.IsCancellationRequested)
        {
            // The status has gone out already; a client finds the reason in the stream.
            Write(http, ApiErrors.Body(ApiErrors.Explain(problem)));
        }

        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    private static void Write<T>(HttpContext http, T value) => WriteRaw(http, JsonSerializer.SerializeToUtf8Bytes(value, ApiJson.Options));

    private static void WriteRaw(HttpContext http, ReadOnlySpan<byte> data)
    {
        System.Buffers.BuffersExtensions.Write(http.Response.BodyWriter, "data: "u8);
        System.Buffers.BuffersExtensions.Write(http.Response.BodyWriter, data);
        System.Buffers.BuffersExtensions.Write(http.Response.BodyWriter, "\n\n"u8);
    }

    private static TokenLogprob ToLogprob(ScoredToken token) =>
        new(token.Text, token.LogProbability, [.. token.Bytes.Select(x => (int)x)], [.. token.Likeliest.Select(x => new TopLogprob(x.Text, x.LogProbability, [.. x.Bytes.Select(y => (int)y)]))]);

    /// <summary>What all parts of one answer have in common.</summary>
    private sealed class Answering(string id, long created, string model, ChatCall call)
    {
        private readonly int[] _tokens = new int[call.Call.Choices];
        private int _promptTokens;

        public string Id { get; } = id;

        public long Created { get; } = created;

        public string Model { get; } = model;

        public ChatCall Call { get; } = call;

        public ChatUsage Usage => new(_promptTokens, _tokens.Sum(), _promptTokens + _tokens.Sum());

        public void Count(ChatPiece piece) => (_tokens[piece.Choice], _promptTokens) = (piece.TokenCount, Math.Max(_promptTokens, piece.PromptTokens));

        public ChatChunk Chunk(params IReadOnlyList<ChunkChoice> choices) => new(Id, "chat.completion.chunk", Created, Model, choices);
    }
}
