"""How many jobs a second the store keeps, and what each costs: four stored steps a job, many jobs at once.

    python -m bench.store_commits [--jobs 3000] [--at-once 200] [--url sqlite:///…]

Prints jobs/s, commits/s, changes in a commit, CPU milliseconds a job (this process: caller, writer thread) and the
waits of `apply` in milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from engine.store.sql_store import SqlStore, open_store
from tests.contracts import store_examples as examples


def steps_of_a_job(house: examples.House, changes: list) -> None:
    """One job's changes, made before the clock runs: submitted, sent, running, done."""
    at = datetime.now(UTC)
    new = examples.new_request(house.workspace_id, at=at)
    sent = examples.step(new.jobs[0], examples.assigned(house.account.id, at=at), house.lease)
    running = examples.step(sent.after, examples.seen(house.account.id, at), house.lease)
    done = examples.step(running.after, examples.finished(house.account.id, at), house.lease)
    changes.append((new, sent, running, done))


async def run(store: SqlStore, jobs: int, at_once: int) -> None:
    house = await examples.furnish(store)
    all_steps: list = []
    for _ in range(jobs):
        steps_of_a_job(house, all_steps)
    waits: list[float] = []
    queue = iter(all_steps)

    async def lane() -> None:
        for steps in queue:
            for change in steps:
                begun = time.perf_counter()
                await store.apply([change])
                waits.append((time.perf_counter() - begun) * 1000)

    commits, cpu, begun = store.commits, time.process_time(), time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(at_once)))
    took, cpu, commits = time.perf_counter() - begun, time.process_time() - cpu, store.commits - commits
    cuts = statistics.quantiles(waits, n=100)
    print(
        f"{jobs / took:7.0f} jobs/s  {commits / took:6.0f} commits/s  {jobs * 4 / commits:5.1f} changes/commit  "
        f"{cpu / jobs * 1000:5.2f} ms CPU/job  apply p50 {cuts[49]:.1f} ms  p99 {cuts[98]:.1f} ms"
    )


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=3000)
    parser.add_argument("--at-once", type=int, default=200)
    parser.add_argument("--url")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.url or f"sqlite:///{Path(folder) / 'easel.db'}"
        store = open_store(url, migrate=True)
        try:
            await run(store, asked.jobs, asked.at_once)
        finally:
            await store.close()


if __name__ == "__main__":
    asyncio.run(main())
