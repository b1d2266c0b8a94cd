namespace RftConsole.Tests.Components.Fakes;

/// <summary>Subscriptions of a fake service; <see cref="TellAsync"/> is what a service does when it has news.</summary>
public sealed class FakeNews
{
    private readonly List<Func<Task>> _listeners = [];

    public int Listeners => _listeners.Count;

    public IDisposable Subscribe(Func<Task> changed)
    {
        _listeners.Add(changed);
        return new Subscription(() => _listeners.Remove(changed));
    }

    public Task TellAsync() => Task.WhenAll(_listeners.ToArray().Select(listener => listener()));

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
