"""The fake engine with the operator's real desks over its store in memory; what was asked of the door is noted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx

from engine.core.community.desks import open_community, open_rolls
from engine.core.desks import Linking, open_desks
from engine.core.linked import Linked
from engine.core.queues import Queues
from engine.core.recent import Recent
from engine.model.accounts import Upstream
from engine.model.actions import Action
from engine.model.errors import InvalidInput
from engine.model.jobs import Job, Origin
from engine.model.keys import ALL_SCOPES
from engine.ports import ApiKey
from tests.api.fake_engine import KEY, OTHER_KEY, START, FakeEngine
from tests.core.workshop import nobody_else
from tests.fakes.manual_clock import ManualClock
from tests.fakes.plain_secrets import PlainSecrets
from tests.fakes.scripted_session import ScriptedDriver

UPSTREAM = Upstream("http://127.0.0.1:9/api/v9")


OTHER = {"Authorization": f"Bearer {OTHER_KEY}"}


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The error of a refusal."""
    assert answer.status_code == status, answer.text
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == code
    return error


class NoSwitches:
    """Nobody follows the switches."""

    async def look(self) -> None:
        return None


class DeskEngine(FakeEngine):
    """`asked`: which method of the door was called, with what."""

    def __init__(self) -> None:
        super().__init__()
        del self.kept  # a list there, the door's method here
        clock = ManualClock(START)
        self.keys = {
            KEY: ApiKey(7, "ws", "test", "easel_0123", "digest", START, scopes=ALL_SCOPES),
            OTHER_KEY: ApiKey(8, "other", "test", "easel_fedc", "digest", START, scopes=ALL_SCOPES),
        }
        self.linked = Linked(self.store, {}, nobody_else(self.store, clock))
        self.queues = Queues(self.store, clock, NoSwitches())
        self.desks = open_desks(self.store, ScriptedDriver(), PlainSecrets(), clock, Linking(UPSTREAM, 3))
        self.discarded: list[str] = []
        rolls = open_rolls(self.store, clock, self._discard)
        self.community = open_community(
            self.store,
            PlainSecrets(),
            clock,
            rolls=rolls,
            engine=self,
            recent=Recent(self.store, clock),
            room=lambda: None,
            little_room=0,
            sole_owner=True,
        )
        self.pictures: list[tuple[str, bytes]] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def _discard(self, filenames: tuple[str, ...]) -> None:
        self.discarded += filenames

    async def imagine(self, origin: Origin, prompt: str, **wishes: Any) -> Job:
        return self._taken("imagine", origin, prompt=prompt, **wishes)

    async def command(self, origin: Origin, action: Action, **wishes: Any) -> Job:
        return self._taken("command", origin, action=action, **wishes)

    async def service(self, origin: Origin, action: Action, **wishes: Any) -> Job:
        return self._taken("service", origin, action=action, **wishes)

    async def act(self, origin: Origin, job_id: str, *actions: Action, **wishes: Any) -> Job:
        return self._taken("act", origin, job_id=job_id, actions=actions, **wishes)

    async def press(self, origin: Origin, job_id: str, label: str, **wishes: Any) -> Job:
        return self._taken("press", origin, job_id=job_id, label=label, **wishes)

    async def keep(self, content: bytes, field: str) -> str:
        self.pictures.append((field, content))
        return f"kept-{len(self.pictures)}.png"

    async def kept(self, name: str, field: str) -> str:
        if name.startswith("0"):
            raise InvalidInput(field, "names no picture that is kept", value=name)
        return name

    def _taken(self, method: str, origin: Origin, **said: Any) -> Job:
        self.asked.append((method, said))
        return self._submit(origin, said.get("timeout"), prompt=said.get("prompt") or "a red fox")

    def limit(self, key: str, account_ids: tuple[int, ...]) -> None:
        """From now on the key is for these accounts."""
        self.keys[key] = replace(self.keys[key], account_ids=account_ids)
