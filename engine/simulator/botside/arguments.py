"""What a person types into a command's options, checked as Discord's client checks it, and what of it is resolved."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from engine.simulator.botside import rights
from engine.simulator.botside.command_rules import (
    BOOLEAN,
    CHANNEL,
    FILE,
    INTEGER,
    MENTIONABLE,
    NUMBER,
    PERSON,
    ROLE,
    STRING,
)

if TYPE_CHECKING:
    from engine.simulator.botside.drafts import Drafts
    from engine.simulator.botside.herald import Herald
    from engine.simulator.botside.places import Channel
    from engine.simulator.botside.town import Town

_LONGEST = 6000


def uploaded(value: Any, what: str) -> tuple[str, bytes, str]:
    """A file of a control call: `{"filename", "content_type", "data"}`, the bytes in base64. Raises ValueError."""
    if not isinstance(value, dict) or not isinstance(value.get("filename"), str):
        raise ValueError(f"{what} must be a file: filename, content_type and data (base64)")  # noqa: TRY004 - it becomes a 400
    try:
        data = base64.b64decode(str(value.get("data", "")), validate=True)
    except binascii.Error as error:
        raise ValueError(f"{what}: data is no base64: {error}") from None
    return value["filename"], data, str(value.get("content_type") or "application/octet-stream")


class Resolving:
    """Collects what Discord sends along with ids: users, members, roles, channels, attachments."""

    def __init__(self, *, town: Town, herald: Herald, drafts: Drafts, channel: Channel, limit: int) -> None:
        self._town = town
        self._herald = herald
        self._drafts = drafts
        self._channel = channel
        self._limit = limit
        self.found: dict[str, dict[str, Any]] = {}

    def person(self, wanted: Any) -> str:
        """A person by id or name, with membership. Raises ValueError."""
        known = self._town.people
        identity = next((p.id for p in known.values() if wanted in (p.id, p.name)), None)
        if identity is None:
            raise ValueError(f"no person {wanted!r}")
        self.found.setdefault("users", {})[identity] = known[identity].user()
        guild = self._channel.guild_id
        member = self._town.member(guild, identity) if guild is not None else None
        if member is not None:
            may = rights.in_channel(self._town, self._channel, identity)
            told = {k: v for k, v in member.told().items() if k not in ("deaf", "mute")}
            self.found.setdefault("members", {})[identity] = {**told, "permissions": str(may)}
        return identity

    def role(self, wanted: Any) -> str:
        """A role by id or name. Raises ValueError."""
        roles = self._town.guilds[self._channel.guild_id].roles if self._channel.guild_id else {}
        found = next((role for role in roles.values() if wanted in (role.id, role.name)), None)
        if found is None:
            raise ValueError(f"no role {wanted!r}")
        self.found.setdefault("roles", {})[found.id] = found.told()
        return found.id

    def channel(self, wanted: Any) -> str:
        """A channel of the same server by id or name. Raises ValueError."""
        places = [c for c in self._town.channels.values() if c.guild_id == self._channel.guild_id]
        found = next((c for c in places if wanted in (c.id, c.name)), None)
        if found is None:
            raise ValueError(f"no channel {wanted!r}")
        may = rights.in_channel(self._town, found, self._town.application.id)
        shown = {**self._herald.channel(found), "permissions": str(may)}
        self.found.setdefault("channels", {})[found.id] = shown
        return found.id

    def file(self, value: Any, what: str) -> str:
        """A file that the person sends. Raises ValueError when it is too large."""
        file = uploaded(value, what)
        if len(file[1]) > self._limit:
            raise ValueError(f"{what}: your files are too powerful; at most {self._limit} bytes")
        made = self._drafts.hang(file, f"ephemeral-attachments/{self._town.application.id}")
        self.found.setdefault("attachments", {})[made["id"]] = self._herald.shown(made)
        return str(made["id"])

    def either(self, wanted: Any) -> str:
        """A person or a role."""
        try:
            return self.person(wanted)
        except ValueError:
            return self.role(wanted)


def typed(options: list[dict[str, Any]], given: dict[str, Any], resolving: Resolving) -> list[dict[str, Any]]:
    """The options of an interaction. Raises ValueError for what the client would not send."""
    known = {option["name"] for option in options}
    for name in given:
        if name not in known:
            raise ValueError(f"no option {name!r}; there are {', '.join(sorted(known)) or 'none'}")
    made = []
    for option in options:
        name = option["name"]
        if given.get(name) is None:
            if option.get("required"):
                raise ValueError(f"{name}: this option is required")
            continue
        made.append({"name": name, "type": option["type"], "value": _value(option, given[name], resolving)})
    return made


def _value(option: dict[str, Any], given: Any, resolving: Resolving) -> Any:
    kind, name = option["type"], option["name"]
    if option.get("choices"):
        for choice in option["choices"]:
            if given == choice["value"] or given == choice["name"] or given in _names(choice):
                return choice["value"]
        allowed = ", ".join(str(choice["value"]) for choice in option["choices"])
        raise ValueError(f"{name}: {given!r} is none of the choices {allowed}")
    if kind == STRING:
        return _text(option, given)
    if kind in (INTEGER, NUMBER):
        return _number(option, given)
    if kind == BOOLEAN:
        return _switch(name, given)
    if kind == FILE:
        return resolving.file(given, name)
    readers = {
        PERSON: resolving.person,
        ROLE: resolving.role,
        CHANNEL: resolving.channel,
        MENTIONABLE: resolving.either,
    }
    return readers[kind](given)


def _switch(name: str, given: Any) -> bool:
    if not isinstance(given, bool):
        raise ValueError(f"{name}: {given!r} is neither true nor false")  # noqa: TRY004 - it becomes a 400
    return given


def _names(choice: dict[str, Any]) -> list[str]:
    return list((choice.get("name_localizations") or {}).values())


def _text(option: dict[str, Any], given: Any) -> str:
    name, low, high = option["name"], option.get("min_length") or 0, option.get("max_length") or _LONGEST
    if not isinstance(given, str):
        raise ValueError(f"{name}: {given!r} is no text")  # noqa: TRY004 - it becomes a 400 like the others
    if not low <= len(given) <= high:
        raise ValueError(f"{name}: must be {low} to {high} characters long, not {len(given)}")
    return given


def _number(option: dict[str, Any], given: Any) -> int | float:
    name, low, high = option["name"], option.get("min_value"), option.get("max_value")
    if isinstance(given, bool) or not isinstance(given, int if option["type"] == INTEGER else int | float):
        raise ValueError(f"{name}: {given!r} is no number of this kind")  # noqa: TRY004 - likewise
    if (low is not None and given < low) or (high is not None and given > high):
        raise ValueError(f"{name}: must be from {low} to {high}, not {given}")
    return given
