"""The application's synced commands: their ids and versions, and the routes by which a bot sets them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from engine.simulator import refusals
from engine.simulator.botside import refused
from engine.simulator.botside.command_rules import SLASH, check_command, check_commands
from engine.simulator.botside.problems import Problems
from engine.simulator.refusals import Refused

if TYPE_CHECKING:
    from engine.simulator.botside.calls import Call, Route
    from engine.simulator.botside.feed import Feed
    from engine.simulator.botside.town import Town
    from engine.simulator.ledger import Ledger
    from engine.simulator.world import World

_GLOBAL = "/applications/{application}/commands"
_GUILD = "/applications/{application}/guilds/{guild}/commands"
_A_DAY = 200  # new commands in each place
_EVERYWHERE = "global"


class Registry:
    """Commands by place: `global` or a server's id."""

    def __init__(self, *, world: World, town: Town, ledger: Ledger, feed: Feed) -> None:
        self._world = world
        self._town = town
        self._ledger = ledger
        self._feed = feed
        self._sets: dict[str, list[dict[str, Any]]] = {
            place: msgspec.json.decode(row) for place, row in world.kept("bot.commands").items()
        }
        self._created: dict[tuple[str, int], int] = {}  # by place and day

    def routes(self) -> list[Route]:
        """The routes, global and per server."""
        both: list[Route] = []
        for base in (_GLOBAL, _GUILD):
            both += [
                ("GET", base, self._all),
                ("PUT", base, self._overwrite),
                ("POST", base, self._create),
                ("GET", base + "/{command}", self._one),
                ("PATCH", base + "/{command}", self._change),
                ("DELETE", base + "/{command}", self._remove),
            ]
        return both

    def of(self, guild_id: str | None) -> list[dict[str, Any]]:
        """What can be used in a server (or a DM): its own commands and the global ones."""
        own = self._sets.get(guild_id, []) if guild_id is not None and self._town.has_bot(guild_id) else []
        return [*own, *self._sets.get(_EVERYWHERE, [])]

    def all(self) -> dict[str, list[dict[str, Any]]]:
        """Every set by its place."""
        return self._sets

    # routes

    def _place(self, call: Call) -> str:
        if call.path["application"] != self._town.application.id:
            raise Refused(refused.BOTS_CANNOT)
        guild = call.path.get("guild", _EVERYWHERE)
        if guild != _EVERYWHERE and not self._town.has_bot(guild):
            raise Refused(refusals.MISSING_ACCESS)
        return guild

    async def _all(self, call: Call) -> list[dict[str, Any]]:
        return self._sets.get(self._place(call), [])

    async def _overwrite(self, call: Call) -> list[dict[str, Any]]:
        """The whole set; a command whose name and kind are known keeps its id, and its version while it is the same."""
        place, wanted = self._place(call), await call.listed()
        problems = Problems()
        check_commands(wanted, problems)
        problems.refuse()
        known = {_key(command): command for command in self._sets.get(place, [])}
        made = [self._made(place, command, known.get(_key(command))) for command in wanted]
        self._save(place, made)
        return made

    async def _create(self, call: Call) -> dict[str, Any]:
        place, wanted = self._place(call), await call.values()
        problems = Problems()
        check_command(wanted, problems)
        problems.refuse()
        others = [c for c in self._sets.get(place, []) if _key(c) != _key(wanted)]
        known = next((c for c in self._sets.get(place, []) if _key(c) == _key(wanted)), None)
        made = self._made(place, wanted, known)
        both = Problems()
        check_commands([*others, made], both)
        both.refuse()
        self._save(place, [*others, made])
        return made

    def _named(self, call: Call, place: str) -> dict[str, Any]:
        for command in self._sets.get(place, []):
            if command["id"] == call.path["command"]:
                return command
        raise Refused(refusals.UNKNOWN_COMMAND)

    async def _one(self, call: Call) -> dict[str, Any]:
        return self._named(call, self._place(call))

    async def _change(self, call: Call) -> dict[str, Any]:
        place = self._place(call)
        old = self._named(call, place)
        wanted = {**old, **await call.values()}
        problems = Problems()
        check_command(wanted, problems)
        problems.refuse()
        made = self._made(place, wanted, old)
        self._save(place, [made if c is old else c for c in self._sets[place]])
        return made

    async def _remove(self, call: Call) -> None:
        place = self._place(call)
        gone = self._named(call, place)
        self._save(place, [c for c in self._sets[place] if c is not gone])

    def _made(self, place: str, wanted: dict[str, Any], known: dict[str, Any] | None) -> dict[str, Any]:
        """A command as Discord answers it, with id and version."""
        if known is None:
            day = (place, self._town.now_ms() // 86_400_000)
            self._created[day] = self._created.get(day, 0) + 1
            if self._created[day] > _A_DAY:
                raise Refused(refused.TOO_MANY_CREATES)
        made = {
            "description": "",
            "type": SLASH,
            "options": [],
            "default_member_permissions": None,
            "nsfw": False,
            "name_localizations": None,
            "description_localizations": None,
            **{key: value for key, value in wanted.items() if key not in ("id", "version")},
            "application_id": self._town.application.id,
        }
        if made.get("default_member_permissions") is not None:
            made["default_member_permissions"] = str(made["default_member_permissions"])
        if place == _EVERYWHERE:
            made.setdefault("dm_permission", True)
            made["contexts"] = made.get("contexts")
            made["integration_types"] = made.get("integration_types") or [0]
        else:
            made["guild_id"] = place
        same = known is not None and {k: v for k, v in known.items() if k not in ("id", "version")} == made
        return {
            "id": self._town.new_id() if known is None else known["id"],
            "version": known["version"] if same and known is not None else self._town.new_id(),
            **made,
        }

    def _save(self, place: str, commands: list[dict[str, Any]]) -> None:
        self._sets[place] = commands
        self._world.keep("bot.commands", place, msgspec.json.encode(commands))
        self._feed.add("commands")
        self._ledger.write("bot_commands", place=place, names=[command["name"] for command in commands])


def _key(command: dict[str, Any]) -> tuple[int, str]:
    return command.get("type", SLASH), str(command.get("name"))
