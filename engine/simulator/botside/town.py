"""Which people, servers, channels and messages there are for the bot; all but ephemeral ones survive a restart."""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING, Any

import msgspec

from engine.simulator.botside.places import PRIVATE, Application, Channel, Guild, Member, Person, Role
from engine.simulator.botside.rights import EVERYONE
from engine.simulator.ids import token

if TYPE_CHECKING:
    from engine.simulator.world import World

_encode = msgspec.json.Encoder().encode
_HISTORY = 2000  # messages of a channel that are kept


class Posted(msgspec.Struct, kw_only=True):
    """A message: its body as Discord stores it, all its attachments, and who alone sees it when it is ephemeral.

    Addresses inside are `cdn:PATH`; they become links with a fresh signature whenever the message is shown.
    """

    id: str
    channel_id: str
    body: dict[str, Any]
    files: list[dict[str, Any]] = []
    only: str | None = None  # person id


class Town:
    """The state of the bot's side."""

    def __init__(self, world: World, given_token: str | None = None) -> None:
        self._world = world
        self.people: dict[str, Person] = {}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, Posted] = {}
        self._members: dict[str, dict[str, Member]] = {}
        self._history: dict[str, list[str]] = {}
        self._load()
        kept = world.kept("bot.application").get("1")
        self.application = (
            Application(id=self.new_id()) if kept is None else msgspec.json.decode(kept, type=Application)
        )
        if given_token is not None:
            self.application.given_token = given_token
        self.save_application()
        if self.application.id not in self.people:
            self.save_person(Person(id=self.application.id, name=self.application.name, bot=True))

    def _load(self) -> None:
        world = self._world
        for row in world.kept("bot.person").values():
            person = msgspec.json.decode(row, type=Person)
            self.people[person.id] = person
        for row in world.kept("bot.guild").values():
            guild = msgspec.json.decode(row, type=Guild)
            self.guilds[guild.id] = guild
        for row in world.kept("bot.channel").values():
            channel = msgspec.json.decode(row, type=Channel)
            self.channels[channel.id] = channel
        for row in world.kept("bot.member").values():
            member = msgspec.json.decode(row, type=Member)
            self._members.setdefault(member.guild_id, {})[member.user_id] = member
        for row in world.kept("bot.message").values():
            posted = msgspec.json.decode(row, type=Posted)
            self.messages[posted.id] = posted
            insort(self._history.setdefault(posted.channel_id, []), posted.id, key=int)
        for identity in (*self.people, *self.guilds, *self.channels, *self.messages):
            world.snowflakes.never_below(identity)

    # the application

    def token(self) -> str:
        """The bot's token: the one it was given, or the derived one."""
        return self.application.given_token or token(self.application.id, self._world.secret)

    def application_of(self, presented: Any) -> Application | None:
        """The application whose token this is."""
        application = self.application
        return application if presented == self.token() and not application.revoked else None

    def save_application(self) -> None:
        """Remember the application."""
        self._world.keep("bot.application", "1", _encode(self.application))

    # people and servers

    def now_ms(self) -> int:
        """What time it is, Unix."""
        return self._world.clock.unix_ms()

    def new_id(self) -> str:
        """A fresh snowflake."""
        return self._world.new_id()

    def save_person(self, person: Person) -> Person:
        """Remember a person."""
        self.people[person.id] = person
        self._world.keep("bot.person", person.id, _encode(person))
        return person

    def save_guild(self, guild: Guild) -> Guild:
        """Remember a server."""
        self.guilds[guild.id] = guild
        self._world.keep("bot.guild", guild.id, _encode(guild))
        return guild

    def found(self, name: str, owner: Person) -> Guild:
        """A new server with its owner and everyone's role."""
        identity = self.new_id()
        everyone = Role(id=identity, name="@everyone", permissions=EVERYONE)
        guild = self.save_guild(Guild(id=identity, name=name, owner_id=owner.id, roles={identity: everyone}))
        self.save_member(Member(guild_id=identity, user_id=owner.id, joined_ms=self.now_ms()))
        return guild

    def member(self, guild_id: str, user_id: str) -> Member | None:
        """A person in a server."""
        return self._members.get(guild_id, {}).get(user_id)

    def members(self, guild_id: str) -> list[Member]:
        """All people of a server."""
        return list(self._members.get(guild_id, {}).values())

    def save_member(self, member: Member) -> Member:
        """Remember a member."""
        self._members.setdefault(member.guild_id, {})[member.user_id] = member
        self._world.keep("bot.member", f"{member.guild_id}:{member.user_id}", _encode(member))
        return member

    def drop_member(self, member: Member) -> None:
        """The person is in the server no more."""
        self._members[member.guild_id].pop(member.user_id)
        self._world.unkeep("bot.member", f"{member.guild_id}:{member.user_id}")

    def has_bot(self, guild_id: str | None) -> bool:
        """Whether the bot is a member of the server."""
        return guild_id is not None and self.member(guild_id, self.application.id) is not None

    def shared(self, person: Person) -> bool:
        """Whether the bot and the person have a server in common."""
        return any(self.has_bot(guild) and self.member(guild, person.id) for guild in self.guilds)

    # channels and messages

    def save_channel(self, channel: Channel) -> Channel:
        """Remember a channel."""
        self.channels[channel.id] = channel
        self._world.keep("bot.channel", channel.id, _encode(channel))
        return channel

    def drop_channel(self, channel: Channel) -> None:
        """Delete a channel with its messages; its threads are the caller's."""
        for identity in list(self._history.get(channel.id, ())):
            self.drop_message(self.messages[identity])
        for identity in [m.id for m in self.messages.values() if m.channel_id == channel.id]:
            self.messages.pop(identity)
        self._history.pop(channel.id, None)
        self.channels.pop(channel.id)
        self._world.unkeep("bot.channel", channel.id)

    def private(self, person: Person) -> Channel:
        """The DM of a person with the bot, made when there is none."""
        for channel in self.channels.values():
            if channel.recipient_id == person.id:
                return channel
        return self.save_channel(Channel(id=self.new_id(), type=PRIVATE, recipient_id=person.id))

    def last_message(self, channel_id: str) -> str | None:
        """The newest message of a channel."""
        history = self._history.get(channel_id)
        return history[-1] if history else None

    def history(self, channel_id: str) -> list[Posted]:
        """The messages of a channel that are no ephemeral ones, oldest first."""
        return [self.messages[identity] for identity in self._history.get(channel_id, ())]

    def visible(self, channel_id: str, person_id: str) -> list[Posted]:
        """The messages as a person sees them, oldest first: the ephemeral ones only their own."""
        own = [m for m in self.messages.values() if m.channel_id == channel_id and m.only == person_id]
        return sorted([*self.history(channel_id), *own], key=lambda m: int(m.id))

    def save_message(self, posted: Posted) -> None:
        """Remember a new or changed message; an ephemeral one only until the end of the process."""
        new = posted.id not in self.messages
        self.messages[posted.id] = posted
        if posted.only is not None:
            return
        if new:
            history = self._history.setdefault(posted.channel_id, [])
            insort(history, posted.id, key=int)
            if len(history) > _HISTORY:
                self.drop_message(self.messages[history[0]])
        self._world.keep("bot.message", posted.id, _encode(posted))

    def drop_message(self, posted: Posted) -> None:
        """Delete a message."""
        if self.messages.pop(posted.id, None) is not None and posted.only is None:
            self._history[posted.channel_id].remove(posted.id)
            self._world.unkeep("bot.message", posted.id)
