"""What was asked of the bot, and the bot's first words back: acknowledgement, embed, failure, modal."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from engine.simulator import embeds
from engine.simulator.ids import MIDJOURNEY
from engine.simulator.manner import manner_of
from engine.simulator.messages import EPHEMERAL, LOADING, bot_message, metadata
from engine.simulator.people import ALL_BOTS

if TYPE_CHECKING:
    from random import Random

    from engine.simulator.buttons import Press
    from engine.simulator.clock import Clock
    from engine.simulator.connection import Session
    from engine.simulator.gateway import Gateway
    from engine.simulator.messages import Post
    from engine.simulator.options import SimulatorOptions
    from engine.simulator.people import Account, Channel
    from engine.simulator.world import World

COMMAND, COMPONENT, SUBMIT = 2, 3, 5
_FAILURE_SECONDS = 3.0  # Discord gives a bot so long to answer


@dataclass(slots=True)
class Interaction:
    """An accepted POST /interactions, or what the owner did by hand (then without a session)."""

    id: str
    account: Account
    channel: Channel
    nonce: str | None
    session: Session | None
    kind: int
    application: str = MIDJOURNEY
    name: str = ""  # the command with its sub-command
    prompt: str = ""  # the prompt option, or a modal's field
    options: dict[str, Any] = field(default_factory=dict)  # the command's own, by name
    custom_id: str = ""
    values: tuple[str, ...] = ()  # what was chosen in a select
    message_id: str | None = None  # the clicked message, or a message command's target
    modal: Modal | None = None  # the form this submits
    faults: dict[str, dict[str, Any]] = field(default_factory=dict)  # ordered for it: kind → params
    opened: bool = False  # INTERACTION_CREATE was emitted
    succeeded: bool = False  # INTERACTION_SUCCESS was emitted


@dataclass(slots=True)
class Modal:
    """A form open in one client; it is submitted with the id of the interaction that opened it."""

    opener: Interaction
    custom_id: str
    field: str  # the text input's own custom id
    press: Press
    title: str
    value: str  # what the field shows
    opened_us: int


def about_of(asked: Interaction) -> dict[str, Any]:
    """The `interaction_metadata` of every message that answers it."""
    if asked.kind == COMMAND:
        on_message = {"command_type": 3, "target_message_id": asked.message_id} if asked.message_id is not None else {}
        return metadata(COMMAND, asked.id, asked.account, name=asked.name, **on_message)
    if asked.modal is None:
        return metadata(COMPONENT, asked.id, asked.account, interacted_message_id=asked.message_id)
    opener = asked.modal.opener
    opening = metadata(COMPONENT, opener.id, asked.account, interacted_message_id=opener.message_id)
    return metadata(SUBMIT, asked.id, asked.account, triggering_interaction_metadata=opening)


class Voice:
    """The answers that are no job."""

    def __init__(
        self, *, options: SimulatorOptions, world: World, gateway: Gateway, post: Post, clock: Clock, rng: Random
    ) -> None:
        self._options = options
        self._world = world
        self._gateway = gateway
        self._post = post
        self._clock = clock
        self._rng = rng

    def create_event(self, asked: Interaction) -> None:
        """INTERACTION_CREATE, once, to the session that asked and to nobody else."""
        if not asked.opened:
            asked.opened = True
            self._event("INTERACTION_CREATE", asked, {"id": asked.id})

    def success(self, asked: Interaction) -> None:
        """INTERACTION_SUCCESS, once."""
        if not asked.succeeded:
            asked.succeeded = True
            self._event("INTERACTION_SUCCESS", asked, {"id": asked.id})

    async def open(self, asked: Interaction, *, success_first: bool = False) -> None:
        """INTERACTION_CREATE and the time until the first message."""
        first_ms = self._options.timing.first_ms
        if asked.faults.get("reordered", {}).get("order") == "final_before_204":
            self.create_event(asked)
            return
        seconds = self._rng.uniform(0.6, 1.5)
        share = self._rng.uniform(0.3, 0.6)
        await self._pause(None if first_ms is None else first_ms * share, seconds * share)
        if success_first:
            self.success(asked)
        self.create_event(asked)
        await self._pause(None if first_ms is None else first_ms * (1 - share), seconds * (1 - share))

    async def _pause(self, ms: float | None, seconds: float) -> None:
        if ms is None:
            await self._clock.pause(seconds)
        else:
            await asyncio.sleep(ms / 1000)

    def _event(self, name: str, asked: Interaction, body: dict[str, Any]) -> None:
        if asked.session is not None:
            manner = manner_of(asked.faults)
            told = msgspec.json.encode({**body, "nonce": manner.nonce(asked.nonce)})
            self._gateway.to_session(
                asked.session, name, told, late=manner.late, nonce=asked.nonce, interaction=asked.id
            )

    async def refuse(
        self,
        asked: Interaction,
        embed: dict[str, Any],
        about: dict[str, Any],
        components: list[dict[str, Any]] | None = None,
    ) -> None:
        """An ephemeral embed with the command's nonce (protocol §8.1 a)."""
        await self.open(asked)
        reference = asked.message_id
        body = bot_message(
            self._world.new_id(),
            asked.channel.id,
            "",
            type=20 if about["type"] == COMMAND else 19 if reference else 0,
            flags=EPHEMERAL,
            interaction=about,
            reference=self._post.reference(asked.channel, reference) if reference else None,
            embeds=[embed],
            components=components,
            application=asked.application,
        )
        self._answer(asked, body)

    async def plain(self, asked: Interaction, text: str, about: dict[str, Any], *, reply: bool = False) -> None:
        """Ephemeral words without an embed (protocol §8.1 d)."""
        await self.open(asked)
        kind = 20 if about["type"] == COMMAND else 19 if reply else 0
        body = bot_message(
            self._world.new_id(),
            asked.channel.id,
            text,
            type=kind,
            flags=EPHEMERAL,
            interaction=about,
            reference=self._post.reference(asked.channel, asked.message_id) if reply and asked.message_id else None,
            application=asked.application,
        )
        self._answer(asked, body)

    async def think(self, asked: Interaction, about: dict[str, Any], *, ephemeral: bool) -> dict[str, Any]:
        """The deferred answer: an empty message marked LOADING, with the nonce (protocol §3.2). `thought` fills it."""
        await self.open(asked)
        body = bot_message(
            self._world.new_id(),
            asked.channel.id,
            "",
            type=20,
            flags=LOADING | (EPHEMERAL if ephemeral else 0),
            interaction=about,
            application=asked.application,
        )
        self._answer(asked, body, public=not ephemeral)
        return body

    def thought(self, asked: Interaction, body: dict[str, Any]) -> None:
        """The edit that ends a deferred answer; it carries no nonce."""
        body["flags"] &= ~LOADING
        only = asked.account.id if body["flags"] & EPHEMERAL else None
        self._post.edit(body, only=only, lasting=True, manner=manner_of(asked.faults), interaction=asked.id)

    def _answer(self, asked: Interaction, body: dict[str, Any], *, public: bool = False) -> None:
        """The first message and INTERACTION_SUCCESS, in one order or the other."""
        early = self._rng.random() < 0.5
        if early:
            self.success(asked)
        self._post.create(
            body,
            wire_nonce=asked.nonce,
            only=None if public else asked.account.id,
            manner=manner_of(asked.faults),
            nonce=asked.nonce,
            interaction=asked.id,
        )
        if not early:
            self.success(asked)

    async def silence(self, asked: Interaction) -> None:
        """Acknowledged, and then nothing: the silent block (protocol §0)."""
        await self.open(asked)
        self.success(asked)

    async def failure(self, asked: Interaction) -> None:
        """INTERACTION_FAILURE: the bot did not answer in time."""
        self.create_event(asked)
        await self._clock.pause(_FAILURE_SECONDS)
        self._event("INTERACTION_FAILURE", asked, {"id": asked.id, "reason_code": 2})

    async def ask_back(self, asked: Interaction, modal: Modal) -> None:
        """INTERACTION_MODAL_CREATE; SUCCESS comes before it, after it, or not at all (protocol §6)."""
        await self.open(asked)
        when = self._rng.choice(("before", "after", "never"))
        if when == "before":
            self.success(asked)
        text_input = {
            "type": 4,
            "id": 2,
            "custom_id": modal.field,
            "style": 2,
            "label": "Prompt",
            "value": modal.value,
            "required": True,
            "min_length": 1,
            "max_length": 4000,
        }
        body = {
            "id": asked.id,
            "channel_id": asked.channel.id,
            "custom_id": modal.custom_id,
            "title": modal.title,
            "application": {
                "id": asked.application,
                "name": ALL_BOTS[asked.application]["username"],
                "description": "",
                "icon": None,
            },
            "components": [{"type": 1, "id": 1, "components": [text_input]}],
        }
        self._event("INTERACTION_MODAL_CREATE", asked, body)
        if when == "after":
            self.success(asked)

    async def frame(self, asked: Interaction, title: str, path: str, token: str) -> None:
        """INTERACTION_IFRAME_MODAL_CREATE: a page of the bot's own opens inside the client (protocol §7)."""
        await self.open(asked)
        body = {
            "id": asked.id,
            "channel_id": asked.channel.id,
            "custom_id": f"MJ::iframe::{token}",
            "title": title,
            "application": {"id": asked.application, "name": ALL_BOTS[asked.application]["username"]},
            "iframe_path": path,
            "modal_size": 3,
        }
        self._event("INTERACTION_IFRAME_MODAL_CREATE", asked, body)
        self.success(asked)

    def frame_closed(self, asked: Interaction) -> None:
        """INTERACTION_IFRAME_MODAL_CLOSE: the page is done; it says of which bot and no more."""
        if asked.session is not None:
            told = msgspec.json.encode({"application_id": asked.application})
            self._gateway.to_session(asked.session, "INTERACTION_IFRAME_MODAL_CLOSE", told, interaction=asked.id)

    @staticmethod
    def made_to_order(order: dict[str, Any], prompt: str) -> dict[str, Any]:
        """The embed that a fault of kind `embed` describes."""
        footer = order.get("footer")
        made = embeds.embed(
            str(order.get("title", "Invalid parameter")),
            order.get("description"),
            order.get("color", embeds.RED),
            prompt if footer is None else None,
        )
        return made if footer is None else {**made, "footer": {"text": str(footer)}}
