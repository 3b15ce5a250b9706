"""One Easel on one data folder, and a lock that dies with its process."""

import os
import signal
import stat
import subprocess
import sys

import pytest

from engine.cli.folder import DataFolder, write_private
from engine.model.errors import Conflict

HOLD = (
    "import sys; from pathlib import Path; from engine.cli.folder import DataFolder; f = DataFolder(Path(sys.argv[1]))"
)


@pytest.fixture
def folder(tmp_path):
    made = DataFolder(tmp_path / "data")
    made.make()
    return made


def test_the_second_is_refused_and_told_the_first_ones_pid(folder):
    assert folder.holder() is None
    folder.hold()
    assert folder.holder() == os.getpid()
    with pytest.raises(Conflict, match=f"as process {os.getpid()};"):
        DataFolder(folder.path).hold()
    folder.let_go()
    assert folder.holder() is None
    second = DataFolder(folder.path)
    second.hold()
    second.let_go()


def test_a_killed_process_holds_nothing(folder):
    program = f"{HOLD}; f.hold(); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held\n"
        assert folder.holder() == other.pid
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert folder.holder() is None
    folder.hold()
    folder.let_go()


def test_the_first_key_is_for_the_operator_alone(folder):
    assert folder.read_first_key() is None
    folder.keep_first_key("easel_one")
    folder.keep_first_key("easel_two")
    assert folder.read_first_key() == "easel_two"
    assert stat.S_IMODE(folder.first_key.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


def test_a_private_file_is_there_whole_or_not_at_all(tmp_path):
    write_private(tmp_path / "secret", "one")
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
