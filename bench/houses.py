"""Easel and the simulator as processes, started as `tests/journeys` starts them, with what measuring needs more."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

import httpx
import msgspec

from engine.core.administration import AccountToLink
from engine.model.accounts import Upstream
from engine.settings import read
from engine.wiring import Ground, open_ground
from tests.journeys.processes import EaselProcess, SimulatorProcess, environment

ROOT = Path(__file__).resolve().parent.parent
os.environ["PYTHONPATH"] = str(ROOT)  # children run the code that this file belongs to

_decode = msgspec.json.Decoder().decode


class Simulator(SimulatorProcess):
    """The simulator; its ledger is read from the file, which costs it nothing."""

    def __init__(self, folder: Path, *, accounts: int, **options: object) -> None:
        super().__init__(folder, accounts=accounts, **options)
        self.folder = folder

    @property
    def pid(self) -> int:
        return self._process.pid

    def rows(self, *kinds: str) -> list[dict]:
        """The ledger's rows of these kinds, in order, up to now."""
        return self.tail(*kinds).rows(wait=0.1)

    def tail(self, *kinds: str) -> Tail:
        """The ledger from its start, to be read on and on."""
        return Tail(self.folder / "ledger.jsonl", kinds)

    def open_faults(self) -> list[dict]:
        """Orders that did not strike yet."""
        return self._control.get("/faults").json()["faults"]


class Tail:
    """Rows of a ledger of some kinds (all when none is named), each once."""

    def __init__(self, path: Path, kinds: Sequence[str]) -> None:
        self._path = path
        self._marks = [b'"kind":"%s"' % kind.encode() for kind in kinds]
        self._offset = 0

    def rows(self, *, wait: float = 0.0) -> list[dict]:
        """What came since the last call; rows reach the file within 30 ms."""
        time.sleep(wait)
        found = []
        with self._path.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._offset += len(line)
                if not self._marks or any(mark in line for mark in self._marks):
                    found.append(_decode(line))
        return found


class Easel(EaselProcess):
    """`easel up`, perhaps under another command, with accounts linked before it runs."""

    def __init__(self, folder: Path, simulator: Simulator, command: Sequence[str] = (), **settings: object) -> None:
        super().__init__(folder, simulator, **settings)
        self._command = list(command) or ["-m", "engine.cli"]

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def link_all(self, accounts: Iterable[dict], *, concurrency: int = 3) -> None:
        """Link accounts in one go, as `easel account link` does one by one."""
        asyncio.run(self._link_all(list(accounts), concurrency))

    async def _link_all(self, accounts: list[dict], concurrency: int) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings = read(environment(**self.settings), Path("/dev/null")).in_force()
        ground = await open_ground(settings, migrated=True)
        try:
            workspace = await ground.administration.ensure_workspace("default")
            for account in accounts:
                await ground.administration.link(
                    workspace,
                    AccountToLink(
                        token=account["token"],
                        guild_id=account["guild_id"],
                        channel_id=account["channel_id"],
                        upstream=Upstream(
                            settings.discord_api_url, settings.discord_gateway_url, settings.activity_url
                        ),
                        concurrency=concurrency,
                        accepts_terms=True,
                    ),
                )
        finally:
            await ground.store.close()

    def begin(self) -> None:
        """Start the process, and do not wait for it."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._command, "up"],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=environment(**self.settings),
                cwd=self.folder.parent,
            )

    def wait_ready(self, seconds: float = 60.0) -> None:
        self._wait(lambda: httpx.get(f"{self.url}/readyz").status_code == 200, "readyz", seconds)

    def start(self) -> Easel:
        self.begin()
        self.wait_ready()
        return self

    def wait_live(self, accounts: int, seconds: float = 120.0) -> None:
        def live() -> bool:
            with self.client() as client:
                listed = client.get("/status").json()["workspace"]["accounts"]
            return sum(account["live"] for account in listed) >= accounts

        self._wait(live, f"{accounts} live accounts", seconds)


class Operator:
    """What an operator does while Easel runs, without a process for each command."""

    def __init__(self, easel: Easel) -> None:
        self._settings = read(environment(**easel.settings), Path("/dev/null")).in_force()
        self._loop = asyncio.Runner()
        self._ground: Ground | None = None

    def __enter__(self) -> Self:
        self._ground = self._loop.run(open_ground(self._settings, migrated=True))
        return self

    def __exit__(self, *_: object) -> None:
        if self._ground is not None:
            self._loop.run(self._ground.store.close())
        self._loop.close()

    def resume(self, account_id: int) -> None:
        """As `easel account resume`."""
        self._loop.run(self._resume(account_id))

    async def _resume(self, account_id: int) -> None:
        assert self._ground is not None
        administration = self._ground.administration
        await administration.resume(await administration.workspace("default"), account_id)
