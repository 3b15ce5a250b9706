"""The door of the engine: the names that the bot, the API and scripts may use.

`Engine` answers requests; the rest are its words. Parts are loaded when they are first named, so that a process which
only needs a corner of the package (the simulator) does not carry the whole engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.core.engine import Engine
    from engine.core.options import EngineOptions
    from engine.core.status import Status
    from engine.model.errors import (
        BadSetting,
        Conflict,
        EaselError,
        InvalidInput,
        NotConfigured,
        NotFound,
        NotOffered,
        Refused,
        Unauthenticated,
        Unavailable,
    )
    from engine.model.jobs import Failure, Job, JobState, JobUpdate, Origin, Progress, Request, Result

__version__ = "0.1.0"

_HOMES = {
    "engine.core.engine": ("Engine",),
    "engine.core.options": ("EngineOptions",),
    "engine.core.status": ("Status",),
    "engine.model.errors": (
        "BadSetting",
        "Conflict",
        "EaselError",
        "InvalidInput",
        "NotFound",
        "NotConfigured",
        "NotOffered",
        "Refused",
        "Unauthenticated",
        "Unavailable",
    ),
    "engine.model.jobs": ("Failure", "Job", "JobState", "JobUpdate", "Origin", "Progress", "Request", "Result"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "BadSetting",
    "Conflict",
    "EaselError",
    "Engine",
    "EngineOptions",
    "Failure",
    "InvalidInput",
    "Job",
    "JobState",
    "JobUpdate",
    "NotConfigured",
    "NotFound",
    "NotOffered",
    "Origin",
    "Progress",
    "Refused",
    "Request",
    "Result",
    "Status",
    "Unauthenticated",
    "Unavailable",
    "__version__",
]


def __getattr__(name: str) -> Any:
    """Load a name of the door from its home."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)
