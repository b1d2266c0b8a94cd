"""Code generation graded by running the tests.

Gives the share of its record's tests that the response's Python code passes: 1.0 where it passes all of them.

WHAT IT READS
  The last assistant message of each sample. Its code is the last fenced block that Python can read (of several, the last
  that defines the wanted function), or the whole response where it is code.
  The record's key "tests" (in the record, or inside reference_answer):
    ["assert add(1, 2) == 3", ...]                       each text is one test
    [{"input": "1 2\\n", "output": "3\\n"}, ...]           the code is a program: standard input and what it must print
    "def check(candidate): ..." with "entry_point"       one function that is given the response's function
  "setup": code that runs before the response's. "entry_point": the function that the response must define.

HOW IT RUNS
  Each response in a Python process of its own, with limits on time and memory. Code that loops for ever, ends its process,
  floods the output or eats memory fails its tests, and those of nobody else.
  Of a test "assert <call> == <literal>" the process is told the call only, and its answer is compared here: code that
  reads its tests, ends early or returns something that equals everything does not pass.

METRICS
  all_tests     (Reward)  1 where every test passes
  tests_passed  (Metric)  share of the tests
  code_found    (Metric)  1 where the response holds code that Python can read

TO ADAPT IT
  Change the limits below, or the scores in grade().
"""
import ast
import json
import os
import re
import select
import signal
import subprocess
import sys
import time

SECONDS_A_TEST = 2.0
MEMORY = 256 << 20
LONGEST_OUTPUT = 1 << 16

# Runs in the process of the response: questions come as lines of JSON, first its code and then the tests; each answer is a line.
RUNNER = r'''
import json, os, resource, sys
limit, sys.path = int(sys.argv[1]), json.loads(sys.argv[2])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
requests, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
null = os.open(os.devnull, os.O_RDWR)
for number in (0, 1, 2):
    os.dup2(null, number)

def plain(value, depth=0):
    # By the methods of the built-in types: a class that overrides comparison or iteration is seen through.
    if value is None or value is True or value is False: return value
    if isinstance(value, int): return ["int", int.__repr__(value)]
    if isinstance(value, float): return ["float", float.__repr__(value)]
    if isinstance(value, str): return ["str", str.__str__(value)]
    if isinstance(value, bytes): return ["bytes", bytes.hex(value)]
    if depth < 40:
        for kind, name in ((list, "list"), (tuple, "tuple"), (set, "set"), (frozenset, "set")):
            if isinstance(value, kind): return [name, [plain(item, depth + 1) for item in kind.__iter__(value)]]
        if isinstance(value, dict): return ["dict", [[plain(key, depth + 1), plain(item, depth + 1)] for key, item in dict.items(value)]]
    return ["other", type(value).__name__]

space = {"__name__": "response"}
for line in requests:
    number, kind, text = json.loads(line)
    try:
        if kind == "value":
            answer = ["value", plain(eval(compile(text, "test", "eval"), dict(space)))]
        else:
            exec(compile(text, "response.py", "exec"), space if kind == "code" else dict(space))
            answer = ["passed", None]
    except BaseException as error:
        answer = ["failed", type(error).__name__]
    answers.write(json.dumps([number] + answer) + "\n")
    answers.flush()
'''


def lambda_handler(event, context):
    results = []
    for position, sample in enumerate(event):
        # Of the time that is left, each sample may use its share, and a little remains for the answer.
        left = context.get_remaining_time_in_millis() / 1000 if hasattr(context, "get_remaining_time_in_millis") else 60.0
        results.append(grade(sample, time.monotonic() + 0.9 * left / (len(event) - position)))
    return results


