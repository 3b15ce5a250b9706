"""The stages on which the session contract is played: one scripted, one the real driver before the simulator."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime

import httpx

from engine.clock import SystemClock
from engine.drivers.midjourney import DriverOptions, MidjourneyDriver
from engine.model.accounts import Account, Checkpoint, Upstream
from engine.model.actions import MIDJOURNEY_APPLICATION, Slash
from engine.model.sightings import Channel, Sighting, Stage
from engine.model.snowflakes import next_nonce, time_of
from engine.ports import Answer, AnswerKind, Live, Lost, Seen, Session, SessionNews
from engine.simulator import Simulator, SimulatorOptions, Timing
from tests.fakes.scripted_session import CHANNEL, USER, ScriptedSession, an_imagine

RESUMED_AFTER = ("tcp_cut", "close_4000", "op7", "heartbeat_not_acked")
NEW_AFTER = ("op9_false", "resume_refused")
PATIENCE = 20.0


class Listener:
    """The one consumer of a session's news."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.heard: list[SessionNews] = []
        self.holding: asyncio.Event | None = None
        """While set and unset inside, the consumer stays with an item."""
        self._changed = asyncio.Event()
        self.task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async for news in self.session.news():
            self.heard.append(news)
            self._changed.set()
            if self.holding is not None:
                await self.holding.wait()
        self._changed.set()

    async def until(self, told: Callable[[list[SessionNews]], bool]) -> list[SessionNews]:
        async with asyncio.timeout(PATIENCE):
            while not told(self.heard):
                self._changed.clear()
                await self._changed.wait()
        return self.heard

    async def lives(self, times: int = 1) -> list[Live]:
        await self.until(lambda heard: len([n for n in heard if isinstance(n, Live)]) >= times)
        return [n for n in self.heard if isinstance(n, Live)]

    @property
    def seen(self) -> list[Seen]:
        return [n for n in self.heard if isinstance(n, Seen)]

    @property
    def sightings(self) -> list[Sighting]:
        return [n.what for n in self.seen if isinstance(n.what, Sighting)]

    async def sight(self, *, stage: Stage, channel: Channel = Channel.CREATED, count: int = 1) -> Sighting:
        def found() -> list[Sighting]:
            return [s for s in self.sightings if s.stage is stage and s.channel is channel]

        await self.until(lambda _: len(found()) >= count)
        return found()[count - 1]


class ContractStage:
    """What a test needs of the other side."""

    def __init__(self) -> None:
        self.clock = SystemClock()
        self.listeners: list[Listener] = []
        self._nonce = 0

    def nonce(self) -> str:
        self._nonce = next_nonce(datetime.now(UTC), self._nonce)
        return str(self._nonce)

    async def open(
        self, checkpoint: Checkpoint | None = None, holds: Callable[[], bool] = lambda: True
    ) -> tuple[Session, Listener]:
        session = self.make(checkpoint, holds)
        listener = Listener(session)
        self.listeners.append(listener)
        return session, listener

    async def live(self, **more) -> tuple[Session, Listener]:
        session, listener = await self.open(**more)
        await listener.lives()
        return session, listener

    async def imagine(self, session: Session, prompt: str = "a red fox") -> tuple[Answer, str]:
        nonce = self.nonce()
        return await session.submit(Slash(MIDJOURNEY_APPLICATION, "imagine", (("prompt", prompt),)), nonce), nonce

    def make(self, checkpoint: Checkpoint | None, holds: Callable[[], bool]) -> Session:
        raise NotImplementedError

    async def drop(self, how: str) -> None:
        raise NotImplementedError

    async def posts(self) -> int:
        raise NotImplementedError

    async def leave(self) -> None:
        for listener in self.listeners:
            await listener.session.close()
            listener.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listener.task


