"""Runs a user's reward function: in a forked child, which ends with the call.

The child writes one frame (4 bytes of length, then JSON) to its result pipe:
{"value": what the handler returned} or {"failure": {"type", "message", "line", "column"}} or {"loaded": {"imports": [...]}}
or {"broken": why the limits could not be set}.
The worker passes the bytes on without reading them, and the host checks every part: nothing here is trusted.
"""
import ast
import dataclasses
import gc
import hashlib
import inspect
import io
import json
import linecache
import math
import os
import random
import struct
import sys
import time
import types

import _rft_limits as limits

KNOWN_KEYS = ("id", "aggregate_reward_score", "metrics_list")
KNOWN_METRIC_KEYS = ("name", "value", "type")
MISSING = object()


class LambdaContext:
    """The second argument of a handler, with the members that AWS Lambda gives it."""

    def __init__(self, settings, request_id, deadline):
        name = settings["functionName"]
        self.function_name = name
        self.function_version = "$LATEST"
        self.invoked_function_arn = "arn:aws:lambda:local:000000000000:function:" + name
        self.memory_limit_in_mb = str(settings["memoryLimit"] >> 20)
        self.aws_request_id = request_id
        self.log_group_name = "/aws/lambda/" + name
        self.log_stream_name = "$LATEST"
        self.identity = None
        self.client_context = None
        self._deadline = deadline

    def get_remaining_time_in_millis(self):
        return max(0, int((self._deadline - time.monotonic()) * 1000))

    def log(self, message):
        sys.stdout.write(message if isinstance(message, str) else str(message))


class Samples(list):
    """The event. Where the handler goes through it sample by sample, what it prints meanwhile is marked as that sample's."""

    MOST_MARKS = 4096
    marks, current = 0, -1

    def __iter__(self):
        before = Samples.current
        try:
            for position, sample in enumerate(list.__iter__(self)):
                self._mark(position)
                yield sample
        finally:
            self._mark(before)

    def __reduce__(self):
        return list, (list(list.__iter__(self)),)  # another process, and a copy, get a plain list

    @staticmethod
    def _mark(position):
        """-1 stands for the whole batch; a handler that goes through its samples again and again is not followed for ever."""
        Samples.marks += 1
        position = position if Samples.marks < Samples.MOST_MARKS else -1
        if position != Samples.current and Samples.marks <= Samples.MOST_MARKS:
            Samples.current = position
            try:
                sys.stdout.flush()
                os.write(1, b"\0sample %d\0" % position)
            except (OSError, ValueError, AttributeError):
                pass  # the function closed or replaced it: the output then is the batch's


class Rejected(Exception):
    """The file or what it returned cannot be used; the text says why."""


def run(settings, code, payload, operation, seconds, result_fd, output_fd, inherited):
    """Never returns: the process ends with the call, and with it all that the user's code left in memory."""
    status = 70
    try:
        deadline = time.monotonic() + seconds
        _own_descriptors(output_fd, inherited)
        for name in ("_rft_worker", "_rft_limits", "_rft_handler"):
            sys.modules.pop(name, None)
        try:
            limits.apply(settings, seconds)
        except OSError as error:
            frame = {"broken": str(error)}
        else:
            # Python seeds the generator anew at each fork; equal samples must get equal rewards.
            random.seed(0)
            gc.enable()
            frame = _answer(settings, code, payload, operation, deadline)
        _flush()
        data = json.dumps(frame, allow_nan=False, ensure_ascii=False).encode("utf-8", "replace")
        view = memoryview(struct.pack("<I", len(data)) + data)
        while view:
            view = view[os.write(result_fd, view):]
        status = 0
    finally:
        os._exit(status)


def _own_descriptors(output_fd, inherited):
    for descriptor in inherited:
        os.close(descriptor)
    os.dup2(output_fd, 1)
    os.dup2(output_fd, 2)
    os.close(output_fd)
    # Text that UTF-8 cannot hold must not turn a print into a failure.
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w"), "utf-8", "backslashreplace", write_through=True)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w"), "utf-8", "backslashreplace", write_through=True)
    sys.stdin = io.TextIOWrapper(io.FileIO(0, "r"), "utf-8")


