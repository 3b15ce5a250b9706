"""How far an account's wire was read: the place where its session can be resumed, never ahead of what is stored."""

from __future__ import annotations

from engine.core.withheld import Acknowledgments
from engine.model.accounts import Checkpoint
from engine.ports import Live


class Bookmark:
    """The account's place: up to there every frame has had its effect, and that effect is stored."""

    def __init__(self, account_id: int, checkpoint: Checkpoint | None, acknowledgments: Acknowledgments) -> None:
        self._account_id = account_id
        self._acknowledgments = acknowledgments
        self._session = checkpoint
        self._seq = checkpoint.seq if checkpoint is not None else 0
        self._saved = checkpoint

    def live(self, live: Live) -> None:
        """The session is ready: the old one resumed, or a new one from its beginning."""
        before = self._session if live.resumed else None
        self._seq = self._seq if before is not None else 0
        since = before.since if before is not None and before.since is not None else live.at
        self._session = Checkpoint(self._account_id, live.session_id, live.resume_url, self._seq, live.user_id, since)

    def processed(self, seq: int) -> None:
        """Every frame up to this one has had its effect, and that effect is stored."""
        self._seq = max(self._seq, seq)

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The place as it may be saved by itself."""
        return self.at(self._seq)

    def at(self, seq: int | None, job_id: str | None = None) -> Checkpoint | None:
        """The place behind this frame, to be saved in the transaction that stores its effect; None: no place.

        `job_id`: whose effect it is; all that is known of that job is stored with it.
        """
        if self._session is None or seq is None:
            return None
        place = self._session
        seq = self._acknowledgments.before(max(seq, self._seq), besides=job_id)
        return Checkpoint(place.account_id, place.session_id, place.resume_url, seq, place.user_id, place.since)

    @property
    def unsaved(self) -> Checkpoint | None:
        """The place, when the store does not know it yet."""
        checkpoint = self.checkpoint
        return checkpoint if checkpoint != self._saved else None

    def saved(self, checkpoint: Checkpoint | None) -> None:
        """The store has it."""
        self._saved = checkpoint or self._saved
