"""What a bot may ask and do about itself, its servers, their members and roles."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.simulator import refusals
from engine.simulator.botside import refused, rights
from engine.simulator.botside.herald import MEMBERS
from engine.simulator.botside.places import Guild, Member
from engine.simulator.refusals import Refused

if TYPE_CHECKING:
    from engine.simulator.botside.calls import Call, Route
    from engine.simulator.botside.herald import Herald
    from engine.simulator.botside.town import Town
    from engine.simulator.gateway import Gateway

_GUILD = "/guilds/{guild}"
_LONGEST_MS = 28 * 86_400_000  # a timeout


class GuildRoutes:
    """Routes under /users, /oauth2, /gateway and /guilds."""

    def __init__(self, *, town: Town, herald: Herald, gateway: Gateway) -> None:
        self._town = town
        self._herald = herald
        self._gateway = gateway

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            ("GET", "/users/@me", self._me),
            ("GET", "/users/@me/guilds", self._my_guilds),
            ("GET", "/users/{user}", self._user),
            ("GET", "/oauth2/applications/@me", self._application),
            ("GET", "/applications/@me", self._application),
            ("GET", "/gateway/bot", self._where),
            ("GET", "/gateway", self._where),
            ("GET", _GUILD, self._guild),
            ("GET", _GUILD + "/channels", self._channels),
            ("GET", _GUILD + "/roles", self._roles),
            ("GET", _GUILD + "/members", self._members),
            ("GET", _GUILD + "/members/search", self._search),
            ("GET", _GUILD + "/members/{user}", self._member),
            ("PATCH", _GUILD + "/members/{user}", self._change_member),
        ]

    # the bot itself

    async def _me(self, _call: Call) -> dict[str, Any]:
        return {**self._herald.user(self._town.application.id), "verified": True, "mfa_enabled": True, "email": None}

    async def _my_guilds(self, _call: Call) -> list[dict[str, Any]]:
        return [
            {"id": g.id, "name": g.name, "icon": None, "owner": False, "permissions": "0", "features": []}
            for g in self._town.guilds.values()
            if self._town.has_bot(g.id)
        ]

    async def _user(self, call: Call) -> dict[str, Any]:
        person = self._town.people.get(call.path["user"])
        if person is None:
            raise Refused(refused.UNKNOWN_USER)
        return person.user()

    async def _application(self, _call: Call) -> dict[str, Any]:
        application = self._town.application
        owner = next((p for p in self._town.people.values() if not p.bot), None)
        return {
            "id": application.id,
            "name": application.name,
            "icon": None,
            "description": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": application.flags(),
            "team": None,
            "owner": owner.user() if owner is not None else self._herald.user(application.id),
            "summary": "",
            "integration_types_config": {"0": {}, "1": {}},
        }

    async def _where(self, call: Call) -> dict[str, Any]:
        if not call.request.path.endswith("/bot"):
            return {"url": self._gateway.url}
        limit = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}
        return {"url": self._gateway.url, "shards": 1, "session_start_limit": limit}

    # servers

    def _found(self, call: Call) -> Guild:
        guild = self._town.guilds.get(call.path["guild"])
        if guild is None:
            raise Refused(refusals.NO_SUCH_GUILD)
        if not self._town.has_bot(guild.id):
            raise Refused(refusals.MISSING_ACCESS)
        return guild

    async def _guild(self, call: Call) -> dict[str, Any]:
        return self._found(call).told()

    async def _channels(self, call: Call) -> list[dict[str, Any]]:
        guild = self._found(call)
        return [
            self._herald.channel(c) for c in self._town.channels.values() if c.guild_id == guild.id and not c.is_thread
        ]

    async def _roles(self, call: Call) -> list[dict[str, Any]]:
        return [role.told() for role in self._found(call).roles.values()]

    async def _members(self, call: Call) -> list[dict[str, Any]]:
        if "members" not in self._town.application.privileged:
            raise Refused(refusals.MISSING_ACCESS)
        query = call.request.query
        after, limit = int(query.get("after", "0")), int(query.get("limit", "1"))
        found = sorted(self._town.members(self._found(call).id), key=lambda m: int(m.user_id))
        return [self._herald.member(m) for m in found if int(m.user_id) > after][:limit]

    async def _search(self, call: Call) -> list[dict[str, Any]]:
        words = call.request.query.get("query", "").lower()
        members = self._town.members(self._found(call).id)
        return [self._herald.member(m) for m in members if self._town.people[m.user_id].name.lower().startswith(words)]

    def _one(self, call: Call, guild: Guild) -> Member:
        member = self._town.member(guild.id, call.path["user"])
        if member is None:
            raise Refused(refused.UNKNOWN_MEMBER if call.path["user"] in self._town.people else refused.UNKNOWN_USER)
        return member

    async def _member(self, call: Call) -> dict[str, Any]:
        return self._herald.member(self._one(call, self._found(call)))

    async def _change_member(self, call: Call) -> dict[str, Any]:
        """A timeout, a nickname, roles: each with its own permission, and nobody above the bot."""
        guild = self._found(call)
        member = self._one(call, guild)
        values = await call.values()
        needed = {
            "communication_disabled_until": "moderate_members",
            "nick": "manage_nicknames",
            "roles": "manage_roles",
        }
        own = self._town.member(guild.id, self._town.application.id)
        may = rights.in_guild(guild, own, self._town.now_ms()) if own is not None else 0
        if any(name in values and not may & rights.bits(right) for name, right in needed.items()):
            raise Refused(refusals.MISSING_PERMISSIONS)
        if own is None or not self._above(guild, own, member):
            raise Refused(refusals.MISSING_PERMISSIONS)
        if "communication_disabled_until" in values:
            member.timeout_ms = self._until(values["communication_disabled_until"])
        member.nick = values.get("nick", member.nick)
        member.roles = [str(role) for role in values.get("roles", member.roles)]
        self._town.save_member(member)
        shown = self._herald.member(member)
        self._herald.tell("GUILD_MEMBER_UPDATE", {**shown, "guild_id": guild.id}, MEMBERS, guild.id)
        return shown

    def _above(self, guild: Guild, own: Member, other: Member) -> bool:
        """Whether the bot's highest role stands above the other's; nobody is above the owner or an administrator."""
        if other.user_id == guild.owner_id or rights.in_guild(guild, other, 0) == rights.ALL:
            return False

        def top(member: Member) -> int:
            return max((guild.roles[role].position for role in member.roles if role in guild.roles), default=0)

        return top(own) > top(other)

    def _until(self, value: Any) -> int | None:
        if value is None:
            return None
        try:
            until = round(datetime.fromisoformat(str(value)).timestamp() * 1000)
        except ValueError:
            words = f'Could not parse "{value}". Should be ISO8601.'
            raise Refused(refusals.form("communication_disabled_until", "DATETIME_TYPE_PARSE", words)) from None
        if until > self._town.now_ms() + _LONGEST_MS:
            words = "Timeout must be at most 28 days."
            raise Refused(refusals.form("communication_disabled_until", "GUILD_MEMBER_TIMEOUT_TOO_LONG", words))
        return until
