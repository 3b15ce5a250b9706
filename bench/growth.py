"""What a million finished jobs, and a thousand accounts, do to the time of a submission, a choice and a fetch."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import event

from bench import machine
from bench.houses import Easel, Simulator
from bench.report import Section
from bench.runner import Watch, running
from engine.model.jobs import FINAL_STATES
from engine.store.sql_store import SqlStore, open_store

TITLE = "1,000,000 finished jobs in the table, 1,000 accounts connected"
JOB = {"job_ms": 200, "first_ms": 35, "progress_events": 15, "picture_pool": 32, "picture_size": 64}
ACCOUNTS = 17
FETCHES = 400
WITHIN = 2.0
NOTE = """\
The same house before and after one of its own finished jobs was copied a million times, with its request, updates,
submission, result and picture; then a house with many accounts. *Submit* is the client's wait for the answer to its
POST; *choose* is from there to the POST at the simulator by the ledger, so it holds the choice of the account and the
stored intent (less than nothing: the submission left before the answer was read); *fetch* is a GET of any job of the
table. 10 jobs a second, pace 0; medians."""


def run(folder: Path, *, quick: bool) -> Section:
    section = Section("growth", TITLE)
    rows = 100_000 if quick else 1_000_000
    many = 200 if quick else 1000
    seconds = 10 if quick else 30
    first = folder / "jobs"
    first.mkdir()
    with running(first, accounts=ACCOUNTS, simulator=JOB, COPY_PICTURES="no") as (outside, easel):
        empty = _measured(first, outside, easel, seconds)
        easel.stop()
        reads_empty = asyncio.run(_reads(easel))
        began = time.monotonic()
        _fill(easel.folder / "easel.db", rows)
        size = (easel.folder / "easel.db").stat().st_size
        section.figure("filled", f"{rows:,} finished jobs in {time.monotonic() - began:.0f} s, {size / 1e9:.2f} GB")
        reads_full = asyncio.run(_reads(easel))
        easel.start()
        easel.wait_live(ACCOUNTS)
        full = _measured(first, outside, easel, seconds)
    second = folder / "accounts"
    second.mkdir()
    with running(second, accounts=many, simulator=JOB, COPY_PICTURES="no") as (outside, easel):
        crowded = _measured(second, outside, easel, seconds)
    for words, found in ((f"{rows:,} jobs", full), (f"{many:,} accounts", crowded)):
        for name, value in found.items():
            # below a millisecond a factor would measure the scheduler
            ratio = max(1.0, value) / max(1.0, empty[name])
            section.figure(
                f"{name} with {words}",
                f"{value:.2f} ms, {ratio:.2f} × the {empty[name]:.2f} ms of empty with {ACCOUNTS} accounts",
                f"≤ {WITHIN:g} ×",
                holds=ratio <= WITHIN,
            )
    lines = [f"{'read':22} {'empty':>9} {'full':>9}"]
    plans = []
    for name, (milliseconds, _) in reads_empty.items():
        after, plan = reads_full[name]
        lines.append(f"{name:22} {milliseconds:6.2f} ms {after:6.2f} ms")
        plans += [f"{name}:", *(f"    {step}" for step in plan)]
    section.blocks += [
        (f"The store's reads by themselves, median, empty and with {rows:,} finished jobs", "\n".join(lines)),
        ("EXPLAIN QUERY PLAN of each", "\n".join(plans)),
    ]
    for title, text in section.blocks:
        print(f"-- {title}\n{text}", flush=True)
    section.notes.append(NOTE)
    return section


def _measured(folder: Path, outside: Simulator, easel: Easel, seconds: int) -> dict[str, float]:
    """Median milliseconds of a submission, a choice and a fetch."""
    outcome = Watch(easel, outside, folder, "--rate", 10, "--seconds", seconds, "--warm-up", 3).run()
    if outcome.problems or outcome.unheard:
        raise RuntimeError(f"{outcome.unheard} jobs without an end; {outcome.problems[:3]}")
    nonces = _newest_nonces(easel, [job[0] for job in outcome.jobs])
    arrived = {row["nonce"]: row["arrived_us"] for row in outside.rows("request") if row["decision"] == "accepted"}
    submitted = [(answered - sent) / 1000 for _, _, _, sent, answered, _ in outcome.jobs]
    chosen = [(arrived[nonces[job_id]] - answered) / 1000 for job_id, _, _, _, answered, _ in outcome.jobs]
    return {
        "submit": machine.percentile(submitted, 0.5),
        "choose": machine.percentile(chosen, 0.5),
        "fetch": machine.percentile(_fetches(easel), 0.5),
    }


def _newest_nonces(easel: Easel, job_ids: list[str]) -> dict[str, str]:
    with closing(sqlite3.connect(f"file:{easel.folder / 'easel.db'}?mode=ro", uri=True)) as database:
        found = {}
        for job_id in job_ids:
            (nonce,) = database.execute("SELECT max(nonce) FROM submissions WHERE job_id = ?", (job_id,)).fetchone()
            found[job_id] = nonce.lstrip("0")
    return found


def _fetches(easel: Easel) -> list[float]:
    with closing(sqlite3.connect(f"file:{easel.folder / 'easel.db'}?mode=ro", uri=True)) as database:
        (last,) = database.execute("SELECT max(rowid) FROM jobs").fetchone()
        wanted = [random.randint(1, last) for _ in range(FETCHES)]
        found = [database.execute("SELECT id FROM jobs WHERE rowid >= ? LIMIT 1", (row,)).fetchone() for row in wanted]
    took = []
    with easel.client() as client:
        for (job_id,) in found:
            began = time.perf_counter()
            answer = client.get(f"/v1/jobs/{job_id}")
            took.append((time.perf_counter() - began) * 1000)
            if answer.status_code != httpx.codes.OK:
                raise RuntimeError(answer.text)
    return took


async def _reads(easel: Easel) -> dict[str, tuple[float, list[str]]]:
    """Each hot read alone: median milliseconds and how the database answers it."""
    file = easel.folder / "easel.db"
    store: SqlStore = open_store(f"sqlite:///{file}")
    try:
        (workspace,) = await store.workspaces()
        account = (await store.accounts())[0]
        job = (await store.jobs(workspace.id, states=sorted(FINAL_STATES), limit=1))[0]
        lately = datetime.now(UTC) - timedelta(minutes=10)
        reads = {
            "queued (the poll)": lambda: store.queued(1000),
            "open jobs": lambda: store.open_jobs(account.id),
            "a job": lambda: store.job(workspace.id, job.id),
            "the jobs of a request": lambda: store.jobs_of(workspace.id, job.request_id),
            "what was made of a job": lambda: store.children(workspace.id, job.id, job.action),
            "its updates": lambda: store.updates(job.id, 0),
            "finished lately": lambda: store.finished_since(account.id, lately),
            "highest nonce": lambda: store.highest_nonce(account.id),
            "pictures to copy": lambda: store.pictures_to_copy(10),
            "newest 50 jobs": lambda: store.jobs(workspace.id),
            "tally of 10 minutes": lambda: store.tally(workspace.id, lately),
        }
        found = {}
        for name, read in reads.items():
            asked: list[tuple[str, tuple[object, ...]]] = []

            def listen(*said: object, asked: list = asked) -> None:
                asked.append((said[2], said[3]))

            event.listen(store._reading, "before_cursor_execute", listen)  # noqa: SLF001 - the statements themselves
            await read()
            event.remove(store._reading, "before_cursor_execute", listen)  # noqa: SLF001
            took = []
            for _ in range(100):
                began = time.perf_counter()
                await read()
                took.append((time.perf_counter() - began) * 1000)
            with closing(sqlite3.connect(file)) as database:
                plan = [
                    row[3] for words, values in asked for row in database.execute(f"EXPLAIN QUERY PLAN {words}", values)
                ]
            found[name] = (machine.percentile(took, 0.5), plan)
        return found
    finally:
        await store.close()


# --- a million copies of one finished job

_ID = (
    "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a'"
    " || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))"
)
_AT = "strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now', '-1 hour', '-' || (n * 8) || ' seconds')"
_COPIED = {
    "requests": {"id": "c.id", "created_at": "c.at"},
    "jobs": {
        "id": "c.id",
        "request_id": "c.id",
        "account_id": "1 + c.n % :accounts",
        "nonces": "'[\"' || (100000000000000000 + c.n) || '\"]'",
        **dict.fromkeys(("created_at", "updated_at", "deadline_at", "sent_at", "finished_at"), "c.at"),
    },
    "job_updates": {"id": "NULL", "job_id": "c.id", "at": "c.at"},
    "submissions": {
        "id": "NULL",
        "job_id": "c.id",
        "at": "c.at",
        "account_id": "1 + c.n % :accounts",
        "nonce": "printf('%020d', 100000000000000000 + c.n)",
    },
    "results": {"job_id": "c.id", "message_id": "'' || (100000000000000000 + c.n)"},
    "pictures": {
        "key": "lower(hex(randomblob(16)))",
        "job_id": "c.id",
        "account_id": "1 + c.n % :accounts",
        "found_at": "c.at",
        "copied_at": "c.at",
    },
}


def _fill(file: Path, rows: int) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.executescript("PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; PRAGMA cache_size=-500000;")
        (model,) = database.execute("SELECT id FROM jobs WHERE state = 'DONE' ORDER BY created_at LIMIT 1").fetchone()
        indices = database.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        ).fetchall()
        for name, _ in indices:
            database.execute(f"DROP INDEX {name}")
        database.execute("CREATE TEMP TABLE copies (n INTEGER PRIMARY KEY, id TEXT, at TEXT)")
        database.execute(
            "WITH RECURSIVE counting(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counting WHERE n < :rows)"
            f" INSERT INTO copies SELECT n, {_ID}, {_AT} FROM counting",
            {"rows": rows},
        )
        for table, changed in _COPIED.items():
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            values = ", ".join(changed.get(column, f"m.{column}") for column in columns)
            mine = "id" if table in ("jobs", "requests") else "job_id"
            database.execute("BEGIN")
            database.execute(
                f"INSERT INTO {table} SELECT {values} FROM temp.copies c JOIN {table} m ON m.{mine} = :model",
                {"model": model, "accounts": ACCOUNTS},
            )
            database.execute("COMMIT")
        for _, statement in indices:
            database.execute(statement)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
