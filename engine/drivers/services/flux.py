"""Black Forest Labs' HTTP API: one POST for each picture, then its polling address until it is ready.

Source: docs.bfl.ai and its OpenAPI document as public clients use them, November 2026; checked against the simulator's
stand-in only.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec

from engine.drivers.services.backend import Begun, Going, Look, Made
from engine.drivers.services.calling import Caller, words_of
from engine.model.actions import ServiceCall
from engine.model.errors import InvalidInput, Refused, Unavailable
from engine.model.flux import MODELS
from engine.model.jobs import Failure, FailureReason
from engine.ports import Answer, AnswerKind, Inputs

CALL_SECONDS = 30.0
_BETWEEN = " "
_MODERATED = {"Request Moderated", "Content Moderated"}
_GOING = {"Pending", "Queued", "Processing"}


class _Taken(msgspec.Struct):
    id: str
    polling_url: str | None = None


class _State(msgspec.Struct):
    status: str
    result: Any = None
    progress: float | None = None
    details: Any = None


_taken = msgspec.json.Decoder(_Taken)
_state = msgspec.json.Decoder(_State)


class Flux:
    """The Backend at `https://api.bfl.ai` or another place that speaks the same."""

    lasting = True

    def __init__(self, url: str, key: str, *, tls: ssl.SSLContext, inputs: Inputs) -> None:
        self._url = url.rstrip("/")
        self._inputs = inputs
        self._caller = Caller(tls, {"x-key": key, "Accept": "application/json"}, seconds=CALL_SECONDS)

    async def start(self, call: ServiceCall) -> Begun | Made | Answer:
        """One POST for each picture that is asked for; what is taken of them goes on."""
        options = dict(call.options)
        number = int(options.pop("n", "1"))
        path = MODELS[options.pop("model")].path
        body: dict[str, object] = {"prompt": call.prompt}
        body |= {name: int(value) if value.isdecimal() else value for name, value in options.items()}
        answers = await asyncio.gather(*(self._one(path, body) for _ in range(number)))
        handles = [answer for answer in answers if isinstance(answer, str)]
        if handles:
            return Begun(_BETWEEN.join(handles))
        failed = [answer for answer in answers if isinstance(answer, Answer)]
        # one that may have been taken counts more than all that were not
        return next((answer for answer in failed if answer.kind is AnswerKind.UNKNOWN), failed[0])

    async def _one(self, path: str, body: dict[str, object]) -> str | Answer:
        answer = await self._caller.post(f"{self._url}/v1/{path}", json=body)
        if isinstance(answer, Answer):
            return answer
        try:
            taken = _taken.decode(answer.content)
        except msgspec.DecodeError as error:
            return Answer(AnswerKind.UNKNOWN, f"its answer is not understood ({error}): {words_of(answer)}")
        return self._polled_at(taken)

    def _polled_at(self, taken: _Taken) -> str:
        """Where to ask: the address that it names if it lies at the same service, because the key goes along."""
        asked, ours = urlsplit(taken.polling_url or ""), urlsplit(self._url)
        family = (ours.hostname or "").partition(".")[2]
        same = asked.netloc == ours.netloc or (
            bool(family) and "." in family and (asked.hostname or "").endswith("." + family)
        )
        if taken.polling_url and same and asked.scheme == ours.scheme and _BETWEEN not in taken.polling_url:
            return taken.polling_url
        return f"{self._url}/v1/get_result?{urlencode({'id': taken.id})}"

    async def look(self, handle: str) -> Look:
        """How its pictures stand; ready when each is ready or has failed.

        Raises:
            Unavailable: that cannot be asked now.
        """
        states = await asyncio.gather(*(self._state(url) for url in handle.split(_BETWEEN)))
        going = [state for state in states if isinstance(state, Going)]
        if going:
            done = 100 * (len(states) - len(going)) + sum(state.percent for state in going)
            return Going(min(99, done // len(states)))
        addresses = [state for state in states if isinstance(state, str)]
        if not addresses:
            return next(state for state in states if isinstance(state, Failure))
        try:
            return Made(tuple(await asyncio.gather(*(self._fetched(address) for address in addresses))))
        except (Refused, InvalidInput) as error:
            return Failure(FailureReason.GONE, f"the finished picture cannot be fetched: {error}")

    async def close(self) -> None:
        """Close the connections."""
        await self._caller.close()

    async def _fetched(self, address: str) -> bytes:
        return await self._inputs.fetch(address, frozenset({urlsplit(self._url).netloc}))

    async def _state(self, url: str) -> Going | str | Failure:
        try:
            answer = await self._caller.get(url)
        except httpx.HTTPError as error:
            raise Unavailable(f"the service cannot be asked: {type(error).__name__}") from error
        if answer.status_code == httpx.codes.NOT_FOUND:
            return Failure(FailureReason.GONE, "the service does not know the task any more")
        if answer.status_code != httpx.codes.OK:
            raise Unavailable(f"the service answers {answer.status_code}: {words_of(answer)}")
        try:
            state = _state.decode(answer.content)
        except msgspec.DecodeError as error:
            raise Unavailable(f"the service's answer is not understood: {error}") from error
        return _read(state)


def _read(state: _State) -> Going | str | Failure:
    if state.status == "Ready":
        sample = state.result.get("sample") if isinstance(state.result, dict) else None
        if isinstance(sample, str):
            return sample
        return Failure(FailureReason.TRANSIENT, "the service says that it is ready, and names no picture")
    if state.status in _MODERATED:
        return Failure(FailureReason.CONTENT, f"{state.status} by the service")
    if state.status == "Task not found":
        return Failure(FailureReason.GONE, "the service does not know the task any more")
    if state.status in _GOING:
        return Going(int(100 * min(1.0, max(0.0, state.progress or 0.0))))
    details = f": {str(state.details)[:200]}" if state.details else ""
    return Failure(FailureReason.TRANSIENT, f"the service says {state.status}{details}")
