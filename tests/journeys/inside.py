"""A whole Easel in the test's own process, before a simulator over sockets: rooms with an account of their own each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import httpx

from engine.core.administration import AccountToLink
from engine.core.engine import Engine
from engine.core.keyring import Terms
from engine.core.status import AccountStatus
from engine.model.accounts import Upstream
from engine.model.actions import Action, ActionKind
from engine.model.details import AccountFacts
from engine.model.inputs import Given
from engine.model.jobs import Job, JobState, Origin
from engine.model.keys import ALL_SCOPES
from engine.settings import read
from engine.wiring import Ground, Works, build_works, open_ground
from tests.journeys.processes import SimulatorProcess, environment, free_port

OVER = {JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.NEEDS_ATTENTION}
QUICK = {"job_ms": 250, "first_ms": 20, "upscale_ms": 60, "progress_events": 2, "speed": 60}
SLOTS = 10
PATIENCE = 30.0


@dataclass
class Room:
    """A workspace with one account: how the simulator knows it, and how Easel does."""

    house: Inside
    account: dict
    account_id: int
    origin: Origin
    http: httpx.AsyncClient

    @property
    def engine(self) -> Engine:
        return self.house.works.engine

    async def imagine(self, prompt: str, **wishes: object) -> Job:
        return await self.engine.imagine(self.origin, prompt, **wishes)

    async def command(self, kind: ActionKind, choice: str | None = None, **wishes: object) -> Job:
        return await self.engine.command(self.origin, Action(kind, None, choice), **wishes)

    async def told(self, kind: ActionKind, choice: str | None = None, **wishes: object) -> Job:
        """A command's job when it is DONE."""
        return await self.done(await self.command(kind, choice, **wishes))

    async def suffix(self, words: str | None) -> Job:
        return await self.told(ActionKind.SUFFIX, given=Given(value=words))

    async def now(self, job: Job) -> Job:
        return await self.engine.job(self.origin.workspace_id, job.id)

    async def until(self, job: Job, *states: JobState) -> Job:
        end = time.monotonic() + PATIENCE
        while (current := await self.now(job)).state not in states:
            assert time.monotonic() < end, f"still {current.state}: {current.note}"
            await asyncio.sleep(0.02)
        return current

    async def over(self, job: Job) -> Job:
        return await self.until(job, *OVER)

    async def done(self, job: Job) -> Job:
        ended = await self.over(job)
        assert ended.state is JobState.DONE, (ended.state, ended.failure, ended.note)
        return ended

    async def made(self, prompt: str, **wishes: object) -> Job:
        """A finished picture."""
        return await self.done(await self.imagine(prompt, **wishes))

    async def all_of(self, request_id: str) -> list[Job]:
        return await self.engine.jobs_of(self.origin.workspace_id, request_id)

    async def facts(self) -> AccountFacts:
        stored = await self.house.ground.store.account(self.account_id)
        assert stored is not None
        return stored.facts

    async def status(self) -> dict:
        return (await self.http.get("/status")).json()["workspace"]

    async def standing(self) -> AccountStatus:
        status = await self.engine.status(self.origin.workspace_id)
        assert status.workspace is not None
        return status.workspace.accounts[0]

    def rows(self, kind: str) -> list[dict]:
        """The ledger's rows of this account."""
        return [row for row in self.house.simulator.ledger(kind) if row.get("account") == self.account["id"]]

    def posts(self) -> list[dict]:
        """Every interaction that was posted for it."""
        return [row for row in self.rows("request") if row["path"].endswith("/interactions") and row.get("nonce")]

    def steps_of(self, job: Job, state: str) -> list[dict]:
        return [row for row in self.rows("job") if row["nonce"] in job.nonces and row["state"] == state]

    def drawn_for(self, job: Job) -> dict:
        """The one picture that was drawn for the job."""
        (drawn,) = self.steps_of(job, "finished")
        return drawn

    def command_of(self, job: Job) -> dict:
        """The one command that Midjourney carried out for the job."""
        (row,) = [row for row in self.rows("command") if row["nonce"] in job.nonces]
        return row

    def at_midjourney(self) -> dict:
        return self.house.simulator.account(self.account["id"])


