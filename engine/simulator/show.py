"""/show: a finished job of the same person once more, with all its buttons (protocol §4, §9.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.simulator import embeds
from engine.simulator.manner import manner_of
from engine.simulator.messages import EPHEMERAL, bot_message

if TYPE_CHECKING:
    from random import Random

    from engine.simulator.clock import Clock
    from engine.simulator.commanding import Work
    from engine.simulator.interaction import Interaction, Voice
    from engine.simulator.messages import Post
    from engine.simulator.options import SimulatorOptions
    from engine.simulator.world import World


class Show:
    """First "Displaying..."; the copy then stands in its place or follows it: which of them is unknown."""

    def __init__(
        self, *, options: SimulatorOptions, world: World, post: Post, voice: Voice, clock: Clock, rng: Random
    ) -> None:
        self._options = options
        self._world = world
        self._post = post
        self._voice = voice
        self._clock = clock
        self._rng = rng

    def table(self) -> dict[str, Work]:
        """Command name → answer."""
        return {"show": self._show}

    async def _show(self, asked: Interaction, about: dict[str, Any]) -> None:
        identity = str(asked.options["job_id"]).strip()
        origin = self._world.origin(identity)
        source = self._world.messages.get(origin.message or "") if origin is not None else None
        if origin is None or source is None or origin.account != asked.account.id:
            await self._unknown(asked, about, identity)
            return
        body = await self._displaying(asked, about)
        await self._clock.pause(self._rng.uniform(0.3, 0.9))
        shown = source.read()
        again = {
            "content": shown["content"],
            "attachments": [self._hung(each, asked.channel.id) for each in shown["attachments"]],
            "components": shown["components"],
        }
        manner = manner_of(asked.faults)
        if self._rng.random() < self._options.show_in_place:
            body.update(again)
            self._post.edit(body, lasting=True, manner=manner, interaction=asked.id)
            return
        copy = bot_message(
            self._world.new_id(),
            asked.channel.id,
            again["content"],
            type=19,
            mention=asked.account,
            interaction=about,
            reference=self._post.reference(asked.channel, body["id"]),
            attachments=again["attachments"],
            components=again["components"],
            application=asked.application,
        )
        self._post.create(copy, manner=manner, interaction=asked.id)
        self._post.delete(body["id"], asked.channel, manner=manner, interaction=asked.id)

    async def _displaying(self, asked: Interaction, about: dict[str, Any]) -> dict[str, Any]:
        await self._voice.open(asked)
        body = bot_message(
            self._world.new_id(),
            asked.channel.id,
            "Displaying...",
            type=20,
            mention=asked.account,
            interaction=about,
            application=asked.application,
        )
        manner = manner_of(asked.faults)
        self._post.create(body, wire_nonce=asked.nonce, manner=manner, nonce=asked.nonce, interaction=asked.id)
        self._voice.success(asked)
        return body

    def _hung(self, attachment: dict[str, Any], channel_id: str) -> dict[str, Any]:
        """The same picture under an address of the channel where it is shown."""
        picture = self._world.pictures[attachment["id"]]
        return self._post.attachment(picture, attachment["filename"], channel_id, ephemeral=False, lasting=True)

    async def _unknown(self, asked: Interaction, about: dict[str, Any], identity: str) -> None:
        """An embed whose description contains the id; it carries no nonce (protocol §9.4)."""
        await self._voice.open(asked)
        self._voice.success(asked)
        body = bot_message(
            self._world.new_id(),
            asked.channel.id,
            "",
            type=20,
            flags=EPHEMERAL,
            interaction=about,
            embeds=[embeds.embed("Job not found", f"Could not find a job with the id {identity}", embeds.RED, None)],
            application=asked.application,
        )
        self._post.create(body, only=asked.account.id, interaction=asked.id)
