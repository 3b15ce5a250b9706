"""What a thousand accounts and a million finished jobs do to the time of a submission, a choice and a fetch."""

from __future__ import annotations

import asyncio
import random
import re
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import httpx
from sqlalchemy import event

from bench import machine
from bench.houses import Easel, Simulator
from bench.report import Section
from bench.runner import Watch, running
from engine.model.jobs import FINAL_STATES
from engine.ports import Outcome
from engine.store.sql_store import SqlStore, open_store
from tests.contracts import store_examples as examples

TITLE = "1,000 accounts connected and 1,000,000 finished jobs in the table, beside an empty house"
JOB = {"job_ms": 200, "first_ms": 35, "progress_events": 15, "picture_pool": 32, "picture_size": 64}
ACCOUNTS = 17
FETCHES = 200
ROUNDS = 4
WITHIN = 2.0
FORGOTTEN = 1.2
"""Seconds after which the engine reads a job from the store again instead of remembering it."""
NOTE = """\
Two houses stand side by side, an empty one with {few} accounts and the grown one, and are measured in turn, {rounds}
rounds of {seconds} s each, so that what else the machine does meets both. In the grown one a finished job was copied a
million times, with its request, updates, submission, result and picture. *Submit* is the client's wait for the answer
to its POST; *choose* is from the job's making to the choice of its account, as the database says, so it holds the
commit between them; *submit and choose* is from the request to the POST at the simulator by the ledger, so it holds the
stored intent too, and a new connection where the account's last POST was long ago; *fetch* is a GET of any job of the
table, *fetch again* of the same one once more, when its pages were read. 10 jobs a second, pace 0; medians over all
rounds."""


def run(folder: Path, *, quick: bool) -> Section:
    section = Section("growth", TITLE)
    rows = 100_000 if quick else 1_000_000
    many = 200 if quick else 1000
    seconds = 5 if quick else 10
    houses = [folder / name for name in ("empty", "grown")]
    for place in houses:
        place.mkdir()
    with (
        running(houses[0], accounts=ACCOUNTS, simulator=JOB, COPY_PICTURES="no") as (beside, empty),
        running(houses[1], accounts=many, simulator=JOB, COPY_PICTURES="no") as (outside, grown),
    ):
        for place, simulator, easel in ((houses[0], beside, empty), (houses[1], outside, grown)):
            _measured(place, simulator, easel, 2)
            easel.stop()
        reads_empty, _ = asyncio.run(_reads(empty)), asyncio.run(_written(empty))
        began = time.monotonic()
        _fill(grown.folder / "easel.db", rows, many)
        size = (grown.folder / "easel.db").stat().st_size
        section.figure("filled", f"{rows:,} finished jobs in {time.monotonic() - began:.0f} s, {size / 1e9:.2f} GB")
        reads_full = asyncio.run(_reads(grown))
        writes = asyncio.run(_written(grown))
        for easel, accounts in ((empty, ACCOUNTS), (grown, many)):
            easel.start()
            easel.wait_live(accounts, 120 + accounts)
        measured: dict[str, list[dict[str, list[float]]]] = {"empty": [], "grown": []}
        for _ in range(ROUNDS):
            measured["empty"].append(_measured(houses[0], beside, empty, seconds))
            measured["grown"].append(_measured(houses[1], outside, grown, seconds))
    for name in measured["empty"][0]:
        before, after = (
            machine.percentile([value for each in measured[house] for value in each[name]], 0.5) for house in measured
        )
        told = f"{after:.2f} ms; empty {before:.2f} ms"
        ratio = after / before
        section.figure(
            f"{name} with {many:,} accounts and {rows:,} jobs",
            f"{told}; {ratio:.2f} ×",
            f"≤ {WITHIN:g} ×",
            holds=ratio <= WITHIN,
        )
    lines = [f"{'read':22} {'empty':>9} {'full':>9}"]
    plans = []
    for name, (milliseconds, _) in reads_empty.items():
        after, plan = reads_full[name]
        lines.append(f"{name:22} {milliseconds:6.2f} ms {after:6.2f} ms")
        plans += [f"{name}:", *(f"    {step}" for step in plan)]
    for statement, plan in writes.items():
        plans += [f"{statement}:", *(f"    {step}" for step in plan)]
    # a result of our own making (anon_1) is as small as the page that is asked for
    scans = [line for line in plans if re.search(r"SCAN (?!anon_|CONSTANT)", line) and "USING" not in line]
    section.none("statements that go through a whole table", [line.strip() for line in scans])
    section.blocks += [
        (f"The store's reads by themselves, median, empty and with {rows:,} finished jobs", "\n".join(lines)),
        ("EXPLAIN QUERY PLAN of each read, and of each statement of a job's life", "\n".join(plans)),
    ]
    for title, text in section.blocks:
        print(f"-- {title}\n{text}", flush=True)
    section.notes.append(NOTE.format(few=ACCOUNTS, rounds=ROUNDS, seconds=seconds))
    return section


