"""The page /simulator on the control port: its files, the calls it makes beside its own address, and its pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from engine.simulator.botside import rights
from engine.simulator.botside.orders import answer, who

if TYPE_CHECKING:
    from engine.simulator.botside.places import Channel, Person
    from engine.simulator.botside.town import Town
    from engine.simulator.cdn import Cdn

PREFIX = "/simulator"
_FOLDER = Path(__file__).parent / "page"
_KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_SAFE = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' http: https: data:; media-src 'self' http: https:; "
    "style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class PageOrders:
    """Everything below /simulator; the calls of a page are the same as those of a test."""

    def __init__(self, town: Town, cdn: Cdn) -> None:
        self._town = town
        self._cdn = cdn

    def routes(self, orders: list[web.RouteDef]) -> list[web.RouteDef]:
        """The page, and these calls a second time under its own address."""
        mine = [*orders, web.get("/discord/places", self._places)]
        return [
            web.get(PREFIX, self._page),
            *mine,
            *(web.route(each.method, PREFIX + each.path, each.handler) for each in mine),
            web.get(PREFIX + "/discord/", next(each.handler for each in mine if each.path == "/discord")),
            web.get(PREFIX + "/cdn/{path:.+}", self._picture),
            web.get(PREFIX + "/{file}", self._file),
        ]

    async def _page(self, _request: web.Request) -> web.StreamResponse:
        return _sent(_FOLDER / "page.html")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        path = _FOLDER / request.match_info["file"]
        return _sent(path) if path.parent == _FOLDER and path.is_file() else web.Response(status=404)

    async def _picture(self, request: web.Request) -> web.StreamResponse:
        return await self._cdn.answer(request.match_info["path"], request.query)

    async def _places(self, request: web.Request) -> web.Response:
        """`?as=`: the channels that a person sees, by server, and their DM with the bot."""
        person = who(self._town, request.query)
        found = []
        for guild in self._town.guilds.values():
            if self._town.member(guild.id, person.id) is not None:
                places = [c for c in self._town.channels.values() if c.guild_id == guild.id]
                shown = [told for told in (self._told(person, c) for c in places) if told is not None]
                found.append({"id": guild.id, "name": guild.name, "channels": shown})
        private = self._town.private(person)
        name = self._town.application.name
        return answer({"guilds": found, "private": {"id": private.id, "type": 1, "name": name, "write": True}})

    def _told(self, person: Person, channel: Channel) -> dict[str, object] | None:
        may = rights.in_channel(self._town, channel, person.id)
        if not may & rights.bits("view_channel"):
            return None
        needed = "send_messages_in_threads" if channel.is_thread else "send_messages"
        parent = channel.parent_id if channel.is_thread else None
        return {
            "id": channel.id,
            "type": channel.type,
            "name": channel.name,
            "parent": parent,
            "nsfw": channel.nsfw,
            "write": bool(may & rights.bits(needed)) and not channel.locked and channel.type != 15,
        }


def _sent(path: Path) -> web.Response:
    return web.Response(body=path.read_bytes(), content_type=_KINDS.get(path.suffix, "text/plain"), charset="utf-8",
                        headers=_SAFE)  # fmt: skip
