"""What is remembered of a gateway session so that it can be resumed, and which frames it has seen."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

from engine.drivers.midjourney.payloads import Owner
from engine.model.accounts import Checkpoint, mask_email
from engine.ports import Live

_REMEMBERED = 4096


@dataclass(slots=True)
class Resumable:
    """One gateway session, from READY (or a former process's checkpoint) to "invalid session"."""

    session_id: str
    resume_url: str
    user_id: str
    since: datetime | None
    """Since when it has seen everything; None when a former process did not say."""
    seq: int
    """The highest `s` received."""
    floor: int = 0
    """Everything up to here was seen by a former process."""
    recent: OrderedDict[int, None] = field(default_factory=OrderedDict)

    @classmethod
    def of(cls, checkpoint: Checkpoint, user_id: str | None) -> Resumable:
        """The session that a former process left."""
        return cls(
            session_id=checkpoint.session_id,
            resume_url=checkpoint.resume_url,
            user_id=checkpoint.user_id or user_id or "",
            since=checkpoint.since,
            seq=checkpoint.seq,
            floor=checkpoint.seq,
        )

    def live(self, now: datetime, owner: Owner | None) -> Live:
        """The news that it is ready: a new session, whose READY names its `owner`, or (None) the old one resumed."""
        if owner is None:
            return Live(self.session_id, self.resume_url, self.user_id, resumed=True, at=now)
        return Live(
            self.session_id,
            self.resume_url,
            self.user_id,
            resumed=False,
            at=now,
            username=owner.username,
            masked_email=mask_email(owner.email),
        )

    def is_new(self, seq: int) -> bool:
        """Whether a frame was not seen before: a replay may bring some again.

        Compared one by one, not with the highest, so that a frame that comes late is not lost.
        """
        return seq > self.floor and seq not in self.recent

    def note(self, seq: int) -> None:
        """The frame's news are in the queue."""
        self.seq = max(self.seq, seq)
        self.recent[seq] = None
        if len(self.recent) > _REMEMBERED:
            self.floor = max(self.floor, self.recent.popitem(last=False)[0])
