"""Drives Midjourney with an account's own Discord session: `MidjourneyDriver(DriverOptions(...))` is the way in."""

from engine.drivers.midjourney.options import DriverOptions
from engine.drivers.midjourney.session import MidjourneyDriver, MidjourneySession

__all__ = ["DriverOptions", "MidjourneyDriver", "MidjourneySession"]
