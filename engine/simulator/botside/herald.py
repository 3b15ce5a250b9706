"""Which gateway events the bot is told, by its intents, and how things look on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from engine.simulator.botside import rights

if TYPE_CHECKING:
    from engine.simulator.botside.places import Channel, Guild, Member, Person
    from engine.simulator.botside.town import Town
    from engine.simulator.cdn import Cdn
    from engine.simulator.connection import Session
    from engine.simulator.gateway import Gateway

GUILDS, MEMBERS, MODERATION, MESSAGES, DIRECT, CONTENT = 1 << 0, 1 << 1, 1 << 2, 1 << 9, 1 << 12, 1 << 15
PRESENCES = 1 << 8
_LINKED = ("attachments", "embeds", "components", "referenced_message")
PRIVILEGED = {"members": MEMBERS, "presences": PRESENCES, "message_content": CONTENT}
_encode = msgspec.json.Encoder().encode


class Herald:
    """Draws wire objects and sends dispatches to the bot's sessions."""

    def __init__(self, town: Town, gateway: Gateway, cdn: Cdn) -> None:
        self._town = town
        self._gateway = gateway
        self._cdn = cdn

    # how things look

    def user(self, identity: str) -> dict[str, Any]:
        """The user object of an id; someone deleted when there is none."""
        person = self._town.people.get(identity)
        return person.user() if person is not None else {"id": identity, "username": "deleted", "discriminator": "0",
                                                         "avatar": None, "global_name": None}  # fmt: skip

    def member(self, member: Member) -> dict[str, Any]:
        """A member with its user."""
        return {**member.told(), "user": self.user(member.user_id)}

    def channel(self, channel: Channel) -> dict[str, Any]:
        """A channel."""
        recipient = self.user(channel.recipient_id) if channel.recipient_id else None
        return channel.told(recipient, self._town.last_message(channel.id))

    def guild(self, guild: Guild, intents: int) -> dict[str, Any]:
        """A server as GUILD_CREATE gives it: what the bot may see."""
        town, bot = self._town, self._town.application.id
        places = [c for c in town.channels.values() if c.guild_id == guild.id]
        seen = [c for c in places if rights.in_channel(town, c, bot) & rights.bits("view_channel")]
        members = town.members(guild.id)
        shown = members if intents & MEMBERS else [m for m in members if m.user_id == bot]
        return {
            **guild.told(),
            "joined_at": next((m.told()["joined_at"] for m in members if m.user_id == bot), None),
            "large": False,
            "unavailable": False,
            "member_count": len(members),
            "members": [self.member(m) for m in shown],
            "channels": [self.channel(c) for c in seen if not c.is_thread],
            "threads": [self.channel(c) for c in seen if c.is_thread and not c.archived],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def body(self, stored: dict[str, Any]) -> dict[str, Any]:
        """A stored message with fresh links; only the parts that can hold links are copied."""
        return {**stored, **{name: self.shown(stored[name]) for name in _LINKED if stored.get(name)}}

    def shown(self, stored: Any) -> Any:
        """A part of a stored message with fresh links."""
        if isinstance(stored, dict):
            return {key: self.shown(value) for key, value in stored.items()}
        if isinstance(stored, list):
            return [self.shown(value) for value in stored]
        if isinstance(stored, str) and stored.startswith("cdn"):
            if stored.startswith("cdn:"):
                return self._cdn.links(stored[4:])["url"]
            if stored.startswith("cdn-media:"):
                return self._cdn.links(stored[10:])["proxy_url"]
        return stored

    # what is told

    def tell(self, name: str, body: dict[str, Any], intent: int, guild_id: str | None = None, **facts: Any) -> None:
        """Dispatch to every session with the intent (0: to all), if the bot is in the server."""
        if guild_id is not None and not self._town.has_bot(guild_id):
            return
        encoded = _encode(body)
        for session in self._gateway.sessions_of(self._town.application.id):
            if not intent or session.capabilities & intent:
                self._gateway.to_session(session, name, encoded, **facts)

    def message(self, name: str, channel: Channel, body: dict[str, Any]) -> None:
        """Tell of a message, without its words to a session that may not read them."""
        town, bot = self._town, self._town.application.id
        if not rights.in_channel(town, channel, bot) & rights.bits("view_channel"):
            return
        shown = self.body(body)
        intent = DIRECT if channel.guild_id is None else MESSAGES
        if channel.guild_id is not None:
            shown["guild_id"] = channel.guild_id
            member = town.member(channel.guild_id, shown["author"]["id"])
            if member is not None:
                shown["member"] = member.told()
        known = shown["author"]["id"] == bot or channel.guild_id is None
        readable = known or any(person["id"] == bot for person in shown["mentions"])
        bare = {**shown, "content": "", "embeds": [], "attachments": [], "components": []}
        full, empty = _encode(shown), b"" if readable else _encode(bare)
        for session in self._gateway.sessions_of(bot):
            if session.capabilities & intent:
                whole = readable or session.capabilities & CONTENT
                self._gateway.to_session(session, name, full if whole else empty, message=shown["id"])

    def gone(self, channel: Channel, message_id: str) -> None:
        """Tell of a deleted message."""
        if rights.in_channel(self._town, channel, self._town.application.id) & rights.bits("view_channel"):
            body = {"id": message_id, "channel_id": channel.id}
            guild = channel.guild_id
            self.tell("MESSAGE_DELETE", body if guild is None else {**body, "guild_id": guild},
                      DIRECT if guild is None else MESSAGES, guild)  # fmt: skip

    # a session of the bot

    def refusal(self, body: dict[str, Any]) -> tuple[int, str] | None:
        """Why an IDENTIFY of the bot is not taken, as a close code with its words."""
        intents = body.get("intents")
        if type(intents) is not int or not 0 <= intents < 1 << 26:
            return 4013, "Invalid intent(s)."
        allowed = self._town.application.privileged
        if any(intents & bit and name not in allowed for name, bit in PRIVILEGED.items()):
            return 4014, "Disallowed intent(s)."
        return None

    def greet(self, session: Session, address: str) -> None:
        """READY, and each server of the bot."""
        town = self._town
        application = town.application
        guilds = [guild for guild in town.guilds.values() if town.has_bot(guild.id)]
        ready = {
            "v": 10,
            "user_settings": {},
            "user": {**town.people[application.id].user(), "verified": True, "mfa_enabled": True, "email": None},
            "session_type": "normal",
            "session_id": session.id,
            "resume_gateway_url": address,
            "relationships": [],
            "private_channels": [],
            "presences": [],
            "guilds": [{"id": guild.id, "unavailable": True} for guild in guilds],
            "guild_join_requests": [],
            "geo_ordered_rtc_regions": [],
            "auth": {},
            "application": {"id": application.id, "flags": application.flags()},
            "shard": [0, 1],
            "_trace": [],
        }
        self._gateway.to_session(session, "READY", _encode(ready))
        if session.capabilities & GUILDS:
            for guild in guilds:
                self._gateway.to_session(session, "GUILD_CREATE", _encode(self.guild(guild, session.capabilities)))

    def chunk(self, session: Session, body: dict[str, Any]) -> None:
        """GUILD_MEMBERS_CHUNK for an op 8."""
        asked = body.get("guild_id")
        guild_id = str(asked[0] if isinstance(asked, list) else asked)
        if not self._town.has_bot(guild_id):
            return
        wanted, query = body.get("user_ids"), str(body.get("query") or "").lower()
        ids = None if wanted is None else [str(w) for w in (wanted if isinstance(wanted, list) else [wanted])]
        found = [
            m for m in self._town.members(guild_id)
            if (m.user_id in ids if ids is not None else self._named(m.user_id).startswith(query))
        ]  # fmt: skip
        limit = body.get("limit") or len(found)
        answer: dict[str, Any] = {
            "guild_id": guild_id,
            "members": [self.member(m) for m in found[:limit]],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": [i for i in ids or () if self._town.member(guild_id, i) is None],
        }
        if body.get("nonce") is not None:
            answer["nonce"] = body["nonce"]
        self._gateway.to_session(session, "GUILD_MEMBERS_CHUNK", _encode(answer))

    def _named(self, identity: str) -> str:
        person: Person | None = self._town.people.get(identity)
        return person.name.lower() if person is not None else ""
