"""How far an account's wire was read: the place where its session can be resumed, never ahead of what is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.model.accounts import Checkpoint, Lease
from engine.ports import Change, Live, SaveCheckpoint


class Bookmark:
    """The account's checkpoint, and whether the store knows it."""

    def __init__(self, account_id: int, checkpoint: Checkpoint | None, lease: Callable[[], Lease]) -> None:
        self._account_id = account_id
        self._lease = lease
        self.checkpoint = checkpoint
        self._saved: Checkpoint | None = checkpoint

    def live(self, live: Live) -> None:
        """The session is ready: the old one resumed, or a new one from its beginning."""
        resumed = live.resumed and self.checkpoint is not None
        before = self.checkpoint
        seq = before.seq if resumed and before is not None else 0
        since = before.since if resumed and before is not None and before.since is not None else live.at
        self.checkpoint = Checkpoint(self._account_id, live.session_id, live.resume_url, seq, live.user_id, since)

    def processed(self, seq: int) -> None:
        """Every frame up to this one has had its effect (or has it in the changes that `save_point` goes with)."""
        if self.checkpoint is not None and seq > self.checkpoint.seq:
            self.checkpoint = replace(self.checkpoint, seq=seq)

    def save_point(self) -> list[Change]:
        """The change that saves the place, when the store does not know it yet."""
        if self.checkpoint is None or self.checkpoint == self._saved:
            return []
        self._saved = self.checkpoint
        return [SaveCheckpoint(self.checkpoint, self._lease())]
