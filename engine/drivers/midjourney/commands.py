"""How a submission becomes the JSON of POST /interactions: encode without I/O (midjourney-protocol §1.2, §1.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, assert_never

from engine.drivers.midjourney.payloads import IndexedCommand, text
from engine.model.actions import Click, MessageCommand, ModalAnswer, Slash, Uploaded

_COMMAND, _COMPONENT, _MODAL = 2, 3, 5
"""Types of an interaction."""
_CHAT_INPUT, _OF_A_MESSAGE = 1, 3
"""Types of a command."""
_SUB_COMMAND, _GROUP, _STRING, _ATTACHMENT = 1, 2, 3, 11
"""Types of an option."""
_BUTTON, _ROW, _TEXT_INPUT = 2, 1, 4

Interaction = Slash | MessageCommand | Click | ModalAnswer
"""What goes to POST /interactions; the other submissions have calls of their own."""


CommandKey = tuple[str, str, int]
"""(application id, name, type) of a registered command."""


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command as Discord knows it; the version changes when Midjourney redeploys."""

    id: str
    version: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where an account works. `guild_id` is empty when its channel is Midjourney's direct messages."""

    guild_id: str
    channel_id: str


def command_of(submission: Interaction) -> CommandKey | None:
    """The registered command that a submission needs, or None."""
    match submission:
        case Slash():
            return (submission.application_id, submission.name.partition(" ")[0], _CHAT_INPUT)
        case MessageCommand():
            return (submission.application_id, submission.name, _OF_A_MESSAGE)
        case _:
            return None


def find(index: Iterable[IndexedCommand], wanted: CommandKey) -> Command | None:
    """The command in the index with exactly this application, name and type (E's bug: it takes the first row)."""
    for row in index:
        if (text(row.application_id), row.name, row.type) == wanted and row.version is not None:
            return Command(str(row.id), str(row.version))
    return None


def encode(
    submission: Interaction, place: Place, *, session_id: str, nonce: str, command: Command | None = None
) -> dict[str, Any]:
    """The body of one POST; `command` is the registered command that it needs, if it needs one."""
    body: dict[str, Any] = {"application_id": submission.application_id}
    if place.guild_id:
        # left out in direct messages; left out in a guild's channel it gives 400 Unknown Channel (§1.2)
        body["guild_id"] = place.guild_id
    body |= {"channel_id": place.channel_id, "session_id": session_id, "nonce": nonce}
    match submission:
        case Slash():
            assert command is not None, submission.name
            body |= {"type": _COMMAND, "data": _slash(command, submission), "analytics_location": "slash_ui"}
            _elsewhere(body, submission.channel_id or place.channel_id, place)
        case MessageCommand():
            assert command is not None, submission.name
            data = {"version": command.version, "id": command.id, "name": submission.name, "type": _OF_A_MESSAGE}
            data |= {"target_id": submission.message_id, "options": [], "attachments": []}
            body |= {"type": _COMMAND, "data": data}
            _elsewhere(body, submission.channel_id, place)
        case Click():
            body |= {
                "type": _COMPONENT,
                "message_id": submission.message_id,
                "message_flags": submission.message_flags,
                "data": {"component_type": _BUTTON, "custom_id": submission.custom_id},
            }
            _elsewhere(body, submission.channel_id, place)
        case ModalAnswer():
            body |= {"type": _MODAL, "data": _form(submission)}
        case _ as never:
            assert_never(never)
    return body


def _elsewhere(body: dict[str, Any], channel_id: str, place: Place) -> None:
    """Another channel than the account's own is its direct messages, which belong to no guild."""
    body["channel_id"] = channel_id
    if channel_id != place.channel_id:
        body.pop("guild_id", None)


def _slash(command: Command, slash: Slash) -> dict[str, Any]:
    files: list[Uploaded] = []
    options: list[dict[str, Any]] = []
    for name, value in slash.options:
        if isinstance(value, Uploaded):
            options.append({"type": _ATTACHMENT, "name": name, "value": len(files)})
            files.append(value)
        else:
            options.append({"type": _STRING, "name": name, "value": value})
    name, *inner = slash.name.split(" ")
    for depth, word in enumerate(reversed(inner)):
        options = [{"type": _GROUP if depth else _SUB_COMMAND, "name": word, "options": options}]
    return {
        "version": command.version,
        "id": command.id,
        "name": name,
        "type": _CHAT_INPUT,
        "options": options,
        "attachments": [
            {"id": str(place), "filename": file.filename, "uploaded_filename": file.uploaded_filename}
            for place, file in enumerate(files)
        ],
    }


def _form(answer: ModalAnswer) -> dict[str, Any]:
    rows = [
        {"type": _ROW, "components": [{"type": _TEXT_INPUT, "custom_id": custom_id, "value": value}]}
        for custom_id, value in answer.fields
    ]
    return {"id": answer.interaction_id, "custom_id": answer.custom_id, "components": rows}
