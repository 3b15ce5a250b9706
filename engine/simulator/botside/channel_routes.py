"""What a bot may do in channels: send, read, edit, delete, write in threads and DMs, and open threads and posts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.simulator import refusals
from engine.simulator.botside import refused, rights
from engine.simulator.botside.places import FORUM, THREAD, Channel
from engine.simulator.botside.problems import Problems
from engine.simulator.refusals import Refused

if TYPE_CHECKING:
    from engine.simulator.botside.calls import Call, Route
    from engine.simulator.botside.feed import Feed
    from engine.simulator.botside.herald import Herald
    from engine.simulator.botside.post import Post
    from engine.simulator.botside.town import Posted, Town

_CHANNEL = "/channels/{channel}"
_MESSAGE = "/channels/{channel}/messages/{message}"


class ChannelRoutes:
    """Routes under /channels and /users/@me/channels."""

    def __init__(self, *, town: Town, post: Post, herald: Herald, feed: Feed) -> None:
        self._town = town
        self._post = post
        self._herald = herald
        self._feed = feed

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            ("POST", "/users/@me/channels", self._open_private),
            ("GET", _CHANNEL, self._channel),
            ("POST", _CHANNEL + "/typing", self._typing),
            ("POST", _CHANNEL + "/messages", self._send),
            ("GET", _CHANNEL + "/messages", self._history),
            ("GET", _MESSAGE, self._message),
            ("PATCH", _MESSAGE, self._edit),
            ("DELETE", _MESSAGE, self._delete),
            ("POST", _CHANNEL + "/threads", self._open_thread),
            ("POST", _MESSAGE + "/threads", self._open_thread),
        ]

    # who may

    def _place(self, call: Call, *needed: str) -> Channel:
        """The channel of a call in which the bot has these permissions. Raises Refused."""
        channel = self._town.channels.get(call.path["channel"])
        if channel is None:
            raise Refused(refusals.NO_SUCH_CHANNEL)
        may = rights.in_channel(self._town, channel, self._town.application.id)
        if not may & rights.bits("view_channel"):
            raise Refused(refusals.MISSING_ACCESS)
        if rights.bits(*needed) & ~may:
            raise Refused(refusals.MISSING_PERMISSIONS)
        return channel

    def _writable(self, call: Call) -> Channel:
        """The channel of a call, if the bot may write there. Raises Refused."""
        channel = self._place(call)
        if channel.guild_id is None:
            person = self._town.people[str(channel.recipient_id)]
            if not person.dms:
                raise Refused(refused.CANNOT_DM)
            if not (self._town.shared(person) or person.installed):
                raise Refused(refused.NO_SHARED_SERVER)
        if channel.type == FORUM:
            raise Refused(refused.WRONG_KIND)
        self._place(call, "send_messages_in_threads" if channel.is_thread else "send_messages")
        if channel.archived and channel.locked:
            raise Refused(refused.ARCHIVED)
        return channel

    def _found(self, call: Call, channel: Channel) -> Posted:
        posted = self._town.messages.get(call.path["message"])
        if posted is None or posted.channel_id != channel.id or posted.only is not None:
            raise Refused(refusals.UNKNOWN_MESSAGE)
        return posted

    # messages

    async def _open_private(self, call: Call) -> dict[str, Any]:
        recipient = (await call.values()).get("recipient_id")
        person = self._town.people.get(str(recipient))
        if person is None or person.bot:
            raise Refused(refusals.form("recipient_id", "INVALID_RECIPIENT", "Invalid Recipient(s)"))
        return self._herald.channel(self._town.private(person))

    async def _channel(self, call: Call) -> dict[str, Any]:
        return self._herald.channel(self._place(call))

    async def _typing(self, call: Call) -> None:
        channel = self._writable(call)
        self._feed.add("typing", channel=channel.id)

    async def _send(self, call: Call) -> dict[str, Any]:
        channel = self._writable(call)
        values, files = await call.values(), await call.files()
        if values.get("embeds"):
            self._place(call, "embed_links")
        if files:
            self._place(call, "attach_files")
        if channel.archived:
            channel.archived = False
            self._town.save_channel(channel)
        more = self._reference(channel, values)
        if values.get("nonce") is not None:
            more["nonce"] = values["nonce"]
        draft = self._post.compose(channel, values, files)
        posted = self._post.send(
            channel, draft, author=self._town.application.id, allowed=values.get("allowed_mentions"), more=more
        )
        return self._post.show(posted)

    def _reference(self, channel: Channel, values: dict[str, Any]) -> dict[str, Any]:
        """The fields of a reply. Raises Refused when what it answers is gone, unless the body allows that."""
        reference = values.get("message_reference")
        if reference is None:
            return {}
        answered = self._town.messages.get(str(reference.get("message_id")))
        if answered is None or answered.channel_id != channel.id or answered.only is not None:
            if reference.get("fail_if_not_exists", True):
                raise Refused(refusals.form("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message"))
            return {}
        link = {"type": 0, "message_id": answered.id, "channel_id": channel.id}
        if channel.guild_id is not None:
            link["guild_id"] = channel.guild_id
        return {"type": 19, "message_reference": link, "referenced_message": answered.body}

    async def _history(self, call: Call) -> list[dict[str, Any]]:
        channel = self._place(call, "read_message_history")
        query = call.request.query
        limit = min(int(query.get("limit", "50")), 100)
        found = self._town.history(channel.id)
        if "before" in query:
            found = [m for m in found if int(m.id) < int(query["before"])]
        if "after" in query:
            found = [m for m in found if int(m.id) > int(query["after"])][:limit]
        return [self._post.show(m) for m in reversed(found[-limit:])]

    async def _message(self, call: Call) -> dict[str, Any]:
        return self._post.show(self._found(call, self._place(call, "read_message_history")))

    async def _edit(self, call: Call) -> dict[str, Any]:
        channel = self._place(call)
        posted = self._found(call, channel)
        if posted.body["author"]["id"] != self._town.application.id:
            raise Refused(refused.NOT_THEIRS)
        if channel.archived and channel.locked:
            raise Refused(refused.ARCHIVED)
        draft = self._post.compose(channel, await call.values(), await call.files(), old=posted)
        return self._post.show(self._post.edit(posted, draft))

    async def _delete(self, call: Call) -> None:
        channel = self._place(call)
        posted = self._found(call, channel)
        if posted.body["author"]["id"] != self._town.application.id:
            self._place(call, "manage_messages")
        self._post.delete(posted, by=self._town.application.id)

    # threads

    async def _open_thread(self, call: Call) -> dict[str, Any]:
        """A thread, one under a message, or a forum post with its first message."""
        parent = self._place(call)
        values, files = await call.values(), await call.files()
        problems = Problems()
        problems.at("name").text(values.get("name"), 1, 100)
        problems.refuse()
        if parent.is_thread or parent.guild_id is None:
            raise Refused(refused.TEXT_ONLY)
        self._place(call, "send_messages" if parent.type == FORUM else "create_public_threads")
        thread = Channel(
            id=self._town.new_id(), type=THREAD, guild_id=parent.guild_id, name=values["name"], parent_id=parent.id,
            owner_id=self._town.application.id,
        )  # fmt: skip
        if "message" in call.path:
            posted = self._found(call, parent)
            thread.id = posted.id
            if thread.id in self._town.channels:
                raise Refused(refused.HAS_THREAD)
        first = values.get("message")
        if parent.type == FORUM and not isinstance(first, dict):
            raise Refused(refusals.required("message"))
        draft = self._post.compose(thread, first, files, at="message") if isinstance(first, dict) else None
        self._town.save_channel(thread)
        shown = {**self._herald.channel(thread), "newly_created": True}
        self._herald.tell("THREAD_CREATE", shown, 1, thread.guild_id)
        self._feed.add("place", channel=thread.id)
        if draft is None or not isinstance(first, dict):
            return shown
        started = self._post.send(
            thread,
            draft,
            author=self._town.application.id,
            allowed=first.get("allowed_mentions"),
            identity=thread.id if parent.type == FORUM else None,
        )
        return {**shown, "message": self._post.show(started)}
