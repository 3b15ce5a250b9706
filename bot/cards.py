"""How a job looks as a card: pure, from the job and what is told beside it."""

from __future__ import annotations

import re
from functools import lru_cache

import discord

from bot.buttons import rows_of
from bot.texts import say
from bot.values import Drawn, Showing
from engine import FailureReason, Job, JobState, Outlook, Ruling, Waiting, entry_of, why_of

BLUE, GREEN, RED, GREY, YELLOW = 0x5865F2, 0x57F287, 0xED4245, 0x99AAB5, 0xFEE75C
LONGEST_PROMPT = 1_500
_LONGEST_FIELD = 1_000
_CELLS = 12
_REMEMBERED = 1_000
"""Prompts: a card is drawn again and again with the same one."""
_WORDY = 4
"""Letters from which a button's label says what it makes: `Vary (Subtle)`, but not `U1`."""
_LINK = re.compile(r"\[([^\]]+)\]\(https?://[^)\s]+\)")
"""Midjourney links its messages in the account's own channel, which is none of the members' business."""
_PARAMETERS = re.compile(r"(?:^|\s)(?=(?:--|—)\w)")
_COLOURS = {
    JobState.DONE: GREEN,
    JobState.FAILED: RED,
    JobState.CANCELLED: GREY,
    JobState.NEEDS_ATTENTION: YELLOW,
    JobState.QUEUED: GREY,
}


def draw(job: Job, told: Showing) -> Drawn:
    """The card of a job as it is now."""
    words, parameters = parted(job.prompt)
    lines = [quoted(words)] if words else []
    lines += [line for line in (_state(job, told), *told.notes) if line]
    details = None if job.result is None else job.result.details
    if details is not None and details.texts:
        lines += [f"**{number}.** {quoted(text)}" for number, text in enumerate(details.texts, start=1)]
    elif details is not None and details.notice:
        lines.append(quoted(_LINK.sub(r"\1", details.notice)))
    fields = [(say(told.language, "card.parameters"), _code(parameters))] if parameters else []
    seed = told.seed or (None if details is None else details.seed)
    if seed is not None:
        fields.append((say(told.language, "card.seed"), _code(seed)))
    if told.parent is not None:
        fields.append((say(told.language, "card.from"), f"[{say(told.language, 'card.original')}]({told.parent})"))
    if told.link is not None:
        fields.append((say(told.language, "card.whole"), f"[{say(told.language, 'card.open')}]({told.link})"))
    if told.requester:
        fields.insert(0, (say(told.language, "card.by"), f"<@{told.requester}>"))
    return Drawn(
        title=title_of(job),
        words="\n".join(lines)[:4000],
        fields=tuple(fields),
        picture=told.picture,
        spoiler=told.spoiler,
        colour=_COLOURS.get(job.state, BLUE),
        foot=" · ".join(part for part in (told.account, job.id) if part),
        rows=rows_of(job, told.language, visited=told.visited),
    )


def title_of(job: Job) -> str:
    """What is made, in Midjourney's words."""
    label = next(iter(entry_of(job.action).labels), "")
    return label if len(label) >= _WORDY and label.isascii() else job.action.name.replace("_", " ").capitalize()


@lru_cache(_REMEMBERED)
def parted(prompt: str) -> tuple[str, str]:
    """A prompt's words, and its parameters."""
    found = _PARAMETERS.search(prompt)
    at = len(prompt) if found is None else found.start()
    return prompt[:at].strip(), prompt[at:].strip()


@lru_cache(_REMEMBERED)
def quoted(text: str) -> str:
    """Foreign words as they are: nothing in them is formatted, linked or called."""
    short = text if len(text) <= LONGEST_PROMPT else text[: LONGEST_PROMPT - 1] + "…"
    return discord.utils.escape_mentions(discord.utils.escape_markdown(short))


def _code(text: str) -> str:
    return f"`{text[:_LONGEST_FIELD].replace('`', 'ˋ')}`"


def bar(percent: int) -> str:
    """Twelve cells, as many full as are done."""
    full = round(percent * _CELLS / 100)
    return "▰" * full + "▱" * (_CELLS - full)


def _state(job: Job, told: Showing) -> str:
    language, state = told.language, job.state
    if state is JobState.DONE:
        if job.finished_at is None:
            return ""
        return say(language, "card.done", seconds=round((job.finished_at - job.created_at).total_seconds()))
    if state is JobState.FAILED:
        return _failed(job, language)
    if state is JobState.CANCELLED:
        return say(language, "card.cancelled")
    if state is JobState.NEEDS_ATTENTION:
        return say(language, "card.attention")
    begun = int(job.created_at.timestamp())
    if state is JobState.QUEUED:
        lines = [_queued(told), say(language, "card.asked", when=f"<t:{begun}:R>")]
    else:
        lines = [f"{bar(job.percent)} {job.percent} %", say(language, "card.asked", when=f"<t:{begun}:R>")]
        if job.upstream_queued:
            lines[0] = say(language, "card.upstream_queued")
        if job.cancel_asked:
            lines[0] = say(language, "card.cancelling")
    if told.outlook is not None and told.outlook.takes_seconds is not None:
        lines.append(say(language, "card.usually", seconds=round(told.outlook.takes_seconds)))
    return "\n".join(lines)


def _queued(told: Showing) -> str:
    outlook: Outlook | None = told.outlook
    if outlook is None or outlook.ahead is None:
        return say(told.language, "card.queued")
    said = say(told.language, "card.position", position=outlook.ahead + 1)
    if outlook.waits_seconds is not None:
        said += " · " + say(told.language, "card.expected", seconds=round(outlook.waits_seconds))
    if outlook.waits_because is not None:
        said += f"\n-# {waiting(outlook.waits_because, told.language)}"
    return said


def _failed(job: Job, language: str) -> str:
    failure = job.failure
    reason = FailureReason.TRANSIENT if failure is None else failure.reason
    said = say(language, f"failed.{reason.value}")
    why = "" if failure is None else why_of(failure)
    if isinstance(why, Waiting):
        return f"{said}\n-# {waiting(why, language)}"
    if isinstance(why, Ruling):
        return f"{said}\n-# {say(language, f'ruled.{why.name.lower()}')}"
    return f"{said}\n-# {quoted(why)[:500]}" if why else said


def waiting(why: Waiting, language: str) -> str:
    """Why a job waits."""
    return say(language, f"waiting.{why.name.lower()}")
