"""InsightFaceSwap's bot: a face under a name, then a picture with that face (protocol §11; the texts are our own).

From its README: names of at most 10 letters and digits, 20 of them, 50 commands a day. Here a picture of one colour
shows no face, and a swap shows the face's picture in an oval in the middle of the other.
"""

from __future__ import annotations

import asyncio
import io
import re
from typing import TYPE_CHECKING, Any

import msgspec
from PIL import Image, ImageDraw

from engine.simulator.shelf import File

if TYPE_CHECKING:
    from random import Random

    from engine.simulator.clock import Clock
    from engine.simulator.commanding import Work
    from engine.simulator.interaction import Interaction, Voice
    from engine.simulator.messages import Post
    from engine.simulator.people import Account
    from engine.simulator.shelf import Shelf
    from engine.simulator.world import World

_NAME = re.compile(r"[A-Za-z0-9]{1,10}")
_MOST_NAMES = 20
_LONGEST_SIDE = 2048
_DAY_MS = 86_400_000


class FaceSwap:
    """Both commands are answered by a public message that is deferred first."""

    def __init__(self, *, world: World, post: Post, voice: Voice, clock: Clock, rng: Random, shelf: Shelf) -> None:
        self._world = world
        self._post = post
        self._voice = voice
        self._clock = clock
        self._rng = rng
        self._shelf = shelf

    def table(self) -> dict[str, Work]:
        """Command name → answer."""
        return {"saveid": self._save, "swapid": self._swap}

    async def _save(self, asked: Interaction, about: dict[str, Any]) -> None:
        body = await self._thinks(asked, about)
        name, image = str(asked.options["idname"]), asked.options["image"]
        complaint = self._complaint(asked.account, image)
        if complaint is None and not _NAME.fullmatch(name):
            complaint = "invalid idname, only alphabets and numbers, up to 10 characters"
        if complaint is None and name not in (known := self._names(asked.account)) and len(known) >= _MOST_NAMES:
            complaint = f"the number of idnames has reached the limit of {_MOST_NAMES}"
        if complaint is None:
            self._world.keep("faces", f"{asked.account.id} {name}", msgspec.json.encode(image))
        body["content"] = complaint or f"idname {name} created."
        self._voice.thought(asked, body)

    async def _swap(self, asked: Interaction, about: dict[str, Any]) -> None:
        body = await self._thinks(asked, about)
        name, image = str(asked.options["idname"]), asked.options["image"]
        face = self._world.kept("faces").get(f"{asked.account.id} {name}")
        complaint = self._complaint(asked.account, image)
        if complaint is None and face is None:
            complaint = f"idname {name} does not exist"
        if complaint is not None or face is None:
            body["content"] = complaint
        else:
            source = msgspec.json.decode(face, type=File)
            data = await asyncio.to_thread(_swapped, self._bytes(source), self._bytes(image))
            made = self._shelf.put("swapped.png", data, "image/png")
            body["attachments"] = [self._post.file(made, f"attachments/{asked.channel.id}")]
        self._voice.thought(asked, body)

    async def _thinks(self, asked: Interaction, about: dict[str, Any]) -> dict[str, Any]:
        body = await self._voice.think(asked, about, ephemeral=False)
        await self._clock.pause(self._rng.uniform(3, 10))
        return body

    def _complaint(self, account: Account, image: File) -> str | None:
        """Why the command is not carried out; each one that comes so far counts."""
        day = f"{account.id} {self._clock.unix_ms() // _DAY_MS}"
        used = int(self._world.kept("face commands").get(day, b"0"))
        if used >= account.face_commands:
            return "You have used up your daily credits, please try again tomorrow."
        self._world.keep("face commands", day, str(used + 1).encode())
        if not image.width:
            return "the attachment is not an image"
        return None if _shows_something(self._bytes(image)) else "No face detected in the image."

    def _names(self, account: Account) -> set[str]:
        keys = (key.partition(" ") for key in self._world.kept("faces"))
        return {name for owner, _, name in keys if owner == account.id}

    def _bytes(self, file: File) -> bytes:
        return self._shelf.read(file.sha256) or b""


def _opened(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as picture:
        return picture.convert("RGB")


def _shows_something(data: bytes) -> bool:
    colours = _opened(data).getcolors(1)
    return colours is None


def _swapped(source: bytes, target: bytes) -> bytes:
    picture, face = _opened(target), _opened(source)
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    size = max(1, picture.width // 2), max(1, picture.height // 2)
    oval = Image.new("L", size, 0)
    ImageDraw.Draw(oval).ellipse((0, 0, *size), fill=255)
    picture.paste(face.resize(size), (picture.width // 4, picture.height // 4), oval)
    made = io.BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()
