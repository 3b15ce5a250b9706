"""What people may be ordered to do with the bot, and what they see, on the control port under /discord."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from engine.simulator.botside import rights
from engine.simulator.botside.arguments import uploaded
from engine.simulator.botside.asks import Ask

if TYPE_CHECKING:
    from engine.simulator.botside.acting import Acting
    from engine.simulator.botside.asks import Asks
    from engine.simulator.botside.feed import Feed
    from engine.simulator.botside.herald import Herald
    from engine.simulator.botside.offers import Offers
    from engine.simulator.botside.places import Channel, Person
    from engine.simulator.botside.post import Post
    from engine.simulator.botside.town import Posted, Town

_VIEW = rights.bits("view_channel")
_PATIENCE = 10.0
_LONGEST_WAIT = 60.0


class Orders:
    """A person is named by id or name, a channel by id or `Server/name`; bad input is 400 with `{"error": words}`."""

    def __init__(
        self, *, town: Town, acting: Acting, asks: Asks, offers: Offers, post: Post, feed: Feed, herald: Herald
    ) -> None:
        self._town = town
        self._acting = acting
        self._asks = asks
        self._offers = offers
        self._post = post
        self._feed = feed
        self._herald = herald

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.post("/discord/commands", self._command),
            web.post("/discord/completions", self._complete),
            web.post("/discord/presses", self._press),
            web.post("/discord/forged", self._forge),
            web.post("/discord/forms", self._submit),
            web.post("/discord/menus", self._menu),
            web.get("/discord/interactions/{interaction}", self._interaction),
            web.get("/discord/commands", self._offered),
            web.get("/discord/messages", self._read),
            web.post("/discord/messages", self._write),
            web.delete("/discord/messages/{message}", self._delete),
            web.get("/discord/messages/{message}", self._one),
            web.get("/discord/feed", self._events),
        ]

    # acting

    async def _command(self, request: web.Request) -> web.Response:
        """`{"as", "channel", "name", "options", "wait"}`; wait: seconds until the answer is awaited no longer."""
        wanted = await body_of(request, "as", "channel", "name", "options", "wait")
        person, channel = who(self._town, wanted), where(self._town, wanted.get("channel"))
        options = wanted.get("options") or {}
        return await self._told(self._acting.command(person, channel, str(wanted.get("name")), options), wanted)

    async def _complete(self, request: web.Request) -> web.Response:
        """`{"as", "channel", "name", "options", "focused"}`."""
        wanted = await body_of(request, "as", "channel", "name", "options", "focused", "wait")
        person, channel = who(self._town, wanted), where(self._town, wanted.get("channel"))
        name, focused = str(wanted.get("name")), str(wanted.get("focused"))
        ask = self._acting.complete(person, channel, name, wanted.get("options") or {}, focused)
        return await self._told(ask, wanted)

    async def _press(self, request: web.Request) -> web.Response:
        """`{"as", "message", "component", "values"}`; component: custom id, label or placeholder."""
        wanted = await body_of(request, "as", "message", "component", "values", "wait")
        person, channel = who(self._town, wanted), self._place_of(wanted)
        message, component = str(wanted.get("message")), str(wanted.get("component"))
        return await self._told(self._acting.press(person, channel, message, component, wanted.get("values")), wanted)

    async def _forge(self, request: web.Request) -> web.Response:
        """`{"as", "message", "custom_id", "component_type"}`: a press that no client offers."""
        wanted = await body_of(request, "as", "message", "custom_id", "component_type", "wait")
        person, channel = who(self._town, wanted), self._place_of(wanted)
        message, kind = str(wanted.get("message")), int(wanted.get("component_type") or 2)
        ask = self._acting.forge(person, channel, message, str(wanted.get("custom_id")), kind)
        return await self._told(ask, wanted)

    async def _submit(self, request: web.Request) -> web.Response:
        """`{"as", "interaction", "values"}`; interaction: the one that showed the form."""
        wanted = await body_of(request, "as", "interaction", "values", "wait")
        opener = self._ask(str(wanted.get("interaction")))
        ask = self._acting.submit(who(self._town, wanted), opener, wanted.get("values") or {})
        return await self._told(ask, wanted)

    async def _menu(self, request: web.Request) -> web.Response:
        """`{"as", "name", "message"}` or `{"as", "name", "channel", "person"}`."""
        wanted = await body_of(request, "as", "name", "message", "channel", "person", "wait")
        person, name = who(self._town, wanted), str(wanted.get("name"))
        if "message" in wanted:
            ask = self._acting.message_menu(person, self._place_of(wanted), name, str(wanted["message"]))
        else:
            channel = where(self._town, wanted.get("channel"))
            ask = self._acting.user_menu(person, channel, name, str(wanted.get("person")))
        return await self._told(ask, wanted)

    async def _told(self, ask: Ask, wanted: dict[str, Any]) -> web.Response:
        await self._asks.wait(ask, min(float(wanted.get("wait", _PATIENCE)), _LONGEST_WAIT))
        return answer(ask.told())

    def _ask(self, identity: str) -> Ask:
        ask = self._asks.get(identity)
        if ask is None:
            raise ValueError(f"no interaction {identity!r}")
        return ask

    def _place_of(self, wanted: dict[str, Any]) -> Channel:
        posted = self._town.messages.get(str(wanted.get("message")))
        if posted is None:
            raise ValueError(f"no message {wanted.get('message')!r}")
        return self._town.channels[posted.channel_id]

    async def _interaction(self, request: web.Request) -> web.Response:
        ask = self._ask(request.match_info["interaction"])
        await self._asks.wait(ask, min(float(request.query.get("wait", "0")), _LONGEST_WAIT))
        return answer(ask.told())

    # seeing

    async def _offered(self, request: web.Request) -> web.Response:
        person = who(self._town, request.query)
        channel = where(self._town, request.query.get("channel"))
        return answer({"commands": [offered.command for offered in self._offers.here(person, channel)]})

    async def _read(self, request: web.Request) -> web.Response:
        """`?as=&channel=&limit=`: the messages as this person sees them, oldest first."""
        person = who(self._town, request.query)
        channel = where(self._town, request.query.get("channel"))
        if not self._sees(person, channel.id):
            raise ValueError(f"{person.name} does not see {channel.name or channel.id}")
        found = self._town.visible(channel.id, person.id)[-int(request.query.get("limit", "100")) :]
        return answer({"messages": [self._post.show(posted) for posted in found], "feed": self._feed.last})

    async def _one(self, request: web.Request) -> web.Response:
        """`?as=`: one message; 404 when the person does not see it."""
        person = who(self._town, request.query)
        posted = self._town.messages.get(request.match_info["message"])
        if posted is None or posted.only not in (None, person.id) or not self._sees(person, posted.channel_id):
            return answer({"error": f"{person.name} sees no such message"}, 404)
        return answer(self._post.show(posted))

    async def _write(self, request: web.Request) -> web.Response:
        """`{"as", "channel", "content", "files", "reply_to"}`: a person's own message."""
        wanted = await body_of(request, "as", "channel", "content", "files", "reply_to")
        person, channel = who(self._town, wanted), where(self._town, wanted.get("channel"))
        needed = "send_messages_in_threads" if channel.is_thread else "send_messages"
        if not rights.in_channel(self._town, channel, person.id) & rights.bits(needed):
            raise ValueError(f"{person.name} may not write in {channel.name or channel.id}")
        listed = enumerate(wanted.get("files") or ())
        files = {str(number): uploaded(file, f"files.{number}") for number, file in listed}
        more: dict[str, Any] = {}
        if wanted.get("reply_to"):
            link = {"type": 0, "message_id": str(wanted["reply_to"]), "channel_id": channel.id}
            more = {"type": 19, "message_reference": link}
        draft = self._post.compose(channel, {"content": wanted.get("content") or ""}, files)
        return answer(self._post.show(self._post.send(channel, draft, author=person.id, more=more)))

    async def _delete(self, request: web.Request) -> web.Response:
        """`?as=`: delete a message, or dismiss an ephemeral one."""
        person = who(self._town, request.query)
        posted = self._town.messages.get(request.match_info["message"])
        if posted is None or posted.only not in (None, person.id):
            raise ValueError(f"{person.name} sees no such message")
        may = rights.in_channel(self._town, self._town.channels[posted.channel_id], person.id)
        own = posted.only == person.id or posted.body["author"]["id"] == person.id
        if not (own or may & rights.bits("manage_messages")):
            raise ValueError(f"{person.name} may not delete that message")
        self._post.delete(posted, by=person.id)
        return answer({"deleted": posted.id})

    async def _events(self, request: web.Request) -> web.Response:
        """`?as=&after=&wait=&channel=`: what happened since, waiting so many seconds; messages come whole."""
        query = request.query
        person = who(self._town, query)
        channel = where(self._town, query["channel"]).id if "channel" in query else None
        wait = min(float(query.get("wait", "0")), _LONGEST_WAIT)

        def sees(place: str | None, only: str | None) -> bool:
            if only not in (None, person.id) or (channel is not None and place not in (None, channel)):
                return False
            return place is None or self._sees(person, place)

        events = await self._feed.read(int(query.get("after", "0")), wait, sees)
        return answer({"events": [self._whole(event) for event in events], "next": self._feed.last})

    def _whole(self, event: dict[str, Any]) -> dict[str, Any]:
        """An event with the message as it is now."""
        posted: Posted | None = self._town.messages.get(str(event.get("message")))
        if posted is None or event["kind"] not in ("message", "edit"):
            return event
        return {**event, "body": self._post.show(posted)}

    def _sees(self, person: Person, channel_id: str) -> bool:
        channel = self._town.channels.get(channel_id)
        return channel is None or bool(rights.in_channel(self._town, channel, person.id) & _VIEW)


