"""The warm worker: process 1 of the sandbox. It reads requests of the host, forks a child for each call, and never runs a line of the user's code.

Being process 1 of its namespace, it cannot be killed, stopped or interrupted by a child, and kill(-1) ends everything that a call left
behind. A request is three frames: control (JSON), payload, seal. The seal is read only after the fork and sent back with the reply, so
no child ever held it, and a reply without it is not the worker's. A reply is three frames: control (JSON), result bytes, output bytes.
"""
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time

import _rft_handler as handler
import _rft_limits as limits

RESULT_LIMIT = 16 << 20
CHUNK = 1 << 16
REQUESTS, REPLIES = 3, 4
# Standard modules that do something to see when they are imported.
NOT_PRELOADED = {"antigravity", "this", "idlelib", "tkinter", "turtle", "turtledemo", "test", "__main__", "site"}
SCRATCH = ("/tmp", "/dev/shm")


def serve(settings, read_frame, write_frame):
    # A handler in Python would make process 1 a target for signals from inside.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    limits.hide_memory()
    if settings["packages"]:
        sys.path.append("/packages")
    if settings["proxyPort"]:
        _open_way_out(settings["proxyPort"])
    settings["filter"] = limits.compile_filter(settings["allowProcesses"])
    code = None
    write_frame(json.dumps(_inspection()).encode())
    handler.set_variables(settings)
    gc.disable()
    gc.freeze()
    while True:
        control = json.loads(read_frame())
        payload = read_frame()
        if control["operation"] == "prepare":
            _preload(control["imports"])
            code = compile(settings["source"], settings["fileName"], "exec")
            gc.freeze()
            report, result, output = {}, b"", b""
            seal = read_frame()
        else:
            report, result, output, seal = _call(settings, code, control, payload, read_frame)
        report["seal"] = seal.hex()
        for frame in (json.dumps(report).encode(), result, output):
            write_frame(frame)


def _open_way_out(port):
    """Hands a socket that listens in this network namespace to the host, whose filtering proxy takes its connections: there is no other way out."""
    with socket.create_server(("127.0.0.1", port)) as listener, socket.socket(socket.AF_UNIX) as host:
        host.connect("/way-out")
        socket.send_fds(host, [b"\0"], [listener.fileno()])


def _inspection():
    """What the worker sees of its own prison; the host compares it with what it asked for."""
    writable = []
    for folder in ("/", "/usr", "/dev", "/packages"):
        try:
            os.close(os.open(folder + "/.probe", os.O_CREAT | os.O_WRONLY, 0o600))
            writable.append(folder)
        except OSError:
            pass  # refused, as it must be
    return {
        "python": ".".join(map(str, sys.version_info[:3])),
        "pid": os.getpid(),
        "root": sorted(os.listdir("/")),
        "interfaces": sorted(name for _, name in socket.if_nameindex()),
        "environment": sorted(os.environ),
        "writable": writable,
    }


def _preload(names):
    """Imports what the function will import, so that a fork finds it ready. Standard modules only: they are the system's, not the user's."""
    for name in names:
        root = name.partition(".")[0]
        if root in sys.stdlib_module_names and root not in NOT_PRELOADED:
            try:
                importlib.import_module(name)
            except ImportError:
                pass  # a name inside a module, or a part that is not installed: the child's own import tells


def _call(settings, code, control, payload, read_frame):
    seconds = control["timeoutMs"] / 1000
    result_read, result_write = os.pipe()
    output_read, output_write = os.pipe()
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        handler.run(settings, code, payload, control["operation"], seconds, result_write, output_write, (REQUESTS, REPLIES, result_read, output_read))
    os.close(result_write)
    os.close(output_write)
    seal = read_frame()
    streams = {result_read: (bytearray(), RESULT_LIMIT, "result"), output_read: (bytearray(), settings["outputLimit"], "output")}
    stopped = _watch(pid, streams, began + seconds)
    usage, status = _end(pid)
    for descriptor, (data, limit, name) in streams.items():
        if not _drained(descriptor, data, limit):
            stopped = stopped or name
        os.close(descriptor)
    report = {
        "stopped": stopped,
        "exit": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
        "elapsedMs": (time.monotonic() - began) * 1000,
        "memoryKb": usage.ru_maxrss,
        # Files would be seen by the next call: the host then starts a new sandbox.
        "dirty": any(os.listdir(folder) for folder in SCRATCH),
    }
    return report, bytes(streams[result_read][0]), bytes(streams[output_read][0][: settings["outputLimit"]]), seal


def _watch(pid, streams, deadline):
    """Collects what the child writes until it ends; the reason where it has to be stopped before."""
    poller = select.poll()
    ended = os.pidfd_open(pid)
    try:
        poller.register(ended, select.POLLIN)
        for descriptor in streams:
            os.set_blocking(descriptor, False)
            poller.register(descriptor, select.POLLIN)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return "time"
            ready = [descriptor for descriptor, _ in poller.poll(left * 1000 + 1)]
            for descriptor in ready:
                if descriptor == ended:
                    continue
                data, limit, name = streams[descriptor]
                part = _read(descriptor)
                if part is None:
                    poller.unregister(descriptor)
                    continue
                data += part
                if len(data) > limit:
                    return name
            if ended in ready:
                return None
    finally:
        os.close(ended)


def _read(descriptor):
    """Bytes; empty where there are none now; None at the end."""
    try:
        return os.read(descriptor, CHUNK) or None
    except BlockingIOError:
        return b""


def _drained(descriptor, data, limit):
    while len(data) <= limit:
        part = _read(descriptor)
        if not part:
            return True
        data += part
    return False


def _end(pid):
    """Ends the child and all that it started, whatever session or parent they gave themselves."""
    status, usage = 0, None
    while True:
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            pass  # nobody is left to kill; the child itself may still wait to be reaped
        try:
            done, end, used = os.wait4(-1, 0)
        except ChildProcessError:
            return usage, status
        if done == pid:
            status, usage = end, used
