"""In which manner the events of one job are told: once or twice, at once or late, whole or in parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_LATE_MS = 2000


@dataclass(frozen=True, slots=True)
class Manner:
    """What each frame of a job is like. `late` is in real seconds; the history is never late."""

    twice: bool = False
    late: float = 0.0
    integer_nonces: bool = False
    partial: bool = False

    def nonce(self, nonce: str | None) -> str | int | None:
        """A nonce as the frame carries it: text, or now and then a number."""
        return int(nonce) if self.integer_nonces and nonce is not None and nonce.isdecimal() else nonce


PLAIN = Manner()


def manner_of(faults: Mapping[str, Mapping[str, Any]]) -> Manner:
    """What was ordered for a job's frames."""
    if not faults:
        return PLAIN
    late = faults.get("late_events")
    return Manner(
        twice="duplicated" in faults,
        late=0.0 if late is None else float(late.get("delay_ms", _LATE_MS)) / 1000,
        integer_nonces="integer_nonces" in faults,
        partial="partial_updates" in faults,
    )
