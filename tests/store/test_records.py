"""What becomes of values in a column: moments, foreign words, long bodies, secrets."""

from __future__ import annotations

import sqlite3
from base64 import b64encode
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.dialects import postgresql, sqlite

from engine.model import events as ev
from engine.model.jobs import Failure, FailureReason
from engine.ports import KeepEvidence, Outcome
from engine.store import records
from engine.store.columns import UtcTime
from engine.store.sql_store import open_store
from engine.store.vault import Vault
from tests.contracts.store_examples import (
    T0,
    after,
    evidence,
    finished,
    furnish,
    new_account,
    new_request,
    result,
)
from tests.fakes.manual_clock import ManualClock

SQLITE, POSTGRESQL = sqlite.dialect(), postgresql.dialect()
TOKEN = "MTA0NjM4.GhX1kq.a-token-that-nobody-may-ever-see-in-a-file"


@pytest.fixture
def clock():
    return ManualClock(T0)


@pytest.fixture
async def store(tmp_path, clock):
    made = open_store(f"sqlite:///{tmp_path / 'easel.db'}", clock=clock, migrate=True)
    yield made
    await made.close()


@pytest.fixture
async def house(store):
    return await furnish(store)


# --- moments


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="naive"):
        UtcTime().process_bind_param(datetime(2026, 6, 1), SQLITE)  # noqa: DTZ001


def test_moments_sort_as_text_as_they_do_in_time():
    moments = [
        datetime(2025, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 1, 1, 3, tzinfo=timezone(timedelta(hours=2))),
        datetime(2026, 1, 1, 2, tzinfo=UTC),
    ]
    kept = [UtcTime().process_bind_param(moment, SQLITE) for moment in moments]
    assert kept == sorted(kept)
    assert len({len(text) for text in kept}) == 1


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL], ids=["sqlite", "postgresql"])
def test_a_moment_of_another_zone_comes_back_as_utc(dialect):
    column = UtcTime()
    kept = column.process_bind_param(datetime(2026, 1, 1, 3, tzinfo=timezone(timedelta(hours=2))), dialect)
    back = column.process_result_value(kept, dialect)
    assert back == datetime(2026, 1, 1, 1, tzinfo=UTC)
    assert back.tzinfo is UTC
    assert column.process_bind_param(None, dialect) is None


# --- foreign words


async def test_words_of_the_wire_that_no_database_keeps_are_made_harmless(house):
    nasty = "a\x00b \ud800 c"
    failed = await house.move(
        await house.sent(),
        ev.FailedUpstream(at=T0, failure=Failure(FailureReason.TRANSIENT, nasty)),
    )
    stored = await house.store.job(house.workspace_id, failed.id)
    assert stored.failure.detail == "a\N{REPLACEMENT CHARACTER}b ? c"
    done = await house.move(await house.sent(), finished(house.account.id, outcome=replace(result(), content=nasty)))
    assert (await house.store.job(house.workspace_id, done.id)).result.content == stored.failure.detail


async def test_a_body_of_evidence_is_cut_at_sixteen_kilobytes_and_never_inside_a_character(house, tmp_path):
    bodies = ["x" * 16_384, "x" * 20_000, "ü" * 20_000, "x" + "ü" * 20_000, "short"]
    await house.store.apply([KeepEvidence(evidence(house.account.id, body=body)) for body in bodies])
    with closing(sqlite3.connect(tmp_path / "easel.db")) as connection:
        kept = [body for (body,) in connection.execute("SELECT body FROM wire_evidence ORDER BY id")]
    assert [len(body.encode()) for body in kept] == [16_384, 16_384, 16_384, 16_383, 5]
    assert all(body.startswith(kept) for body, kept in zip(bodies, kept, strict=True))


async def test_evidence_is_forgotten_after_thirty_days(house, clock, tmp_path):
    await house.store.apply([KeepEvidence(evidence(house.account.id, "old"))])
    await clock.advance(30 * 86_400 + 1)
    assert await house.store.evidence_counts(house.workspace_id) == []
    await house.store.apply([KeepEvidence(evidence(house.account.id, "new", clock.now()))])
    with closing(sqlite3.connect(tmp_path / "easel.db")) as connection:
        assert connection.execute("SELECT kind FROM wire_evidence").fetchall() == [("new",)]


def test_a_row_of_a_job_names_every_column_once():
    from engine.store.tables import jobs

    job = new_request("w").jobs[0]
    asked, moving = records.asked_values(job), records.moving_values(job)
    assert asked.keys().isdisjoint(moving)
    of_its_request = {"requester"}
    assert asked.keys() | moving.keys() | of_its_request == {column.name for column in jobs.c}


# --- secrets


def pieces(secret: str) -> set[bytes]:
    texts = [secret, *(b64encode(secret.encode()[cut:]).decode().rstrip("=") for cut in range(3))]
    return {text[at : at + 12].encode() for text in texts for at in range(len(text) - 11)}


def leaks(folder) -> list[str]:
    return [file.name for file in folder.iterdir() if any(piece in file.read_bytes() for piece in pieces(TOKEN))]


async def test_no_piece_of_a_token_is_in_the_database_files(house, tmp_path):
    vault = Vault(Fernet.generate_key())
    sealed = vault.seal(TOKEN)
    account = await house.store.add_account(new_account(house.workspace_id, token_sealed=sealed))
    assert vault.unseal((await house.store.account(account.id)).token_sealed) == TOKEN
    assert {"easel.db", "easel.db-wal"} <= {file.name for file in tmp_path.iterdir()}
    assert leaks(tmp_path) == []


@pytest.mark.parametrize("planted", [TOKEN, TOKEN[8:20], b64encode(TOKEN.encode()).decode()])
async def test_the_search_for_a_token_finds_a_planted_one(house, tmp_path, planted):
    await house.store.add_account(new_account(house.workspace_id, token_sealed=f"..{planted}.."))
    assert leaks(tmp_path) != []


async def test_errors_of_the_database_show_no_values(house):
    secret = "do not show me"
    broken = replace(new_request(house.workspace_id, prompt=secret), updates=())
    unfit = replace(broken, jobs=(replace(broken.jobs[0], version=None),))
    with pytest.raises(Exception, match="NOT NULL") as caught:
        await house.store.apply([unfit])
    assert secret not in str(caught.value)
    assert await house.store.apply([new_request(house.workspace_id, at=after(1))]) == [Outcome.APPLIED]
