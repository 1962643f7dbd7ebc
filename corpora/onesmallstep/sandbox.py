"""Runs a problem's program and gives what it printed.

The programs are the templates' own; they are still run as if they were not. One isolated process
(`python -I`, empty environment) loads the modules that they may use and then forks a child for each
program: 2 ms each, not 20. A child may open nothing, neither files nor sockets (no file descriptor
is left), start no process, and has bounded memory, processor time and output.
"""

import atexit
import json
import os
import subprocess
import sys
import threading
from typing import Final

#: What a program may take, many times what the largest takes.
MEMORY_BYTES: Final = 256 * 1024 * 1024
PROCESSOR_SECONDS: Final = 1
WALL_SECONDS: Final = 5
OUTPUT_BYTES: Final = 4096

_SERVER: Final = """
import json, os, resource, select, signal, sys, time
import cmath, decimal, fractions, itertools, math, random, statistics

def run(source, out):
    os.setsid()
    os.dup2(out, 1)
    os.dup2(out, 2)
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    os.closerange(3, 256)
    for kind, limit in LIMITS:
        try:
            resource.setrlimit(kind, (limit, limit))
        except ValueError:
            pass  # A lower limit is in force already.
    try:
        exec(compile(source, "program.py", "exec"), {"__name__": "__main__"})
        sys.stdout.flush()
        os._exit(0)
    except BaseException as error:
        os.write(1, f"{type(error).__name__}: {error}".encode()[:500])
        os._exit(1)

LIMITS = [
    (resource.RLIMIT_AS, MEMORY_BYTES),
    (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
    (resource.RLIMIT_FSIZE, 0),
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_NPROC, 0),
    (resource.RLIMIT_NOFILE, 3),
]
for line in sys.stdin:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        run(json.loads(line), writing)
    os.close(writing)
    output, end = b"", time.monotonic() + WALL_SECONDS
    while len(output) <= OUTPUT_BYTES:
        ready, _, _ = select.select([reading], [], [], max(0, end - time.monotonic()))
        if not ready or not (data := os.read(reading, OUTPUT_BYTES + 1)):
            break
        output += data
    else:
        ready = []
    os.close(reading)
    if not ready:
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        pass  # It left no process behind.
    print(json.dumps([status, output.decode("utf-8", "replace")]), flush=True)
"""


class ProgramFailed(Exception):
    """A program that ended with an error or was stopped at a limit."""


class _Server:
    """The process that forks, started when it is first asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._owner = 0

    def ask(self, source: str) -> tuple[int, str]:
        """The exit status of a program and what it printed."""
        with self._lock:
            if self._owner != os.getpid():
                # After a fork the process belongs to the parent.
                self._process = None
            process = self._process or self._started()
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write(json.dumps(source) + "\n")
                process.stdin.flush()
                answer = process.stdout.readline()
                status, output = json.loads(answer)
            except BaseException:
                # Half an exchange would give its answer to the next program.
                self.stop()
                raise
            return status, output

    def _started(self) -> subprocess.Popen[str]:
        limits = {
            "MEMORY_BYTES": MEMORY_BYTES,
            "PROCESSOR_SECONDS": PROCESSOR_SECONDS,
            "WALL_SECONDS": WALL_SECONDS,
            "OUTPUT_BYTES": OUTPUT_BYTES,
        }
        known = "".join(f"{name} = {value}\n" for name, value in limits.items())
        self._owner = os.getpid()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", known + _SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={},
            cwd="/",
        )
        return self._process

    def stop(self) -> None:
        """End the process, if it is this one's."""
        process, self._process = self._process, None
        if process is not None and self._owner == os.getpid():
            process.kill()
            process.wait()


_SERVER_OF_THIS_PROCESS: Final = _Server()
atexit.register(_SERVER_OF_THIS_PROCESS.stop)


def run_program(source: str) -> str:
    """What a program prints. Raises ProgramFailed with what it said where it fails.

    >>> run_program("import math; print(round(math.sqrt(2), 3))")
    '1.414\\n'
    """
    status, output = _SERVER_OF_THIS_PROCESS.ask(source)
    if status != 0 or len(output) > OUTPUT_BYTES:
        raise ProgramFailed(output[-500:].strip() or f"stopped at a limit (status {status})")
    return output
