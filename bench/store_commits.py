"""How many jobs a second the store keeps, and what each costs: four stored steps a job, many jobs at once.

    python -m bench.store_commits [--jobs 3000] [--at-once 200 | --rate 300] [--url sqlite:///…]

With a rate, so many jobs begin each second at random moments, and 50 ms lie between two steps of a job. Prints
jobs/s, commits/s, changes in a commit, CPU milliseconds a job (of this process; of its writer thread alone) and the
waits of `apply` in milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import random
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


async def run(store: SqlStore, jobs: int, at_once: int, rate: float | None) -> None:
    house = await examples.furnish(store)
    all_steps: list = []
    for _ in range(jobs):
        steps_of_a_job(house, all_steps)
    waits: list[float] = []
    queue = iter(all_steps)

    async def keep(change) -> None:
        begun = time.perf_counter()
        await store.apply([change])
        waits.append((time.perf_counter() - begun) * 1000)

    async def lane() -> None:
        for steps in queue:
            for change in steps:
                await keep(change)

    async def timed(steps, begins: float) -> None:
        for number, change in enumerate(steps):
            await asyncio.sleep(max(0.0, begins + number * 0.05 - time.perf_counter()))
            await keep(change)

    async def writers_cpu() -> float:
        return await store._writer.write(  # noqa: SLF001
            lambda *_: time.thread_time()
        )

    writing = await writers_cpu()
    commits, cpu, begun = store.commits, time.process_time(), time.perf_counter()
    if rate is None:
        await asyncio.gather(*(lane() for _ in range(at_once)))
    else:
        await asyncio.gather(
            *(timed(steps, begun + number / rate + random.random() / 10) for number, steps in enumerate(queue))
        )
    took, cpu, commits = time.perf_counter() - begun, time.process_time() - cpu, store.commits - commits
    writing = await writers_cpu() - writing
    cuts = statistics.quantiles(waits, n=100)
    print(
        f"{jobs / took:7.0f} jobs/s  {commits / took:6.0f} commits/s  {jobs * 4 / commits:5.1f} changes/commit  "
        f"{cpu / jobs * 1000:5.2f} ms CPU/job ({writing / jobs * 1000:.2f} writing)  "
        f"apply p50 {cuts[49]:.1f} ms  p99 {cuts[98]:.1f} ms"
    )


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=3000)
    parser.add_argument("--at-once", type=int, default=200)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--url")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.url or f"sqlite:///{Path(folder) / 'easel.db'}"
        store = open_store(url, migrate=True)
        try:
            await run(store, asked.jobs, asked.at_once, asked.rate)
        finally:
            await store.close()


if __name__ == "__main__":
    asyncio.run(main())
