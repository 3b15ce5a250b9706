"""What happens to all jobs of a workspace as one event stream, which a reader takes up again where it left off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from engine.api.auth import Caller, shown_key
from engine.api.door import JournalReading
from engine.api.native import translate
from engine.api.native.document import LONGEST_NAME, query, refusals, text, words, yes_or_no
from engine.api.native.reading import flag, named, states_of
from engine.api.native.stream import EventStream, frame
from engine.api.options import Premises, premises_of
from engine.api.ways import NATIVE, Way
from engine.core.journal import JournalWanted
from engine.model.errors import InvalidInput, Unauthenticated, Unavailable
from engine.model.jobs import JobState, Progress
from engine.model.keys import Scope
from engine.ports import JournalEntry

KEY_SECONDS = 5.0
"""How often it is looked whether the key is still in force, while nothing happens."""
_LONGEST_PLACE = 18
_EVENT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "The place to come back to; not with progress."},
        "event": {"type": "string", "enum": ["ready", "update", "progress"]},
        "data": {"type": "string", "description": "A JSON object."},
    },
    "required": ["event", "data"],
}
_PARAMETERS = [
    query("state", words(JobState), "Updates to this state; may be given several times."),
    query(
        "requester",
        text(maxLength=LONGEST_NAME),
        "Jobs of this end user (Easel-Requester), or of a key: `key:7`.",
    ),
    query("follow", {**yes_or_no(), "default": True}, "False: it ends when all that was missed is told."),
    {
        "name": "Last-Event-ID",
        "in": "header",
        "required": False,
        "schema": {"type": "string", "pattern": f"^[0-9]{{0,{_LONGEST_PLACE}}}$"},
        "description": "The id of the last event that was read: all later updates are replayed. Empty: none was.",
    },
]


def ways() -> Iterator[Way]:
    """The route."""
    yield Way(
        method="GET",
        path="/v1/events",
        endpoint=_events,
        dialect=NATIVE,
        scope=Scope.READ,
        summary="What happens to all jobs, as server-sent events",
        described={
            "response_class": Response,
            "responses": {
                200: {"description": "Server-sent events.", "content": {"text/event-stream": {"schema": _EVENT}}},
                **refusals((400, 401, 403, 408, 413, 429, 500, 503)),
            },
            "openapi_extra": {"parameters": _PARAMETERS},
        },
    )


async def _events(request: Request, caller: Caller) -> Response:
    premises = premises_of(request)
    wanted, follows = _wanted(request, caller), flag("follow", request.query_params.get("follow"), usual=True)
    reader = await premises.door.events(caller.workspace_id, wanted, _place(request.headers.get("last-event-id")))
    return EventStream(
        _Frames(
            premises,
            reader,
            shown_key(request, NATIVE.credentials) or "",
            private=wanted.private,
            follows=follows,
        ),
        heartbeat_seconds=premises.options.heartbeat_seconds,
        closing=premises.closing,
    )


def _wanted(request: Request, caller: Caller) -> JournalWanted:
    return JournalWanted(
        states=frozenset(states_of(request)),
        requester=named("requester", request.query_params.get("requester"), LONGEST_NAME),
        private=Scope.MANAGE in caller.scopes,
    )


def _place(header: str | None) -> int | None:
    """Where a returning reader left off; None for a new one."""
    if header is None or not header.strip():
        return None
    given = header.strip()
    if not (given.isascii() and given.isdigit() and len(given) <= _LONGEST_PLACE):
        raise InvalidInput("Last-Event-ID", "is no id of an event", value=given, allowed="the `id` of an event here")
    return int(given)


class _Frames(AsyncIterator[bytes]):
    """First where the reader stands, then what happens, while the key may hear of it."""

    def __init__(self, premises: Premises, reader: JournalReading, key: str, *, private: bool, follows: bool) -> None:
        self._door = premises.door
        self._public_url = premises.options.public_url
        self._reader = reader
        self._key = key
        self._needs = {Scope.READ, Scope.MANAGE} if private else {Scope.READ}
        self._follows = follows
        self._is_new = True

    async def __anext__(self) -> bytes:
        if self._is_new:
            self._is_new = False
            return frame("ready", translate.ready_body(self._door.now()), event_id=self._reader.place)
        try:
            told = await (self._next() if self._follows else self._reader.missed())
            if told and await self._may_hear():
                return b"".join([await self._frame(item) for item in told])
        except Unavailable:  # whoever comes back is told why
            pass
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self._reader.close()

    async def _next(self) -> Sequence[JournalEntry | Progress]:
        """What happens next; nothing when the key is revoked meanwhile."""
        while True:
            try:
                async with asyncio.timeout(KEY_SECONDS):
                    return await self._reader.batch()
            except TimeoutError:
                if not await self._may_hear():
                    return ()

    async def _may_hear(self) -> bool:
        try:
            key = await self._door.authenticate(self._key)
        except Unauthenticated:
            return False
        return key.scopes >= self._needs

    async def _frame(self, told: JournalEntry | Progress) -> bytes:
        if isinstance(told, Progress):
            return frame("progress", translate.progress_body(told))
        result = None
        if told.update.state is JobState.DONE:
            result = (await self._door.job(told.workspace_id, told.update.job_id)).result
        return frame("update", translate.entry_body(told, result, self._public_url), event_id=told.place)
