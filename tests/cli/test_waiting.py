"""What a person sees while another program holds the database: a word soon, then an end with a reason."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from engine.cli import desk
from engine.store import migration


@pytest.fixture
def held(easel, environment):
    """The database, held by another program."""
    easel("key", "create")
    with closing(sqlite3.connect(f"{environment['EASEL_DATA_DIR']}/easel.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield other


@pytest.mark.parametrize("command", [("job", "list"), ("up",)])
def test_a_command_says_what_it_waits_for_and_why_it_gave_up(easel, held, monkeypatch, command):
    monkeypatch.setattr(desk, "SILENT_SECONDS", 0.1)
    monkeypatch.setattr(migration, "WAIT_SECONDS", 1.0)
    ran = easel(*command, SIMULATOR="off")
    assert ran.code == 1
    waiting, ended = [line for line in ran.err.splitlines() if line.startswith("easel: ")]
    assert waiting.startswith("easel: waiting for the database: it does not answer, or another program holds it")
    assert ended == "easel: the database cannot be used now: database is locked"


def test_who_waited_and_got_the_database_goes_on(easel, held, monkeypatch):
    monkeypatch.setattr(desk, "SILENT_SECONDS", 0.1)
    complain = desk.complain

    def let_go_once_told(line: str) -> None:
        complain(line)
        if held.in_transaction:
            held.execute("ROLLBACK")

    monkeypatch.setattr(desk, "complain", let_go_once_told)
    ran = easel("job", "list")
    assert (ran.code, ran.out) == (0, "No such jobs.\n")
    assert "waiting for the database" in ran.err
