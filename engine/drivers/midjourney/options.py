"""Everything about the driver that can be set; times in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.clock import SystemClock
from engine.drivers.midjourney.properties import CLIENT_PROPERTIES
from engine.model.actions import APPLICATIONS, SWAP_APPLICATION
from engine.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverOptions:
    """What all sessions of the process share."""

    client_properties: Mapping[str, object] = field(default_factory=lambda: CLIENT_PROPERTIES)
    identify_pace_seconds: float = 5.0
    """Between two IDENTIFYs of the process."""
    post_timeout_seconds: float = 5.0
    """For a whole POST, connecting included; shorter than what is left of a lease after its local deadline."""
    hello_timeout_seconds: float = 20.0
    """For connecting, and again for HELLO."""
    ready_timeout_seconds: float = 60.0
    """From IDENTIFY to READY, or from RESUME to RESUMED."""
    acknowledge_seconds: float = 5.0
    """A heartbeat that waits longer for its ACK ends `live`; the next beat then ends the connection."""
    reconnect_pause_seconds: float = 1.0
    """The first pause before connecting again; it doubles, with jitter."""
    longest_pause_seconds: float = 60.0
    new_session_pause_seconds: tuple[float, float] = (1.0, 5.0)
    """After "invalid session", from … to (§2.3)."""
    edits_wait_seconds: float = 0.0
    """From one edit that only shows a new percentage to the next that is read; 0: each is read at once."""
    face_swap: bool = False
    """Whether InsightFaceSwap's messages are looked at too."""
    most_held: int = 10_000
    """News that may wait for the core, and the bytes of their frames; with more the connection is left, resumable."""
    most_held_bytes: int = 64 * 1024 * 1024
    clock: Clock = field(default_factory=SystemClock)

    @property
    def applications(self) -> frozenset[str]:
        """The applications that are looked at."""
        return APPLICATIONS | {SWAP_APPLICATION} if self.face_swap else APPLICATIONS
