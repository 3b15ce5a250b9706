"""What a person did with the bot and what became of it: when it must be answered, how long its token opens doors."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Any

import msgspec

from engine.simulator.botside import refused
from engine.simulator.refusals import UNKNOWN_INTERACTION, Refused

if TYPE_CHECKING:
    from engine.simulator.botside.feed import Feed
    from engine.simulator.botside.town import Town
    from engine.simulator.ledger import Ledger
    from engine.simulator.options import Timing
    from engine.simulator.world import World

_KEPT = 1000  # interactions, the expired ones included
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
_UNANSWERED = {
    COMMAND: "The application did not respond",
    COMPONENT: "This interaction failed",
    AUTOCOMPLETE: "Loading options failed",
    MODAL: "Something went wrong. Try again.",
}


class Ask(msgspec.Struct, kw_only=True):
    """One interaction. `ack` is the type of the callback, `ack_ms` how long it took; `failed` what the person reads."""

    id: str
    token: str
    type: int
    person: str
    channel_id: str
    at_ms: int  # Unix
    said: str = ""  # the command's words or the custom id
    guild_id: str | None = None
    message_id: str | None = None  # that the component is on
    owners: dict[str, str] = {}  # authorizing_integration_owners
    ack: int | None = None
    ack_ms: float | None = None
    original: str | None = None  # message id of @original
    messages: list[str] = []  # ids of what it brought
    modal: dict[str, Any] | None = None
    choices: list[dict[str, Any]] | None = None
    failed: str | None = None
    followups: int = 0
    from_menu: bool = False

    @property
    def is_guest(self) -> bool:
        """Whether only the person's own installation allows it."""
        return "0" not in self.owners

    def told(self) -> dict[str, Any]:
        """What the control port says of it."""
        names = ("id", "type", "person", "channel_id", "said", "ack", "ack_ms", "original", "messages", "modal",
                 "choices", "failed")  # fmt: skip
        return {name: getattr(self, name) for name in names}


class Asks:
    """All interactions; those whose token still opens something survive a restart."""

    def __init__(self, *, world: World, town: Town, ledger: Ledger, feed: Feed, timing: Timing) -> None:
        self._world = world
        self._town = town
        self._ledger = ledger
        self._feed = feed
        self._timing = timing
        self._by_id: dict[str, Ask] = {}
        self._by_token: dict[str, Ask] = {}
        self._since: dict[str, float] = {}  # loop time
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._answered: dict[str, asyncio.Event] = {}
        for row in list(world.kept("bot.ask").values()):
            ask = msgspec.json.decode(row, type=Ask)
            if self._expired(ask):
                world.unkeep("bot.ask", ask.id)
            else:
                self._by_id[ask.id] = self._by_token[ask.token] = ask

    def open(self, kind: int, person: str, channel_id: str, **values: Any) -> Ask:
        """A new interaction; its clock runs from now."""
        now = self._town.now_ms()
        ask = Ask(
            id=self._town.new_id(), token="aW50ZXJhY3Rpb246" + secrets.token_urlsafe(120), type=kind, person=person,
            channel_id=channel_id, at_ms=now, **values,
        )  # fmt: skip
        self._by_id[ask.id] = self._by_token[ask.token] = ask
        self._forget_the_old()
        self._answered[ask.id] = asyncio.Event()
        loop = asyncio.get_running_loop()
        self._since[ask.id] = loop.time()
        self._timers[ask.id] = loop.call_later(self._timing.ack_ms / 1000, self._late, ask)
        self._ledger.write("bot_interaction", interaction=ask.id, type=kind, person=person, said=ask.said,
                           channel=channel_id, message=ask.message_id)  # fmt: skip
        return ask

    def _forget_the_old(self) -> None:
        """What has expired opens nothing any more; only the newest of them can still be asked after."""
        while len(self._by_id) > _KEPT:
            oldest = next(iter(self._by_id.values()))
            if not self._expired(oldest):
                return
            del self._by_id[oldest.id], self._by_token[oldest.token]
            self._world.unkeep("bot.ask", oldest.id)

    def _late(self, ask: Ask) -> None:
        if ask.ack is None:
            self.fail(ask, _UNANSWERED[ask.type])

    def fail(self, ask: Ask, words: str) -> None:
        """The person reads that it failed."""
        ask.failed = words
        self._ledger.write("bot_unanswered", interaction=ask.id, said=ask.said, words=words)
        self._feed.add("failed", channel=ask.channel_id, only=ask.person, interaction=ask.id, words=words)
        self._done(ask)

    def _done(self, ask: Ask) -> None:
        timer = self._timers.pop(ask.id, None)
        if timer is not None:
            timer.cancel()
        self._since.pop(ask.id, None)
        event = self._answered.pop(ask.id, None)
        if event is not None:
            event.set()

    def get(self, identity: str) -> Ask | None:
        """An interaction by id."""
        return self._by_id.get(identity)

    def for_callback(self, identity: str, token: str) -> Ask:
        """The interaction that waits for its first answer. Raises Refused: unknown, late, or answered already."""
        ask = self._by_id.get(identity)
        if ask is None or ask.token != token:
            raise Refused(UNKNOWN_INTERACTION)
        if ask.ack is not None:
            raise Refused(refused.ACKNOWLEDGED)
        if ask.failed is not None or self._town.now_ms() - ask.at_ms > self._timing.ack_ms:
            raise Refused(UNKNOWN_INTERACTION)
        return ask

    def for_webhook(self, token: str) -> Ask:
        """The answered interaction of a token. Raises Refused: unknown, not answered yet, or expired."""
        ask = self._by_token.get(token)
        if ask is None:
            raise Refused(refused.EXPIRED)
        if self._expired(ask):
            raise Refused(refused.EXPIRED)
        if ask.ack is None:
            raise Refused(refused.UNKNOWN_WEBHOOK)
        return ask

    def _expired(self, ask: Ask) -> bool:
        return self._town.now_ms() - ask.at_ms > self._timing.token_ms

    def answered(self, ask: Ask, kind: int) -> None:
        """Take the first answer down, with how long it took."""
        ask.ack = kind
        ask.ack_ms = round((asyncio.get_running_loop().time() - self._since.get(ask.id, 0.0)) * 1000, 3)
        self._ledger.write("bot_ack", interaction=ask.id, type=kind, ms=ask.ack_ms, said=ask.said)
        self._feed.add("answered", channel=ask.channel_id, only=ask.person, interaction=ask.id, type=kind)
        self.keep(ask)
        self._done(ask)

    def keep(self, ask: Ask) -> None:
        """Remember what changed."""
        self._world.keep("bot.ask", ask.id, msgspec.json.encode(ask))

    async def wait(self, ask: Ask, seconds: float) -> None:
        """Until it is answered or has failed, at most so long."""
        event = self._answered.get(ask.id)
        if event is not None:
            try:
                await asyncio.wait_for(event.wait(), seconds)
            except TimeoutError:
                return

    def close(self) -> None:
        """No clock runs any more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
