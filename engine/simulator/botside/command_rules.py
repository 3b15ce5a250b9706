"""Which application commands Discord takes: names, descriptions, options, choices, localisations, sizes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.simulator.botside.problems import Problems

SLASH, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUB, GROUP = 1, 2
MOST = {SLASH: 100, USER_MENU: 15, MESSAGE_MENU: 15}
STRING, INTEGER, BOOLEAN, PERSON, CHANNEL, ROLE, MENTIONABLE, NUMBER, FILE = range(3, 12)
_LOCALES = (
    "id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg ru uk hi th zh-CN ja "
    "zh-TW ko"
)
LOCALES = frozenset(_LOCALES.split())
_NAME = re.compile(r"[-_'\w]{1,32}")
_CHARACTERS = 8000


def check_commands(commands: list[Any], problems: Problems) -> None:
    """Write down what is wrong with a whole set; its places are the numbers in the list."""
    seen: set[tuple[int, str]] = set()
    counts = dict.fromkeys(MOST, 0)
    for number, command in enumerate(commands):
        at = problems.at(number)
        if not at.table(command):
            continue
        check_command(command, at)
        kind, name = command.get("type", SLASH), str(command.get("name"))
        if kind in counts:
            counts[kind] += 1
        if (kind, name) in seen:
            at.at("name").add("APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
        seen.add((kind, name))
    for kind, count in counts.items():
        if count > MOST[kind]:
            problems.add("BASE_TYPE_BAD_LENGTH", f"Must be between 0 and {MOST[kind]} in length.")


def check_command(command: dict[str, Any], at: Problems) -> None:
    """Write down what is wrong with one command."""
    kind = command.get("type", SLASH)
    if kind not in MOST:
        at.at("type").choices("{1, 2, 3}")
        return
    if kind != SLASH:
        at.at("name").text(command.get("name"), 1, 32)
        if command.get("description"):
            at.at("description").add("APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED", "Menus have no description")
        _localised(command, "name_localizations", at, 32)
        return
    _named(command, at)
    _options(command.get("options") or [], at.at("options"), depth=0)
    if _size(command) > _CHARACTERS:
        at.add("APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({_CHARACTERS})")


def _named(thing: dict[str, Any], at: Problems) -> None:
    _name(thing.get("name"), at.at("name"))
    at.at("description").text(thing.get("description"), 1, 100)
    for locale, name in _localised(thing, "name_localizations", at, 32).items():
        _name(name, at.at("name_localizations", locale))
    _localised(thing, "description_localizations", at, 100)


def _name(name: Any, at: Problems) -> None:
    if at.text(name, 1, 32) and (not _NAME.fullmatch(name) or name != name.lower()):
        at.add("APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _localised(thing: dict[str, Any], field: str, at: Problems, most: int) -> dict[str, Any]:
    given = thing.get(field) or {}
    for locale, words in given.items():
        if locale not in LOCALES:
            at.at(field, locale).choices(f"({', '.join(sorted(LOCALES))})")
        else:
            at.at(field, locale).text(words, 1, most)
    return {locale: words for locale, words in given.items() if isinstance(words, str)}


def _options(options: Any, at: Problems, *, depth: int) -> None:
    if not at.listed(options, 0, 25):
        return
    seen: set[str] = set()
    optional = False
    for number, option in enumerate(options):
        here = at.at(number)
        _option(option, here, depth=depth)
        if option.get("name") in seen:
            here.at("name").add("APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
        seen.add(str(option.get("name")))
        if option.get("required") and optional:
            words = "Required options must be placed before non-required options"
            here.at("required").add("APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", words)
        optional = optional or not option.get("required")
    kinds = {option.get("type") in (SUB, GROUP) for option in options}
    if len(kinds) > 1:
        words = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        at.add("APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", words)


def _option(option: dict[str, Any], at: Problems, *, depth: int) -> None:
    kind = option.get("type")
    lowest = {0: SUB, 1: SUB, 2: STRING}[depth]
    if not at.at("type").whole(kind, lowest, FILE):
        return
    _named(option, at)
    if kind == GROUP and depth == 0:
        _options(option.get("options") or [], at.at("options"), depth=1)
    elif kind == GROUP:
        at.at("type").choices("(1, 3, 4, 5, 6, 7, 8, 9, 10, 11)")
    elif kind == SUB:
        _options(option.get("options") or [], at.at("options"), depth=2)
    else:
        _values(option, at)


def _values(option: dict[str, Any], at: Problems) -> None:
    kind, choices = option["type"], option.get("choices") or []
    if choices and kind not in (STRING, INTEGER, NUMBER):
        at.at("choices").add("APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", "Choices are not allowed for this type")
    if choices and option.get("autocomplete"):
        at.at("choices").add("APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES", "Autocomplete options cannot have choices")
    if at.at("choices").listed(choices, 0, 25):
        for number, choice in enumerate(choices):
            here = at.at("choices", number)
            here.at("name").text(choice.get("name"), 1, 100)
            _localised(choice, "name_localizations", here, 100)
            if kind == STRING:
                here.at("value").text(choice.get("value"), 1, 100)
    for name, allowed in (("min_value", (INTEGER, NUMBER)), ("max_value", (INTEGER, NUMBER)),
                          ("min_length", (STRING,)), ("max_length", (STRING,))):  # fmt: skip
        if option.get(name) is not None and kind not in allowed:
            at.at(name).add("APPLICATION_COMMAND_OPTIONS_BOUND_INVALID", f"{name} is not allowed for this type")
    if option.get("max_length") is not None and kind == STRING:
        at.at("max_length").whole(option["max_length"], 1, 6000)
    if option.get("min_length") is not None and kind == STRING:
        at.at("min_length").whole(option["min_length"], 0, 6000)


def _size(thing: dict[str, Any]) -> int:
    """Names, descriptions and values; of the localisations the longest counts."""
    total = 0
    for field in ("name", "description"):
        words = [str(thing.get(field) or ""), *map(str, (thing.get(f"{field}_localizations") or {}).values())]
        total += max(map(len, words))
    if isinstance(thing.get("value"), str):
        total += len(thing["value"])
    return total + sum(_size(inner) for name in ("options", "choices") for inner in thing.get(name) or ())
