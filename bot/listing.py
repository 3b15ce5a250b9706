"""Lists of jobs, a page at a time: what stands in them, and how the next page and each job are found again."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

import discord

from bot.buttons import OPEN
from bot.cards import parted, quoted, title_of
from bot.texts import say
from bot.values import Button, Look
from bot.views import JobButton, ToolButton, ToolView
from engine import InvalidInput, Job, JobPage, JobState, Place

PAGE = 5
LONGEST_SEARCH = 40
_LONGEST_LINE = 180
_SIGNS = {
    JobState.QUEUED: "⏳",
    JobState.DONE: "✅",
    JobState.FAILED: "❌",
    JobState.CANCELLED: "🚫",
    JobState.NEEDS_ATTENTION: "❔",
}


def told_place(place: Place) -> str:
    """A place in a custom id, which holds at most 100 characters: microseconds and the job's id, 36 in all."""
    short = base64.urlsafe_b64encode(uuid.UUID(place.job_id).bytes).rstrip(b"=").decode()
    return f"{int(place.created_at.timestamp() * 1_000_000):x}.{short}"


def read_place(text: str) -> Place | None:
    """The place again; None: the beginning.

    Raises:
        InvalidInput: nobody of ours wrote that.
    """
    if not text:
        return None
    moment, _, short = text.partition(".")
    try:
        at = datetime.fromtimestamp(int(moment, 16) / 1_000_000, UTC)
        job_id = str(uuid.UUID(bytes=base64.urlsafe_b64decode(f"{short}==")))
    except (ValueError, OverflowError, OSError):
        raise InvalidInput("page", "cannot be read", value=text, allowed="a page of a list") from None
    return Place(at, job_id)


def lines_of(jobs: Sequence[Job]) -> str:
    """A line for each job."""
    return "\n".join(f"**{number}.** {line_of(job)}" for number, job in enumerate(jobs, start=1))


def line_of(job: Job) -> str:
    """State, kind, words and age of a job."""
    words = parted(job.prompt)[0]
    short = words if len(words) <= _LONGEST_LINE else words[: _LONGEST_LINE - 1] + "…"
    asked = f"<t:{int(job.created_at.timestamp())}:R>"
    parts = [f"{_SIGNS.get(job.state, '🎨')} {title_of(job)}", quoted(short), asked]
    return " · ".join(part for part in parts if part)


def embed_of_page(title: str, page: JobPage, language: str) -> discord.Embed:
    """The list."""
    said = lines_of(page.jobs) or say(language, "list.none")
    return discord.Embed(title=title, description=said[:4000], colour=0x5865F2)


def view_of_page(page: JobPage, language: str, tool: str, rest: str = "", *, first: bool = True) -> ToolView:
    """A button for each job, one for the next page, and one back to the first; their custom ids hold `rest` too."""
    opens = tuple(
        JobButton(job.id, Button(OPEN, str(number), None, Look.SECONDARY))
        for number, job in enumerate(page.jobs[:PAGE], start=1)
    )
    rows: list[tuple[ToolButton | JobButton, ...]] = [opens] if opens else []
    turns = []
    if not first:
        turns.append(ToolButton(tool, f"|{rest}", Button("", say(language, "list.first"), "⏮️", Look.SECONDARY)))
    if page.rest is not None:
        more = Button("", say(language, "list.more"), "▶️", Look.PRIMARY)
        turns.append(ToolButton(tool, f"{told_place(page.rest)}|{rest}", more))
    if turns:
        rows.append(tuple(turns))
    return ToolView(*rows)
