using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace RftConsole.Training.Network;

/// <summary>
/// The one way out of a sandbox that has a network namespace of its own: its worker opens a socket that listens there, and hands it to this process through a Unix socket
/// (<c>SCM_RIGHTS</c>, unix(7)). Connections to it are then accepted here, by a <see cref="FilteringProxy"/>, and nothing in the sandbox has a route to anywhere.
/// </summary>
internal sealed partial class SandboxWayOut : IAsyncDisposable
{
    private const int RightsMessage = 1; // SCM_RIGHTS
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int CloseOnExec = 0x40000000; // MSG_CMSG_CLOEXEC

    private readonly OutboundPolicy _policy;
    private readonly string _folder;
    private readonly Socket _handover;
    private FilteringProxy? _proxy;

    /// <param name="policy">What is let through.</param>
    public SandboxWayOut(OutboundPolicy policy)
    {
        _policy = policy;
        _folder = Directory.CreateTempSubdirectory("rft-").FullName;
        SocketFile = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        _handover = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _handover.Bind(new UnixDomainSocketEndPoint(SocketFile));
        if (!OperatingSystem.IsWindows())
        {
            // The sandbox may run as another user, who can enter the folder and not list it.
            File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            File.SetUnixFileMode(SocketFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
        }

        _handover.Listen(1);
    }

    /// <summary>What the sandbox needs to see once.</summary>
    public string SocketFile { get; }

    /// <summary>Takes the worker's socket, and serves it from now on. Nothing else can be handed over after it.</summary>
    /// <exception cref="IOException">The worker handed over nothing.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        using Socket worker = await _handover.AcceptAsync(cancellationToken);
        _handover.Dispose();
        Socket listener = Receive(worker);
        _proxy = new(_policy, Callers.RewardCode, listener);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _handover.Dispose();
        if (_proxy is not null)
        {
            await _proxy.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static unsafe Socket Receive(Socket worker)
    {
        byte content;
        // struct cmsghdr (length, level, type) and one descriptor, in the layout of 64-bit Linux.
        long* control = stackalloc long[3];
        Vector vector = new() { Base = &content, Length = 1 };
        Message message = new() { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = 24 };
        worker.Blocking = true;
        nint received = ReceiveMessage(worker.Handle, &message, CloseOnExec);
        if (received < 0)
        {
            throw new IOException(new Win32Exception(Marshal.GetLastPInvokeError()).Message);
        }

        int* header = (int*)control;
        return message.ControlLength >= 20 && header[2] == SocketLevel && header[3] == RightsMessage
            ? new(new SafeSocketHandle(header[4], ownsHandle: true))
            : throw new IOException("the worker of the sandbox handed over no socket");
    }

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static unsafe partial nint ReceiveMessage(nint socket, Message* message, int flags);

    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Vector
    {
        public void* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Message
    {
        public void* Name;
        public uint NameLength;
        public Vector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
