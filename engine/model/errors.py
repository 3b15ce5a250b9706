"""Every error Easel raises by itself, as one tree.

    EaselError
    ├── Refused                 the caller asked for something we cannot do; nothing was stored
    │   ├── InvalidInput        a field is missing or wrong
    │   │   └── Banned          the workspace's rules refuse its words; the refusal is kept
    │   ├── Unauthenticated     no key
    │   │   └── UnknownKey      a wrong one, or a revoked one
    │   ├── Forbidden           the key's scopes or accounts do not allow it
    │   │   └── NotAllowed      a Discord member may not do this, here or now
    │   ├── OverQuota           the credits of this period are used up
    │   ├── TooMany             called more often than the key may
    │   ├── NotFound            unknown id, or another workspace's
    │   ├── NotOffered          the job does not carry that button
    │   ├── NotConfigured       it needs a setting that the operator has not made
    │   └── Conflict            right thing, wrong moment (job not finished, already sent)
    │       └── AccountStopped  the account that was named takes no jobs
    │   ├── OtherBody           its Idempotency-Key was used for another call
    ├── Unavailable             we cannot promise to keep it now; the caller may try again
    ├── LeaseLost               somebody else runs the account; nothing was written or sent
    ├── NoSuchTransition        we broke our own table
    └── BadSetting              a setting's value stops the start

What the outside does to a job is not an error but data (`model.jobs.Failure`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum


class EaselError(Exception):
    """The root of the tree."""


class Refused(EaselError):
    """The caller's request cannot be taken as it is; nothing was stored."""


class InvalidInput(Refused):
    """A field of the request is missing or wrong."""

    def __init__(self, field: str, problem: str, *, value: object = None, allowed: str = "") -> None:
        self.field = field
        self.problem = problem
        self.value = value
        self.allowed = allowed
        super().__init__(f"{field} {problem}" + (f" (allowed: {allowed})" if allowed else ""))


class Banned(InvalidInput):
    """The block list refuses the words; `words` are those that it found, as they were written."""

    def __init__(self, words: Sequence[str], said: str) -> None:
        self.words = tuple(words)
        super().__init__("prompt", f"holds words that are not allowed here: {said}")


class Unauthenticated(Refused):
    """No API key was given, or it is unknown or revoked."""


class UnknownKey(Unauthenticated):
    """The key is unknown or revoked."""


class Forbidden(Refused):
    """The key is in force, but may not do this."""


class NotAllowed(Forbidden):
    """A Discord member may not do this: `code` is a `Denial`, `until` (aware UTC) when that ends by itself.

    `allowed` holds the ids of channels or roles, or the speeds, that would do.
    """

    def __init__(self, code: str, *, until: datetime | None = None, allowed: Sequence[str] = ()) -> None:
        self.code = code
        self.until = until
        self.allowed = tuple(allowed)
        super().__init__(f"this is not allowed: {code}")


class OverQuota(Refused):
    """The credits of this period do not suffice; at `frees_at` (aware UTC) the next one begins.

    `price`: what was asked for costs; `credits`: what a whole period has.
    """

    def __init__(self, message: str, *, frees_at: datetime, retry_after: int, price: int, credits: int) -> None:  # noqa: A002 - as `Quota` calls them
        self.frees_at = frees_at
        self.retry_after = retry_after
        self.price = price
        self.credits = credits
        super().__init__(message)


class TooMany(Refused):
    """Called more often than allowed; again after `retry_after` whole seconds."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class NotFound(Refused):
    """The id is unknown; another workspace's id answers exactly alike."""


class UnknownJob(NotFound):
    """The unknown id is a job's."""


class NotOffered(Refused):
    """The finished job carries no such button."""


class NotConfigured(Refused):
    """It needs a setting that is not made; the message names it."""

    def __init__(self, what: str, *settings: str) -> None:
        self.settings = settings
        super().__init__(f"{what} is not configured: the operator has to set {' and '.join(settings)}")


class Hindrance(StrEnum):
    """What stands against a deed now, for those who tell it in other languages."""

    UNLINKED = "unlinked"
    """The account that made the picture is no longer linked."""
    STOPPED = "stopped"
    """The account takes no jobs; the error's `detail` says why."""
    REMIX_OFF = "remix_off"
    NOT_FINISHED = "not_finished"
    """Only a finished job has buttons."""
    OVER = "over"
    """It can no longer be cancelled."""
    UNSTOPPABLE = "unstoppable"
    """Midjourney offers no way to stop it."""
    NOT_CONNECTED = "not_connected"
    """The account cannot speak to Midjourney now."""
    TOO_MANY_STYLES = "too_many_styles"


class Conflict(Refused):
    """The job's state does not allow this now. `code` None: nobody but operators is told such."""

    def __init__(self, message: str = "", code: Hindrance | None = None, *, detail: str = "") -> None:
        self.code = code
        self.detail = detail
        super().__init__(message)


class AccountStopped(Conflict):
    """The account that the caller named takes no jobs now; the words say why."""


class OtherBody(Refused):
    """The Idempotency-Key was used for another call."""


class Unavailable(EaselError):
    """We cannot store at this moment, so we promise nothing.

    The message is for whoever asked; `detail` (a driver's words, which may name hosts and paths) for the operator.
    """

    def __init__(self, message: str, *, retry_after: int = 5, detail: str = "") -> None:
        self.retry_after = retry_after
        self.detail = detail
        super().__init__(message)


class LeaseLost(EaselError):
    """Another owner holds the account; this process must not write or send for it."""


class NoSuchTransition(EaselError):
    """An event met a state that the transition table does not pair it with."""


class BadSetting(EaselError):
    """A setting's value is not allowed; the message names it, the value and what is allowed."""

    def __init__(self, name: str, value: str, allowed: str) -> None:
        self.name = name
        super().__init__(f"{name}={value!r} is not allowed: {allowed}")