def grade(sample, deadline):
    record = record_of(sample)
    tests = tests_of(sample, record)
    code = code_of(response_of(sample), record.get("entry_point"))
    passed = 0
    if code is not None:
        code = (record.get("setup") or "") + "\n" + code
        programs = [test for test in tests if isinstance(test, dict)]
        passed = sum(run_program(code, test, deadline) for test in programs) if programs else run_tests(code, tests, deadline)
    share = passed / len(tests)
    return {
        "id": sample["id"],
        "aggregate_reward_score": share,
        "metrics_list": [
            {"name": "all_tests", "value": float(passed == len(tests)), "type": "Reward"},
            {"name": "tests_passed", "value": share, "type": "Metric"},
            {"name": "code_found", "value": float(code is not None), "type": "Metric"},
        ],
    }


# --- the sample ------------------------------------------------------------------------------------------------------

def response_of(sample):
    for message in reversed(sample.get("messages") or []):
        if message.get("role") == "assistant":
            content = message.get("content")
            if isinstance(content, list):
                return "".join(part.get("text") or "" for part in content if isinstance(part, dict))
            return content or ""
    return ""


def record_of(sample):
    """The record's further keys, and those of its reference_answer where that is an object."""
    metadata = dict(sample.get("metadata") or {})
    reference = sample.get("reference_answer") or metadata.get("reference_answer")
    return {**metadata, **reference} if isinstance(reference, dict) else metadata


def tests_of(sample, record):
    """Texts of statements, or objects with input and output."""
    tests = next((record[key] for key in ("tests", "test_list", "test", "test_cases") if record.get(key)), None)
    if isinstance(tests, str):
        if re.search(r"^def check\(", tests, re.MULTILINE):
            if not record.get("entry_point"):
                raise ValueError("sample %s: tests define check(candidate); entry_point must name the function that it is given" % sample.get("id"))
            return ["%s\ncheck(%s)" % (tests, record["entry_point"])]
        tree = ast.parse(tests)
        asserts = [node for node in tree.body if isinstance(node, ast.Assert)]
        before = "\n".join(ast.unparse(node) for node in tree.body if not isinstance(node, ast.Assert))
        tests = [(before + "\n" + ast.unparse(node)).strip() for node in asserts] or [tests]
    usable = isinstance(tests, list) and tests and (all(isinstance(test, str) for test in tests) or all(isinstance(test, dict) and "output" in test for test in tests))
    if not usable:
        raise ValueError("sample %s has no tests: give the record a key \"tests\", a list of assert statements or of {\"input\", \"output\"}" % sample.get("id"))
    return tests


def code_of(response, entry_point):
    """The code in the response; None where there is none that Python can read."""
    blocks = [block for block in re.findall(r"^[ ]*(?:```|~~~)[ ]*[\w+-]*[ ]*\n(.*?)(?:^[ ]*(?:```|~~~)|\Z)", response, re.DOTALL | re.MULTILINE) if parses(block)]
    if not blocks and parses(response):
        blocks = [response]
    defining = [block for block in blocks if entry_point and re.search(r"\bdef\s+%s\b|\b%s\s*=" % (re.escape(entry_point), re.escape(entry_point)), block)]
    return (defining or blocks or [None])[-1]


