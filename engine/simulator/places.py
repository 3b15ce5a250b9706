"""What every route with a token asks: who may look into which channel."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from engine.simulator import refusals
from engine.simulator.refusals import Refused

if TYPE_CHECKING:
    from engine.simulator.people import Account, Channel
    from engine.simulator.world import World

Action = Callable[[web.Request, "Account"], Awaitable[Any]]  # values, a ready response or a Refusal
Route = tuple[str, str, Action]  # method, path under the API's base, what to do


def place(world: World, request: web.Request, account: Account) -> Channel:
    """The channel in a request's path. Raises Refused when it is unknown or not the account's."""
    channel = world.channels.get(request.match_info["channel"])
    if channel is None:
        raise Refused(refusals.NO_SUCH_CHANNEL)
    if account.id not in channel.members:
        raise Refused(refusals.MISSING_ACCESS)
    return channel
