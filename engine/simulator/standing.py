"""What an account of the simulated world can be set to, and what its plan allows (protocol §9, §10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.simulator.people import PLANS, STYLIZE, VERSIONS
from engine.simulator.verbs import CLIP, FILM, GRID, SINGLE, UPSCALED

if TYPE_CHECKING:
    from engine.simulator.people import Account

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
    "face_commands": int,
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
_STATE = ("plan", "mode", "stealth", "remix", "high_variation", "version", "suffix", "auto_dm", "fast_hours")
# result of a job → pictures and GPU minutes in fast mode
_COSTS = {GRID: (4, 1.0), SINGLE: (1, 0.0), UPSCALED: (1, 2.0), FILM: (4, 8.0), CLIP: (1, 0.0)}


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


def state(account: Account) -> dict[str, Any]:
    """What the ledger says of an account before and after a command."""
    return {name: getattr(account, name) for name in _STATE}


def lacks(account: Account, mode: str, *, stealth: bool = False) -> str | None:
    """Why the account's plan does not allow a mode or stealth; None if it does."""
    if mode == "relaxed" and account.plan in {"trial", "basic"}:
        return f"Relax mode is not available on your current plan ({account.plan.capitalize()})."
    if mode == "turbo" and account.plan == "trial":
        return "Turbo mode is not available during the trial."
    if stealth and account.plan not in {"pro", "mega"}:
        return "Stealth mode is only available on the Pro and Mega plans."
    return None


def complaint(account: Account, mode: str | None, *, stealth: bool | None, slot: bool) -> tuple[str, str] | None:
    """Title and description of the embed that refuses a job because of the account; flags come before its state."""
    words = lacks(account, mode or "fast", stealth=bool(stealth))
    if words is not None:
        return "Job action restricted", words
    if slot and (mode or account.mode) != "relaxed" and account.fast_hours <= 0:
        return "Credits exhausted", "You've run out of hours! Switch to relax mode with /relax or buy more hours."
    return None


def completed(account: Account, prompt: str) -> str:
    """A new prompt with what the account's settings add: its options spelled out, version, style, suffix (§3.4)."""
    words = [account.options.get(word.removeprefix("--"), word) if word.startswith("--") else word
             for word in prompt.split(" ")]  # fmt: skip
    given = {word for part in words for word in part.split() if word.startswith("--")}
    added = []
    if not given & {"--v", "--version", "--niji"}:
        added.append(VERSIONS[account.version][1])
    if account.raw and not given & {"--raw", "--style"}:
        added.append("--raw")
    if not given & {"--s", "--stylize"}:
        added.append(STYLIZE[account.stylize])
    suffix = "" if prompt.endswith(account.suffix) else account.suffix
    return " ".join(part for part in (*words, *added, suffix) if part)


def spend(account: Account, mode: str, result: str) -> None:
    """Book a finished job: pictures and hours by mode, and the fast hours left if the account is metered."""
    images, minutes = _COSTS[result]
    pace = mode.split(",", maxsplit=1)[0]
    hours = minutes / 60 * (2 if pace == "turbo" else 1)
    before = account.usage.get(pace, (0, 0.0))
    account.usage[pace] = (before[0] + images, before[1] + hours)
    if account.metered and pace != "relaxed":
        account.fast_hours = max(0.0, account.fast_hours - hours)
