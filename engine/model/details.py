"""What Midjourney answers in words instead of pictures, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Usage:
    """How many pictures, in how many seconds of GPU time."""

    count: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountInfo:
    """The answer to /info (§9.1). Times are aware UTC, durations seconds; None: not said or not understood."""

    user_id: str | None = None
    plan: str | None = None
    """`Basic`, `Standard`, `Pro`, `Mega`, `None`, as Midjourney writes it."""
    plan_words: str | None = None
    """All that stands behind "Subscription"."""
    active_until: datetime | None = None
    mode: str | None = None
    """`fast`, `relax` or `turbo`."""
    visibility: str | None = None
    """`public` or `stealth`."""
    fast_seconds_left: float | None = None
    fast_seconds_total: float | None = None
    lifetime: Usage = Usage()
    fast: Usage = Usage()
    relaxed: Usage = Usage()
    turbo: Usage = Usage()
    queued_fast: int | None = None
    queued_relax: int | None = None
    running_jobs: tuple[str, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()
    """Every `key: value` line as it was said."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One button or option of /settings: its label, and whether it is on."""

    name: str
    custom_id: str | None
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """The words of an answer, taken apart; each part is empty where the answer has none."""

    texts: tuple[str, ...] = ()
    """Describe's four prompts, shorten's five."""
    seed: str | None = None
    info: AccountInfo | None = None
    settings: tuple[Setting, ...] = ()
    version: str | None = None
    """The model that /settings shows as chosen."""
    notice: str | None = None
    """A reply in plain words: of a switch, a favourite, a suffix."""
    remix: bool | None = None
    """What the answer says about Remix: on, off, or nothing."""
    suffix: str | None = None
    """What the answer says about the suffix: the words, empty when there is none, None when it says nothing."""
    image_url: str | None = None
    """The picture that was described."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What is known of an account's own switches at Midjourney; None is unknown."""

    remix: bool | None = None
    remix_owed: bool | None = None
    """Easel turned Remix over for one action and has to put this value back."""
    suffix: str | None = None
    version: str | None = None
    mode: str | None = None
    """The speed of jobs that name none (`fast`, `relax`, `turbo`), as /info or the last command of the kind told."""
    info: AccountInfo | None = None
    info_at: datetime | None = None
    username: str | None = None
    """Discord's, as the last new session was told."""
    masked_email: str | None = None
    """`n****@l****.ru`: the address itself is never kept."""

    @property
    def speed(self) -> str | None:
        """The account's own speed."""
        return self.mode if self.mode is not None or self.info is None else self.info.mode

    @property
    def plan(self) -> str | None:
        """The plan as /info names it."""
        return None if self.info is None else self.info.plan


UNKNOWN_FACTS = AccountFacts()
