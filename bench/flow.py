"""So many jobs in flight at any moment, whatever becomes of the engine meanwhile."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Self

import httpx
from sqlalchemy import create_engine, text

from bench.houses import Easel
from bench.verdict import OPEN, database_of
from engine.store.dialects import database_url
from tests.journeys.processes import imagine


class Flow:
    """A thread that submits until `at_once` jobs are open, again and again; a dead engine only makes it wait.

    `answered` are the ids that it was given, `unanswered` counts the submissions that were cut off: whether those were
    stored only the database knows.
    """

    def __init__(self, easel: Easel, at_once: int, *, words: str) -> None:
        self._easel = easel
        self._at_once = at_once
        self._words = words
        self._number = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="flow", daemon=True)
        self.answered: list[str] = []
        self.unanswered = 0
        self.problems: list[str] = []
        self.open_now = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Submit no more."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(60)

    def wait_full(self, seconds: float = 60.0) -> None:
        """Wait until so many are open as there shall be, or nearly."""
        end = time.monotonic() + seconds
        while self.open_now < 0.9 * self._at_once:
            if time.monotonic() > end:
                raise RuntimeError(f"only {self.open_now} of {self._at_once} jobs in flight after {seconds} s")
            time.sleep(0.05)

    def _run(self) -> None:
        engine = create_engine(database_url(database_of(self._easel)))
        try:
            while not self._stop.is_set():
                try:
                    with self._easel.client() as client, engine.connect() as connection:
                        self._fill(client, connection)
                except httpx.TransportError:
                    time.sleep(0.1)
        except Exception as error:  # noqa: BLE001 - told in the figures
            self.problems.append(f"the flow of jobs ended: {error!r}")
        finally:
            engine.dispose()

    def _fill(self, client, connection) -> None:
        while not self._stop.is_set():
            self.open_now = int(connection.execute(text(f"SELECT count(*) FROM jobs WHERE {OPEN}")).scalar() or 0)
            connection.rollback()
            for _ in range(self._at_once - self.open_now):
                if self._stop.is_set():
                    return
                self._ask(client)
            time.sleep(random.uniform(0.02, 0.1))

    def _ask(self, client: httpx.Client) -> None:
        self._number += 1
        body = {"prompt": f"{self._words} {self._number}", "ref": f"flow {self._number}"}
        try:
            answer = client.post("/api/v1/midjourney/imagine", json=body)
        except httpx.TransportError as error:
            if not isinstance(error, httpx.ConnectError):
                self.unanswered += 1
            raise
        if answer.status_code == 200:
            self.answered.append(answer.json()["messageId"])
        elif answer.status_code == 503:
            time.sleep(0.2)
        else:
            self.problems.append(f"{answer.status_code}: {answer.text[:200]}")


def submit(easel: Easel, prompts: Sequence[str], *, at_once: int = 4) -> list[str]:
    """Submit them all, some at once, so that the queue is full until the last one; their ids."""
    with easel.client() as client, ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(lambda prompt: imagine(client, prompt), prompts))
