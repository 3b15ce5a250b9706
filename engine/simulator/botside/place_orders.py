"""How the scene is set: servers, people, roles, channels, limits, on the control port under /discord."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from engine.simulator.botside.orders import answer, body_of, where, who
from engine.simulator.botside.places import FORUM, KINDS, Guild, Person, Role
from engine.simulator.botside.seed import seed

if TYPE_CHECKING:
    from engine.simulator.botside.changes import Changes
    from engine.simulator.botside.feed import Feed
    from engine.simulator.botside.limits import Limits
    from engine.simulator.botside.places import Channel, Member
    from engine.simulator.botside.post import Post
    from engine.simulator.botside.registry import Registry
    from engine.simulator.botside.town import Town
    from engine.simulator.gateway import Gateway


class PlaceOrders:
    """A server is named by id or name, in it a role likewise."""

    def __init__(
        self,
        *,
        town: Town,
        changes: Changes,
        post: Post,
        limits: Limits,
        registry: Registry,
        gateway: Gateway,
        feed: Feed,
    ) -> None:
        self._town = town
        self._changes = changes
        self._post = post
        self._limits = limits
        self._registry = registry
        self._gateway = gateway
        self._feed = feed

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        guild, channel = "/discord/guilds/{guild}", "/discord/channels/{channel}"
        return [
            web.get("/discord", self._all),
            web.post("/discord/seed", self._seed),
            web.put("/discord/application", self._application),
            web.get("/discord/limits", self._limited),
            web.put("/discord/limits", self._limit),
            web.post("/discord/people", self._person),
            web.put("/discord/people/{person}", self._change_person),
            web.post("/discord/guilds", self._found),
            web.put(guild, self._change_guild),
            web.post(guild + "/bot", self._invite),
            web.delete(guild + "/bot", self._expel),
            web.post(guild + "/roles", self._role),
            web.put(guild + "/roles/{role}", self._change_role),
            web.delete(guild + "/roles/{role}", self._drop_role),
            web.post(guild + "/members", self._join),
            web.put(guild + "/members/{person}", self._change_member),
            web.delete(guild + "/members/{person}", self._leave),
            web.put(guild + "/bans/{person}", self._ban),
            web.delete(guild + "/bans/{person}", self._unban),
            web.post(guild + "/channels", self._channel),
            web.put(channel, self._change_channel),
            web.put(channel + "/overwrites", self._overwrite),
            web.delete(channel, self._drop_channel),
        ]

    async def _all(self, _request: web.Request) -> web.Response:
        """Everything there is: the application, people, servers with roles, members and channels, commands."""
        town = self._town
        application = town.application
        return answer(
            {
                "application": {"id": application.id, "name": application.name, "privileged": application.privileged},
                "feed": self._feed.last,
                "connected": len(self._gateway.live(application.id)),
                "people": [p for p in town.people.values() if not p.bot],
                "guilds": [self._told(guild) for guild in town.guilds.values()],
                "private": [{"id": c.id, "person": c.recipient_id} for c in town.channels.values() if c.recipient_id],
                "commands": self._registry.all(),
            }
        )

    def _told(self, guild: Guild) -> dict[str, Any]:
        places = [c for c in self._town.channels.values() if c.guild_id == guild.id]
        return {
            "id": guild.id,
            "name": guild.name,
            "owner": guild.owner_id,
            "bot": self._town.has_bot(guild.id),
            "size_limit": guild.size_limit,
            "locale": guild.locale,
            "banned": guild.banned,
            "roles": [role.told() for role in guild.roles.values()],
            "members": self._town.members(guild.id),
            "channels": places,
        }

    async def _seed(self, request: web.Request) -> web.Response:
        seed(self._town, self._changes)
        return await self._all(request)

    async def _application(self, request: web.Request) -> web.Response:
        """`{"name", "privileged": [members, presences, message_content], "revoked"}`."""
        wanted = await body_of(request, "name", "privileged", "revoked")
        application = self._town.application
        unknown = set(wanted.get("privileged", ())) - {"members", "presences", "message_content"}
        if unknown:
            raise ValueError(f"privileged: {', '.join(sorted(unknown))} unknown; members, presences, message_content")
        for name, value in wanted.items():
            setattr(application, name, value)
        self._town.save_application()
        return answer({"privileged": application.privileged, "revoked": application.revoked})

    async def _limited(self, _request: web.Request) -> web.Response:
        return answer(self._limits.told())

    async def _limit(self, request: web.Request) -> web.Response:
        """`{"on": false}`, or `{"PATCH /channels/{channel}/messages/{message}": [calls, seconds]}`."""
        self._limits.change(await body_of(request))
        return answer(self._limits.told())

    # people and servers

    async def _person(self, request: web.Request) -> web.Response:
        wanted = await body_of(request, "name", "locale", "dms", "installed")
        name = wanted.get("name")
        if not isinstance(name, str) or not name or any(p.name == name for p in self._town.people.values()):
            raise ValueError("name must be a text that nobody has yet")
        return answer(self._town.save_person(Person(id=self._town.new_id(), **wanted)))

    async def _change_person(self, request: web.Request) -> web.Response:
        person = who(self._town, {"as": request.match_info["person"]})
        for name, value in (await body_of(request, "locale", "dms", "installed")).items():
            setattr(person, name, value)
        return answer(self._town.save_person(person))

    async def _found(self, request: web.Request) -> web.Response:
        wanted = await body_of(request, "name", "owner", "bot")
        guild = self._changes.found(str(wanted.get("name")), who(self._town, {"as": wanted.get("owner")}))
        if wanted.get("bot", True):
            self._changes.invite(guild)
        return answer(self._told(guild))

    def _guild(self, request: web.Request) -> Guild:
        named = request.match_info["guild"]
        for guild in self._town.guilds.values():
            if named in (guild.id, guild.name):
                return guild
        raise ValueError(f"no server {named!r}; there are {', '.join(g.name for g in self._town.guilds.values())}")

    async def _change_guild(self, request: web.Request) -> web.Response:
        guild = self._guild(request)
        self._changes.rename(guild, await body_of(request, "name", "locale", "size_limit", "owner_id"))
        return answer(self._told(guild))

    async def _invite(self, request: web.Request) -> web.Response:
        guild = self._guild(request)
        self._changes.invite(guild, (await body_of(request, "permissions")).get("permissions"))
        return answer(self._told(guild))

    async def _expel(self, request: web.Request) -> web.Response:
        guild = self._guild(request)
        self._changes.expel(guild)
        return answer(self._told(guild))

    # roles and members

    def _named_role(self, guild: Guild, named: str) -> Role:
        for role in guild.roles.values():
            if named in (role.id, role.name):
                return role
        raise ValueError(f"no role {named!r}; there are {', '.join(r.name for r in guild.roles.values())}")

    def _roles(self, guild: Guild, named: Any) -> list[str]:
        return [self._named_role(guild, name).id for name in named]

    async def _role(self, request: web.Request) -> web.Response:
        wanted = await body_of(request, "name", "permissions", "color")
        role = self._changes.role(
            self._guild(request), str(wanted.get("name")), wanted.get("permissions", []), wanted.get("color", 0)
        )
        return answer(role.told())

    async def _change_role(self, request: web.Request) -> web.Response:
        guild = self._guild(request)
        role = self._named_role(guild, request.match_info["role"])
        self._changes.change_role(guild, role, await body_of(request, "name", "permissions", "position", "mentionable"))
        return answer(role.told())

    async def _drop_role(self, request: web.Request) -> web.Response:
        guild = self._guild(request)
        self._changes.drop_role(guild, self._named_role(guild, request.match_info["role"]))
        return answer(self._told(guild))

    async def _join(self, request: web.Request) -> web.Response:
        guild, wanted = self._guild(request), await body_of(request, "as", "roles")
        member = self._changes.join(guild, who(self._town, wanted), self._roles(guild, wanted.get("roles") or ()))
        return answer(member)

    def _member(self, request: web.Request) -> Member:
        guild, person = self._guild(request), who(self._town, {"as": request.match_info["person"]})
        member = self._town.member(guild.id, person.id)
        if member is None:
            raise ValueError(f"{person.name} is not in {guild.name}")
        return member

    async def _change_member(self, request: web.Request) -> web.Response:
        guild, member = self._guild(request), self._member(request)
        wanted = await body_of(request, "roles", "nick", "timeout_ms")
        if "roles" in wanted:
            wanted["roles"] = self._roles(guild, wanted["roles"])
        self._changes.change_member(member, wanted)
        return answer(member)

    async def _leave(self, request: web.Request) -> web.Response:
        guild = self._guild(request)
        self._changes.leave(guild, self._member(request))
        return answer(self._told(guild))

    async def _ban(self, request: web.Request) -> web.Response:
        guild = self._guild(request)
        self._changes.ban(guild, who(self._town, {"as": request.match_info["person"]}))
        return answer(self._told(guild))

    async def _unban(self, request: web.Request) -> web.Response:
        guild = self._guild(request)
        self._changes.unban(guild, who(self._town, {"as": request.match_info["person"]}))
        return answer(self._told(guild))

    # channels

    async def _channel(self, request: web.Request) -> web.Response:
        """`{"name", "type": text|news|forum|thread|private_thread|post, "parent", "nsfw", "as", "content"}`."""
        guild = self._guild(request)
        wanted = await body_of(request, "name", "type", "parent", "nsfw", "as", "content")
        kind = wanted.get("type", "text")
        if kind not in KINDS:
            raise ValueError(f"type must be one of {', '.join(KINDS)}")
        owner = who(self._town, wanted) if "as" in wanted else None
        parent = where(self._town, wanted["parent"]) if "parent" in wanted else None
        channel = self._changes.place(
            guild, str(wanted.get("name")), KINDS[kind], parent=parent, nsfw=bool(wanted.get("nsfw")),
            owner=None if owner is None else owner.id,
        )  # fmt: skip
        if wanted.get("content") and owner is not None:
            draft = self._post.compose(channel, {"content": wanted["content"]}, {})
            first = channel.id if parent is not None and parent.type == FORUM else None
            self._post.send(channel, draft, author=owner.id, identity=first)
        return answer(channel)

    def _place(self, request: web.Request) -> Channel:
        return where(self._town, request.match_info["channel"])

    async def _change_channel(self, request: web.Request) -> web.Response:
        channel = self._place(request)
        self._changes.change_place(channel, await body_of(request, "name", "nsfw", "archived", "locked", "topic"))
        return answer(channel)

    async def _overwrite(self, request: web.Request) -> web.Response:
        """`{"role" or "as" or "bot": true, "allow": [names], "deny": [names]}`; without both it is removed."""
        channel = self._place(request)
        wanted = await body_of(request, "role", "as", "bot", "allow", "deny")
        if wanted.get("bot"):
            target = self._town.application.id
        elif "as" in wanted:
            target = who(self._town, wanted).id
        else:
            target = self._named_role(self._town.guilds[str(channel.guild_id)], str(wanted.get("role"))).id
        self._changes.overwrite(channel, target, allow=wanted.get("allow") or (), deny=wanted.get("deny") or ())
        return answer(channel)

    async def _drop_channel(self, request: web.Request) -> web.Response:
        channel = self._place(request)
        self._changes.drop_place(channel)
        return answer({"deleted": channel.id})
