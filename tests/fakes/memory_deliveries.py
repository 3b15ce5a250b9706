"""The webhook posts of the store in memory: same checks, same answers as the database."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.model.deliveries import Delivery, DeliveryKind, DeliveryState, place_of
from engine.model.jobs import Job
from engine.ports import Attempt, DeliveryCounts

KEPT = timedelta(days=30)
PROGRESS_KEPT = timedelta(hours=1)
DUE, REPLACED, FAILED = DeliveryState.DUE, DeliveryState.REPLACED, DeliveryState.FAILED


@dataclass
class _Claim:
    owner: str
    until: datetime


class MemoryDeliveries:
    """All posts by id, and who holds which."""

    def __init__(self) -> None:
        self.posts: dict[int, Delivery] = {}
        self._claims: dict[int, _Claim] = {}
        self._ids = itertools.count(1)

    def _is_held(self, delivery_id: int, now: datetime) -> bool:
        claim = self._claims.get(delivery_id)
        return claim is not None and claim.until >= now

    def write(self, job: Job, kind: DeliveryKind) -> None:
        now = job.updated_at
        for post in list(self.posts.values()):
            pointless = post.kind is DeliveryKind.PROGRESS or (
                kind is DeliveryKind.FINAL and not self._is_held(post.id, now)
            )
            if post.request_id == job.request_id and post.state is DUE and pointless:
                self.posts[post.id] = replace(post, state=REPLACED, settled_at=now)
        new_id = next(self._ids)
        self.posts[new_id] = Delivery(
            id=new_id,
            workspace_id=job.workspace_id,
            request_id=job.request_id,
            job_id=job.id,
            version=job.version,
            kind=kind,
            url=job.hook.url,
            dialect=job.hook.dialect,
            hook_kind=job.hook.kind,
            state=DUE,
            tries=0,
            created_at=now,
            due_at=now,
        )

    def due(self, now: datetime, limit: int, besides: Collection[str]) -> list[Delivery]:
        found = [
            post
            for post in self.posts.values()
            if post.state is DUE
            and post.due_at <= now
            and not self._is_held(post.id, now)
            and place_of(post.url) not in besides
        ]
        return sorted(found, key=lambda post: (post.kind is not DeliveryKind.FINAL, post.due_at, post.id))[:limit]

    def claim(self, delivery_id: int, owner: str, now: datetime, until: datetime) -> bool:
        post = self.posts.get(delivery_id)
        if post is None or post.state is not DUE or post.due_at > now or self._is_held(delivery_id, now):
            return False
        for other in self.posts.values():
            same = other.request_id == post.request_id and other.id != post.id
            if same and other.kind is DeliveryKind.FINAL and self._is_held(other.id, now):
                return False
        self._claims[delivery_id] = _Claim(owner, until)
        return True

    def settle(self, attempt: Attempt) -> bool:
        post, claim = self.posts.get(attempt.delivery_id), self._claims.get(attempt.delivery_id)
        if post is None or claim is None or claim.owner != attempt.owner:
            return False
        del self._claims[attempt.delivery_id]
        if post.state is not DUE and not (post.state is REPLACED and attempt.state is DeliveryState.DELIVERED):
            return False
        self.posts[post.id] = replace(
            post,
            state=attempt.state,
            tries=post.tries + attempt.counts,
            due_at=attempt.due_at or post.due_at,
            tried_at=attempt.at,
            settled_at=None if attempt.state is DUE else attempt.at,
            status=attempt.status,
            error=attempt.error,
        )
        return True

    def free(self, owner: str | None, ids: Sequence[int] | None) -> None:
        for delivery_id, claim in list(self._claims.items()):
            if owner in (None, claim.owner) and (ids is None or delivery_id in ids):
                del self._claims[delivery_id]

    def one(self, workspace_id: str, delivery_id: int) -> Delivery | None:
        post = self.posts.get(delivery_id)
        return post if post is not None and post.workspace_id == workspace_id else None

    def listed(
        self,
        workspace_id: str,
        request_id: str | None,
        state: DeliveryState | None,
        before: int | None,
        limit: int,
    ) -> list[Delivery]:
        fitting = [
            post
            for post in self.posts.values()
            if post.workspace_id == workspace_id
            and request_id in (None, post.request_id)
            and state in (None, post.state)
            and (before is None or post.id < before)
        ]
        return sorted(fitting, key=lambda post: -post.id)[:limit]

    def replay(self, workspace_id: str, delivery_id: int | None, now: datetime) -> int:
        again = [
            post
            for post in self.posts.values()
            if post.workspace_id == workspace_id
            and (post.state is FAILED if delivery_id is None else post.id == delivery_id)
        ]
        for post in again:
            self.posts[post.id] = replace(
                post, state=DUE, tries=0, created_at=now, due_at=now, settled_at=None, error=None, status=None
            )
        return len(again)

    def counts(self, workspace_id: str) -> DeliveryCounts:
        states = [post.state for post in self.posts.values() if post.workspace_id == workspace_id]
        return DeliveryCounts(states.count(DUE), states.count(FAILED))

    def sweep(self, now: datetime) -> int:
        old = [
            post.id
            for post in self.posts.values()
            if post.settled_at is not None
            and (
                (post.kind is DeliveryKind.PROGRESS and post.settled_at < now - PROGRESS_KEPT)
                or (post.settled_at < now - KEPT and post.state is not FAILED)
            )
        ]
        for delivery_id in old:
            del self.posts[delivery_id]
        return len(old)
