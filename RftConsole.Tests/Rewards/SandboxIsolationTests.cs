using System.Net;
using System.Net.Sockets;

using RftConsole.Training.Rewards;

namespace RftConsole.Tests.Rewards;

/// <summary>What reward code cannot see or reach. Each test is one attack.</summary>
public sealed class SandboxIsolationTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Files_of_the_system_are_not_there() =>
        sandbox.PrintsAsync("ENOENT ENOENT ENOENT ENOENT", "print(*(refused(lambda: open(path).read()) for path in ('/etc/passwd', '/etc/shadow', '/etc/hostname', '/var/lib/dpkg/status')))");

    [Fact]
    public async Task Files_of_the_user_are_not_there()
    {
        string secret = Path.Combine(Directory.CreateTempSubdirectory("secret").FullName, "console.db");
        await File.WriteAllTextAsync(secret, "secret", Token);
        await sandbox.PrintsAsync("ENOENT ENOENT", $"print(refused(lambda: open({Quote(secret)}).read()), refused(lambda: os.listdir({Quote(AppContext.BaseDirectory)})))");
        await sandbox.PrintsAsync("ENOENT", $"print(refused(lambda: os.open({Quote("/tmp/../.." + secret)}, os.O_RDONLY)))");
        Directory.Delete(Path.GetDirectoryName(secret)!, true);
    }

    [Fact]
    public Task The_root_folder_holds_only_programs_devices_and_a_place_for_temporary_files() =>
        sandbox.PrintsAsync("set()", "print(set(os.listdir('/')) - {'usr', 'lib', 'lib64', 'bin', 'dev', 'tmp'})");

    [Fact]
    public async Task The_environment_of_the_console_is_not_there()
    {
        Environment.SetEnvironmentVariable("RFTCONSOLE_TEST_SECRET", "secret");
        await sandbox.PrintsAsync("False False", "print('RFTCONSOLE_TEST_SECRET' in os.environ, any('secret' in value for value in os.environ.values()))");
        await sandbox.PrintsAsync(
            "set()",
            "print(set(os.environ) - {'PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_CTYPE', 'TZ', 'PWD', 'PYTHONHASHSEED', 'PYTHONUTF8', 'MALLOC_ARENA_MAX', 'OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS',\n"
            + " 'AWS_LAMBDA_FUNCTION_NAME', 'AWS_LAMBDA_FUNCTION_VERSION', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 'AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_EXECUTION_ENV', 'LAMBDA_TASK_ROOT', '_HANDLER'})");
    }

    [Fact]
    public async Task A_listener_on_the_host_is_not_reached_by_tcp()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        await sandbox.PrintsAsync("ECONNREFUSED", $"print(refused(lambda: socket.create_connection(('127.0.0.1', {((IPEndPoint)listener.LocalEndpoint).Port}), 1)))");
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task A_listener_on_the_host_is_not_reached_by_udp()
    {
        using UdpClient listener = new(new IPEndPoint(IPAddress.Loopback, 0));
        await sandbox.SurviveAsync($"socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {((IPEndPoint)listener.Client.LocalEndPoint!).Port}))");
        Assert.Equal(0, listener.Available);
    }

    [Fact]
    public Task Other_hosts_are_not_reached() =>
        sandbox.PrintsAsync("ENETUNREACH ENETUNREACH", "print(refused(lambda: socket.create_connection(('192.0.2.1', 443), 1)), refused(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))))");

    [Fact]
    public Task Names_are_not_resolved() => sandbox.PrintsAsync(
        "gaierror",
        """
        try:
            socket.getaddrinfo("example.com", 80)
        except OSError as error:
            print(type(error).__name__)
        """);

    [Fact]
    public async Task A_unix_socket_of_the_host_is_not_reached()
    {
        string path = Path.Combine(Path.GetTempPath(), $"socket-{Guid.NewGuid():N}");
        using Socket file = Listen(path);
        using Socket @abstract = Listen("\0" + path);
        await sandbox.PrintsAsync("ENOENT ECONNREFUSED", $"print(*(refused(lambda: socket.socket(socket.AF_UNIX).connect(name)) for name in ({Quote(path)}, '\\0' + {Quote(path)})))");
        File.Delete(path);
    }

    /// <summary>Families that a network namespace does not hold back, such as that between a virtual machine and its host.</summary>
    [Theory]
    [InlineData("AF_VSOCK", 40)]
    [InlineData("AF_ALG", 38)]
    [InlineData("AF_PACKET", 17)]
    [InlineData("AF_BLUETOOTH", 31)]
    [InlineData("AF_TIPC", 30)]
    [InlineData("AF_QIPCRTR", 42)]
    [InlineData("AF_XDP", 44)]
    public Task Other_kinds_of_sockets_cannot_be_had(string family, int number)
    {
        Assert.StartsWith("AF_", family, StringComparison.Ordinal);
        return sandbox.PrintsAsync("EPERM EPERM", $"print(*(refused(lambda: socket.socket({number}, kind, 0)) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)))");
    }

    [Fact]
    public async Task A_listener_on_the_host_is_not_reached_by_tcp_over_ipv6()
    {
        using TcpListener listener = new(IPAddress.IPv6Loopback, 0);
        listener.Start();
        RewardResult result = await sandbox.SurviveAsync($"print(refused(lambda: socket.create_connection(('::1', {((IPEndPoint)listener.LocalEndpoint).Port}), 1)))");
        Assert.DoesNotContain("done", result.Output, StringComparison.Ordinal);
        Assert.False(listener.Pending());
    }

    [Fact]
    public Task A_group_of_hosts_is_not_reached() =>
        sandbox.PrintsAsync("ENETUNREACH", "print(refused(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('224.0.0.251', 5353))))");

    [Fact]
    public Task Only_harmless_devices_exist() => sandbox.PrintsAsync(
        "set()",
        "print(set(os.listdir('/dev')) - {'null', 'zero', 'full', 'random', 'urandom', 'tty', 'console', 'core', 'fd', 'stdin', 'stdout', 'stderr', 'ptmx', 'pts', 'shm'})");

    [Fact]
    public Task A_program_with_more_rights_gives_none() => sandbox.PrintsAsync(
        "1 True",
        """
        import shutil
        shutil.copy("/usr/bin/id", "/tmp/id")
        try:
            os.chmod("/tmp/id", 0o6755)
        except OSError:
            pass
        who = subprocess.run(["/tmp/id", "-u"], capture_output=True, text=True).stdout.strip()
        os.unlink("/tmp/id")
        print(libc.prctl(39, 0, 0, 0, 0), who != "0")
        """);

    [Fact]
    public Task The_clock_and_the_hosts_name_cannot_be_set() =>
        sandbox.PrintsAsync("EPERM EPERM", "print(refused(lambda: time.clock_settime(time.CLOCK_REALTIME, 0)), refused(lambda: socket.sethostname('x')))");

    [Fact]
    public Task A_hard_link_makes_no_file_writable() =>
        sandbox.PrintsAsync("True", "print(refused(lambda: os.link('/usr/bin/python3', '/tmp/python3')) in ('EXDEV', 'EPERM'))");

    [Fact]
    public Task No_dump_of_memory_is_written() => sandbox.PrintsAsync("(0, 0) (0, 0)", "print(resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_MEMLOCK))");

    [Fact]
    public Task Only_the_loopback_interface_exists() => sandbox.PrintsAsync("['lo']", "print([name for _, name in socket.if_nameindex()])");

    [Fact]
    public Task There_is_no_proc_and_no_sys() => sandbox.PrintsAsync("ENOENT ENOENT", "print(refused(lambda: os.listdir('/proc')), refused(lambda: os.listdir('/sys')))");

    [Fact]
    public Task The_terminal_of_the_console_cannot_be_opened() => sandbox.PrintsAsync("ENXIO", "print(refused(lambda: os.open('/dev/tty', os.O_RDWR)))");

    [Fact]
    public Task Programs_and_devices_are_read_only() => sandbox.PrintsAsync(
        "EROFS EROFS EROFS EROFS",
        "print(*(refused(lambda: open(path, 'w')) for path in ('/usr/bin/planted', '/planted', '/dev/planted', '/usr/lib/python3/planted.py')))");

    [Fact]
    public Task A_mount_cannot_be_made_or_changed() => sandbox.PrintsAsync(
        "EPERM EPERM EPERM EPERM",
        """
        print(refused(lambda: syscall(165, b"none", b"/tmp", b"tmpfs", 0, 0)),
              refused(lambda: syscall(165, b"none", b"/", 0, 32, 0)),
              refused(lambda: syscall(166, b"/usr", 2)),
              refused(lambda: os.chroot("/tmp")))
        """);

    [Fact]
    public Task No_namespace_can_be_made_or_entered() => sandbox.PrintsAsync(
        "EPERM EPERM EPERM ENOSYS",
        """
        print(refused(lambda: syscall(272, 0x10000000)),
              refused(lambda: syscall(308, 0, 0)),
              refused(lambda: syscall(56, 0x10000000 | 17, 0, 0, 0, 0)),
              refused(lambda: syscall(435, 0, 0)))
        """);

    [Fact]
    public Task No_privilege_can_be_had() => sandbox.PrintsAsync(
        "65534 True EPERM EPERM",
        """
        print(os.getuid(), refused(lambda: os.setuid(0)) in ("EPERM", "EINVAL"), refused(lambda: os.mknod("/tmp/sda", 0o60600, os.makedev(8, 0))),
              refused(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)))
        """);

    [Fact]
    public Task A_symbolic_link_leads_nowhere_else() => sandbox.PrintsAsync(
        "ENOENT ENOENT",
        """
        os.symlink("/etc/passwd", "/tmp/link")
        os.symlink("/", "/tmp/root")
        print(refused(lambda: open("/tmp/link").read()), refused(lambda: open("/tmp/root/etc/passwd").read()))
        os.unlink("/tmp/link")
        os.unlink("/tmp/root")
        """);

    [Fact]
    public Task Large_parts_of_the_kernel_are_closed() => sandbox.PrintsAsync(
        "EPERM EPERM EPERM EPERM EPERM EPERM",
        "print(*(refused(lambda: syscall(number, 0, 0, 0, 0, 0)) for number in (321, 298, 323, 425, 250, 135)))");

    [Fact]
    public Task The_x32_table_is_no_way_round() => sandbox.PrintsAsync("EPERM", "print(refused(lambda: syscall(0x40000000 + 272, 0x10000000)))");

    private static Socket Listen(string path)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
        return socket;
    }

    private static string Quote(string text) => "'" + text + "'";
}
