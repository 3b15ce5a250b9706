"""What a person may have of Easel about themselves: all of it as JSON, and its deletion."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

from engine.core.community.members import Members
from engine.core.community.reports import Discard, Forget, nothing
from engine.core.community.withdrawing import Withdrawing
from engine.model.community.people import requester_of
from engine.model.jobs import Job
from engine.ports import Place, Store

PAGE = 200


@dataclass(frozen=True, slots=True)
class Erasure:
    """How much was deleted of a person; `left` jobs have not ended yet and keep their words until it is asked again."""

    jobs: int
    pictures: int
    left: int


class Privacy:
    """A person's own data, of all workspaces."""

    def __init__(
        self,
        store: Store,
        members: Members,
        withdrawing: Withdrawing,
        discard: Discard,
        forget: Forget = nothing,
    ) -> None:
        self._store = store
        self._members = members
        self._withdrawing = withdrawing
        self._discard = discard
        self._forget = forget

    async def export(self, user_id: str) -> dict[str, Any]:
        """Everything that Easel keeps about a person, ready for JSON."""
        person = (await self._store.footing(user_id, None)).person
        members = await self._store.memberships(user_id)
        jobs = await self._jobs(user_id)
        styles, strikes = [], []
        for member in members:
            known = await self._store.styles(member.workspace_id, user_id)
            styles += [_plain(style) for style in known if style.user_id == user_id]
            strikes += [_plain(each) for each in await self._store.strikes(member.workspace_id, user_id)]
        others = await self._store.traces(user_id)
        return {
            "refused": [_plain(refusal) for refusal in others.refusals],
            "reports": [_plain(report) for report in others.reports],
            "cards": [_plain(replace(card, token_sealed=None)) for card in others.cards],
            "person": _plain(person),
            "members": [_plain(member) for member in members],
            "jobs": jobs,
            "styles": styles,
            "strikes": strikes,
        }

    async def _jobs(self, user_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        behind = None
        while True:
            page = await self._store.requested(requester_of(user_id), behind, PAGE)
            found += [_job(job) for job in page]
            if len(page) < PAGE:
                return found
            behind = Place(page[-1].created_at, page[-1].id)

    async def erase(self, user_id: str) -> Erasure:
        """Delete a person's data: what waits is withdrawn, of what ended words and pictures go.

        What runs at Midjourney keeps its words until it ended; `left` says how many, and another call takes them.
        Restraints, strikes and what was spent of a quota stay: deletion is no way around them.
        """
        for workspace_id in await self._homes(user_id):
            await self._withdrawing.all_of(
                workspace_id, requester_of(user_id), "Easel: its requester deletes their data"
            )
        self._members.forget(user_id)
        jobs = pictures = 0
        while True:  # a page at a time: everybody else's writes take turns with it
            erased = await self._store.erase(user_id, PAGE)
            for job_id in erased.job_ids:
                self._forget(job_id)
            await self._discard(erased.files)
            jobs, pictures = jobs + len(erased.job_ids), pictures + len(erased.files)
            if not erased.more:
                return Erasure(jobs, pictures, erased.left)

    async def _homes(self, user_id: str) -> set[str]:
        """Where something of theirs may wait, whatever is known of them as a member."""
        asked, behind = {each.workspace_id for each in await self._store.memberships(user_id)}, None
        while True:
            page = await self._store.requested(requester_of(user_id), behind, PAGE)
            asked |= {job.workspace_id for job in page if not job.is_final}
            if len(page) < PAGE:
                return asked
            behind = Place(page[-1].created_at, page[-1].id)


def _job(job: Job) -> dict[str, Any]:
    pictures = () if job.result is None else job.result.pictures
    return {
        "id": job.id,
        "workspace_id": job.workspace_id,
        "action": job.action.name,
        "prompt": job.prompt,
        "state": job.state.value,
        "private": job.private,
        "created_at": job.created_at.isoformat(),
        "finished_at": None if job.finished_at is None else job.finished_at.isoformat(),
        "pictures": [{"key": each.key, "filename": each.attachment.filename} for each in pictures],
    }


def _plain(value: Any) -> Any:
    """A value of the model as JSON has it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if dataclasses.is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(each) for each in value]
    return value