class Inside:
    """`rooms` names each room's account values at Midjourney; `slots` and `settings` are Easel's.

    In a setting, `{simulator}` is where the simulator's other services are, `{gateway}` its gateway. `strangers`:
    accounts that nobody has linked.
    """

    def __init__(
        self,
        folder: Path,
        rooms: Mapping[str, Mapping[str, object]],
        *,
        slots: Mapping[str, int] = MappingProxyType({}),
        strangers: int = 0,
        **settings: object,
    ) -> None:
        self._slots = slots
        self.folder = folder / "easel"
        self.folder.mkdir(mode=0o700)
        self.simulator = SimulatorProcess(
            folder / "simulator", accounts=len(rooms) + strangers, picture_size=64, heartbeat_ms=1000, **QUICK
        )
        self.strangers = self.simulator.accounts[len(rooms) :]
        for account, values in zip(self.simulator.accounts, rooms.values(), strict=False):
            self.simulator.change_account(account["id"], **{"concurrency": SLOTS, **values})
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        given = {"DATA_DIR": self.folder, "PORT": port, "SIMULATOR": "off", "PACE_SECONDS": 0}
        given |= {"LIMIT_UNKNOWN_ANSWER": 1, "LIMIT_FIRST_MESSAGE": 3} | settings
        given |= {"IDENTIFY_PACE_SECONDS": 0, "RECONNECT_PAUSE_SECONDS": 0.2}
        beside = self.simulator.api_url.removesuffix("/api/v9")
        places = {"{simulator}": beside, "{gateway}": self.simulator.gateway_url}
        for place, address in places.items():
            given = {name: str(value).replace(place, address) for name, value in given.items()}
        self.settings = read(environment(**given), Path("no.env")).in_force()
        self.names = list(rooms)
        self.rooms: dict[str, Room] = {}
        self.ground: Ground
        self.works: Works

    async def open(self) -> Inside:
        self.ground = await open_ground(self.settings, migrated=True)
        for name, account in zip(self.names, self.simulator.accounts, strict=False):
            self.rooms[name] = await self._room(name, account)
        self.works = build_works(self.ground)
        await self.works.engine.start()
        await self.works.server.start()
        end = time.monotonic() + PATIENCE
        for room in self.rooms.values():
            while not (await room.standing()).live:
                assert time.monotonic() < end, "not all accounts are live"
                await asyncio.sleep(0.05)
        return self

    def __getitem__(self, name: str) -> Room:
        return self.rooms[name]

    async def _room(self, name: str, account: dict) -> Room:
        place = await self.ground.administration.ensure_workspace(name)
        key = await self.ground.keyring.make(place.id, Terms(name="test", scopes=ALL_SCOPES))
        asked = AccountToLink(
            token=account["token"],
            guild_id=account["guild_id"],
            channel_id=account["channel_id"],
            upstream=Upstream(self.simulator.api_url, self.simulator.gateway_url, self.simulator.activity_url),
            concurrency=self._slots.get(name, SLOTS),
            accepts_terms=True,
        )
        linked = await self.ground.administration.link(place, asked)
        headers = {"Authorization": f"Bearer {key.key}"}
        http = httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30)
        origin = Origin(workspace_id=place.id, requester="key:1", dialect="test")
        return Room(self, account, linked.id, origin, http)

    async def close(self) -> None:
        await asyncio.gather(*(room.http.aclose() for room in self.rooms.values()))
        await self.works.server.stop()
        await self.works.engine.stop()
        await self.works.close()
        await self.ground.store.close()
        self.simulator.stop()


async def all_done(room: Room, jobs: Iterable[Job]) -> list[Job]:
    return await asyncio.gather(*(room.done(job) for job in jobs))
