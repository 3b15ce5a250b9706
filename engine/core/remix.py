"""Remix before a press with words (midjourney-protocol §6, §9.3): read when unknown, and turned over when allowed.

`/settings` is asked when nothing told the state yet. `/prefer remix` is a blind toggle, so its reply is read. The old
value is stored as owed before the switch is touched, and put back after the action, or by the next process after a
crash. Nothing else is sent meanwhile.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from engine.core.facts import Facts
from engine.core.lane import Lane
from engine.core.replies import Replies
from engine.model.actions import MIDJOURNEY_APPLICATION, Slash
from engine.model.catalogue import entry_of
from engine.model.entries import Asks
from engine.model.errors import Refused
from engine.model.jobs import Job
from engine.model.snowflakes import Nonces
from engine.ports import Answer, AnswerKind, Clock, Session

_LOG = logging.getLogger(__name__)

REPLY_SECONDS = 15.0
_TOGGLE, _SETTINGS = Slash(MIDJOURNEY_APPLICATION, "prefer remix"), Slash(MIDJOURNEY_APPLICATION, "settings")
_MOST_TURNS = 2
"""One toggle when the state is as it was last known, two when its owner turned it meanwhile."""


def remix_is_off(account_name: str) -> str:
    """Why words cannot be given with a press of that account."""
    return (
        f"Remix is off for account {account_name}, so Midjourney would not ask for the new prompt: turn it on with the "
        "remix command, or let Easel switch it (EASEL_REMIX_SWITCHING=yes)"
    )


class RemixSwitch:
    """One account's switch. Its callers hold the account's lane."""

    def __init__(
        self,
        facts: Facts,
        replies: Replies,
        nonces: Nonces,
        clock: Clock,
        lane: Lane,
        *,
        account_name: str,
        allowed: bool,
    ) -> None:
        self._facts = facts
        self._replies = replies
        self._nonces = nonces
        self._clock = clock
        self._lane = lane
        self._account_name = account_name
        self.allowed = allowed
        """Whether it may be turned on for a press."""
        self.refusal: Answer | None = None
        """What Discord answered instead of taking the last command."""
        self.never_left = False
        """Whether the last command did not come as far as Discord."""

    def is_needed(self, job: Job) -> bool:
        """Whether the job brings words for a form that opens only with Remix, which is not known to be on."""
        asks = entry_of(job.action).asks is Asks.WITH_REMIX
        return asks and job.given.words is not None and self._facts.known.remix is not True

    async def read(self, session: Session) -> bool | None:
        """Whether Remix is on: what is known, or what `/settings` answers; None when it does not answer."""
        if self._facts.known.remix is None:
            await self._ask(session, _SETTINGS)
        return self._facts.known.remix

    def refuse(self) -> Refused:
        """The error of a press with words while Remix is off and has to stay so."""
        return Refused(remix_is_off(self._account_name))

    @property
    def owed(self) -> bool | None:
        """The value that has to be put back, if any."""
        return self._facts.known.remix_owed

    async def turn_on(self, session: Session) -> bool:
        """Whether Remix is on now; what it was before is stored as owed when it had to be turned.

        Raises:
            Unavailable: the debt could not be stored; the switch was not touched.
        """
        if await self.read(session) is not False:
            return bool(self._facts.known.remix)
        await self._facts.learn(replace(self._facts.known, remix_owed=False))
        return await self._turn(session, on=True)

    async def put_back(self, session: Session) -> bool:
        """Whether the owed value is in force again (True when none is owed)."""
        owed = self.owed
        if owed is None:
            return True
        if self._facts.known.remix is owed or await self._turn(session, on=owed):
            await self._facts.learn(replace(self._facts.known, remix_owed=None))
            return True
        return False

    async def _turn(self, session: Session, *, on: bool) -> bool:
        """Toggle until a reply says the wanted state."""
        for _ in range(_MOST_TURNS):
            state = await self._ask(session, _TOGGLE)
            if state is None:
                _LOG.warning("the reply to /prefer remix was not seen: its state is unknown")
                return False
            if state is on:
                return True
        return False

    async def _ask(self, session: Session, command: Slash) -> bool | None:
        """The state that the reply names; None when none was seen."""
        self.refusal, self.never_left = None, False
        await self._lane.breathe()
        nonce = self._nonces.next(self._clock.now())
        with self._replies.awaiting(nonce) as reply:
            answer = await session.submit(command, nonce)
            if answer.kind in (AnswerKind.REFUSED, AnswerKind.NEVER_LEFT):
                self.never_left = answer.kind is AnswerKind.NEVER_LEFT
                self.refusal = None if self.never_left else answer
                return None
            details = await self._replies.arrives(reply, self._clock, REPLY_SECONDS)
        state = details.remix if details is not None else None
        if state is None and command is _TOGGLE:
            await self._facts.learn(replace(self._facts.known, remix=None))
        elif details is not None:
            await self._facts.told(details)
        return state
