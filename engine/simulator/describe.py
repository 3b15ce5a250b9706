"""/describe: four prompts read out of one picture (wire/describe-shorten-seed.synthetic.json)."""

from __future__ import annotations

import math
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from engine.simulator import components, embeds
from engine.simulator.fetching import INVALID_LINK
from engine.simulator.ids import MIDJOURNEY, NIJI
from engine.simulator.shelf import File

if TYPE_CHECKING:
    from engine.simulator.clock import Clock
    from engine.simulator.commanding import Work
    from engine.simulator.components import Component
    from engine.simulator.fetching import Fetching
    from engine.simulator.interaction import Interaction, Voice
    from engine.simulator.messages import Post
    from engine.simulator.shelf import Shelf

_NUMBERS = ("1️⃣", "2️⃣", "3️⃣", "4️⃣")
# the command's id stands where a channel's would in the picture's address
_PLACES = {MIDJOURNEY: "1092492867185950852", NIJI: "1092683500743831652"}
_SUBJECTS = (
    "a quiet harbor", "a lighthouse above the cliffs", "an old tram in the rain", "a fox in deep snow",
    "a market street at dawn", "a glass greenhouse", "two herons over a lake", "a red kite in the wind",
)  # fmt: skip
_MANNERS = (
    "in the style of a woodcut", "soft morning light", "muted colours", "wide angle photograph", "oil on canvas",
    "fine ink lines", "cinematic lighting", "shallow depth of field", "pastel palette",
)  # fmt: skip


class Describe:
    """A public deferred message that ends in an embed with numbered texts and their buttons."""

    def __init__(
        self, *, post: Post, voice: Voice, clock: Clock, rng: Random, fetching: Fetching, shelf: Shelf
    ) -> None:
        self._post = post
        self._voice = voice
        self._clock = clock
        self._rng = rng
        self._fetching = fetching
        self._shelf = shelf

    def table(self) -> dict[str, Work]:
        """Command name → answer."""
        return {"describe": self._describe}

    async def _describe(self, asked: Interaction, about: dict[str, Any]) -> None:
        body = await self._voice.think(asked, about, ephemeral=False)
        await self._clock.pause(self._rng.uniform(3, 15))
        image, link = asked.options.get("image"), str(asked.options.get("link", ""))
        complaint = None
        if isinstance(image, File):
            complaint = None if image.width else ("Invalid request", "The attachment is not an image.")
        elif not link:
            complaint = ("Invalid request", "Please give an image or a link to one.")
        elif not link.startswith(("http://", "https://")) or not self._fetching.reads(link):
            complaint = INVALID_LINK
        if complaint is not None:
            colour = embeds.COLOURS.get(complaint[0], embeds.RED)
            footer = {"text": f"/describe {link}".strip()}
            body["embeds"] = [{**embeds.embed(*complaint, colour, None), "footer": footer}]
        else:
            shown, seed = self._picture(asked, image) if isinstance(image, File) else self._linked(link)
            words = "\n\n".join(_texts(seed, shown["width"], shown["height"]))
            body["embeds"] = [{"type": "rich", "description": words, "image": shown}]
            body["components"] = _buttons()
        self._voice.thought(asked, body)

    def _picture(self, asked: Interaction, image: File) -> tuple[dict[str, Any], str]:
        hung = self._post.file(image, f"ephemeral-attachments/{_PLACES[asked.application]}")
        return {name: hung[name] for name in ("url", "proxy_url", "width", "height")}, image.sha256

    def _linked(self, link: str) -> tuple[dict[str, Any], str]:
        parts = urlsplit(link).path.split("/")
        file = self._shelf.hung(parts[-2]) if len(parts) > 2 else None
        width, height = (file.width, file.height) if file is not None and file.width else (1024, 1024)
        return {"url": link, "proxy_url": link, "width": width, "height": height}, file.sha256 if file else link


def _texts(seed: str, width: int, height: int) -> list[str]:
    """Four prompts that the same picture always gives, with its ratio in small numbers."""
    rng = Random(f"describe|{seed}")
    common = math.gcd(width, height) or 1
    ratio = (width // common, height // common)
    while max(ratio) > 64:
        ratio = (max(1, ratio[0] // 2), max(1, ratio[1] // 2))
    subjects = rng.sample(_SUBJECTS, 4)
    texts = [f"{subject}, {', '.join(rng.sample(_MANNERS, 2))} --ar {ratio[0]}:{ratio[1]}" for subject in subjects]
    return [f"{number} {text}" for number, text in zip(_NUMBERS, texts, strict=True)]


def _buttons() -> list[Component]:
    chosen = [components.button(f"MJ::Job::PicReader::{n}", emoji=number) for n, number in enumerate(_NUMBERS, start=1)]
    again = components.button("MJ::Picread::Retry", emoji="🔄")
    everything = components.button("MJ::Job::PicReader::all", "Imagine all", "🎉")
    return components.rows([[*chosen, again], [everything]])
