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
    advice: str = ""
    """What a person can make of it where Midjourney's own words may be missing."""


@value(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer in words. `words` quote Midjourney; `prompt` is what the footer repeats of the command."""

    stage: Stage
    words: str
    prompt: str | None = None
    failure: Failure | None = None
    trouble: Trouble | None = None


_PROMPT, _CONTENT, _MODE, _TRANSIENT, _ACCOUNT = (
    FailureReason.PROMPT,
    FailureReason.CONTENT,
    FailureReason.MODE,
    FailureReason.TRANSIENT,
    FailureReason.ACCOUNT,
)
_WORDS = "the words or a parameter must be changed"
_LINK = "Midjourney cannot fetch an image of the prompt"
_REJECTED = "Midjourney's moderation rejects these words"
_PICTURE = "Midjourney's moderation rejects a picture: one that was given, or the one that was made"
_LATER = "Midjourney failed; the same may work later"
_BILLING = "the account's owner must see to the subscription on midjourney.com"
_HUMAN_CHECK = "the account's owner must open Discord and complete the check"
_TERMS = "the account's owner must accept Midjourney's terms in Discord"
_BAN = "Midjourney has blocked the account; its owner must see to it"

QUEUED = Meaning(None)
FULL = Meaning(_TRANSIENT, None, "the account has as many jobs waiting as Midjourney takes")
"""Not a failure yet: nothing was taken, and the job may be submitted anew."""

TITLES: dict[str, Meaning] = {
    "invalid parameter": Meaning(_PROMPT, None, _WORDS),
    "invalid parameters": Meaning(_PROMPT, None, _WORDS),
    "invalid prompt": Meaning(_PROMPT, None, _WORDS),
    "invalid request": Meaning(_PROMPT, None, _WORDS),
    "empty prompt": Meaning(_PROMPT, None, "the prompt has no words that Midjourney can see"),
    "invalid link": Meaning(_PROMPT, None, _LINK),
    "duplicate images detected": Meaning(_PROMPT, None, "the same image was given twice"),
    "job action restricted": Meaning(_MODE, None, "the account's plan or speed does not allow this"),
    "banned prompt": Meaning(_CONTENT, None, _REJECTED),
    "banned prompt detected": Meaning(_CONTENT, None, _REJECTED),
    "banned image prompt": Meaning(_CONTENT, None, _PICTURE),
    "image denied": Meaning(_CONTENT, None, _PICTURE),
    "request cancelled due to image filters": Meaning(_CONTENT, None, _PICTURE),
    "request cancelled due to output filters": Meaning(_CONTENT, None, _PICTURE),
    # an appeal may follow, but only its owner may decide that: no automatic appeal
    "action needed to continue": Meaning(_CONTENT, None, f"{_REJECTED}; the account's owner may appeal"),
    "job queued": QUEUED,
    "queue full": FULL,
    "slow down": Meaning(_TRANSIENT, None, "Midjourney asks to wait before the same is asked again"),
    "internal error": Meaning(_TRANSIENT, None, _LATER),
    "internal server error": Meaning(_TRANSIENT, None, _LATER),
    "sorry! could not complete the job": Meaning(_TRANSIENT, None, _LATER),
    "sorry, something went wrong": Meaning(_TRANSIENT, None, _LATER),
    "there was an error processing your request": Meaning(_TRANSIENT, None, _LATER),
    "failed to process your command": Meaning(_TRANSIENT, None, _LATER),
    "bad response": Meaning(_TRANSIENT, None, _LATER),
    "credits exhausted": Meaning(_ACCOUNT, Trouble.CREDITS, "the account has no fast hours left"),
    "subscription required": Meaning(_ACCOUNT, Trouble.BILLING, _BILLING),
    "subscription paused": Meaning(_ACCOUNT, Trouble.BILLING, _BILLING),
    "plan cancelled": Meaning(_ACCOUNT, Trouble.BILLING, _BILLING),
    "tos not accepted": Meaning(
        _ACCOUNT, Trouble.TERMS, "the account's owner must accept Midjourney's terms in Discord"
    ),
    "pending mod message": Meaning(
        _ACCOUNT,
        Trouble.MODERATION,
        "the account's owner must read and acknowledge a notice by Midjourney's moderators",
    ),
    "blocked": Meaning(_ACCOUNT, Trouble.BLOCKED, _BAN),
    "you are blocked": Meaning(_ACCOUNT, Trouble.BLOCKED, _BAN),
    "you have triggered an abuse alert": Meaning(_ACCOUNT, Trouble.BLOCKED, _BAN),
    "action required to continue": Meaning(_ACCOUNT, Trouble.CAPTCHA, _HUMAN_CHECK),
    "please complete the task": Meaning(_ACCOUNT, Trouble.CAPTCHA, _HUMAN_CHECK),
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
_HUMAN = re.compile(r"verify (?:that )?you(?:'re| are) (?:a )?human")
"""Midjourney's words for its check, wherever they stand in an answer (§8.2)."""
_NOT_IN_PLAN = re.compile(
    r"\b(?:not|only) (?:currently )?available\b[^`]{0,200}\bplans?\b|\bplans?\b[^`]{0,60}\b(?:not|doesn't) "
)
"""How a command may say that the account's subscription does not hold it; no source quotes such a reply (§9.3)."""
_QUOTED = re.compile("`[^`]*`")
"""Words of the account's owner, as in a reply about the suffix."""


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
    said, words = plain(content), _readable(content)
    known = next((key for key in _BEGINNINGS if said.startswith(key)), None)
    if known is None:
        unknown = Reply(stage=Stage.UNKNOWN, words=words)
        return captcha(words) if _HUMAN.search(_QUOTED.sub("", said)) else unknown
    meaning = TITLES[known]
    assert meaning.reason is not None
    failure = Failure(meaning.reason, f"Midjourney answered: {words} ({meaning.advice})")
    return Reply(stage=Stage.FAILED, words=words, failure=failure, trouble=meaning.trouble)


def captcha(words: str, prompt: str | None = None) -> Reply:
    """Midjourney wants a human at the keyboard (§7, captcha variant)."""
    failure = Failure(FailureReason.ACCOUNT, f"Midjourney answered “{words}” ({_HUMAN_CHECK})")
    return Reply(stage=Stage.FAILED, words=words, prompt=prompt, failure=failure, trouble=Trouble.CAPTCHA)


def refused_by_plan(content: str) -> Reply | None:
    """What a reply to a switch (/stealth, /relax) means that says no: its words tell, nothing else does."""
    if _NOT_IN_PLAN.search(plain(content)) is None:
        return None
    words, advice = _readable(content), TITLES["job action restricted"].advice
    return Reply(stage=Stage.FAILED, words=words, failure=Failure(_MODE, f"Midjourney answered: {words} ({advice})"))


def look_for_a_check(reply: Reply, content: str) -> Reply:
    """The same answer, unless it is not known and asks in any of its words to verify that a human is there.

    Only for what is nothing else: words that a user chose are repeated in descriptions, suffixes and previews.
    """
    if reply.stage is not Stage.UNKNOWN:
        return reply
    asking = next((said for said in (reply.words, content) if _HUMAN.search(plain(said))), None)
    return reply if asking is None else captcha(asking, reply.prompt)


def _meaning(embed: Embed) -> Meaning | None:
    meaning = TITLES.get(plain(embed.title or ""))
    if meaning is None and embed.title and _HUMAN.search(plain(embed.title)):
        meaning = TITLES["please complete the task"]
    footer = embed.footer.text if embed.footer else None
    if meaning is not None and meaning.reason is _TRANSIENT and footer and _DECLINED.match(footer):
        return Meaning(_CONTENT, None, _REJECTED)
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
    detail = f"Midjourney answered “{title}”" + (f": {text}" if text else "") + f" ({meaning.advice})"
    failure = Failure(meaning.reason, detail)
    stage = Stage.FULL if meaning is FULL else Stage.FAILED
    return Reply(stage=stage, words=words, prompt=prompt, failure=failure, trouble=meaning.trouble)


def _readable(said: str) -> str:
    """Discord's time marks as UTC, cut to what a person reads."""

    def moment(match: re.Match[str]) -> str:
        try:
            return datetime.fromtimestamp(int(match[1]), UTC).strftime("%Y-%m-%d %H:%M UTC")
        except (ValueError, OverflowError, OSError):
            return match[0]  # after the year 9999

    said = _MOMENT.sub(moment, said.strip())
    return said if len(said) <= MAX_WORDS else said[: MAX_WORDS - 1] + "…"
