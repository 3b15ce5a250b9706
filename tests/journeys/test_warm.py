"""What is started warm is what `python -m` starts."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

from tests.journeys import warm

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nothing is started warm here")

PROBE = """
import json, os, signal, sys, threading

def described(file):
    return [file.fileno(), file.mode, file.encoding, file.errors, file.line_buffering, file.write_through]

print(json.dumps({
    "argv": sys.argv,
    "name": __name__,
    "path": sys.path,
    "environment": dict(os.environ),
    "folder": os.getcwd(),
    "said": sys.stdin.read(),
    "streams": [described(file) for file in (sys.stdin, sys.stdout, sys.stderr)],
    "open": [name for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}")],
    "signals": {name: str(signal.getsignal(name)).split(" at ")[0] for name in signal.valid_signals()},
    "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    "threads": threading.active_count(),
    "group": os.getpgrp(),
    "session": os.getsid(0),
}))
sys.exit(7)
"""


@pytest.fixture
def start(tmp_path):
    """Starts a module's text warm and gives its process."""
    started = []

    def start_module(text: str, **changes):
        (tmp_path / "module.py").write_text(text)
        with (tmp_path / "log").open("wb") as log:
            started.append(warm.start("module", stdout=subprocess.PIPE, stderr=log, cwd=tmp_path, **changes))
        assert isinstance(started[-1], warm.WarmProcess)
        return started[-1]

    yield start_module
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_it_sees_what_a_plain_process_sees(tmp_path):
    (tmp_path / "probe.py").write_text(PROBE)
    environment = {**warm.inherited(), "EASEL_ONE": "1"}
    given = warm.run("probe", "--two", 3, given="four\n", env=environment, cwd=tmp_path)
    command = [sys.executable, "-m", "probe", "--two", "3"]
    plain = subprocess.run(
        command, env=environment, cwd=tmp_path, input="four\n", capture_output=True, text=True, check=False
    )
    assert (given.returncode, given.stderr) == (plain.returncode, plain.stderr) == (7, "")
    assert json.loads(given.stdout) == json.loads(plain.stdout)


@pytest.mark.parametrize("now", [signal.SIG_IGN, signal.default_int_handler])
def test_it_ignores_an_interrupt_where_a_plain_process_would(tmp_path, now):
    (tmp_path / "probe.py").write_text(PROBE)
    before = signal.signal(signal.SIGINT, now)
    try:
        given = warm.run("probe", given="", cwd=tmp_path)
    finally:
        signal.signal(signal.SIGINT, before)
    ignored = json.loads(given.stdout)["signals"][str(int(signal.SIGINT))] == str(int(signal.SIG_IGN))
    assert ignored is (now is signal.SIG_IGN)


def test_each_has_chance_of_its_own(start):
    text = "import random, uuid; print(random.random(), random.getrandbits(64), uuid.uuid4())"
    assert len({start(text).stdout.readline() for _ in range(3)}) == 3


def test_an_error_is_told_as_a_traceback(start, tmp_path):
    process = start("raise ValueError('a reason')")
    assert process.wait(20) == 1
    assert "ValueError: a reason" in (tmp_path / "log").read_text()


def test_its_pid_is_its_own_and_its_end_is_told(start):
    process = start("import os, time; print(os.getpid(), flush=True); time.sleep(60)")
    assert int(process.stdout.readline()) == process.pid
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.05)
    process.terminate()
    assert process.wait(20) == process.poll() == -signal.SIGTERM
    process.kill()  # its pid may be somebody else's by now


def test_what_an_interpreter_reads_at_its_start_needs_a_start(tmp_path):
    (tmp_path / "module.py").write_text("import sys; sys.exit(sys.flags.dev_mode)")
    assert warm.run("module", env={**warm.inherited(), "PYTHONDEVMODE": "1"}, cwd=tmp_path).returncode == 1


def test_all_end_with_the_starter(start):
    with warm.starter():
        process = start("import time; print('here', flush=True); time.sleep(60)")
        assert process.stdout.readline() == b"here\n"
        assert process.poll() is None
    assert process.wait(20) == -signal.SIGKILL
