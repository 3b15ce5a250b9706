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
        self._checkpoint = checkpoint
        self._saved: Checkpoint | None = checkpoint
        self._seq = checkpoint.seq if checkpoint is not None else 0

    @property
    def checkpoint(self) -> Checkpoint | None:
        """Where the session can be resumed, as far as the wire was read."""
        if self._checkpoint is not None and self._checkpoint.seq != self._seq:
            self._checkpoint = replace(self._checkpoint, seq=self._seq)
        return self._checkpoint

    def live(self, live: Live) -> None:
        """The session is ready: the old one resumed, or a new one from its beginning."""
        before = self.checkpoint
        resumed = live.resumed and before is not None
        self._seq = self._seq if resumed else 0
        since = before.since if resumed and before is not None and before.since is not None else live.at
        self._checkpoint = Checkpoint(
            self._account_id, live.session_id, live.resume_url, self._seq, live.user_id, since
        )

    def processed(self, seq: int) -> None:
        """Every frame up to this one has had its effect (or has it in the changes that `save_point` goes with)."""
        if self._checkpoint is not None and seq > self._seq:
            self._seq = seq

    def save_point(self) -> list[Change]:
        """The change that saves the place, when the store does not know it yet."""
        checkpoint = self.checkpoint
        if checkpoint is None or checkpoint == self._saved:
            return []
        self._saved = checkpoint
        return [SaveCheckpoint(checkpoint, self._lease())]
