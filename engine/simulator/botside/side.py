"""How the parts of the bot's side are put together, and what the gateway asks of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.simulator.botside.acting import Acting
from engine.simulator.botside.answer_routes import AnswerRoutes
from engine.simulator.botside.asks import Asks
from engine.simulator.botside.calls import Calls
from engine.simulator.botside.changes import Changes
from engine.simulator.botside.channel_routes import ChannelRoutes
from engine.simulator.botside.drafts import Drafts
from engine.simulator.botside.feed import Feed
from engine.simulator.botside.guild_routes import GuildRoutes
from engine.simulator.botside.herald import Herald
from engine.simulator.botside.limits import Limits
from engine.simulator.botside.offers import Offers
from engine.simulator.botside.orders import Orders
from engine.simulator.botside.page_orders import PageOrders
from engine.simulator.botside.place_orders import PlaceOrders
from engine.simulator.botside.post import Post
from engine.simulator.botside.registry import Registry
from engine.simulator.botside.seed import seed
from engine.simulator.botside.town import Town

if TYPE_CHECKING:
    from aiohttp import web

    from engine.simulator.cdn import Cdn
    from engine.simulator.connection import Session
    from engine.simulator.faults import Faults
    from engine.simulator.gateway import Gateway
    from engine.simulator.ledger import Ledger
    from engine.simulator.options import SimulatorOptions
    from engine.simulator.shelf import Shelf
    from engine.simulator.world import World


class BotSide:
    """Discord for one application: its people act through `orders()`, its bot through `calls` and the gateway."""

    def __init__(
        self,
        *,
        options: SimulatorOptions,
        world: World,
        gateway: Gateway,
        cdn: Cdn,
        shelf: Shelf,
        faults: Faults,
        ledger: Ledger,
    ) -> None:
        self.town = town = Town(world, options.bot_token)
        self.feed = feed = Feed()
        self.herald = herald = Herald(town, gateway, cdn)
        self.limits = Limits(world.clock)
        drafts = Drafts(shelf, town.new_id)
        self.post = post = Post(town=town, herald=herald, feed=feed, drafts=drafts, ledger=ledger)
        self.asks = asks = Asks(world=world, town=town, ledger=ledger, feed=feed, timing=options.timing)
        self.registry = registry = Registry(world=world, town=town, ledger=ledger, feed=feed)
        self.offers = offers = Offers(town, registry)
        self.changes = changes = Changes(town, herald, feed)
        self.acting = acting = Acting(town=town, offers=offers, asks=asks, post=post, herald=herald, drafts=drafts)
        routes = [
            *GuildRoutes(town=town, herald=herald, gateway=gateway).routes(),
            *registry.routes(),
            *ChannelRoutes(town=town, post=post, herald=herald, feed=feed).routes(),
            *AnswerRoutes(town=town, asks=asks, post=post, herald=herald, feed=feed).routes(),
        ]
        self.calls = Calls(routes=routes, town=town, limits=self.limits, faults=faults, ledger=ledger)
        orders = [
            *Orders(
                town=town, acting=acting, asks=asks, offers=offers, post=post, feed=feed, herald=herald
            ).routes(),
            *PlaceOrders(
                town=town, changes=changes, post=post, limits=self.limits, registry=registry, gateway=gateway,
                feed=feed,
            ).routes(),
        ]  # fmt: skip
        self._orders = PageOrders(town, cdn).routes(orders)
        gateway.bots = self

    @property
    def id(self) -> str:
        """The application's id, by which faults and ledger rows name its sessions."""
        return self.town.application.id

    def orders(self) -> list[web.RouteDef]:
        """The routes of the control port."""
        return self._orders

    def seed(self) -> None:
        """Make the demo servers with their people, if they are not there."""
        seed(self.town, self.changes)

    def described(self) -> dict[str, str]:
        """What whoever starts the bot needs to know."""
        return {"application_id": self.id, "token": self.town.token()}

    # what the gateway asks

    def holder_of(self, presented: Any) -> Any:
        """The application of a token, or None."""
        return self.town.application_of(presented)

    def is_bot(self, session: Session) -> bool:
        """Whether a session is the bot's."""
        return session.account is self.town.application

    def refusal(self, body: dict[str, Any]) -> tuple[int, str] | None:
        """Why an IDENTIFY is not taken."""
        return self.herald.refusal(body)

    def greet(self, session: Session, address: str) -> None:
        """READY and what follows it."""
        self.herald.greet(session, address)
        self.feed.add("connected")

    def members(self, session: Session, body: dict[str, Any]) -> None:
        """Answer an op 8."""
        self.herald.chunk(session, body)

    def revoke(self) -> None:
        """The bot's token dies."""
        self.town.application.revoked = True
        self.town.save_application()

    def close(self) -> None:
        """Stop what waits."""
        self.asks.close()
