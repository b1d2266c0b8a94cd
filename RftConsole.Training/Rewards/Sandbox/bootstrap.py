# The first lines that run in the sandbox (python3 -c): fetch the worker's own source from the host and start it.
# The source comes through the pipe, so that the sandbox needs no file of the host.
import json
import os
import struct
import sys
import types

# The frames get descriptors of their own: what prints to 1 or reads 0 can then never meet the protocol.
REQUESTS, REPLIES = 3, 4
_keep = [os.dup(0), os.dup(1)]
_high = [os.dup2(_keep[0], 900), os.dup2(_keep[1], 901)]
os.closerange(3, 900)
os.dup2(_high[0], REQUESTS, False)
os.dup2(_high[1], REPLIES, False)
os.closerange(5, os.sysconf("SC_OPEN_MAX") if os.sysconf("SC_OPEN_MAX") < 1 << 16 else 1 << 16)
_null = os.open("/dev/null", os.O_RDWR)
os.dup2(_null, 0)
os.dup2(_null, 1)
os.close(_null)


def read_exactly(count):
    parts = []
    while count:
        part = os.read(REQUESTS, min(count, 1 << 20))
        if not part:
            os._exit(0)  # the host is gone
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def read_frame():
    return read_exactly(struct.unpack("<I", read_exactly(4))[0])


def write_frame(data):
    view = memoryview(struct.pack("<I", len(data)) + data)
    while view:
        view = view[os.write(REPLIES, view):]


sys.argv = [""]
sys.path = [entry for entry in sys.path if entry]
_settings = json.loads(read_frame())
for _name, _source in _settings.pop("modules"):
    _module = types.ModuleType(_name)
    sys.modules[_name] = _module
    exec(compile(_source, "<" + _name + ">", "exec"), _module.__dict__)
sys.modules["_rft_worker"].serve(_settings, read_frame, write_frame)