def _measured(folder: Path, outside: Simulator, easel: Easel, seconds: int) -> dict[str, list[float]]:
    """Milliseconds of each submission, choice and fetch."""
    outcome = Watch(easel, outside, folder, "--rate", 10, "--seconds", seconds, "--warm-up", 2).run()
    if outcome.problems or outcome.unheard:
        raise RuntimeError(f"{outcome.unheard} jobs without an end; {outcome.problems[:3]}")
    jobs = outcome.jobs[20:]
    chosen = _choices(easel, [job[0] for job in jobs])
    arrived = {row["nonce"]: row["arrived_us"] for row in outside.rows("request") if row["decision"] == "accepted"}
    first, again = _fetches(easel)
    return {
        "submit": [(answered - sent) / 1000 for _, _, _, sent, answered, _ in jobs],
        "choose": [chosen[job_id].milliseconds for job_id, *_ in jobs],
        "submit and choose": [(arrived[chosen[job_id].nonce] - sent) / 1000 for job_id, _, _, sent, _, _ in jobs],
        "fetch": first,
        "fetch again": again,
    }


class _Choice(NamedTuple):
    nonce: str
    """Of the newest submission."""
    milliseconds: float
    """From the job's making to the choice of its account."""


def _choices(easel: Easel, job_ids: list[str]) -> dict[str, _Choice]:
    asked = (
        "SELECT max(s.nonce), j.created_at, j.sent_at FROM jobs j JOIN submissions s ON s.job_id = j.id WHERE j.id = ?"
    )
    with closing(sqlite3.connect(f"file:{easel.folder / 'easel.db'}?mode=ro", uri=True)) as database:
        found = {}
        for job_id in job_ids:
            nonce, made, chosen = database.execute(asked, (job_id,)).fetchone()
            waited = datetime.fromisoformat(chosen) - datetime.fromisoformat(made)
            found[job_id] = _Choice(nonce.lstrip("0"), waited.total_seconds() * 1000)
    return found


def _fetches(easel: Easel) -> tuple[list[float], list[float]]:
    """Milliseconds of GETs of jobs from all over the table, and of the same ones once more."""
    with closing(sqlite3.connect(f"file:{easel.folder / 'easel.db'}?mode=ro", uri=True)) as database:
        (last,) = database.execute("SELECT max(rowid) FROM jobs").fetchone()
        wanted = [random.randint(1, last) for _ in range(FETCHES)]
        found = [database.execute("SELECT id FROM jobs WHERE rowid >= ? LIMIT 1", (row,)).fetchone() for row in wanted]
    took: list[list[float]] = []
    with easel.client() as client:
        for _ in range(2):
            time.sleep(FORGOTTEN)
            took.append([])
            for (job_id,) in found:
                began = time.perf_counter()
                answer = client.get(f"/v1/jobs/{job_id}")
                took[-1].append((time.perf_counter() - began) * 1000)
                if answer.status_code != httpx.codes.OK:
                    raise RuntimeError(answer.text)
    return took[0], took[1]


async def _written(easel: Easel) -> dict[str, list[str]]:
    """How the database carries out each statement by which one job is stored, from its request to its result."""
    said: dict[str, str] = {}

    def heard(statement: str) -> None:
        # the values are written into it: what is left without them names the statement
        words = re.sub(r"'(?:[^']|'')*'|(?<![A-Za-z_])\d+", "?", " ".join(statement.split()))
        if words.split(" ", 1)[0] in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            said.setdefault(words[:150], statement)

    store = open_store(f"sqlite:///{easel.folder / 'easel.db'}")
    event.listen(store._writing, "connect", lambda driver, _: driver.set_trace_callback(heard))  # noqa: SLF001
    try:
        (workspace,) = await store.workspaces()
        account = (await store.accounts())[0]
        at = datetime.now(UTC)
        lease = await store.take(account.id, "bench", datetime(9999, 1, 1, tzinfo=UTC), at + timedelta(seconds=30))
        new = examples.new_request(workspace.id, at=at)
        sent = examples.step(new.jobs[0], examples.assigned(account.id, at=at), lease)
        seen = examples.step(sent.after, examples.seen(account.id, at), lease)
        done = examples.step(seen.after, examples.finished(account.id, at), lease)
        for change in (new, sent, seen, done):
            outcomes = await store.apply([change])
            if outcomes != [Outcome.APPLIED]:
                raise RuntimeError(f"{outcomes}: {change}")
        await store.renew([lease], at + timedelta(seconds=30))
        await store.release(lease)
    finally:
        await store.close()
    with closing(sqlite3.connect(easel.folder / "easel.db")) as database:
        return {
            words: [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {statement}")] or ["(one row, no search)"]
            for words, statement in said.items()
        }


async def _reads(easel: Easel) -> dict[str, tuple[float, list[str]]]:
    """Each hot read alone: median milliseconds and how the database answers it."""
    file = easel.folder / "easel.db"
    store: SqlStore = open_store(f"sqlite:///{file}")
    try:
        (workspace,) = await store.workspaces()
        account = (await store.accounts())[0]
        job = (await store.jobs(workspace.id, states=sorted(FINAL_STATES), limit=1))[0]
        lately = datetime.now(UTC) - timedelta(minutes=10)
        end = await store.journal_end()
        reads = {
            "queued (the poll)": lambda: store.queued(1000),
            "open jobs": lambda: store.open_jobs(account.id),
            "a job": lambda: store.job(workspace.id, job.id),
            "the jobs of a request": lambda: store.jobs_of(workspace.id, job.request_id),
            "what was made of a job": lambda: store.children(workspace.id, job.id, job.action),
            "its updates": lambda: store.updates(job.id, 0),
            "where the journal ends": store.journal_end,
            "the journal's last 10": lambda: store.journal_of(workspace.id, end - 10, 10, until=end),
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


def _fill(file: Path, rows: int, accounts: int) -> None:
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
                {"model": model, "accounts": accounts},
            )
            database.execute("COMMIT")
        for _, statement in indices:
            database.execute(statement)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
