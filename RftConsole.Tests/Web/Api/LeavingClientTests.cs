using System.Collections.Concurrent;
using System.Text;

using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Web;
using RftConsole.Web.Api.Keys;
using RftConsole.Web.Inference;

namespace RftConsole.Tests.Web.Api;

/// <summary>A client that goes away in the middle of a stream.</summary>
public sealed class LeavingClientTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_of_a_stream_ends_its_answer_and_is_no_error()
    {
        FirstPieceEngine chat = new();
        FailureLog log = new();
        await using WebApplicationFactory<ConsoleOptions> console = new WebApplicationFactory<ConsoleOptions>().WithWebHostBuilder(host =>
        {
            host.UseSetting("data", Path.Combine(_root.Path, "data"));
            host.UseSetting("port", "0");
            host.ConfigureTestServices(services => services
                .AddSingleton<IChatEngine>(chat)
                .AddSingleton<ILoggerProvider>(log)
                .AddSingleton<IApiKeys>(provider => ActivatorUtilities.CreateInstance<ApiKeys>(provider, (Func<string, string?>)(name => name == ApiKeys.Variable ? "k" : null))));
        });
        console.UseKestrel(0);
        console.StartServer();
        using (HttpClient client = new() { BaseAddress = console.ClientOptions.BaseAddress })
        {
            using HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions")
            {
                Content = new StringContent("""{"model":"starter","stream":true,"messages":[{"role":"user","content":"Hello"}]}""", Encoding.UTF8, "application/json"),
            };
            request.Headers.Authorization = new("Bearer", "k");
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            await using Stream stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            Assert.True(await stream.ReadAsync(new byte[16], TestContext.Current.CancellationToken) > 0);
        }

        await chat.Ended.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        await console.DisposeAsync();

        Assert.Empty(log.Failures);
    }

    /// <summary>Gives one piece, and then none until its caller leaves.</summary>
    private sealed class FirstPieceEngine : IChatEngine
    {
        public TaskCompletionSource Ended { get; } = new();

        public async IAsyncEnumerable<Training.Generation.ChatPiece> StreamAsync(Training.Generation.ChatRequest request, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return new("Hello", 1, TimeSpan.Zero, null);
            try
            {
                await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
            }
            finally
            {
                Ended.SetResult();
            }
        }
    }

    /// <summary>What is logged as an error.</summary>
    private sealed class FailureLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Failures { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Failures.Enqueue($"{formatter(state, exception)} {exception}");
            }
        }

        public void Dispose()
        {
        }
    }
}
