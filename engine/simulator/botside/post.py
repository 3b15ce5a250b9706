"""How messages come to be, change and go: stored, told to the bot, shown to people, with whom they call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.simulator.botside import rights
from engine.simulator.botside.drafts import EPHEMERAL, SILENT, Draft, Drafts, Files
from engine.simulator.botside.mentions import Called, called
from engine.simulator.botside.places import SIZE_LIMIT
from engine.simulator.botside.town import Posted
from engine.simulator.ids import iso, stamp

if TYPE_CHECKING:
    from engine.simulator.botside.feed import Feed
    from engine.simulator.botside.herald import Herald
    from engine.simulator.botside.places import Channel
    from engine.simulator.botside.town import Town
    from engine.simulator.ledger import Ledger


class Post:
    """The one place where the messages of the bot's side change."""

    def __init__(self, *, town: Town, herald: Herald, feed: Feed, drafts: Drafts, ledger: Ledger) -> None:
        self._town = town
        self._herald = herald
        self._feed = feed
        self._drafts = drafts
        self._ledger = ledger

    def limit(self, channel: Channel) -> int:
        """The largest file in bytes."""
        return SIZE_LIMIT if channel.guild_id is None else self._town.guilds[channel.guild_id].size_limit

    def compose(
        self, channel: Channel, values: dict[str, Any], files: Files, *, old: Posted | None = None, at: str = "",
        ephemeral: bool = False,
    ) -> Draft:  # fmt: skip
        """The message that a body asks for in this channel. Raises Refused."""
        where = f"{'ephemeral-attachments' if ephemeral else 'attachments'}/{channel.id}"
        return self._drafts.compose(values, files, where=where, limit=self.limit(channel), old=old, at=at)

    def send(
        self, channel: Channel, draft: Draft, *, author: str, allowed: dict[str, Any] | None = None,
        only: str | None = None, more: dict[str, Any] | None = None, identity: str | None = None,
    ) -> Posted:  # fmt: skip
        """Store and tell a new message; `only`: the one person who sees it; `more`: further fields.

        `identity`: the id when it is not a fresh one (a forum post's first message has its post's).
        """
        town = self._town
        identity = identity or town.new_id()
        extra = more or {}
        mentioned = self._called(channel, draft, author, allowed, extra.get("message_reference"))
        body: dict[str, Any] = {
            "id": identity,
            "channel_id": channel.id,
            "author": self._herald.user(author),
            "timestamp": stamp(identity),
            "edited_timestamp": None,
            "tts": False,
            "pinned": False,
            "type": 0,
            "mention_everyone": mentioned.everyone,
            "mentions": [self._herald.user(person) for person in mentioned.people],
            "mention_roles": mentioned.roles,
            **draft.parts(),
            **extra,
        }
        if only is not None:
            body["flags"] |= EPHEMERAL
        posted = Posted(id=identity, channel_id=channel.id, body=body, files=draft.files, only=only)
        town.save_message(posted)
        self._write("bot_message", posted, author=author)
        if only is None:
            self._ring(channel, posted, mentioned, author)
            self._herald.message("MESSAGE_CREATE", channel, body)
        self._feed.add("message", channel=channel.id, only=only, message=identity)
        return posted

    def _called(
        self, channel: Channel, draft: Draft, author: str, allowed: dict[str, Any] | None, reference: Any
    ) -> Called:
        answered = self._town.messages.get(str((reference or {}).get("message_id")))
        replied = None if answered is None else answered.body["author"]["id"]
        everyone = bool(rights.in_channel(self._town, channel, author) & rights.bits("mention_everyone"))
        found = called(draft.text(), allowed, replied, everyone=everyone)
        known = [person for person in found.people if person in self._town.people]
        return Called(known, found.roles, found.everyone)

    def _ring(self, channel: Channel, posted: Posted, mentioned: Called, author: str) -> None:
        """Write down who is pinged: of those who are called, the ones that can see the channel."""
        people = set(mentioned.people)
        if channel.guild_id is not None:
            members = self._town.members(channel.guild_id)
            people |= {m.user_id for m in members if mentioned.everyone or set(mentioned.roles) & set(m.roles)}
        view = rights.bits("view_channel")
        rung = sorted(p for p in people if p != author and rights.in_channel(self._town, channel, p) & view)
        if rung or mentioned.roles or mentioned.everyone:
            self._ledger.write(
                "bot_ping", message=posted.id, channel=channel.id, people=rung, roles=mentioned.roles,
                everyone=mentioned.everyone, silent=bool(posted.body["flags"] & SILENT),
            )  # fmt: skip
            for person in rung:
                self._feed.add("ping", channel=channel.id, only=person, message=posted.id)

    def edit(self, posted: Posted, draft: Draft) -> Posted:
        """Put a draft in a message's place; an edit pings nobody."""
        body = {**posted.body, **draft.parts(), "edited_timestamp": iso(self._town.now_ms())}
        if posted.only is not None:
            body["flags"] |= EPHEMERAL
        kept = {file["id"] for file in draft.files}
        self._drafts.unhang([file for file in posted.files if file["id"] not in kept])
        changed = Posted(id=posted.id, channel_id=posted.channel_id, body=body, files=draft.files, only=posted.only)
        self._town.save_message(changed)
        self._write("bot_edit", changed)
        if changed.only is None:
            self._herald.message("MESSAGE_UPDATE", self._town.channels[changed.channel_id], body)
        self._feed.add("edit", channel=changed.channel_id, only=changed.only, message=changed.id)
        return changed

    def delete(self, posted: Posted, by: str) -> None:
        """Delete a message, with its files."""
        self._drafts.unhang(posted.files)
        self._town.drop_message(posted)
        self._ledger.write("bot_delete", message=posted.id, channel=posted.channel_id, by=by)
        if posted.only is None:
            self._herald.gone(self._town.channels[posted.channel_id], posted.id)
        self._feed.add("delete", channel=posted.channel_id, only=posted.only, message=posted.id)

    def show(self, posted: Posted) -> dict[str, Any]:
        """The message object as REST gives it."""
        return self._herald.body(posted.body)

    def _write(self, kind: str, posted: Posted, **more: Any) -> None:
        body = posted.body
        self._ledger.write(
            kind, message=posted.id, channel=posted.channel_id, only=posted.only, flags=body["flags"],
            files=[file["filename"] for file in posted.files], embeds=len(body["embeds"]),
            components=len(body["components"]), length=len(body["content"]), **more,
        )  # fmt: skip
