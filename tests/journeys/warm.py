"""Python processes for tests without the cost of a start: most of the suite's CPU was imports of the same code.

A test process has one starter, `python -m tests.journeys.warm`, which has imported Easel and the simulator and done
nothing else: no thread, no event loop, no open file. For each order it forks, and the child becomes what
`python -m module` would be: with exactly the arguments, environment, folder and streams of the order, and a pid that
takes signals as any other. The starter ends when the tests do, and its children with it.

Where there is no such starter - outside pytest, and on systems where a fork of a loaded program is not safe - and for
settings that an interpreter reads at its own start, `start` starts a plain process.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TextIO

ROOT = Path(__file__).parents[2]
PROGRAMS = ("engine.cli", "engine.simulator", "bot.main")
LATE = (
    *("PIL.GifImagePlugin", "PIL.JpegImagePlugin", "PIL.PngImagePlugin", "PIL.PpmImagePlugin", "PIL.TiffImagePlugin"),
    *("PIL.WebPImagePlugin", "anyio._backends._asyncio", "anyio.streams.tls", "certifi", "encodings.idna"),
    *("fastapi_offline", "h11", "httpcore", "psycopg", "pydantic.v1", "sqlite3", "typer._adapters"),
    *("uvicorn.lifespan.off", "uvloop"),
)
"""What the programs import once they run."""
_MOST_BYTES = 150_000
"""Of an order; the kernel takes messages up to about 200,000."""


def inherited() -> dict[str, str]:
    """The tests' environment without settings for Easel; what runs in it runs the code beside these tests."""
    # PYTHONUNBUFFERED would hide an answer that is never flushed
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EASEL_", "PYTHONUNBUFFERED"))}
    return {**kept, "PYTHONPATH": str(ROOT)}


class Starter:
    """The starter, seen from the tests; it begins with the first order."""

    def __init__(self) -> None:
        self._environment = inherited()
        self._process: subprocess.Popen | None = None
        self._orders, self._theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def _begin(self) -> None:
        number = self._theirs.fileno()
        command = [sys.executable, "-m", __name__, str(number)]
        self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, pass_fds=[number])
        self._theirs.close()

    def suits(self, environment: Mapping[str, str]) -> bool:
        """Whether an interpreter started anew would read the same settings."""
        return _read_at_start(environment) == _read_at_start(self._environment)

    def start(self, argv: list[str], environment: dict[str, str], folder: str, streams: list[int]) -> WarmProcess:
        if self._process is None:
            self._begin()
        told, tells = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ignores = signal.getsignal(signal.SIGINT) is signal.SIG_IGN  # as a plain process would inherit it now
        said = {"argv": argv, "environment": environment, "folder": folder, "ignores_interrupt": ignores}
        order = json.dumps(said).encode()
        assert len(order) < _MOST_BYTES
        with tells:
            socket.send_fds(self._orders, [order], [*streams, tells.fileno()])
        return WarmProcess(argv, told)

    def close(self) -> None:
        self._orders.close()
        self._theirs.close()
        if self._process is not None:
            self._process.wait()


class WarmProcess:
    """As much of `subprocess.Popen` as the journeys use."""

    def __init__(self, argv: list[str], told: socket.socket) -> None:
        self.args, self._told = argv, told
        self.returncode: int | None = None
        self.stdout: IO[bytes] | None = None
        said = told.recv(64)
        assert said, f"the starter ended before it started {argv}"
        self.pid = int(said)

    def poll(self) -> int | None:
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        if self._ended(timeout) is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return self.returncode

    def _ended(self, seconds: float | None) -> int | None:
        if self.returncode is None and select.select([self._told], [], [], seconds)[0]:
            said = self._told.recv(64)
            self._told.close()
            assert said, "the starter is gone"
            self.returncode = int(said)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def __del__(self) -> None:
        self._told.close()


_running: list[Starter] = []


@contextmanager
def starter() -> Iterator[None]:
    """Start processes warm within this block, where the system allows it."""
    if sys.platform != "linux":
        yield
        return
    _running.append(Starter())
    try:
        yield
    finally:
        _running.pop().close()


