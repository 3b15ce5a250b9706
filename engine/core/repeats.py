"""Which of several calls with one Idempotency-Key is done, and what the others are answered."""

from __future__ import annotations

import asyncio
import logging
import uuid
from dataclasses import dataclass

from engine.model.answers import KEPT_FOR, Claim, Found, KeptAnswer, Turn
from engine.model.errors import Conflict, OtherBody, Unavailable
from engine.ports import Clock, Store

_LOG = logging.getLogger(__name__)

SWEEP_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Taking:
    """The turn of a call; `again`: an earlier one ended with its process, and may have stored its job."""

    claim: Claim
    again: bool


class Repeats:
    """The calls of this process that carry an Idempotency-Key."""

    def __init__(self, store: Store, clock: Clock, *, sole_owner: bool) -> None:
        """`sole_owner`: no other process works on this store."""
        self._store = store
        self._clock = clock
        self._sole_owner = sole_owner
        self._owner = str(uuid.uuid4())
        self._running: dict[tuple[int, str], tuple[str, asyncio.Future[Found]]] = {}

    async def begin(self, key_id: int, token: str, body_print: str) -> Taking | KeptAnswer:
        """The turn, or the answer that was given before. Whoever has the turn ends it by `keep` or `drop`.

        Raises:
            Conflict: the first call with this token is not answered yet.
            OtherBody: it had another body.
            Unavailable: the store does not answer now.
        """
        place = (key_id, token)
        running = self._running.get(place)
        if running is not None:
            return self._second(token, body_print, running[0], await asyncio.shield(running[1]))
        claim = Claim(key_id=key_id, token=token, print=body_print, owner=self._owner, now=self._clock.now())
        claiming = asyncio.ensure_future(self._store.claim_answer(claim, sole_owner=self._sole_owner))
        self._running[place] = body_print, claiming
        try:
            found = await asyncio.shield(claiming)
        except BaseException:
            self._running.pop(place, None)
            raise
        if found.turn in (Turn.OURS, Turn.AGAIN):
            return Taking(claim, found.turn is Turn.AGAIN)
        self._running.pop(place, None)
        return _answer_of(found, token)

    @staticmethod
    def _second(token: str, body_print: str, first_print: str, found: Found) -> KeptAnswer:
        """What a call is answered that comes while the first one is under way here."""
        if found.turn is Turn.OTHER_BODY:  # the first one's is the odd one
            raise _in_flight(token)
        if body_print != first_print:
            raise _other_body(token)
        return _answer_of(found, token)

    async def keep(self, taking: Taking, answer: KeptAnswer) -> None:
        """Keep the answer for a day. When that fails, the next call finds what this one stored."""
        try:
            await self._store.keep_answer(taking.claim, answer)
        except Unavailable as error:
            _LOG.warning("an answer was not kept for calls that come again: %s", error)
        finally:
            self._running.pop((taking.claim.key_id, taking.claim.token), None)

    async def drop(self, taking: Taking) -> None:
        """The call came to nothing that is worth keeping: the next one is done."""
        try:
            await self._store.drop_claim(taking.claim)
        except Unavailable as error:
            _LOG.warning("an Idempotency-Key stays taken for a while: %s", error)
        finally:
            self._running.pop((taking.claim.key_id, taking.claim.token), None)

    async def run(self) -> None:
        """Let go, each hour, of what is older than a day."""
        while True:
            await self._clock.sleep(SWEEP_SECONDS)
            try:
                await self._store.forget_answers(self._clock.now() - KEPT_FOR)
            except Unavailable as error:
                _LOG.warning("old answers could not be swept: %s", error)


def _answer_of(found: Found, token: str) -> KeptAnswer:
    """The answer that is there; else why there is none."""
    if found.answer is not None:
        return found.answer
    raise _other_body(token) if found.turn is Turn.OTHER_BODY else _in_flight(token)


def _in_flight(token: str) -> Conflict:
    return Conflict(f"the first call with the Idempotency-Key {token[:60]!r} is not answered yet")


def _other_body(token: str) -> OtherBody:
    return OtherBody(f"the Idempotency-Key {token[:60]!r} was used for another call; use a new one")
