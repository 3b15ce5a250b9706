"""How pictures become files: drawn off the event loop, kept on disk, stamped with the job's uuid."""

from __future__ import annotations

import asyncio
import hashlib
import io
import math
import zlib
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from PIL import Image

from engine.simulator import art, film
from engine.simulator.jobs import Job, Picture, Recipe
from engine.simulator.verbs import CLIP, FILM, GRID, SINGLE, UPSCALED, VERBS

if TYPE_CHECKING:
    from pathlib import Path

_BLANK = "00000000-0000-4000-8000-000000000000"  # where a mark goes in a stored file
_STEPS = (35, 60, 85)  # percents of which a preview is drawn
_KEPT = 64  # files kept in memory
TYPES = {"png": "image/png", "webp": "image/webp", "jpeg": "image/jpeg", "mp4": "video/mp4"}


@dataclass(frozen=True, slots=True)
class _File:
    """A stored picture cut where the mark goes, with the digest of what stands before it."""

    base: str
    content_type: str
    size: tuple[int, int]
    head: bytes
    tail: bytes
    digest: Any

    def stamped(self, mark: str) -> bytes:
        """The bytes that carry this mark."""
        return self.head + self._middle(mark) + self.tail

    def picture(self, mark: str) -> Picture:
        """The same file as a value, its sha256 taken over the stamped bytes."""
        middle = self._middle(mark)
        digest = self.digest.copy()
        digest.update(middle)
        digest.update(self.tail)
        size = len(self.head) + len(middle) + len(self.tail)
        return Picture(self.base, mark, self.content_type, *self.size, size, digest.hexdigest())

    def _middle(self, mark: str) -> bytes:
        return _text_chunk(mark) if self.content_type == "image/png" else mark.encode()


_Set = dict[int, list[_File]]  # by percent; 100 is the final, and one file


@dataclass(frozen=True, slots=True)
class Prints:
    """What one job's art was made into."""

    final: Picture
    previews: dict[int, tuple[Picture, ...]]  # by percent; a film has one of each cell

    def preview(self, percent: int) -> tuple[Picture, ...]:
        """The previews nearest below a percent."""
        return self.previews[max((step for step in _STEPS if step <= percent), default=_STEPS[0])]


