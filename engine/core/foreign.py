"""Jobs in the account's channel that are not ours: the owner working by hand takes slots too."""

from __future__ import annotations

from engine.model.actions import SWAP_APPLICATION
from engine.model.limits import Limits
from engine.model.sightings import Sighting, Stage
from engine.ports import Clock

_WITHOUT_SLOT = frozenset({"image", "upscaling image", "show"})
"""Verbs of what takes no slot; a 2x upscale, which does, begins with the second and goes on as "upscaling"."""


class ForeignJobs:
    """How many of the owner's own jobs run now, as far as can be seen."""

    def __init__(self, clock: Clock, limits: Limits) -> None:
        self._clock = clock
        self._limits = limits
        self._running: dict[str, tuple[float, frozenset[str]]] = {}

    @property
    def running(self) -> int:
        """Slots that the owner uses by hand."""
        if not self._running:
            return 0
        oldest = self._clock.ticks() - self._limits.fast
        for message_id in [key for key, (seen, _) in self._running.items() if seen < oldest]:
            del self._running[message_id]
        return len(self._running)

    def sighted(self, sighting: Sighting, *, own_user: bool) -> None:
        """Learn from a message that no open job of ours accounts for."""
        if sighting.message_id is None or sighting.application_id == SWAP_APPLICATION:
            return
        if sighting.stage in (Stage.WAITING, Stage.PROGRESS) and own_user:
            if sighting.verb not in _WITHOUT_SLOT:
                self._running[sighting.message_id] = (self._clock.ticks(), sighting.uuids)
        elif sighting.stage in (Stage.DELETED, Stage.STOPPED, Stage.FAILED, Stage.FULL, Stage.UNKNOWN):
            self._running.pop(sighting.message_id, None)
        elif sighting.stage is Stage.FINAL:
            # an imagine's final refers to its progress message; a button's shares its uuid with it
            for message_id, (_, uuids) in list(self._running.items()):
                if message_id == sighting.reference_id or uuids & sighting.uuids:
                    del self._running[message_id]

    def forget_all(self) -> None:
        """A new session: what runs by hand will show itself again."""
        self._running.clear()
