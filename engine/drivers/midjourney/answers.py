"""What it means when Midjourney answers with words instead of a picture: the one table of its titles (§8.2).

The title decides, then the plain text; the colour never does: real errors came in every colour and in none (§8.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from engine.drivers.midjourney.payloads import Embed
from engine.model.jobs import Failure, FailureReason
from engine.model.sightings import Stage, Trouble
from engine.model.values import value

MAX_WORDS = 1500
"""Longer answers (Midjourney's community standards) are cut; the beginning says what happened."""


@value(frozen=True, slots=True)
class Meaning:
    """What a title stands for."""

    reason: FailureReason | None
    """None: not a failure."""
    trouble: Trouble | None = None


@value(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer in words. `words` quote Midjourney; `prompt` is what the footer repeats of the command."""

    stage: Stage
    words: str
    prompt: str | None = None
    failure: Failure | None = None
    trouble: Trouble | None = None


_PROMPT, _CONTENT = Meaning(FailureReason.PROMPT), Meaning(FailureReason.CONTENT)
_TRANSIENT = Meaning(FailureReason.TRANSIENT)


def _stops(trouble: Trouble) -> Meaning:
    return Meaning(FailureReason.ACCOUNT, trouble)


QUEUED = Meaning(None)

TITLES: dict[str, Meaning] = {
    "invalid parameter": _PROMPT,
    "invalid parameters": _PROMPT,
    "invalid prompt": _PROMPT,
    "invalid request": _PROMPT,
    "empty prompt": _PROMPT,
    "invalid link": _PROMPT,
    "duplicate images detected": _PROMPT,
    "job action restricted": _PROMPT,
    "banned prompt": _CONTENT,
    "banned prompt detected": _CONTENT,
    "banned image prompt": _CONTENT,
    "image denied": _CONTENT,
    "request cancelled due to image filters": _CONTENT,
    "request cancelled due to output filters": _CONTENT,
    # an appeal may follow, but only its owner may decide that: no automatic appeal
    "action needed to continue": _CONTENT,
    "job queued": QUEUED,
    "queue full": _TRANSIENT,
    "slow down": _TRANSIENT,
    "internal error": _TRANSIENT,
    "internal server error": _TRANSIENT,
    "sorry! could not complete the job": _TRANSIENT,
    "sorry, something went wrong": _TRANSIENT,
    "there was an error processing your request": _TRANSIENT,
    "failed to process your command": _TRANSIENT,
    "bad response": _TRANSIENT,
    "credits exhausted": _stops(Trouble.CREDITS),
    "subscription required": _stops(Trouble.BILLING),
    "subscription paused": _stops(Trouble.BILLING),
    "plan cancelled": _stops(Trouble.BILLING),
    "tos not accepted": _stops(Trouble.TERMS),
    "pending mod message": _stops(Trouble.MODERATION),
    "blocked": _stops(Trouble.BLOCKED),
    "you are blocked": _stops(Trouble.BLOCKED),
    "you have triggered an abuse alert": _stops(Trouble.BLOCKED),
    "action required to continue": _stops(Trouble.CAPTCHA),
    "please complete the task": _stops(Trouble.CAPTCHA),
    "verify you're human": _stops(Trouble.CAPTCHA),
}
"""Title in lower case without the marks at its end -> meaning; texts: tests/wire/error-embeds.json."""

_BEGINNINGS = (
    "failed to process your command",
    "there was an error processing your request",
    "you have triggered an abuse alert",
    "you are blocked",
)
"""Rows that also come as plain text without an embed (§8.1 d); the text begins with them."""

_DECLINED = re.compile(r"\Adecline-", re.IGNORECASE)
"""A footer like this under "something went wrong" means moderation (M)."""
_COMMAND = re.compile(r"\A/imagine\s+(?:prompt:\s*)?(?P<prompt>.+)\Z", re.DOTALL)
_MOMENT = re.compile(r"<t:(\d{1,12})(?::[a-zA-Z])?>")
_HUMAN = "verify you're human"


def plain(title: str) -> str:
    """A title as the table spells it."""
    return " ".join(title.replace("’", "'").split()).casefold().rstrip(" .!:")


def read_embeds(embeds: Iterable[Embed], *, only_known: bool) -> Reply | None:
    """What the first embed that says something means.

    Args:
        embeds: of one message.
        only_known: skip embeds that the table does not have (a job's own message may carry previews of links).
    """
    for embed in embeds:
        meaning = _meaning(embed)
        if meaning is None and (only_known or not (embed.title or embed.description)):
            continue
        return _reply(embed, meaning)
    return None


def read_text(content: str) -> Reply:
    """What plain text without a job's line means."""
    known = next((key for key in _BEGINNINGS if plain(content).startswith(key)), None)
    if known is None and _HUMAN in plain(content):
        known = _HUMAN
    words = _readable(content)
    if known is None:
        return Reply(stage=Stage.UNKNOWN, words=words)
    meaning = TITLES[known]
    assert meaning.reason is not None
    failure = Failure(meaning.reason, f"Midjourney answered: {words}")
    return Reply(stage=Stage.FAILED, words=words, failure=failure, trouble=meaning.trouble)


def captcha(title: str) -> Reply:
    """Midjourney wants a human at the keyboard (§7, captcha variant)."""
    detail = f"Midjourney answered “{title}”: a person must open Discord and complete the check"
    failure = Failure(FailureReason.ACCOUNT, detail)
    return Reply(stage=Stage.FAILED, words=title, failure=failure, trouble=Trouble.CAPTCHA)


def _meaning(embed: Embed) -> Meaning | None:
    meaning = TITLES.get(plain(embed.title or ""))
    if meaning is None and embed.title and _HUMAN in plain(embed.title):
        meaning = TITLES[_HUMAN]
    footer = embed.footer.text if embed.footer else None
    if meaning is _TRANSIENT and footer and _DECLINED.match(footer):
        return _CONTENT
    return meaning


def _reply(embed: Embed, meaning: Meaning | None) -> Reply:
    title, text = _readable(embed.title or ""), _readable(embed.description or "")
    words = ": ".join(part for part in (title.rstrip(":"), text) if part)
    command = _COMMAND.match((embed.footer.text if embed.footer else None) or "")
    prompt = command["prompt"].strip() if command else None
    if meaning is None:
        return Reply(stage=Stage.UNKNOWN, words=words, prompt=prompt)
    if meaning.reason is None:
        return Reply(stage=Stage.QUEUED, words=words, prompt=prompt)
    detail = f"Midjourney answered “{title}”" + (f": {text}" if text else "")
    failure = Failure(meaning.reason, detail)
    return Reply(stage=Stage.FAILED, words=words, prompt=prompt, failure=failure, trouble=meaning.trouble)


def _readable(said: str) -> str:
    """Discord's time marks as UTC, cut to what a person reads."""

    def moment(match: re.Match[str]) -> str:
        try:
            return datetime.fromtimestamp(int(match[1]), UTC).strftime("%Y-%m-%d %H:%M UTC")
        except (ValueError, OverflowError, OSError):
            return match[0]  # after the year 9999

    said = _MOMENT.sub(moment, said.strip())
    return said if len(said) <= MAX_WORDS else said[: MAX_WORDS - 1] + "…"
