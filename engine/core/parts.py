"""What every keeper of the process is built with."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from engine.core.gathering import Pictures
from engine.core.leases import Leases
from engine.core.ownpictures import OwnPictures
from engine.core.updates import Updates
from engine.model.accounts import Upstream
from engine.model.durations import Durations
from engine.model.limits import Limits
from engine.model.snowflakes import Nonces
from engine.ports import Clock, Driver, Inputs, Secrets, Store


@dataclass(frozen=True, slots=True)
class Parts:
    """Shared by all keepers, except that each asks the leases for its own account."""

    store: Store
    driver: Driver
    secrets: Secrets
    inputs: Inputs
    own_pictures: OwnPictures
    pictures: Pictures
    clock: Clock
    leases: Leases
    updates: Updates
    nonces: Nonces
    limits: Limits
    pace_seconds: float
    post_timeout: float
    switches_remix: bool = False
    durations: defaultdict[Upstream, Durations] = field(default_factory=lambda: defaultdict(Durations))
    """Measured per upstream: a demo's pictures take no time at all."""
