"""What changes in servers, with the gateway event that tells the bot of each change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.simulator.botside import rights
from engine.simulator.botside.herald import GUILDS, MEMBERS, MODERATION
from engine.simulator.botside.places import THREAD, Channel, Guild, Member, Overwrite, Person, Role

if TYPE_CHECKING:
    from engine.simulator.botside.feed import Feed
    from engine.simulator.botside.herald import Herald
    from engine.simulator.botside.town import Town


class Changes:
    """Servers, roles, members and channels come, change and go."""

    def __init__(self, town: Town, herald: Herald, feed: Feed) -> None:
        self._town = town
        self._herald = herald
        self._feed = feed

    def _place_changed(self, channel: Channel | None = None) -> None:
        self._feed.add("place", channel=None if channel is None else channel.id)

    # servers

    def found(self, name: str, owner: Person) -> Guild:
        """A new server."""
        guild = self._town.found(name, owner)
        self._place_changed()
        return guild

    def invite(self, guild: Guild, permissions: list[str] | None = None) -> None:
        """The bot joins, with its own role."""
        town = self._town
        if town.has_bot(guild.id):
            return
        granted = rights.BOT if permissions is None else rights.bits(*permissions)
        top = max(role.position for role in guild.roles.values()) + 1
        role = Role(id=town.new_id(), name=town.application.name, permissions=granted, position=top, managed=True)
        guild.roles[role.id] = role
        town.save_guild(guild)
        town.save_member(
            Member(guild_id=guild.id, user_id=town.application.id, roles=[role.id], joined_ms=town.now_ms())
        )
        shown = self._herald.guild(guild, MEMBERS)
        del shown["unavailable"]  # so a client knows a new server from one that is back
        self._herald.tell("GUILD_CREATE", shown, GUILDS, guild.id)
        self._place_changed()

    def expel(self, guild: Guild) -> None:
        """The bot is removed."""
        town = self._town
        member = town.member(guild.id, town.application.id)
        if member is None:
            return
        town.drop_member(member)
        for role in [role for role in guild.roles.values() if role.managed and role.id in member.roles]:
            del guild.roles[role.id]
        town.save_guild(guild)
        self._herald.tell("GUILD_DELETE", {"id": guild.id}, GUILDS)
        self._place_changed()

    def rename(self, guild: Guild, values: dict[str, Any]) -> None:
        """Name, size limit, locale or owner."""
        guild.name = values.get("name", guild.name)
        guild.locale = values.get("locale", guild.locale)
        guild.size_limit = values.get("size_limit", guild.size_limit)
        guild.owner_id = values.get("owner_id", guild.owner_id)
        self._town.save_guild(guild)
        self._herald.tell("GUILD_UPDATE", guild.told(), GUILDS, guild.id)
        self._place_changed()

    # roles

    def role(self, guild: Guild, name: str, permissions: Any, color: int = 0) -> Role:
        """A new role, above everyone's and below the ones that there are."""
        for other in guild.roles.values():
            other.position += 1 if other.position > 0 else 0
        role = Role(
            id=self._town.new_id(), name=name, permissions=rights.read_bits(permissions), color=color, position=1
        )
        guild.roles[role.id] = role
        self._town.save_guild(guild)
        self._herald.tell("GUILD_ROLE_CREATE", {"guild_id": guild.id, "role": role.told()}, GUILDS, guild.id)
        return role

    def change_role(self, guild: Guild, role: Role, values: dict[str, Any]) -> None:
        """Name, permissions or place."""
        role.name = values.get("name", role.name)
        role.position = values.get("position", role.position)
        role.mentionable = values.get("mentionable", role.mentionable)
        if "permissions" in values:
            role.permissions = rights.read_bits(values["permissions"])
        self._town.save_guild(guild)
        self._herald.tell("GUILD_ROLE_UPDATE", {"guild_id": guild.id, "role": role.told()}, GUILDS, guild.id)
        self._place_changed()

    def drop_role(self, guild: Guild, role: Role) -> None:
        """The role is deleted; its members lose it."""
        del guild.roles[role.id]
        self._town.save_guild(guild)
        for member in self._town.members(guild.id):
            if role.id in member.roles:
                member.roles.remove(role.id)
                self._town.save_member(member)
        self._herald.tell("GUILD_ROLE_DELETE", {"guild_id": guild.id, "role_id": role.id}, GUILDS, guild.id)

    # members

    def join(self, guild: Guild, person: Person, roles: list[str]) -> Member:
        """A person joins."""
        if person.id in guild.banned:
            raise ValueError(f"{person.name} is banned there")
        member = self._town.save_member(
            Member(guild_id=guild.id, user_id=person.id, roles=roles, joined_ms=self._town.now_ms())
        )
        body = {**self._herald.member(member), "guild_id": guild.id}
        self._herald.tell("GUILD_MEMBER_ADD", body, MEMBERS, guild.id)
        self._place_changed()
        return member

    def change_member(self, member: Member, values: dict[str, Any]) -> None:
        """Roles, nickname, timeout."""
        member.roles = [str(role) for role in values.get("roles", member.roles)]
        member.nick = values.get("nick", member.nick)
        member.timeout_ms = values.get("timeout_ms", member.timeout_ms)
        self._town.save_member(member)
        body = {**self._herald.member(member), "guild_id": member.guild_id}
        self._herald.tell("GUILD_MEMBER_UPDATE", body, MEMBERS, member.guild_id)
        self._place_changed()

    def leave(self, guild: Guild, member: Member) -> None:
        """A person leaves or is kicked."""
        self._town.drop_member(member)
        body = {"guild_id": guild.id, "user": self._herald.user(member.user_id)}
        self._herald.tell("GUILD_MEMBER_REMOVE", body, MEMBERS, guild.id)
        self._place_changed()

    def ban(self, guild: Guild, person: Person) -> None:
        """A person is banned; Discord tells that first, then that they are gone."""
        if person.id not in guild.banned:
            guild.banned.append(person.id)
            self._town.save_guild(guild)
        body = {"guild_id": guild.id, "user": person.user()}
        self._herald.tell("GUILD_BAN_ADD", body, MODERATION, guild.id)
        member = self._town.member(guild.id, person.id)
        if member is not None:
            self.leave(guild, member)

    def unban(self, guild: Guild, person: Person) -> None:
        """A person may come back."""
        if person.id in guild.banned:
            guild.banned.remove(person.id)
            self._town.save_guild(guild)
            body = {"guild_id": guild.id, "user": person.user()}
            self._herald.tell("GUILD_BAN_REMOVE", body, MODERATION, guild.id)

    # channels

    def place(
        self, guild: Guild, name: str, kind: int, *, parent: Channel | None = None, nsfw: bool = False,
        owner: str | None = None,
    ) -> Channel:  # fmt: skip
        """A new channel, thread or forum post."""
        count = sum(1 for c in self._town.channels.values() if c.guild_id == guild.id)
        channel = Channel(
            id=self._town.new_id(), type=kind, guild_id=guild.id, name=name, position=count, nsfw=nsfw,
            parent_id=None if parent is None else parent.id, owner_id=owner or guild.owner_id,
        )  # fmt: skip
        if channel.is_thread and parent is None:
            raise ValueError("a thread needs a parent")
        channel.nsfw = channel.nsfw or (parent is not None and parent.nsfw)
        self._town.save_channel(channel)
        self._tell_place(channel, "CREATE")
        return channel

    def change_place(self, channel: Channel, values: dict[str, Any]) -> None:
        """Name, nsfw, archived, locked."""
        for name in ("name", "nsfw", "archived", "locked", "topic"):
            if name in values:
                setattr(channel, name, values[name])
        self._town.save_channel(channel)
        self._tell_place(channel, "UPDATE")

    def overwrite(self, channel: Channel, target: str, *, allow: Any = (), deny: Any = ()) -> None:
        """What a channel gives to and takes from a role or member; nothing of both removes it."""
        given, taken = rights.read_bits([*allow]), rights.read_bits([*deny])
        channel.overwrites = [entry for entry in channel.overwrites if entry.id != target]
        if given or taken:
            kind = 1 if target in self._town.people else 0
            channel.overwrites.append(Overwrite(target, kind, given, taken))
        self._town.save_channel(channel)
        self._tell_place(channel, "UPDATE")

    def drop_place(self, channel: Channel) -> None:
        """A channel is deleted, with its threads."""
        for thread in [c for c in self._town.channels.values() if c.parent_id == channel.id]:
            self.drop_place(thread)
        self._tell_place(channel, "DELETE")
        self._town.drop_channel(channel)

    def _tell_place(self, channel: Channel, what: str) -> None:
        if channel.guild_id is not None:
            kind = "THREAD" if channel.type == THREAD or channel.is_thread else "CHANNEL"
            shown = self._herald.channel(channel)
            if kind == "THREAD" and what == "CREATE":
                shown["newly_created"] = True
            self._herald.tell(f"{kind}_{what}", shown, GUILDS, channel.guild_id)
        self._place_changed(channel)
