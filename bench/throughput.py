"""How many jobs a second pass through, what each costs, and who is the bound."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bench import machine
from bench.houses import Easel, Simulator
from bench.report import Section
from bench.runner import Outcome, Watch, running
from bench.verdict import database_of
from engine.store.dialects import database_url, writing_engine

TITLE = "three processes, jobs of 200 ms with 15 progress events, SQLite with synchronous=FULL"
JOBS = {"job_ms": 200, "first_ms": 35, "progress_events": 15, "picture_pool": 32, "picture_size": 256}
LOADS = {"a": (50, 17, 150.0), "b": (200, 67, 200.0)}
"""At once, accounts of three jobs each, jobs a second at least."""
NOTE = """\
Closed loop: each of so many connections asks for a picture and asks again when it is there; one connection more
follows the event stream of the workspace, with every update and every percentage. The client cuts its JSON by
hand, so that it costs least. A stream for each job is what (d) shows; polls cost the engine as much as that, and
the client hears later. Every job of a run is counted in the simulator's ledger too.
Goals beyond the targets: 300 jobs/s in (b), 2.5 ms of CPU a job."""


def run(folder: Path, *, quick: bool) -> Section:
    section = Section("throughput", TITLE)
    seconds = 8 if quick else 20
    for name, (at_once, accounts, least) in LOADS.items():
        outcome = measure(folder / name, at_once, accounts, seconds)
        told = f"({name}) {at_once} at once on {accounts} accounts: "
        section.at_least(f"{told}throughput", outcome.rate, least, "jobs/s")
        section.at_most(f"{told}engine CPU a job", outcome.engine_ms, 4.0, "ms")
        _rest(section, told, outcome)
    at_once, accounts, _ = LOADS["b"]
    outcome = measure(folder / "copying", at_once, accounts, seconds, COPY_PICTURES="yes")
    copies = len(list((folder / "copying" / "easel" / "pictures").rglob("*.*")))
    told = f"(c) as (b), with pictures of {JOBS['picture_size']} pixels copied: "
    section.figure(f"{told}throughput", f"{outcome.rate:.1f} jobs/s")
    section.figure(f"{told}engine CPU a job", f"{outcome.engine_ms:.2f} ms")
    section.figure(f"{told}copies made when the last job was heard of", f"{copies} of {len(outcome.jobs)}")
    _rest(section, told, outcome)
    at_once, accounts, _ = LOADS["a"]
    outcome = measure(folder / "each", at_once, accounts, seconds, watch="sse")
    told = "(d) as (a), with an event stream for each job: "
    section.figure(f"{told}throughput", f"{outcome.rate:.1f} jobs/s")
    section.figure(f"{told}engine CPU a job", f"{outcome.engine_ms:.2f} ms")
    _rest(section, told, outcome)
    section.notes.append(NOTE)
    return section


def measure(
    folder: Path, at_once: int, accounts: int, seconds: float, *, watch: str = "stream", **settings: object
) -> Outcome:
    """One closed loop on a house of its own."""
    folder.mkdir(parents=True)
    with running(folder, accounts=accounts, simulator=JOBS, **{"COPY_PICTURES": "no", **settings}) as (outside, easel):
        outcome = Watch(
            easel, outside, folder, "--at-once", at_once, "--seconds", seconds, "--warm-up", 3, "--watch", watch
        ).run()
        outcome.problems += _unlike_the_ledger(outside, outcome)
        outcome.synchronous = synchronous_of(easel)
    return outcome


def synchronous_of(easel: Easel) -> str:
    """What SQLite itself says on a connection opened as the engine opens those it writes on."""
    engine = writing_engine(database_url(database_of(easel)))
    try:
        with engine.connect() as connection:
            level = int(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())
    finally:
        engine.dispose()
    return ("OFF", "NORMAL", "FULL", "EXTRA")[level]


def _unlike_the_ledger(simulator: Simulator, outcome: Outcome) -> list[str]:
    """The client's count against the simulator's: as many accepted once, and as many finished."""
    accepted = Counter(
        row["nonce"] for row in simulator.rows("request") if row["decision"] == "accepted" and row.get("nonce")
    )
    finished = sum(row["state"] == "finished" for row in simulator.rows("job"))
    heard = sum(job[2] == "DONE" for job in outcome.jobs)
    wrong = []
    if heard != len(outcome.jobs) or outcome.unheard:
        wrong.append(f"{len(outcome.jobs) - heard} jobs not DONE, {outcome.unheard} never heard of")
    if len(accepted) != len(outcome.jobs) or max(accepted.values(), default=0) > 1 or finished != len(outcome.jobs):
        wrong.append(f"{len(outcome.jobs)} jobs, {accepted.total()} POSTs accepted, {finished} finished")
    return wrong


def _rest(section: Section, told: str, outcome: Outcome) -> None:
    waits = outcome.waits()
    shares = [f"{name} {machine.percentile(waits, share) - 200:.0f}" for name, share in (("p50", 0.5), ("p95", 0.95))]
    section.figure(f"{told}beyond the job's own 200 ms", f"{', '.join(shares)} ms (the wait for a slot included)")
    outcome.describe(section, told)
    synchronous = outcome.synchronous
    section.figure(f"{told}PRAGMA synchronous", synchronous, "FULL", holds=synchronous == "FULL")
    section.none(f"{told}jobs lost, doubled, failed or in dispute with the ledger", outcome.problems)
