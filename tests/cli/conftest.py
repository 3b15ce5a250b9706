"""The commands as a person runs them: in a folder of their own, with an environment of their own."""

import json
import logging
import os
import sys
import threading
from dataclasses import dataclass

import pytest
from typer.testing import CliRunner

from engine.cli import app
from tests.journeys import warm


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def quiet_logging():
    """Give the process its logging back: commands set it up for a whole program."""
    root = logging.getLogger()
    before = root.handlers[:], root.filters[:], root.level, sys.excepthook, threading.excepthook
    levels = {name: each.level for name, each in root.manager.loggerDict.items() if isinstance(each, logging.Logger)}
    yield
    root.handlers[:], root.filters[:], root.level, sys.excepthook, threading.excepthook = before
    logging.captureWarnings(False)
    for name, each in root.manager.loggerDict.items():
        if isinstance(each, logging.Logger):
            each.setLevel(levels.get(name, logging.NOTSET))


@pytest.fixture
def environment(tmp_path):
    """A clean environment whose data folder is the test's own."""
    return {**warm.inherited(), "EASEL_DATA_DIR": str(tmp_path / "data")}


@pytest.fixture
def easel(tmp_path, environment, monkeypatch, quiet_logging):
    """Run a command in this process."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("EASEL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("EASEL_DATA_DIR", environment["EASEL_DATA_DIR"])

    def run(*arguments, given="", **settings):
        for name, value in settings.items():
            monkeypatch.setenv(f"EASEL_{name}", value)
        result = CliRunner().invoke(app, [str(each) for each in arguments], input=given)
        for name in settings:
            monkeypatch.delenv(f"EASEL_{name}")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)

    return run
