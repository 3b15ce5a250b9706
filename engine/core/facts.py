"""What is known of an account's own switches at Midjourney, and how it is learnt: from what is seen anyway."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.core.casebook import Casebook
from engine.model.actions import Action, ActionKind
from engine.model.details import AccountFacts, Details
from engine.model.jobs import Job, JobState
from engine.ports import Clock, FactsLearned, Live

_TELLING = frozenset(
    {ActionKind.VARIATION, ActionKind.REROLL, ActionKind.VARY_SUBTLE, ActionKind.VARY_STRONG, ActionKind.PAN}
)
"""Presses that are sure to ask back with Remix on, and not to with Remix off (§6)."""


class Facts:
    """One account's facts while its lease lasts; `changed` is told of each new value."""

    def __init__(
        self,
        account_id: int,
        known: AccountFacts,
        *,
        casebook: Casebook,
        clock: Clock,
        changed: Callable[[AccountFacts], None],
    ) -> None:
        self._account_id = account_id
        self._casebook = casebook
        self._clock = clock
        self._changed = changed
        self.known = known
        """What is known now: what was read at the beginning and learnt since, whatever a slower reader believes."""

    async def learn(self, facts: AccountFacts) -> None:
        """Store it; known to the rest of Easel when this returns."""
        if facts == self.known:
            return
        await self._casebook.store([FactsLearned(self._account_id, facts, self._casebook.lease())])
        self.known = facts
        self._changed(facts)

    async def told(self, details: Details, action: Action | None = None) -> None:
        """An answer in words was seen; `action`: of the job that it answers."""
        facts = self.known
        if action is not None and action.kind is ActionKind.SPEED and details.notice is not None:
            facts = replace(facts, mode=action.choice)
        if details.remix is not None:
            facts = replace(facts, remix=details.remix)
        if details.suffix is not None:
            facts = replace(facts, suffix=details.suffix)
        if details.version is not None:
            facts = replace(facts, version=details.version)
        if details.info is not None:
            facts = replace(facts, info=details.info, info_at=self._clock.now(), mode=details.info.mode or facts.mode)
        await self.learn(facts)

    async def introduced(self, live: Live) -> None:
        """A session said who its owner is; one that was resumed does not."""
        username, masked = live.username or self.known.username, live.masked_email or self.known.masked_email
        await self.learn(replace(self.known, username=username, masked_email=masked))

    async def behaved(self, job: Job) -> None:
        """A press that asks back only with Remix went on: with a form, or without one."""
        if job.click is None or job.action.kind not in _TELLING:
            return
        if job.state is JobState.WAITING_MODAL:
            await self.learn(replace(self.known, remix=True))
        elif job.state is JobState.RUNNING and not job.form_answered:
            await self.learn(replace(self.known, remix=False))
