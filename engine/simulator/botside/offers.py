"""Which commands a person's client offers in a channel, and in whose name the application acts there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.simulator.botside import rights
from engine.simulator.botside.command_rules import GROUP, SLASH, SUB
from engine.simulator.botside.places import FORUM

if TYPE_CHECKING:
    from engine.simulator.botside.places import Channel, Person
    from engine.simulator.botside.registry import Registry
    from engine.simulator.botside.town import Town

SERVER, BOT_DM = 0, 1  # contexts of an interaction
_ADMIN = rights.bits("administrator")


@dataclass(frozen=True, slots=True)
class Offered:
    """A command that can be used here, and the owners that the interaction will name."""

    command: dict[str, Any]
    owners: dict[str, str]


class Offers:
    """Looks at the synced commands as Discord's client does."""

    def __init__(self, town: Town, registry: Registry) -> None:
        self._town = town
        self._registry = registry

    def here(self, person: Person, channel: Channel) -> list[Offered]:
        """All commands that the person can use in the channel."""
        may = rights.in_channel(self._town, channel, person.id)
        if channel.type == FORUM or not may & rights.bits("use_application_commands"):
            return []
        found = []
        for command in self._registry.of(channel.guild_id):
            owners = self._owners(command, person, channel, may)
            if owners:
                found.append(Offered(command, owners))
        return found

    def owners(self, person: Person, channel: Channel) -> dict[str, str]:
        """In whose name a component of a message is pressed here."""
        owners = {}
        if channel.guild_id is None or self._town.has_bot(channel.guild_id):
            owners["0"] = channel.guild_id or "0"
        if person.installed:
            owners["1"] = person.id
        return owners or {"1": person.id}

    def _owners(self, command: dict[str, Any], person: Person, channel: Channel, may: int) -> dict[str, str]:
        context = BOT_DM if channel.guild_id is None else SERVER
        contexts = command.get("contexts")
        if contexts is not None and context not in contexts:
            return {}
        if contexts is None and context == BOT_DM and command.get("dm_permission") is False:
            return {}
        if command.get("nsfw") and not (channel.nsfw or context == BOT_DM):
            return {}
        types = command.get("integration_types") or [0]
        owners = {}
        if 1 in types and person.installed:
            owners["1"] = person.id
        installed = context == BOT_DM or self._town.has_bot(channel.guild_id)
        if 0 in types and installed and (context == BOT_DM or _permitted(command, may)):
            owners["0"] = channel.guild_id or "0"
        return owners

    def find(self, person: Person, channel: Channel, kind: int, name: str) -> Offered:
        """A command by kind and name (the whole path of a subcommand). Raises ValueError when it is not offered."""
        offered = [one for one in self.here(person, channel) if one.command["type"] == kind]
        for one in offered:
            if one.command["name"] == (name.partition(" ")[0] if kind == SLASH else name):
                return one
        names = ", ".join(sorted(one.command["name"] for one in offered)) or "none"
        raise ValueError(f"no command {name!r} here for {person.name}; offered are {names}")


def _permitted(command: dict[str, Any], may: int) -> bool:
    """Whether `default_member_permissions` lets a member see it; "0" is for administrators."""
    needed = command.get("default_member_permissions")
    if needed is None or may & _ADMIN:
        return True
    return int(needed) != 0 and may & int(needed) == int(needed)


def path_of(command: dict[str, Any], name: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The group and subcommand that a name walks through, and the options at its end. Raises ValueError."""
    steps: list[dict[str, Any]] = []
    options: list[dict[str, Any]] = command.get("options") or []
    for word in name.split(" ")[1:]:
        step = next((o for o in options if o["type"] in (SUB, GROUP) and o["name"] == word), None)
        if step is None:
            raise ValueError(f"/{command['name']} has no subcommand {word!r}")
        steps.append(step)
        options = step.get("options") or []
    inner = [option["name"] for option in options if option["type"] in (SUB, GROUP)]
    if inner:
        raise ValueError(f"/{name} cannot be used by itself; it has {', '.join(inner)}")
    return steps, options