def who(town: Town, wanted: Any) -> Person:
    """The person of a call, by id or name under `as`. Raises ValueError."""
    named = wanted.get("as")
    for person in town.people.values():
        if named in (person.id, person.name) and not person.bot:
            return person
    names = ", ".join(p.name for p in town.people.values() if not p.bot)
    raise ValueError(f"as: no person {named!r}; there are {names or 'none'}")


def where(town: Town, named: Any) -> Channel:
    """A channel by id, by `Server/name`, or `@name` for a person's DM with the bot. Raises ValueError."""
    if named in town.channels:
        return town.channels[str(named)]
    text = str(named)
    if text.startswith("@"):
        person = next((p for p in town.people.values() if p.name == text[1:] and not p.bot), None)
        if person is not None:
            return town.private(person)
    server, _, name = text.partition("/")
    for channel in town.channels.values():
        if channel.guild_id is not None and channel.name == name and town.guilds[channel.guild_id].name == server:
            return channel
    raise ValueError(f"no channel {named!r}")


async def body_of(request: web.Request, *allowed: str) -> dict[str, Any]:
    """The JSON object of a call with none but these names (when any are given). Raises ValueError."""
    try:
        body = msgspec.json.decode(await request.read() or b"{}")
    except msgspec.DecodeError as error:
        raise ValueError(f"the body is no JSON: {error}") from None
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")  # noqa: TRY004 - it becomes a 400 like the others
    extra = set(body) - set(allowed)
    if allowed and extra:
        raise ValueError(f"unknown values: {', '.join(sorted(extra))}; known are {', '.join(allowed)}")
    return body


def answer(value: Any, status: int = 200) -> web.Response:
    """A JSON answer."""
    return web.Response(body=msgspec.json.encode(value), content_type="application/json", status=status)
