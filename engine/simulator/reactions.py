"""What a reaction does: ✉️ asks for a DM, ❌ cancels or deletes, all others are only seen (protocol §1.5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from engine.simulator import refusals
from engine.simulator.places import place
from engine.simulator.refusals import Refusal

if TYPE_CHECKING:
    from engine.simulator.desks import Desks
    from engine.simulator.gateway import Gateway
    from engine.simulator.ledger import Ledger
    from engine.simulator.letters import Letters
    from engine.simulator.messages import Post
    from engine.simulator.people import Account, Channel
    from engine.simulator.places import Route
    from engine.simulator.tasks import Tasks
    from engine.simulator.world import World

_ENVELOPE, _CROSS = "✉", "❌"
_DEBOUNCED = 1 << 13  # this capability gets MESSAGE_REACTION_ADD_MANY (protocol §2.2)
_CUSTOM = re.compile(r"(\w{2,32}):(\d{17,20})")


class Reactions:
    """The two routes, the events, and what the bots do then."""

    def __init__(
        self,
        *,
        world: World,
        gateway: Gateway,
        post: Post,
        ledger: Ledger,
        desks: Desks,
        letters: Letters,
        tasks: Tasks,
    ) -> None:
        self._world = world
        self._gateway = gateway
        self._post = post
        self._ledger = ledger
        self._desks = desks
        self._letters = letters
        self._tasks = tasks
        self._given: dict[tuple[str, str], set[str]] = {}  # (message id, emoji) → account ids

    def routes(self) -> list[Route]:
        """Method, path and action of each."""
        path = "/channels/{channel}/messages/{message}/reactions/{emoji}/@me"
        return [("PUT", path, self._put), ("DELETE", path, self._take)]

    async def _put(self, request: web.Request, account: Account) -> web.Response | Refusal:
        channel, emoji = place(self._world, request, account), request.match_info["emoji"]
        message = self._visible(request, channel)
        if message is None:
            return refusals.UNKNOWN_MESSAGE
        if emoji.isascii() and not _CUSTOM.fullmatch(emoji):
            return refusals.UNKNOWN_EMOJI
        given = self._given.setdefault((message["id"], emoji), set())
        if account.id in given:
            return web.Response(status=204)
        given.add(account.id)
        self._ledger.write("reaction", account=account.id, message=message["id"], emoji=emoji, state="added")
        self._added(account, channel, message, emoji)
        if emoji.startswith((_ENVELOPE, _CROSS)) and message["author"].get("bot"):
            self._act(account, channel, message, emoji)
        return web.Response(status=204)

    async def _take(self, request: web.Request, account: Account) -> web.Response | Refusal:
        channel, emoji = place(self._world, request, account), request.match_info["emoji"]
        message = self._visible(request, channel)
        if message is None:
            return refusals.UNKNOWN_MESSAGE
        given = self._given.get((message["id"], emoji), set())
        if account.id in given:
            given.discard(account.id)
            self._ledger.write("reaction", account=account.id, message=message["id"], emoji=emoji, state="removed")
            body = {"user_id": account.user_id, "type": 0, "burst": False, **_where(channel, message, emoji)}
            self._gateway.to_channel(
                channel, "MESSAGE_REACTION_REMOVE", msgspec.json.encode(body), message=message["id"]
            )
        return web.Response(status=204)

    def _visible(self, request: web.Request, channel: Channel) -> dict[str, Any] | None:
        message = self._world.messages.get(request.match_info["message"])
        if message is None or message.channel_id != channel.id or message.only is not None:
            return None
        return message.read()

    def _added(self, account: Account, channel: Channel, message: dict[str, Any], emoji: str) -> None:
        """Each session hears of it in the form that its capabilities ask for."""
        where = _where(channel, message, emoji)
        author = message["author"]["id"]
        one = {"user_id": account.user_id, "type": 0, "burst": False, "message_author_id": author, **where}
        mark = where.pop("emoji")
        many = {**where, "reactions": [{"users": [account.user_id], "emoji": mark}]}
        forms = {
            False: ("MESSAGE_REACTION_ADD", msgspec.json.encode(one)),
            True: ("MESSAGE_REACTION_ADD_MANY", msgspec.json.encode(many)),
        }
        for member in channel.members:
            for session in self._gateway.sessions_of(member):
                name, body = forms[bool(session.capabilities & _DEBOUNCED)]
                self._gateway.to_session(session, name, body, message=message["id"])

    def _act(self, account: Account, channel: Channel, message: dict[str, Any], emoji: str) -> None:
        done = self._letters.job_of(message)
        running = self._desks.of(message["id"])
        if emoji.startswith(_ENVELOPE):
            if done is not None and running is None and done[1].account == account.id:
                self._tasks.spawn(self._letters.send(account, *done, message["author"]["id"]))
        elif running is not None:
            self._desks.cancel(running, account)
        elif done is not None and done[1].account == account.id:
            self._post.delete(message["id"], channel)


def _where(channel: Channel, message: dict[str, Any], emoji: str) -> dict[str, Any]:
    custom = _CUSTOM.fullmatch(emoji)
    mark = {"id": custom[2], "name": custom[1]} if custom else {"id": None, "name": emoji}
    made = {"message_id": message["id"], "channel_id": channel.id, "emoji": mark}
    return made if channel.guild_id is None else {**made, "guild_id": channel.guild_id}