class Pictures:
    """Draws on one background thread; with a pool > 0 every job gets a stamped copy of a ready picture."""

    def __init__(self, directory: Path, *, longest: int, pool: int) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        for step in _STEPS:  # previews do not outlive the process that showed them
            for ending in (f"-{step}.webp", f"-{step}-?.jpeg"):
                for old in directory.glob(f"*{ending}"):
                    old.unlink(missing_ok=True)
        self._longest = longest
        self._pool_size = pool
        self._pool: dict[str, list[_Set]] = {}  # by kind
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="art")
        self._files: OrderedDict[str, _File] = OrderedDict()

    async def open(self) -> None:
        """Draw the pool of the two common kinds, if there is to be one."""
        for kind in (GRID, SINGLE) if self._pool_size else ():
            await self._fill(kind, self._pool_size)

    async def _fill(self, kind: str, count: int) -> list[_Set]:
        loop = asyncio.get_running_loop()
        self._pool[kind] = made = [
            await loop.run_in_executor(self._worker, self._draw, f"pool-{kind}-{n}", _pool_recipe(kind, n), kind, 2)
            for n in range(count)
        ]
        return made

    async def prints(self, job: Job) -> Prints:
        """The final picture and previews of a job."""
        verb = VERBS[job.verb]
        if self._pool_size:
            # of the rarer kinds one is enough, drawn when it is first wanted
            ready = self._pool.get(verb.result) or await self._fill(verb.result, 1)
            files = ready[zlib.crc32(job.uuid.encode()) % len(ready)]
        else:
            loop = asyncio.get_running_loop()
            files = await loop.run_in_executor(self._worker, self._draw, job.uuid, job.recipe, verb.result, verb.scale)
        previews = {step: tuple(file.picture(job.uuid) for file in files[step]) for step in _STEPS if step in files}
        return Prints(files[100][0].picture(job.uuid), previews)

    async def singles(self, name: str, recipe: Recipe) -> list[Picture]:
        """Each cell of a picture as a file of its own."""
        loop = asyncio.get_running_loop()
        made: list[Picture] = []
        for number in range(len(recipe.cells)):
            if self._pool_size:
                files = self._pool[SINGLE][(zlib.crc32(name.encode()) + number) % self._pool_size]
            else:
                cell = f"{name}-cell-{number}"
                files = await loop.run_in_executor(self._worker, self._draw, cell, alone(recipe, number), SINGLE, 1)
            made.append(files[100][0].picture(f"{name} {number}"))
        return made

    async def read(self, picture: Picture) -> bytes:
        """The bytes of a picture. Raises FileNotFoundError if it is gone."""
        file = self._files.get(picture.base)
        if file is None:
            file = await asyncio.get_running_loop().run_in_executor(self._worker, self._fetch, picture)
            self._keep(file)
        return file.stamped(picture.mark)

    def _keep(self, file: _File) -> None:
        self._files[file.base] = file
        self._files.move_to_end(file.base)
        while len(self._files) > max(_KEPT, self._pool_size * 8):
            self._files.popitem(last=False)

    def _fetch(self, picture: Picture) -> _File:
        data = (self._directory / picture.base).read_bytes()
        return _cut(picture.base, picture.content_type, (picture.width, picture.height), data)

    def _draw(self, name: str, recipe: Recipe, kind: str, scale: int) -> _Set:
        if kind in (FILM, CLIP):
            return self._film(name, recipe, kind)
        longest = self._longest * (scale if kind == UPSCALED else 1)
        picture = art.draw(recipe, fit(recipe.ratio, longest))
        files: _Set = {100: [self._picture(f"{name}.{'webp' if kind == GRID else 'png'}", picture)]}
        if kind != SINGLE:
            small = fit(recipe.ratio, max(16, self._longest // (2 if kind == GRID else 4)))
            for step in _STEPS:
                files[step] = [self._picture(f"{name}-{step}.webp", art.soften(picture, small, step))]
        return files

    def _film(self, name: str, recipe: Recipe, kind: str) -> _Set:
        """Cells in motion: all of them in one animated WebP, or one alone as an MP4."""
        longest = max(32, round(self._longest * 0.6))
        if kind == CLIP:
            size = fit(recipe.ratio, min(longest, 256))
            cell = art.draw(recipe, (_blocks(size[0]), _blocks(size[1])))
            frames = [film.drift(cell, number) for number in range(film.FRAMES)]
            return {100: [self._store(f"{name}.mp4", cell.size, film.mp4(frames, _BLANK))]}
        size = fit(recipe.ratio, longest)
        count = len(recipe.cells)
        part = size if count == 1 else (size[0] // 2, size[1] // 2)
        cells = [art.draw(alone(recipe, number), part) for number in range(count)]
        frames = []
        for number in range(film.FRAMES):
            frame = Image.new("RGB", size)
            for place, cell in enumerate(cells):
                frame.paste(film.drift(cell, number), (place % 2 * part[0], place // 2 * part[1]))
            frames.append(frame)
        files: _Set = {100: [self._store(f"{name}.webp", size, film.webp(frames, _BLANK))]}
        small = fit(recipe.ratio, max(16, self._longest // 4))
        for step in _STEPS:
            files[step] = [
                self._picture(f"{name}-{step}-{place}.jpeg", art.soften(cell, small, step))
                for place, cell in enumerate(cells)
            ]
        return files

    def _picture(self, base: str, picture: Image.Image) -> _File:
        file, exif = io.BytesIO(), Image.Exif()
        exif[0x010E] = _BLANK  # ImageDescription
        if base.endswith(".png"):
            picture.save(file, "PNG", compress_level=3)
        elif base.endswith(".jpeg"):
            picture.save(file, "JPEG", quality=82, exif=exif)
        else:
            picture.save(file, "WEBP", quality=82, method=0, exif=exif)
        return self._store(base, picture.size, file.getvalue())

    def _store(self, base: str, size: tuple[int, int], data: bytes) -> _File:
        # written whole or not at all, so that a kill leaves no half picture
        fresh = self._directory / f"{base}.new"
        fresh.write_bytes(data)
        fresh.replace(self._directory / base)
        return _cut(base, TYPES[base.rsplit(".", 1)[1]], size, data)

    def close(self) -> None:
        """Stop drawing."""
        self._worker.shutdown(wait=True, cancel_futures=True)


def _cut(base: str, content_type: str, size: tuple[int, int], data: bytes) -> _File:
    if content_type == "image/png":
        place = len(data) - 12  # before IEND
        head, tail = data[:place], data[place:]
    else:
        head, found, tail = data.rpartition(_BLANK.encode())
        if not found:
            raise ValueError(f"{base} has no place for a mark")
    return _File(base, content_type, size, head, tail, hashlib.sha256(head))


def _text_chunk(mark: str) -> bytes:
    """A tEXt chunk of PNG that names the job."""
    body = b"tEXtJob\0" + mark.encode()
    return (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")


def fit(ratio: tuple[int, int], longest: int) -> tuple[int, int]:
    """Even width and height of this ratio with the area of a square of `longest`, like Midjourney's (CAP26)."""
    width = longest * math.sqrt(min(max(ratio[0] / ratio[1], 1 / 14), 14))
    height = longest * longest / width
    return max(16, round(width / 4) * 4), max(16, round(height / 4) * 4)


def alone(recipe: Recipe, cell: int) -> Recipe:
    """The recipe of one cell of a grid."""
    return msgspec.structs.replace(recipe, cells=(recipe.cells[cell],))


def _blocks(length: int) -> int:
    return max(16, round(length / 16) * 16)


def _pool_recipe(kind: str, number: int) -> Recipe:
    cells = tuple((f"pool {number} {cell}", f"pool {number} {cell}") for cell in range(4))
    motif = art.motif_of(f"pool {number}")
    return Recipe(motif, cells if kind in (GRID, FILM) else cells[:1], (1, 1), f"{kind} {number} of the pool")
