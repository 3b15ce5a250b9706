"""What became of every job, by the simulator's ledger: nothing here believes Easel's own word for it."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx
from sqlalchemy import create_engine, text

from bench.houses import Easel, Simulator
from bench.report import Section
from engine.store.dialects import database_url
from tests.journeys.processes import Mark, mark_of, turned_away_of, without_the_owners

OPEN = "finished_at IS NULL AND state != 'NEEDS_ATTENTION'"
"""Neither ended nor left to the operator."""


@dataclass(slots=True)
class Stored:
    """One job as Easel's database has it."""

    job_id: str
    prompt: str
    state: str
    note: str | None
    failure: str | None
    account_id: int | None
    key: str | None = None
    nonces: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    """The same with the simulator's account of each."""


@dataclass(slots=True)
class Verdict:
    """All jobs, and what is wrong with them."""

    jobs: dict[str, Stored]
    accepted: Counter[Mark]
    finished: dict[Mark, dict]
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    swapped: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    attention: list[Stored] = field(default_factory=list)
    findable: list[str] = field(default_factory=list)
    """NEEDS_ATTENTION although the channel holds the final message."""

    @property
    def done(self) -> int:
        return sum(job.state == "DONE" for job in self.jobs.values())

    def tell(self, section: Section, told: str = "") -> None:
        """The kinds of wrong of which there may be none."""
        section.nothing(
            told,
            {
                "lost": self.lost,
                "submitted twice": self.doubled,
                "swapped": self.swapped,
                "stuck": self.unfinished,
                "submissions of no job": self.strangers,
                "made but not shown": self.findable,
                "failed": self.failed,
            },
        )


def database_of(easel: Easel) -> str:
    return str(easel.settings.get("DATABASE_URL") or f"sqlite:///{easel.folder / 'easel.db'}")


def stored_jobs(easel: Easel, simulator: Simulator | None = None) -> dict[str, Stored]:
    """Every job with its nonces and the key of its first picture, read beside the running engine.

    `simulator`: whose accounts the marks shall name; without it there are none.
    """
    known = {account["channel_id"]: account["id"] for account in simulator.accounts} if simulator is not None else {}
    engine = create_engine(database_url(database_of(easel)))
    try:
        with engine.connect() as connection:
            rows = connection.execute(
                text("SELECT id, prompt, state, note, failure_reason, failure_detail, account_id FROM jobs")
            )
            jobs = {
                row.id: Stored(
                    row.id,
                    row.prompt,
                    row.state,
                    row.note,
                    row.failure_reason and f"{row.failure_reason}: {row.failure_detail}",
                    row.account_id,
                )
                for row in rows
            }
            channels = dict(connection.execute(text("SELECT id, channel_id FROM accounts")).tuples().all())
            used = text("SELECT job_id, account_id, nonce FROM submissions")
            for job_id, account_id, nonce in connection.execute(used):
                jobs[job_id].nonces.append(nonce.lstrip("0"))
                jobs[job_id].marks.append((known.get(channels[account_id], ""), nonce.lstrip("0")))
            for job_id, key in connection.execute(text("SELECT job_id, key FROM pictures WHERE position = 0")):
                jobs[job_id].key = key
    finally:
        engine.dispose()
    return jobs


def open_count(easel: Easel) -> int:
    """Jobs that are neither final nor for the operator."""
    engine = create_engine(database_url(database_of(easel)))
    try:
        with engine.connect() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM jobs WHERE {OPEN}")).scalar() or 0)
    finally:
        engine.dispose()


def wait_settled(easel: Easel, seconds: float) -> float:
    """Wait until no job is open, at most so long; returns how long it took."""
    began = time.monotonic()
    while open_count(easel) and time.monotonic() - began < seconds:
        time.sleep(0.25)
    return time.monotonic() - began


def judge(
    simulator: Simulator, easel: Easel, answered: Iterable[str] = (), *, leaving_out: Collection[str] = ()
) -> Verdict:
    """Compare every job with the ledger, but those left out, which were judged before.

    `answered`: ids that a client was given; they must all be there.
    """
    every = stored_jobs(easel, simulator)
    ledger = simulator.rows("request", "job", "human")
    jobs = [job for job_id, job in every.items() if job_id not in leaving_out]
    shown = _pictures(easel, [job for job in jobs if job.state == "DONE"])
    return compared(every, ledger, shown, answered, leaving_out=leaving_out)


