"""What an account of the simulated world can be set to, and what its plan allows (protocol §9, §10)."""

from __future__ import annotations

from typing import Any

from engine.simulator.people import PLANS, STYLIZE, VERSIONS

SETTABLE = {
    "name": str,
    "plan": str,
    "concurrency": int,
    "queue": int,
    "remix": bool,
    "high_variation": bool,
    "mode": str,
    "stealth": bool,
    "revoked": bool,
    "ready_padding": int,
    "dm_open": bool,
    "niji_dm_open": bool,
    "dms": bool,
    "auto_dm": bool,
    "suffix": str,
    "version": str,
    "raw": bool,
    "stylize": str,
    "sticky_style": bool,
    "fast_hours": float,
    "metered": bool,
}
_CHOICES = {
    "plan": tuple(PLANS),
    "mode": ("fast", "relaxed", "turbo"),
    "version": tuple(VERSIONS),
    "stylize": tuple(STYLIZE),
}


def check(wanted: dict[str, Any]) -> None:
    """Raises ValueError for a name, a kind or a value that no account can have."""
    for name, value in wanted.items():
        kind = SETTABLE.get(name)
        if kind is None:
            raise ValueError(f"unknown value {name!r}; known are {', '.join(sorted(SETTABLE))}")
        number = kind is float and type(value) is int
        if not (type(value) is kind or number) or (isinstance(value, int | float) and value < 0):
            raise ValueError(f"{name} must be {kind.__name__}, 0 or more")
        if name in _CHOICES and value not in _CHOICES[name]:
            raise ValueError(f"{name} must be one of {', '.join(_CHOICES[name])}")
