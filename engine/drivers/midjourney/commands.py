"""How a submission becomes the JSON of POST /interactions: encode without I/O (midjourney-protocol §1.2, §1.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, assert_never

from engine.drivers.midjourney.payloads import IndexedCommand, text
from engine.model.actions import (
    MIDJOURNEY_APPLICATION,
    NIJI_APPLICATION,
    Click,
    ModalAnswer,
    SlashImagine,
    Submission,
)

_COMMAND, _COMPONENT, _MODAL = 2, 3, 5
"""Types of an interaction."""
_CHAT_INPUT, _STRING, _BUTTON, _ROW, _TEXT_INPUT = 1, 3, 2, 1, 4


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command as Discord knows it; the version changes when Midjourney redeploys."""

    id: str
    version: str


BUILT_IN: dict[tuple[str, str], Command] = {
    (MIDJOURNEY_APPLICATION, "imagine"): Command("938956540159881230", "1237876415471554623"),
    (NIJI_APPLICATION, "imagine"): Command("1023054140580057099", "1248805223892254774"),
}
"""(application id, name) -> what was current in mid-2026, for when the index cannot be read or does not list it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an account works. `guild_id` is empty when its channel is Midjourney's direct messages."""

    guild_id: str
    channel_id: str


def command_name(submission: Submission) -> tuple[str, str] | None:
    """(application id, name) of the slash command that a submission needs, or None."""
    return (submission.application_id, "imagine") if isinstance(submission, SlashImagine) else None


def find(index: Iterable[IndexedCommand], wanted: tuple[str, str]) -> Command | None:
    """The command in the index with exactly this application, name and type (E's bug: it takes the first row)."""
    for row in index:
        if (text(row.application_id), row.name) == wanted and row.type == _CHAT_INPUT and row.version is not None:
            return Command(str(row.id), str(row.version))
    return None


def encode(
    submission: Submission, place: Place, *, session_id: str, nonce: str, command: Command | None = None
) -> dict[str, Any]:
    """The body of one POST. `command` is needed for slash commands and taken from the built-in table when None."""
    body: dict[str, Any] = {"application_id": submission.application_id}
    if place.guild_id:
        # left out in direct messages; left out in a guild's channel it gives 400 Unknown Channel (§1.2)
        body["guild_id"] = place.guild_id
    body |= {"channel_id": place.channel_id, "session_id": session_id, "nonce": nonce}
    match submission:
        case SlashImagine():
            known = command or BUILT_IN[submission.application_id, "imagine"]
            option = {"type": _STRING, "name": "prompt", "value": submission.prompt}
            body |= {"type": _COMMAND, "data": _slash(known, "imagine", [option]), "analytics_location": "slash_ui"}
        case Click():
            body |= {
                "type": _COMPONENT,
                "channel_id": submission.channel_id,
                "message_id": submission.message_id,
                "message_flags": submission.message_flags,
                "data": {"component_type": _BUTTON, "custom_id": submission.custom_id},
            }
            if submission.channel_id != place.channel_id:
                body.pop("guild_id", None)
        case ModalAnswer():
            body |= {"type": _MODAL, "data": _form(submission)}
        case _ as never:
            assert_never(never)
    return body


def _slash(command: Command, name: str, options: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "version": command.version,
        "id": command.id,
        "name": name,
        "type": _CHAT_INPUT,
        "options": options,
        "attachments": [],
    }


def _form(answer: ModalAnswer) -> dict[str, Any]:
    rows = [
        {"type": _ROW, "components": [{"type": _TEXT_INPUT, "custom_id": custom_id, "value": value}]}
        for custom_id, value in answer.fields
    ]
    return {"id": answer.interaction_id, "custom_id": answer.custom_id, "components": rows}
