"""What the body of a command says: which command, its sub-command, and its options by name (protocol §1.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.simulator import refusals
from engine.simulator.refusals import Refused

if TYPE_CHECKING:
    from engine.simulator.commands import Command
    from engine.simulator.shelf import File

SLASH, ON_MESSAGE = 1, 3
_SUB, _GROUP, _TEXT, _ATTACHMENT = 1, 2, 3, 11
_LONGEST = 6000


def named(command: Command, data: dict[str, Any], files: list[tuple[str, File]]) -> tuple[str, dict[str, Any]]:
    """The full name (`prefer option set`) and the options; an attachment option's value is its File.

    Raises Refused with the place of what is missing, unknown or of a wrong kind.
    """
    if data.get("type", SLASH) != command["type"]:
        raise Refused(refusals.form("data.type", "BASE_TYPE_CHOICES", f"Value must be one of {{{command['type']}}}."))
    name, known, where = command["name"], command.get("options") or [], "data.options"
    given = _listed(data.get("options"), where)
    while known and known[0]["type"] in (_SUB, _GROUP):
        if len(given) != 1:
            raise Refused(refusals.required(f"{where}.0"))
        asked = (given[0].get("name"), given[0].get("type"))
        chosen = next((o for o in known if (o["name"], o["type"]) == asked), None)
        if chosen is None:
            raise Refused(refusals.UNKNOWN_COMMAND)
        name, known, where = f"{name} {chosen['name']}", chosen.get("options") or [], f"{where}.0.options"
        given = _listed(given[0].get("options"), where)
    by_id = dict(files)
    values: dict[str, Any] = {}
    for number, option in enumerate(given):
        wanted = next((o for o in known if o["name"] == option.get("name")), None)
        at = f"{where}.{number}"
        if wanted is None:
            raise Refused(refusals.form(f"{at}.name", "APPLICATION_COMMAND_OPTION_UNKNOWN", "Unknown option"))
        if option.get("type") != wanted["type"]:
            raise Refused(refusals.form(f"{at}.type", "BASE_TYPE_CHOICES", f"Value must be {wanted['type']}."))
        values[wanted["name"]] = _value(wanted, option.get("value"), by_id, f"{at}.value")
    for number, option in enumerate(known):
        if option.get("required") and values.get(option["name"], "") == "":
            raise Refused(refusals.required(f"{where}.{number}.value"))
    return name, values


def _listed(options: Any, where: str) -> list[dict[str, Any]]:
    if options is None:
        return []
    if not isinstance(options, list) or not all(isinstance(one, dict) for one in options):
        raise Refused(refusals.form(where, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType"))
    return options


def _value(wanted: dict[str, Any], value: Any, files: dict[str, File], at: str) -> str | File:
    if wanted["type"] == _ATTACHMENT:
        file = files.get(str(value))
        if file is None:
            raise Refused(refusals.form(at, "ATTACHMENT_NOT_FOUND", "Attachment data for this option not found"))
        return file
    if not isinstance(value, str):
        raise Refused(
            refusals.required(at) if value is None else refusals.form(at, "STRING_TYPE_CONVERT", "Could not interpret")
        )
    if len(value) > _LONGEST:
        raise Refused(refusals.form(at, "BASE_TYPE_MAX_LENGTH", f"Must be {_LONGEST} or fewer in length."))
    choices = [choice["value"] for choice in wanted.get("choices", ())]
    if choices and value not in choices:
        code, words = "APPLICATION_COMMAND_OPTION_CHOICE_INVALID", f"Value must be one of {choices}."
        raise Refused(refusals.form(at, code, words))
    return value