class ScriptedStage(ContractStage):
    """The fake: the stage writes the script that the simulator would play."""

    def __init__(self) -> None:
        super().__init__()
        self._sessions: list[ScriptedSession] = []

    def make(self, checkpoint: Checkpoint | None, holds: Callable[[], bool]) -> Session:
        session = ScriptedSession(self.clock, checkpoint=checkpoint, holds=holds)
        session.on_submit = lambda _, nonce: self._play(session, nonce)
        self._sessions.append(session)
        asyncio.get_running_loop().call_soon(session.goes_live)
        return session

    def _play(self, session: ScriptedSession, nonce: str) -> None:
        story = an_imagine(nonce, time_of(nonce), turn=len(session.submissions))
        session.shows(*story)
        session.in_history(
            *(
                Sighting(channel=Channel.HISTORY, stage=Stage.FINAL, at=s.at, message_id=s.message_id)
                for s in story
                if s.stage is Stage.FINAL
            )
        )

    async def drop(self, how: str) -> None:
        self._sessions[-1].loses(how)
        await asyncio.sleep(0.01)
        self._sessions[-1].goes_live(resumed=how in RESUMED_AFTER)

    async def posts(self) -> int:
        return sum(len(session.submissions) for session in self._sessions)


class SimulatedStage(ContractStage):
    """The real driver before the simulator, on loopback."""

    def __init__(self, simulator: Simulator) -> None:
        super().__init__()
        self._simulator = simulator
        self.given = simulator.accounts()[0]
        self._control = httpx.AsyncClient(base_url=simulator.control_url)
        self.driver = MidjourneyDriver(quick())
        self.account = account_at(
            simulator.api_url,
            guild_id=self.given["guild_id"],
            channel_id=self.given["channel_id"],
            upstream=Upstream(simulator.api_url, None, simulator.activity_url),
        )

    @classmethod
    async def begin(cls, **options) -> SimulatedStage:
        timing = Timing(job_ms=120, first_ms=8, upscale_ms=20, progress_events=4, heartbeat_ms=400)
        simulator = Simulator(SimulatorOptions(speed=100, picture_size=64, timing=timing, **options))
        await simulator.start()
        return cls(simulator)

    def make(self, checkpoint: Checkpoint | None, holds: Callable[[], bool]) -> Session:
        return self.driver.open(self.account, self.given["token"], checkpoint, holds)

    async def order(self, kind: str, **more) -> None:
        answer = await self._control.post("/faults", json={"kind": kind, **more})
        assert answer.status_code == 200, answer.text

    async def control(self, path: str, body: dict) -> dict:
        answer = await self._control.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def drop(self, how: str) -> None:
        if how == "resume_refused":
            await self.order("resume_refused")
            how = "tcp_cut"
        await self.order(how)

    async def posts(self) -> int:
        return len(await self.rows(_is_submission))

    async def rows(self, wanted: Callable[[dict], bool] = lambda _: True) -> list[dict]:
        found, after = [], 0
        while True:
            page = (await self._control.get("/ledger", params={"after": after, "limit": 500})).json()
            found += [row for row in page["rows"] if wanted(row)]
            if not page["rows"]:
                return found
            after = page["next"]

    async def leave(self) -> None:
        await super().leave()
        await self._control.aclose()
        await self._simulator.stop()


def _is_submission(row: dict) -> bool:
    return any(part in str(row.get("path", "")) for part in ("/interactions", "/reactions/", "/submit-job"))


def quick(**more) -> DriverOptions:
    """The driver with short pauses."""
    return DriverOptions(
        **{
            "identify_pace_seconds": 0.0,
            "reconnect_pause_seconds": 0.02,
            "longest_pause_seconds": 0.2,
            "new_session_pause_seconds": (0.0, 0.02),
            **more,
        }
    )


def account_at(api_url: str, gateway_url: str | None = None, **more) -> Account:
    """An account of that upstream."""
    return Account(
        **{
            "id": 1,
            "hash": "00000000-0000-4000-8000-000000000001",
            "workspace_id": "w",
            "name": "one",
            "guild_id": "300000000000000002",
            "channel_id": CHANNEL,
            "token_sealed": "",
            "token_mask": "",
            "upstream": Upstream(api_url, gateway_url),
            "linked_at": datetime(2026, 6, 1, tzinfo=UTC),
            **more,
        }
    )


__all__ = [
    "NEW_AFTER",
    "RESUMED_AFTER",
    "USER",
    "AnswerKind",
    "Listener",
    "Lost",
    "ScriptedStage",
    "SimulatedStage",
    "account_at",
    "quick",
]
