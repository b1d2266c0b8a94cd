using Microsoft.AspNetCore.Components;

namespace RftConsole.Web.Components.Controls;

/// <summary>A component that shows what a service owns and reads it again whenever the service has news.</summary>
public abstract class LiveComponent : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly List<IDisposable> _subscriptions = [];
    private readonly Language _language = Language.Current;
    private bool _started;
    private bool _loading;
    private bool _newsWhileLoading;
    private object? _scope;

    /// <summary>Subscribes nothing yet: that waits for the parameters.</summary>
    protected LiveComponent() => Ended = _ended.Token;

    /// <summary>Cancelled when the component goes.</summary>
    protected CancellationToken Ended { get; }

    /// <summary>What is shown, such as an id; when it changes, the component starts again.</summary>
    protected virtual object? Scope => null;

    /// <inheritdoc />
    public void Dispose()
    {
        Unsubscribe();
        _ended.Cancel();
        _ended.Dispose();
        OnDisposed();
        GC.SuppressFinalize(this);
    }

    /// <summary>Subscribes to everything that <see cref="LoadAsync"/> reads.</summary>
    protected abstract IEnumerable<IDisposable> Subscribe(Func<Task> changed);

    /// <summary>Reads what the component shows.</summary>
    protected abstract Task LoadAsync(CancellationToken cancellationToken);

    /// <summary>Ends what a derived component began.</summary>
    protected virtual void OnDisposed()
    {
    }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        if (_started && Equals(_scope, Scope))
        {
            return;
        }

        _started = true;
        _scope = Scope;
        Unsubscribe();
        // Before the first read: news that comes in between would be lost otherwise.
        _subscriptions.AddRange(Subscribe(OnNewsAsync));
        await LoadAsync(Ended);
    }

    private Task OnNewsAsync() => InvokeAsync(RefreshAsync);

    private async Task RefreshAsync()
    {
        if (_ended.IsCancellationRequested)
        {
            return;
        }

        _language.Apply();
        if (_loading)
        {
            _newsWhileLoading = true;
            return;
        }

        _loading = true;
        try
        {
            do
            {
                _newsWhileLoading = false;
                await LoadAsync(Ended);
                StateHasChanged();
            }
            while (_newsWhileLoading && !_ended.IsCancellationRequested);
        }
        catch (Exception error)
        {
            // A component that has gone has nobody to tell; any other fault belongs to the page's error boundary.
            if (!_ended.IsCancellationRequested)
            {
                await DispatchExceptionAsync(error);
            }
        }
        finally
        {
            _loading = false;
        }
    }

    private void Unsubscribe()
    {
        _subscriptions.ForEach(subscription => subscription.Dispose());
        _subscriptions.Clear();
    }
}