def parses(code):
    try:
        return bool(ast.parse(code).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


# --- tests of functions ----------------------------------------------------------------------------------------------

def run_tests(code, tests, deadline):
    """How many tests the code passes. A test that ends the process costs a new one, and no other test."""
    passed, process = 0, None
    for test in tests:
        if process is None:
            process = start(code, deadline)
            if process is None:
                return passed  # the code itself fails, whatever is tested
        question, wanted = split(test)
        kind, value = ask(process, question, deadline)
        if kind == "none":
            end(process)
            process = None
        else:
            passed += kind == "passed" if wanted is None else kind == "value" and is_equal(value, wanted[0])
    if process is not None:
        end(process)
    return passed


def split(test):
    """(question for the process, (wanted value,)) of "assert <expression> == <literal>"; else the whole test and None."""
    try:
        statement, = ast.parse(test).body
        left, right = statement.test.left, statement.test.comparators[0]
        if isinstance(statement, ast.Assert) and isinstance(statement.test.ops[0], (ast.Eq, ast.Is)) and len(statement.test.ops) == 1:
            return ("value", ast.unparse(left)), (ast.literal_eval(right),)
    except (SyntaxError, ValueError, AttributeError):
        pass  # a test of another form
    return ("statement", test), None


def is_equal(answer, wanted):
    try:
        return value_of(answer) == wanted
    except (ValueError, TypeError, KeyError, RecursionError):
        return False


def value_of(plain):
    if plain is None or plain is True or plain is False:
        return plain
    kind, content = plain
    if kind in ("int", "float", "str"):
        return {"int": int, "float": float, "str": str}[kind](content)
    if kind == "bytes":
        return bytes.fromhex(content)
    if kind == "dict":
        return {value_of(key): value_of(item) for key, item in content}
    return {"list": list, "tuple": tuple, "set": set}[kind](value_of(item) for item in content)


def start(code, deadline):
    """A process that has run the code; None where the code fails."""
    process = popen(["-c", RUNNER, str(MEMORY), json.dumps(sys.path)])
    if ask(process, ("code", code), deadline)[0] == "passed":
        return process
    end(process)
    return None


def ask(process, question, deadline):
    """The process's answer: "value", "passed" or "failed", and its content; "none" where it gives none in time, or not to this question."""
    number, none = time.monotonic_ns(), ("none", None)
    try:
        process.stdin.write(json.dumps((number,) + question).encode() + b"\n")
    except OSError:
        return none
    until, answer = min(deadline, time.monotonic() + SECONDS_A_TEST), b""
    while not answer.endswith(b"\n"):
        left = until - time.monotonic()
        if left <= 0 or len(answer) > 64 * LONGEST_OUTPUT or not select.select([process.stdout], [], [], left)[0]:
            return none
        part = os.read(process.stdout.fileno(), LONGEST_OUTPUT)
        if not part:
            return none
        answer += part
    try:
        given, kind, value = json.loads(answer)
    except (ValueError, TypeError, RecursionError):
        return none
    return (kind, value) if given == number else none


# --- tests of programs -----------------------------------------------------------------------------------------------

def run_program(code, test, deadline):
    """Whether the program prints what it must, spaces at the ends of lines aside."""
    process = popen(["-c", "import resource, sys\nsys.path = %r\nresource.setrlimit(resource.RLIMIT_AS, (%d, %d))\ndel resource, sys\n" % (sys.path, MEMORY, MEMORY) + code])
    until, output, given = min(deadline, time.monotonic() + SECONDS_A_TEST), b"", str(test.get("input") or "").encode()
    os.set_blocking(process.stdin.fileno(), False)
    while True:
        left = until - time.monotonic()
        readable, writable, _ = select.select([process.stdout], [process.stdin] if given else [], [], max(left, 0))
        if writable:
            try:
                given = given[os.write(process.stdin.fileno(), given):]
            except OSError:
                given = b""  # it does not read on
            if not given:
                process.stdin.close()
        elif not given and not process.stdin.closed:
            process.stdin.close()
        if readable:
            part = os.read(process.stdout.fileno(), LONGEST_OUTPUT)
            output += part
            if not part or len(output) > LONGEST_OUTPUT:
                break
        if left <= 0:
            end(process)
            return False
    end(process)
    return lines(output.decode("utf-8", "replace")) == lines(str(test["output"]))


def lines(text):
    return [line.rstrip() for line in text.strip().split("\n")]


# --- processes -------------------------------------------------------------------------------------------------------

def popen(arguments):
    try:
        return subprocess.Popen([sys.executable or "python3", "-I", "-S"] + arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0, start_new_session=True)
    except PermissionError as error:
        raise RuntimeError("code-tests runs each response in a process of its own, and none may be started here; install util-linux (setpriv), or run the console as an ordinary user") from error


def end(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except OSError:
        pass  # it has ended already
    for stream in (process.stdin, process.stdout):
        try:
            stream.close()
        except OSError:
            pass  # what it did not read is lost with it
    process.wait()