def compared(
    every: dict[str, Stored],
    ledger: Iterable[dict],
    shown: dict[str, str],
    answered: Iterable[str] = (),
    *,
    leaving_out: Collection[str] = (),
) -> Verdict:
    """As `judge`, of values: all stored jobs, the ledger's rows, and the SHA-256 of what is shown for each job."""
    kinds: dict[str, list[dict]] = {"request": [], "job": [], "human": []}
    for row in ledger:
        kinds[row["kind"]].append(row)
    ends = without_the_owners(kinds["job"], kinds["human"])
    turned_away = turned_away_of(ends)
    # one with a dead token is turned away before it is read: it has no nonce
    posts = [row for row in kinds["request"] if row["path"].endswith("/interactions") and row.get("nonce")]
    accepted = [mark_of(row) for row in posts if row["decision"] == "accepted"]
    verdict = Verdict(
        {job_id: job for job_id, job in every.items() if job_id not in leaving_out},
        Counter(mark for mark in accepted if mark not in turned_away),
        {mark_of(row): row for row in ends if row["state"] == "finished"},
    )
    verdict.lost += [
        f"{job_id}: its id was given out, and it is not stored" for job_id in answered if job_id not in every
    ]
    verdict.doubled += [f"nonce {row['nonce']} posted twice" for row in posts if row["decision"] == "duplicate nonce"]
    ours = {mark for job in every.values() for mark in job.marks}
    verdict.strangers += [f"{account}: {nonce}" for account, nonce in accepted if (account, nonce) not in ours]
    for job in verdict.jobs.values():
        _judge(verdict, job, shown.get(job.job_id))
    return verdict


def _judge(verdict: Verdict, job: Stored, shown: str | None) -> None:
    accepted = [mark for mark in job.marks if verdict.accepted[mark]]
    times = sum(verdict.accepted[mark] for mark in accepted)
    if times > 1:
        verdict.doubled.append(f"job {job.job_id} accepted {times} times")
    final = next((verdict.finished[mark] for mark in accepted if mark in verdict.finished), None)
    match job.state:
        case "DONE":
            if final is None or shown != final["picture"]:
                verdict.swapped.append(
                    f"job {job.job_id} ({job.prompt}) shows {shown}, made was {final and final['picture']}"
                )
        case "NEEDS_ATTENTION":
            verdict.attention.append(job)
            if final is not None:
                verdict.findable.append(f"job {job.job_id}: {job.note}; the final is message {final['message']}")
        case "FAILED" | "CANCELLED":
            verdict.failed.append(f"job {job.job_id}: {job.failure or job.note}")
            if accepted:
                verdict.lost.append(f"job {job.job_id} was accepted and is {job.state}: {job.failure}")
        case _:
            verdict.unfinished.append(f"job {job.job_id} is {job.state}, {len(accepted)} accepted: {job.note}")


def _pictures(easel: Easel, jobs: list[Stored]) -> dict[str, str]:
    """SHA-256 of the picture that Easel shows for each job."""
    with httpx.Client(base_url=easel.url, timeout=60) as client, ThreadPoolExecutor(4) as pool:

        def fetch(job: Stored) -> tuple[str, str]:
            answer = client.get(f"/pictures/{job.key}")
            if answer.status_code != 200:
                return job.job_id, f"HTTP {answer.status_code}"
            return job.job_id, hashlib.sha256(answer.content).hexdigest()

        return dict(pool.map(fetch, jobs))


def evidence_of(easel: Easel, jobs: Iterable[Stored]) -> str:
    """What Easel kept about these jobs, as the operator would read it."""
    engine = create_engine(database_url(database_of(easel)))
    lines = []
    try:
        with engine.connect() as connection:
            for job in jobs:
                lines.append(f"job {job.job_id} ({job.prompt}): {job.state}: {job.note}")
                told = text("SELECT version, state, event, note FROM job_updates WHERE job_id = :job ORDER BY version")
                lines += [
                    f"    v{row.version} {row.event} -> {row.state} {row.note or ''}".rstrip()
                    for row in connection.execute(told, {"job": job.job_id})
                ]
                kept = text("SELECT kind, body FROM wire_evidence WHERE job_id = :job ORDER BY id")
                lines += [
                    f"    evidence {row.kind}: {row.body[:300]}"
                    for row in connection.execute(kept, {"job": job.job_id})
                ]
    finally:
        engine.dispose()
    return "\n".join(lines)
