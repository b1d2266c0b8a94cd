using System.Text;
using System.Text.Json;

using RftConsole.Training.Network;
using RftConsole.Training.Storage;

namespace RftConsole.Training.Jobs;

/// <summary>The gate of one run of a job, and its list of refused calls in the job's folder.</summary>
internal sealed class JobNetwork(NetworkIsolation? isolation, JobFolder folder, TimeProvider? time) : IDisposable
{
    private static readonly JsonSerializerOptions s_line = new(JobSpecificationFile.Options) { WriteIndented = false };

    private bool _mended;

    public OutboundPolicy Policy { get; } = new(isolation, time);

    /// <summary>What was refused since the last call of this method, kept in the folder by then.</summary>
    public IReadOnlyList<RefusedCall> TakeRefused()
    {
        var calls = Policy.TakeRefused();
        if (calls.Count > 0)
        {
            try
            {
                if (!_mended)
                {
                    VaultFiles.Mend(folder.RefusedCalls);
                    _mended = true;
                }

                VaultFiles.Append(folder.RefusedCalls, Encoding.UTF8.GetBytes(string.Concat(calls.Select(call => JsonSerializer.Serialize(call, s_line) + "\n"))));
            }
            catch (IOException)
            {
                // On a full disk the events still tell of them.
            }
        }

        return calls;
    }

    public void Dispose() => Policy.Dispose();
}
