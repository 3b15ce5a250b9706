"""What the buttons under /describe and /shorten do with the numbered prompts above them (protocol §5.4)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.simulator import forms
from engine.simulator.derived import imagined

if TYPE_CHECKING:
    from random import Random

    from engine.simulator.clock import Clock
    from engine.simulator.commissions import Commissions
    from engine.simulator.interaction import Interaction, Voice
    from engine.simulator.messages import Post
    from engine.simulator.tasks import Tasks
    from engine.simulator.world import World

_LINE = re.compile(r"^([1-5])\ufe0f?\u20e3 ?(.+)$", re.MULTILINE)
_VIEWS = ("seen from above", "in soft morning light", "as an old photograph", "in bold flat colours", "at night",
          "in watercolour", "under heavy clouds", "as a woodcut")  # fmt: skip


class Suggestions:
    """Reads the prompts out of the clicked message, as a person would."""

    def __init__(
        self,
        *,
        world: World,
        rng: Random,
        voice: Voice,
        post: Post,
        clock: Clock,
        commissions: Commissions,
        tasks: Tasks,
    ) -> None:
        self._world = world
        self._rng = rng
        self._voice = voice
        self._post = post
        self._clock = clock
        self._commissions = commissions
        self._tasks = tasks

    def form(self, asked: Interaction, kind: str, index: int) -> forms.Form | None:
        """The form that a numbered button opens; None if the message has no such prompt."""
        prompt = self._prompts(asked.message_id).get(index)
        if prompt is None:
            return None
        if kind == "read":
            return forms.described(index, prompt)
        return forms.imagine(f"MJ::ImagineModal::{asked.message_id}", prompt)

    async def imagine(self, asked: Interaction, about: dict[str, Any]) -> None:
        """A grid of the prompt that a form brought, or that is asked for again."""
        echo = self._commissions.echo(asked.prompt, asked.account)
        seed = echo.seed if echo.seed is not None else self._rng.getrandbits(32)
        wanted = imagined(echo, seed)
        if asked.modal is not None:
            wanted = replace(wanted, remix=asked.prompt)
        await self._commissions.begin(asked, wanted, about)

    async def imagine_all(self, asked: Interaction, about: dict[str, Any]) -> None:
        """All prompts at once: batches are answered without nonces (protocol §15.13)."""
        await self._voice.silence(asked)
        for prompt in self._prompts(asked.message_id).values():
            one = replace(asked, prompt=prompt, nonce=None)
            echo = self._commissions.echo(prompt, asked.account)
            wanted = imagined(echo, self._rng.getrandbits(32))
            self._tasks.spawn(self._commissions.begin(one, wanted, about, announced=False))

    async def describe_again(self, asked: Interaction) -> None:
        """The same message gets other prompts."""
        await self._voice.open(asked)
        self._voice.success(asked)
        await self._clock.pause(self._rng.uniform(3, 8))
        message = self._world.messages.get(asked.message_id or "")
        if message is None:
            return
        body = message.read()
        views = self._rng.sample(_VIEWS, 4)

        def other(found: re.Match[str]) -> str:
            words, flag, rest = found[2].partition(" --")
            return f"{found[1]}\ufe0f\u20e3 {words.split(', ')[0]}, {views[int(found[1]) % 4]}{flag}{rest}"

        for embed in body["embeds"]:
            embed["description"] = _LINE.sub(other, embed.get("description") or "")
        self._post.edit(body, only=message.only, lasting=True, interaction=asked.id)

    def _prompts(self, message_id: str | None) -> dict[int, str]:
        message = self._world.messages.get(message_id or "")
        found = [] if message is None else message.read()["embeds"]
        text = "\n".join(embed.get("description") or "" for embed in found)
        return {int(number): prompt.strip() for number, prompt in _LINE.findall(text)}
