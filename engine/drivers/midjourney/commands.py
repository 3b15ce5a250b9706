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
    MessageCommand,
    ModalAnswer,
    Slash,
    Uploaded,
)

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


BUILT_IN: dict[CommandKey, Command] = {
    (MIDJOURNEY_APPLICATION, "imagine", _CHAT_INPUT): Command("938956540159881230", "1237876415471554623"),
    (MIDJOURNEY_APPLICATION, "blend", _CHAT_INPUT): Command("1062880104792997970", "1237876415471554624"),
    (MIDJOURNEY_APPLICATION, "describe", _CHAT_INPUT): Command("1092492867185950852", "1237876415471554625"),
    (MIDJOURNEY_APPLICATION, "shorten", _CHAT_INPUT): Command("1121575372539039774", "1247736572414001223"),
    (MIDJOURNEY_APPLICATION, "show", _CHAT_INPUT): Command("1169435442328911902", "1247736572414001224"),
    (MIDJOURNEY_APPLICATION, "info", _CHAT_INPUT): Command("972289487818334209", "1237876415735660565"),
    (MIDJOURNEY_APPLICATION, "settings", _CHAT_INPUT): Command("1000850743479255081", "1493662068581077053"),
    (MIDJOURNEY_APPLICATION, "prefer", _CHAT_INPUT): Command("984273800587776053", "1237876415790055476"),
    (MIDJOURNEY_APPLICATION, "fast", _CHAT_INPUT): Command("972289487818334212", "1237876415735660572"),
    (MIDJOURNEY_APPLICATION, "relax", _CHAT_INPUT): Command("972289487818334213", "1237876415735660573"),
    (MIDJOURNEY_APPLICATION, "turbo", _CHAT_INPUT): Command("1124132684143271996", "1237876415790055474"),
    (MIDJOURNEY_APPLICATION, "stealth", _CHAT_INPUT): Command("1065569343456419860", "1237876415735660569"),
    (MIDJOURNEY_APPLICATION, "public", _CHAT_INPUT): Command("972289487818334211", "1237876415735660571"),
    (MIDJOURNEY_APPLICATION, "Cancel Job", _OF_A_MESSAGE): Command("987795925764280352", "1237876415790055477"),
    (NIJI_APPLICATION, "imagine", _CHAT_INPUT): Command("1023054140580057099", "1248805223892254774"),
}
"""What was current in mid-2026, for when the index cannot be read or does not list it."""


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
    """The body of one POST. `command` is needed for commands and taken from the built-in table when None."""
    body: dict[str, Any] = {"application_id": submission.application_id}
    if place.guild_id:
        # left out in direct messages; left out in a guild's channel it gives 400 Unknown Channel (§1.2)
        body["guild_id"] = place.guild_id
    body |= {"channel_id": place.channel_id, "session_id": session_id, "nonce": nonce}
    match submission:
        case Slash():
            known = command or BUILT_IN[submission.application_id, submission.name.partition(" ")[0], _CHAT_INPUT]
            body |= {"type": _COMMAND, "data": _slash(known, submission), "analytics_location": "slash_ui"}
            _elsewhere(body, submission.channel_id or place.channel_id, place)
        case MessageCommand():
            known = command or BUILT_IN[submission.application_id, submission.name, _OF_A_MESSAGE]
            data = {"version": known.version, "id": known.id, "name": submission.name, "type": _OF_A_MESSAGE}
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