def start(
    module: str,
    *arguments: object,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: IO | int = subprocess.DEVNULL,
    stdout: IO | int,
    stderr: IO,
) -> WarmProcess | subprocess.Popen:
    """`python -m module arguments` as a process that runs on; `stdout` may be `subprocess.PIPE`."""
    argv = [module, *map(str, arguments)]
    environment = dict(inherited() if env is None else env)
    if not _running or not _running[-1].suits(environment):
        command = [sys.executable, "-m", *argv]
        return subprocess.Popen(command, env=environment, cwd=cwd, stdin=stdin, stdout=stdout, stderr=stderr)
    read, write = os.pipe() if stdout == subprocess.PIPE else (None, stdout.fileno())
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - it is no path of anybody's
        given = nothing if stdin == subprocess.DEVNULL else stdin
        streams = [given.fileno(), write, stderr.fileno()]
        process = _running[-1].start(argv, environment, str(cwd or Path.cwd()), streams)
    if read is not None:
        os.close(write)
        process.stdout = os.fdopen(read, "rb")
    return process


def run(
    module: str, *arguments: object, given: str | None = None, timeout: float = 90, **where: object
) -> subprocess.CompletedProcess[str]:
    """`python -m module arguments` to its end, as `subprocess.run` with everything captured."""
    with TemporaryFile() as stdin, TemporaryFile() as stdout, TemporaryFile() as stderr:
        stdin.write((given or "").encode())
        stdin.seek(0)
        process = start(module, *arguments, stdin=stdin, stdout=stdout, stderr=stderr, **where)
        try:
            code = process.wait(timeout)
        finally:
            process.kill()
        said = [file.seek(0) or file.read().decode() for file in (stdout, stderr)]
    return subprocess.CompletedProcess([module, *arguments], code, *said)


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    kinds = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_")
    return {name: value for name, value in environment.items() if name.startswith(kinds)}


def _next_order(orders: socket.socket) -> tuple[dict, list[int]] | None:
    """In the starter: fork for every order until the tests end, then nothing. In each child: its order."""
    woken, wakes = socket.socketpair()
    woken.setblocking(False)
    wakes.setblocking(False)
    signal.set_wakeup_fd(wakes.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests, whose end is ours
    children: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([orders, woken], [], [])
        if woken in ready:
            woken.recv(4096)
            _tell_ends(children)
        if orders in ready:
            order, files, _, _ = socket.recv_fds(orders, _MOST_BYTES, 4)
            if not order:
                break
            pid = os.fork()
            if pid == 0:
                return json.loads(order), files
            *streams, tells = files
            for each in streams:
                os.close(each)
            children[pid] = tells
            _tell(tells, pid)
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    _tell_ends(children, 0)
    return None


def _tell_ends(children: dict[int, int], options: int = os.WNOHANG) -> None:
    """Reap what has ended and say how: as `Popen.returncode`."""
    for pid in list(children):
        ended, status = os.waitpid(pid, options)
        if ended:
            tells = children.pop(pid)
            _tell(tells, os.waitstatus_to_exitcode(status))
            os.close(tells)


def _tell(tells: int, number: int) -> None:
    with suppress(BrokenPipeError):  # who asked is gone
        os.write(tells, b"%d" % number)


def _become(order: dict, streams: list[int]) -> None:
    """Be what an interpreter is that was started for this order."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN if order["ignores_interrupt"] else signal.default_int_handler)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    sys.stdin = sys.__stdin__ = _stream(0, "r", sys.stdin)
    sys.stdout = sys.__stdout__ = _stream(1, "w", sys.stdout)
    sys.stderr = sys.__stderr__ = _stream(2, "w", sys.stderr, buffering=1)
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    os.chdir(order["folder"])
    sys.path[0] = order["folder"]
    sys.argv = order["argv"]
    sys.orig_argv = [sys.executable, "-m", *order["argv"]]


def _stream(number: int, mode: str, model: TextIO, buffering: int = -1) -> TextIO:
    return open(number, mode, buffering, model.encoding, model.errors, closefd=False)


def _main() -> None:
    orders = socket.socket(fileno=int(sys.argv[1]))
    for name in (*PROGRAMS, *LATE):
        importlib.import_module(name)
    assert os.listdir("/proc/self/task") == [str(os.getpid())], "a fork takes only one thread along"  # noqa: PTH208
    gc.collect()
    gc.freeze()  # what is shared with the children stays shared
    ordered = _next_order(orders)
    if ordered is None:
        return
    orders.close()
    order, (*streams, _) = ordered
    _become(order, streams)
    runpy.run_module(order["argv"][0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