def _answer(settings, code, payload, operation, deadline):
    file = settings["fileName"]
    try:
        _log_to_output()
        handler = _load(settings, code)
        _log_to_output()
        if operation == "load":
            _check_arguments(handler)
            return {"loaded": {"imports": _imports(settings["source"], file)}}
        request = hashlib.sha256(payload).hexdigest()
        request = "-".join((request[:8], request[8:12], request[12:16], request[16:20], request[20:32]))
        returned = handler(Samples(json.loads(payload)), LambdaContext(settings, request, deadline))
        return {"value": _plain_result(returned)}
    except Rejected as error:
        return _failure("", str(error), None)
    except SystemExit as error:
        return _failure("SystemExit", "the function ended the process with sys.exit(%s)" % _short(repr(error.code)), _line(error, file))
    except MemoryError as error:
        return _failure("MemoryError", "out of memory: the limit is %d MB" % (settings["memoryLimit"] >> 20), _line(error, file))
    except ModuleNotFoundError as error:
        return _failure("ModuleNotFoundError", "the Python module '%s' is not installed in the sandbox; name its package in a requirements.txt (rewardFunction.requirements in a job file, --requirements of a command), or use the standard library in its place" % error.name, _line(error, file))
    except SyntaxError as error:
        own = error.filename == file
        return _failure(type(error).__name__, str(error.msg), error.lineno if own else _line(error, file), error.offset if own else None)
    except BaseException as error:  # whatever the user's code raises is the answer to this call
        return _failure(type(error).__name__, _short(str(error)), _line(error, file))


def set_variables(settings):
    """The variables of AWS Lambda that functions read; none of them is a secret or leads anywhere."""
    os.environ.update({
        "AWS_LAMBDA_FUNCTION_NAME": settings["functionName"], "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(settings["memoryLimit"] >> 20),
        "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_EXECUTION_ENV": "AWS_Lambda_python%d.%d" % sys.version_info[:2],
        "LAMBDA_TASK_ROOT": "/tmp", "_HANDLER": "reward_function.lambda_handler",
    })


def _log_to_output():
    """As in AWS Lambda, what is logged is printed, without a word about handlers."""
    logging = sys.modules.get("logging")
    if logging is not None and not logging.getLogger().handlers:
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(logging.Formatter("[%(levelname)s]\t%(message)s"))
        logging.getLogger().addHandler(handler)


def _load(settings, code):
    file = settings["fileName"]
    source = settings["source"]
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    module = types.ModuleType("reward_function")
    module.__file__ = file
    sys.modules["reward_function"] = module
    exec(code or compile(source, file, "exec"), module.__dict__)
    handler = getattr(module, "lambda_handler", None)
    if handler is None:
        raise Rejected("the file defines no function lambda_handler(event, context)")
    if not callable(handler):
        raise Rejected("lambda_handler is a %s, not a function" % type(handler).__name__)
    return handler


def _check_arguments(handler):
    try:
        inspect.signature(handler).bind([], None)
    except TypeError as error:
        raise Rejected("lambda_handler must take two arguments (event, context): " + str(error)) from None
    except ValueError:
        pass  # a callable without a signature (built in) shows at the first call whether it fits


def _imports(source, file):
    names = set()
    for node in ast.walk(ast.parse(source, file)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return sorted(names)


def _plain_result(value):
    value = _plain_object(value)
    if isinstance(value, dict):
        kept = {key: value[key] for key in ("errorMessage", "errorType") if key in value}
        return {key: _plain_value(kept[key]) for key in kept} if kept else {"invalid": "dict"}
    if not isinstance(value, (list, tuple)):
        return {"invalid": type(value).__name__}
    return [_plain_entry(entry, KNOWN_KEYS) for entry in value]


def _plain_entry(entry, known):
    entry = _plain_object(entry)
    if not isinstance(entry, dict):
        return {"invalid": type(entry).__name__}
    plain = {}
    for key in known:
        value = entry.get(key, MISSING)
        if value is MISSING:
            continue
        if key == "metrics_list" and isinstance(value, (list, tuple)):
            plain[key] = [_plain_entry(metric, KNOWN_METRIC_KEYS) for metric in value]
        else:
            plain[key] = _plain_value(value)
    return plain


def _plain_object(value):
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return value


def _plain_value(value):
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value) if -(1 << 1023) < value < 1 << 1023 else {"invalid": "integer beyond the range of a double"}
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"invalid": repr(float(value))}
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        return _plain_value(value.item())
    return {"invalid": type(value).__name__}


def _failure(kind, message, line, column=None):
    return {"failure": {"type": kind, "message": message, "line": line, "column": column}}


def _line(error, file):
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _short(text, limit=2000):
    return text if len(text) <= limit else text[:limit] + "…"


def _flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass  # the function closed or replaced it: what it printed before is with the worker already
