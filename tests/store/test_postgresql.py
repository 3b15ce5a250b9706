"""What PostgreSQL must bear beyond the contract: a lost COMMIT, a crash, processes that stop inside a transaction."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from engine.model import errors
from engine.model.events import Accepted
from engine.ports import KeepEvidence, Outcome
from engine.store import dialects, migration
from engine.store.migration import migrate
from engine.store.sql_store import open_store
from engine.store.tables import METADATA
from tests.contracts.store_examples import (
    T0,
    after,
    assigned,
    evidence,
    finished,
    furnish,
    new_account,
    new_request,
    result,
    step,
)
from tests.fakes.cut_wire import CutWire
from tests.fakes.manual_clock import ManualClock
from tests.fakes.postgres import PostgresServer

ROOT = Path(__file__).parents[2]


@pytest.fixture
def url(postgres):
    with postgres.database() as made:
        yield made


@pytest.fixture
async def store(url):
    made = open_store(url, clock=ManualClock(T0))
    yield made
    await made.close()


@pytest.fixture
async def house(store):
    return await furnish(store)


@contextmanager
def transaction(url):
    """Another process in the middle of a write."""
    with closing(psycopg.connect(url)) as other:
        yield other
        other.rollback()


async def be_impatient(store) -> None:
    """Wait 50 ms for a lock, not two seconds."""
    await store._writer.write(lambda connection, _: connection.exec_driver_sql("SET lock_timeout = 50"))


# --- the connection is lost during COMMIT


@pytest.fixture
def wire(postgres):
    made = CutWire(postgres.folder / ".s.PGSQL.5432")
    yield made
    made.close()


@pytest.fixture
async def far(url, wire):
    """The same database over a wire that can be cut."""
    made = open_store(f"postgresql://easel@127.0.0.1:{wire.port}/{url.partition('@/')[2].partition('?')[0]}")
    yield made
    await made.close()


async def test_a_commit_whose_answer_was_lost_is_told_as_written(store, house, far, wire):
    new = new_request(house.workspace_id)
    await far.probe()
    wire.cut = "after"
    assert await far.apply([new]) == [Outcome.APPLIED]
    assert wire.cut is None
    assert await store.request(house.workspace_id, new.request.id) == new.request
    assert await far.apply([new_request(house.workspace_id)]) == [Outcome.APPLIED]


async def test_a_commit_that_never_arrived_is_told_as_not_written(store, house, far, wire):
    job = await house.submit()
    change = step(job, assigned(house.account.id), house.lease)
    await far.probe()
    wire.cut = "before"
    with pytest.raises(errors.Unavailable):
        await far.apply([change])
    assert wire.cut is None
    assert await store.job(house.workspace_id, job.id) == job
    assert await far.apply([change]) == [Outcome.APPLIED]


async def test_while_nobody_can_say_what_was_written_new_work_is_refused_and_the_old_waits(url, house, wire):
    name = url.partition("@/")[2].partition("?")[0]
    far = open_store(f"postgresql://easel@127.0.0.1:{wire.port}/{name}")
    new = new_request(house.workspace_id)
    await far.probe()
    wire.cut = "after"
    passing_on = wire._server
    wire._server = "/nowhere"
    try:
        doubtful = asyncio.create_task(far.apply([new]))
        await asyncio.to_thread(wire.was_cut.wait, 10)
        with pytest.raises(errors.Unavailable):
            await far.apply([new_request(house.workspace_id)])
        assert not doubtful.done()
        wire._server = passing_on
        assert await doubtful == [Outcome.APPLIED]
    finally:
        await far.close()


# --- the server goes and comes


async def test_a_server_that_crashed_and_came_back_has_everything_and_takes_more():
    server = PostgresServer()
    try:
        with server.database() as url:
            store = open_store(url)
            house = await furnish(store)
            job = await house.sent()
            server.stop()
            with pytest.raises(errors.Unavailable):
                await store.apply([new_request(house.workspace_id)])
            with pytest.raises(errors.Unavailable) as told:
                await store.job(house.workspace_id, job.id)
            assert told.value.retry_after > 0
            server.start()
            accepted = step(job, Accepted(at=T0, nonce=job.nonce), house.lease)
            assert await store.apply([accepted]) == [Outcome.APPLIED]
            assert await store.job(house.workspace_id, job.id) == accepted.after
            await store.close()
    finally:
        server.close()


async def test_a_database_without_tables_is_unavailable_until_it_has_them(postgres):
    with postgres.database(migrated=False) as url:
        store = open_store(url)
        with pytest.raises(errors.Unavailable):
            await store.probe()
        with pytest.raises(errors.Unavailable):
            await store.accounts()
        migrate(url)
        await store.probe()
        assert await store.accounts() == []
        await store.close()


async def test_a_row_that_somebody_locks_makes_the_write_unavailable_and_then_it_works(store, house, url):
    await be_impatient(store)
    job = await house.submit()
    change = step(job, assigned(house.account.id), house.lease)
    with transaction(url) as other:
        other.execute("SELECT 1 FROM jobs FOR UPDATE")
        with pytest.raises(errors.Unavailable):
            await store.apply([change])
        assert await store.job(house.workspace_id, job.id) == job
    assert await store.apply([change]) == [Outcome.APPLIED]


async def test_a_read_that_takes_too_long_is_stopped_and_the_next_one_works(url, monkeypatch):
    monkeypatch.setattr(dialects, "READ_SECONDS", 0.1)
    store = open_store(url)
    with pytest.raises(errors.Unavailable):
        await asyncio.wait_for(
            store._readers.read(lambda connection: connection.execute(text("SELECT pg_sleep(9)"))), 5
        )
    assert await store.queued(10) == []
    await store.close()


async def test_a_reader_whose_connection_was_lost_asks_again_on_a_new_one(store, house, url):
    asked = (store.accounts, lambda: store.jobs_of(house.workspace_id, "none"))  # by SQLAlchemy, and compiled
    for ask in asked:
        await asyncio.gather(*(ask() for _ in range(2 * dialects.READERS)))
        with closing(psycopg.connect(url, autocommit=True)) as other:
            cut = other.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE application_name = 'easel' AND datname = current_database()"
            ).fetchall()
        assert cut
        assert all(done for (done,) in cut)
        await asyncio.gather(*(ask() for _ in range(2 * dialects.READERS)))


async def test_a_reader_cannot_write(store):
    with pytest.raises(errors.Unavailable):
        await store._readers.read(lambda connection: connection.execute(text("DELETE FROM workspaces")))


# --- several processes


async def test_of_many_processes_that_take_an_account_at_once_one_has_it(house, url):
    stores = [open_store(url) for _ in range(6)]
    taken = await asyncio.gather(
        *(store.take(house.account.id, f"owner {n}", after(31), after(61)) for n, store in enumerate(stores))
    )
    assert [lease.epoch for lease in taken if lease is not None] == [house.lease.epoch + 1]
    for store in stores:
        await store.close()


async def test_nobody_takes_an_account_from_under_an_open_transaction(store, house, url):
    """The check of the lease and COMMIT are one step for everybody else."""
    job = await house.sent()
    reached, free = threading.Event(), threading.Event()
    change = step(job, Accepted(at=T0, nonce=job.nonce), house.lease)
    owner = open_store(url)
    await owner.probe()

    def write_slowly(connection, _) -> list[Outcome]:
        from engine.store.changes import write_changes

        outcomes = write_changes(connection, [change], T0, careful=False)
        reached.set()
        free.wait(2)
        return outcomes

    writing = asyncio.create_task(owner._writer.write(write_slowly))
    await asyncio.to_thread(reached.wait, 10)
    assert await asyncio.wait_for(store.take(house.account.id, "owner b", after(31), after(61)), 1) is None
    free.set()
    assert await writing == [Outcome.APPLIED]
    assert (await store.take(house.account.id, "owner b", after(31), after(61))).owner == "owner b"
    assert await store.apply([step(change.after, finished(house.account.id), house.lease)]) == [Outcome.STALE_LEASE]
    await owner.close()


async def test_a_process_that_stops_inside_a_transaction_loses_it_and_its_locks(store, house, url, monkeypatch):
    monkeypatch.setattr(dialects, "IDLE_SECONDS", 0.3)
    job = await house.sent()
    reached, free = threading.Event(), threading.Event()
    change = step(job, Accepted(at=T0, nonce=job.nonce), house.lease)
    stopped = open_store(url)

    def stop_inside(connection, _) -> list[Outcome]:
        from engine.store.changes import write_changes

        outcomes = write_changes(connection, [change], T0, careful=False)
        reached.set()
        free.wait(20)
        return outcomes

    writing = asyncio.create_task(stopped._writer.write(stop_inside))
    await asyncio.to_thread(reached.wait, 10)
    for _ in range(100):
        if (lease := await store.take(house.account.id, "owner b", after(31), after(61))) is not None:
            break
        await asyncio.sleep(0.05)
    free.set()
    with pytest.raises(errors.Unavailable):
        await writing
    assert await store.job(house.workspace_id, job.id) == job
    assert await stopped.apply([change]) == [Outcome.STALE_LEASE]
    assert await store.apply([replace(change, lease=lease)]) == [Outcome.APPLIED]
    await stopped.close()


async def test_more_leases_are_renewed_than_one_statement_takes(store, house):
    other = await store.add_account(new_account(house.workspace_id))
    mine = await store.take(other.id, "owner a", T0, after(30))
    stale = replace(house.lease, epoch=house.lease.epoch - 1)
    renewed = await store.renew([house.lease, stale, mine] * 400, after(60))
    assert renewed == [replace(lease, until=after(60)) for lease in (house.lease, mine)] * 400


# --- text that PostgreSQL cannot hold


async def test_a_nul_from_the_wire_is_kept_as_the_sign_for_a_character_that_is_none(store, house, url):
    shown = replace(result(), content="a fox\0 in the snow")
    job = await house.move(await house.sent(), finished(house.account.id, outcome=shown))
    assert (await store.job(house.workspace_id, job.id)).result.content == "a fox\ufffd in the snow"
    kept = evidence(house.account.id, kind="MESSAGE\0", body='{"content":"\0"}')
    assert await store.apply([KeepEvidence(kept)]) == [Outcome.APPLIED]
    assert [count.kind for count in await store.evidence_counts(house.workspace_id)] == ["MESSAGE\ufffd"]


async def test_nothing_is_found_under_a_name_with_a_nul(store, house):
    assert await store.job(house.workspace_id, "a\0b") is None
    assert await store.picture("a\0b") is None
    assert await store.key_by_digest("\0") is None


# --- the tables


def test_starts_at_the_same_time_do_not_collide(postgres):
    code = "import sys; from engine.store.migration import migrate; migrate(sys.argv[1])"
    with postgres.database(migrated=False) as url:
        starts = [
            subprocess.Popen([sys.executable, "-c", code, url], cwd=ROOT, stderr=subprocess.PIPE, text=True)
            for _ in range(3)
        ]
        said = [start.communicate(timeout=60)[1] for start in starts]
        assert [start.returncode for start in starts] == [0] * 3, said
        assert tables(url) == set(METADATA.tables) | {"alembic_version"}


def tables(url) -> set[str]:
    with closing(psycopg.connect(url)) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {name for (name,) in found}


def test_the_migrated_tables_are_those_that_the_code_expects(url):
    engine = dialects.writing_engine(dialects.database_url(url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_a_step_that_fails_leaves_everything_as_it_was(postgres, monkeypatch):
    def broken(_):
        raise RuntimeError("the step failed")

    monkeypatch.setattr(migration, "_check_references", broken)
    with postgres.database(migrated=False) as url:
        with pytest.raises(RuntimeError):
            migrate(url)
        assert tables(url) == set()


def test_a_machine_too_busy_to_say_something_for_seconds_migrates_all_the_same(postgres, monkeypatch):
    upgrade = command.upgrade

    def late(*said):
        time.sleep(0.5)
        upgrade(*said)

    monkeypatch.setattr(dialects, "IDLE_SECONDS", 0.1)
    monkeypatch.setattr(command, "upgrade", late)
    with postgres.database(migrated=False) as url:
        migrate(url)


def test_tables_of_a_newer_version_stop_the_start_and_stay(url):
    with closing(psycopg.connect(url)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(errors.BadSetting, match="newer"):
        migrate(url)


def test_a_server_that_is_not_there_is_unavailable_and_named_without_its_password():
    with pytest.raises(errors.Unavailable) as told:
        migrate("postgresql://easel:geheim@127.0.0.1:1/easel")
    assert "geheim" not in str(told.value)
