namespace RftConsole.Training.Models;

/// <summary>What is loaded once for all who ask, by key, with the order in which it was last asked for.</summary>
/// <param name="most">How many are kept; those go first that were not asked for the longest.</param>
internal sealed class SharedLoads<T>(int most = int.MaxValue)
    where T : class
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Lazy<Task<T>>> _entries = [];
    private readonly List<string> _order = [];

    /// <summary>Keys, those first that were not asked for the longest.</summary>
    public IReadOnlyList<string> Keys
    {
        get
        {
            lock (_gate)
            {
                return [.. _order];
            }
        }
    }

    /// <summary>What has been loaded.</summary>
    public IReadOnlyList<T> Loaded
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries.Values.Where(x => x.IsValueCreated && x.Value.IsCompletedSuccessfully).Select(x => x.Value.Result)];
            }
        }
    }

    /// <summary>One load at a time for each key; a failed one is forgotten, so that it can be tried again.</summary>
    public async Task<T> GetAsync(string key, Func<Task<T>> load)
    {
        Lazy<Task<T>> entry;
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out entry!))
            {
                _entries[key] = entry = new(load);
            }

            _order.Remove(key);
            _order.Add(key);
            while (_order.Count > most)
            {
                Remove(_order[0]);
            }
        }

        try
        {
            return await entry.Value;
        }
        catch
        {
            lock (_gate)
            {
                if (_entries.GetValueOrDefault(key) == entry)
                {
                    Remove(key);
                }
            }

            throw;
        }
    }

    /// <summary>Forgets an entry; whoever has it keeps it.</summary>
    public void Forget(string key)
    {
        lock (_gate)
        {
            Remove(key);
        }
    }

    private void Remove(string key)
    {
        _entries.Remove(key);
        _order.Remove(key);
    }
}
