namespace RftConsole.Training.Compute;

/// <summary>Who waits for a slice of work.</summary>
public enum WorkPriority
{
    /// <summary>A person waits: the playground, a deployment's caller.</summary>
    Interactive,

    /// <summary>A job.</summary>
    Training,
}

/// <summary>The one thread that owns every tensor.</summary>
public sealed class ComputeThread : IAsyncDisposable
{
    /// <summary>Runs one slice (about 300 ms at most) on the compute thread.</summary>
    public Task<T> RunAsync<T>(WorkPriority priority, Func<T> slice, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
