"""What SQLite must bear: kill -9, another process's lock, a full or read-only disk, many callers at once."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.model import errors
from engine.model.events import Accepted
from engine.ports import Outcome
from engine.store import dialects
from engine.store.sql_store import open_store
from tests.contracts.store_examples import T0, after, assigned, furnish, new_request, step

ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "data" / "easel.db"


@pytest.fixture
async def store(file):
    made = open_store(f"sqlite:///{file}", migrate=True)
    yield made
    await made.close()


@pytest.fixture
async def house(store):
    return await furnish(store)


@contextmanager
def locked(file):
    """Another process in the middle of a write."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


async def be_impatient(store) -> None:
    """Wait 50 ms for a lock, not two seconds."""
    await store._writer.write(lambda connection, _: connection.exec_driver_sql("PRAGMA busy_timeout=50"))


def read_apart(file, statement: str, *values) -> list[tuple]:
    with closing(sqlite3.connect(file)) as other:
        return other.execute(statement, values).fetchall()


# --- after apply returns, it is on disk


KILLED = """
import asyncio, os, signal, sys
from engine.store.sql_store import open_store
from tests.contracts.store_examples import assigned, furnish, new_request, step

async def main():
    store = open_store(sys.argv[1], migrate=True)
    house = await furnish(store)
    news = [new_request(house.workspace_id) for _ in range(20)]
    await asyncio.gather(*(store.apply([new]) for new in news))
    await store.apply([step(news[0].jobs[0], assigned(house.account.id), house.lease)])
    print(*(new.jobs[0].id for new in news), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def test_after_apply_returns_a_kill_loses_nothing(file):
    died = subprocess.run(
        [sys.executable, "-c", KILLED, f"sqlite:///{file}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    ids = died.stdout.split()
    found = dict(read_apart(file, "SELECT id, state FROM jobs"))
    assert len(ids) == 20
    assert found == dict.fromkeys(ids, "QUEUED") | {ids[0]: "SENT"}
    assert read_apart(file, "SELECT count(*) FROM job_updates") == [(21,)]
    assert read_apart(file, "SELECT count(*) FROM submissions") == [(1,)]


async def test_a_store_that_was_killed_opens_again(file):
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, f"sqlite:///{file}", cwd=ROOT, stdout=subprocess.DEVNULL
    )
    assert await killed.wait() == -signal.SIGKILL
    again = open_store(f"sqlite:///{file}", migrate=True)
    assert len(await again.queued(100)) == 19
    await again.probe()
    await again.close()


# --- group commit


async def test_whatever_waits_while_the_writer_is_busy_shares_one_transaction(store, house):
    free = threading.Event()
    busy = asyncio.create_task(store._writer.write(lambda *_: free.wait(10)))
    await asyncio.sleep(0.05)
    commits = store.commits
    calls = [asyncio.create_task(store.apply([new_request(house.workspace_id)])) for _ in range(100)]
    await asyncio.sleep(0.05)
    assert not any(call.done() for call in calls)
    free.set()
    assert await asyncio.gather(*calls) == [[Outcome.APPLIED]] * 100
    await busy
    assert store.commits - commits == 2


async def test_a_call_alone_is_written_at_once(store, house):
    commits = store.commits
    for _ in range(5):
        await store.apply([new_request(house.workspace_id)])
    assert store.commits - commits == 5


async def test_callers_in_several_event_loops_use_one_store(store, house):
    def elsewhere() -> list[Outcome]:
        async def write() -> list[Outcome]:
            return [(await store.apply([new_request(house.workspace_id)]))[0] for _ in range(20)]

        return asyncio.run(write())

    outcomes = await asyncio.gather(*(asyncio.to_thread(elsewhere) for _ in range(4)))
    assert outcomes == [[Outcome.APPLIED] * 20] * 4


async def test_what_waits_when_the_store_closes_is_still_written(file):
    store = open_store(f"sqlite:///{file}", migrate=True)
    house = await furnish(store)
    calls = [asyncio.create_task(store.apply([new_request(house.workspace_id)])) for _ in range(20)]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*calls) == [[Outcome.APPLIED]] * 20
    await store.close()


async def test_a_broken_value_fails_its_own_call_and_not_its_neighbours(store, house):
    fine, broken = new_request(house.workspace_id), new_request(house.workspace_id)
    naive = replace(broken.jobs[0], created_at=datetime(2026, 6, 1))  # noqa: DTZ001
    answers = await asyncio.gather(
        store.apply([fine]),
        store.apply([replace(broken, jobs=(naive,))]),
        return_exceptions=True,
    )
    assert answers[0] == [Outcome.APPLIED]
    assert isinstance(answers[1], ValueError)
    assert await store.request(house.workspace_id, broken.request.id) is None


async def test_another_process_writes_to_the_same_file_at_times(store, house, file):
    command = open_store(f"sqlite:///{file}")
    news = [new_request(house.workspace_id) for _ in range(100)]
    await asyncio.gather(*((store, command)[n % 2].apply([new]) for n, new in enumerate(news)))
    assert len(await store.queued(1000)) == len(await command.queued(1000)) == 100
    await command.close()


# --- trouble


async def test_while_another_process_holds_the_lock_writes_are_unavailable_and_then_work_again(store, house, file):
    await be_impatient(store)
    job = await house.submit()
    change = step(job, assigned(house.account.id), house.lease)
    with locked(file):
        calls = [store.apply([change]), *(store.apply([new_request(house.workspace_id)]) for _ in range(9))]
        answers = await asyncio.gather(*calls, store.probe(), return_exceptions=True)
        assert [type(answer) for answer in answers] == [errors.Unavailable] * 11
        assert len(await store.queued(100)) == 1
    await store.probe()
    assert await store.apply([change]) == [Outcome.APPLIED]
    assert len(await store.queued(100)) == 0


async def test_a_short_lock_is_waited_for(store, house, file):
    with locked(file):
        call = asyncio.create_task(store.apply([new_request(house.workspace_id)]))
        await asyncio.sleep(0.2)
        assert not call.done()
    assert await call == [Outcome.APPLIED]


async def test_reads_go_on_while_the_writer_waits(store, house, file):
    job = await house.submit()
    with locked(file):
        write = asyncio.create_task(store.apply([new_request(house.workspace_id)]))
        await asyncio.sleep(0.05)
        assert await store.job(house.workspace_id, job.id) == job
        assert len(await store.queued(10)) == 1
        assert not write.done()
    await write


async def test_everybody_who_came_meanwhile_is_told_too_and_nothing_of_theirs_is_written(store, house, file):
    await be_impatient(store)
    with locked(file):
        first = asyncio.create_task(store.apply([new_request(house.workspace_id)]))
        await asyncio.sleep(0.02)
        later = [asyncio.create_task(store.apply([new_request(house.workspace_id)])) for _ in range(20)]
        answers = await asyncio.gather(first, *later, return_exceptions=True)
    assert {type(answer) for answer in answers} == {errors.Unavailable}
    assert await store.queued(100) == []


async def test_a_full_disk_is_unavailable_and_writes_go_on_once_there_is_room(store, house):
    def pages(connection, _=None) -> int:
        return connection.exec_driver_sql("PRAGMA page_count").scalar()

    def room(most: int):
        return lambda connection, _: connection.exec_driver_sql(f"PRAGMA max_page_count={most}").scalar()

    await store._writer.write(room(await store._writer.write(pages) + 2))
    stored, refused = [], None
    for _ in range(200):
        new = new_request(house.workspace_id, prompt="a red fox " * 50)
        try:
            await store.apply([new])
        except errors.Unavailable as error:
            refused = error
            break
        stored.append(new.jobs[0].id)
    assert refused is not None
    assert refused.retry_after > 0
    assert "fox" not in str(refused) + refused.detail
    assert (str(refused), refused.detail) == ("the database cannot be used now", "database or disk is full")
    assert {job.id for job in await store.queued(1000)} == set(stored)
    with pytest.raises(errors.Unavailable):
        await store.apply([new_request(house.workspace_id, prompt="a red fox " * 500)])
    await store._writer.write(room(1_000_000))
    assert await store.apply([new_request(house.workspace_id)]) == [Outcome.APPLIED]


async def test_what_the_driver_says_is_logged_and_not_told_because_it_may_name_hosts_and_paths(caplog):
    nowhere = open_store("postgresql://easel:sesame@/easel?host=/nowhere/of/mine")
    for _ in range(3):
        with pytest.raises(errors.Unavailable) as refused:
            await nowhere.queued(1)
        assert str(refused.value) == "the database cannot be used now"
        assert "/nowhere/of/mine" in refused.value.detail
    await nowhere.close()
    (told,) = [record for record in caplog.records if "/nowhere/of/mine" in record.getMessage()]
    assert told.levelname == "WARNING"
    assert "sesame" not in caplog.text


async def test_a_read_only_database_is_unavailable_for_writes_and_readable(store, house, file):
    job = await house.submit()
    only = open_store(f"sqlite:///file:{file}?mode=ro&uri=true")
    with pytest.raises(errors.Unavailable):
        await only.probe()
    with pytest.raises(errors.Unavailable):
        await only.apply([new_request(house.workspace_id)])
    assert await only.job(house.workspace_id, job.id) == job
    await only.close()


async def test_a_database_that_is_not_there_yet_is_unavailable_until_it_is(file):
    store = open_store(f"sqlite:///{file}")
    with pytest.raises(errors.Unavailable):
        await store.probe()
    with pytest.raises(errors.Unavailable):
        await store.accounts()
    prepared = open_store(f"sqlite:///{file}", migrate=True)
    await store.probe()
    assert await store.accounts() == []
    await prepared.close()
    await store.close()


async def test_a_file_that_is_no_database_is_unavailable(file):
    file.parent.mkdir()
    file.write_bytes(b"this is no database, whatever its name says" * 100)
    store = open_store(f"sqlite:///{file}")
    with pytest.raises(errors.Unavailable):
        await store.probe()
    with pytest.raises(errors.Unavailable):
        await store.workspaces()
    await store.close()


async def test_a_read_that_takes_too_long_is_stopped_and_the_next_one_works(store, house, monkeypatch):
    monkeypatch.setattr(dialects, "READ_SECONDS", 0.1)
    endless = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")
    with pytest.raises(errors.Unavailable):
        await asyncio.wait_for(store._readers.read(lambda connection: connection.execute(endless).scalar()), 5)
    assert await store.queued(10) == []


async def test_many_reads_at_once_each_get_their_own_answer_and_one_that_is_given_up_stops_no_other(store):
    def number(i: int):
        return store._readers.read(lambda connection: connection.execute(text(f"SELECT {i}")).scalar())

    asking = [asyncio.create_task(number(i)) for i in range(200)]
    await asyncio.sleep(0)
    asking[7].cancel()
    found = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(found[7], asyncio.CancelledError)
    assert [answer for i, answer in enumerate(found) if i != 7] == [i for i in range(200) if i != 7]


async def test_what_is_read_when_the_store_closes_is_answered_and_nothing_is_read_after_that(store):
    reading = asyncio.create_task(store._readers.read(lambda connection: connection.execute(text("SELECT 1")).scalar()))
    await asyncio.sleep(0)
    await store.close()
    assert await reading == 1
    with pytest.raises(errors.Unavailable, match="closed"):
        await store.workspaces()


# --- how the connections are set


async def test_the_writer_waits_for_the_disk_and_checks_references(store):
    def settings(connection, _=None) -> list:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    assert await store._writer.write(settings) == ["wal", 2, 1, 2000]


async def test_a_reader_cannot_write(store):
    with pytest.raises(errors.Unavailable):
        await store._readers.read(lambda connection: connection.execute(text("DELETE FROM workspaces")))


async def test_only_its_owner_may_read_the_file(store, house, file):
    assert {oct(part.stat().st_mode & 0o777) for part in file.parent.iterdir()} == {"0o600"}


async def test_a_write_that_waited_behind_a_takeover_is_refused(store, house):
    job = await house.sent()
    free = threading.Event()
    busy = asyncio.create_task(store._writer.write(lambda *_: free.wait(10)))
    await asyncio.sleep(0.05)
    take = asyncio.create_task(store.take(house.account.id, "owner b", after(31), after(61)))
    await asyncio.sleep(0)
    late = asyncio.create_task(store.apply([step(job, Accepted(at=T0, nonce=job.nonce), house.lease)]))
    await asyncio.sleep(0)
    free.set()
    assert (await take).owner == "owner b"
    assert await late == [Outcome.STALE_LEASE]
    await busy
    assert await store.job(house.workspace_id, job.id) == job
