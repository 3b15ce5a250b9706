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

from PIL import Image

from engine.simulator import art
from engine.simulator.jobs import Job, Picture, Recipe

if TYPE_CHECKING:
    from pathlib import Path

_BLANK = "00000000-0000-4000-8000-000000000000"  # where a mark goes in a stored file
_STEPS = (35, 60, 85)  # percents of which a preview is drawn
_KEPT = 64  # files kept in memory


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


@dataclass(frozen=True, slots=True)
class Prints:
    """What one job's art was made into."""

    final: Picture
    previews: dict[int, Picture]

    def preview(self, percent: int) -> Picture:
        """The preview nearest below a percent."""
        return self.previews[max((step for step in _STEPS if step <= percent), default=_STEPS[0])]


class Pictures:
    """Draws on one background thread; with a pool > 0 every job gets a stamped copy of a ready picture."""

    def __init__(self, directory: Path, *, longest: int, pool: int) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        for step in _STEPS:  # previews do not outlive the process that showed them
            for old in directory.glob(f"*-{step}.webp"):
                old.unlink(missing_ok=True)
        self._longest = longest
        self._pool_size = pool
        self._pool: dict[str, list[dict[int, _File]]] = {}  # kind → files by percent, 100 the final
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="art")
        self._files: OrderedDict[str, _File] = OrderedDict()

    async def open(self) -> None:
        """Draw the pool, if there is to be one."""
        loop = asyncio.get_running_loop()
        for kind in ("grid", "single") if self._pool_size else ():
            self._pool[kind] = [
                await loop.run_in_executor(self._worker, self._draw, f"pool-{kind}-{n}", _pool_recipe(kind, n))
                for n in range(self._pool_size)
            ]

    async def prints(self, job: Job) -> Prints:
        """The final picture and previews of a job."""
        if self._pool_size:
            kind = "grid" if len(job.recipe.cells) > 1 else "single"
            files = self._pool[kind][zlib.crc32(job.uuid.encode()) % self._pool_size]
        else:
            loop = asyncio.get_running_loop()
            files = await loop.run_in_executor(self._worker, self._draw, job.uuid, job.recipe)
        previews = {step: files[step].picture(job.uuid) for step in _STEPS if step in files}
        return Prints(files[100].picture(job.uuid), previews)

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

    def _draw(self, name: str, recipe: Recipe) -> dict[int, _File]:
        single = len(recipe.cells) == 1
        size = fit(recipe.ratio, self._longest)
        picture = art.draw(recipe, size)
        files = {100: self._store(f"{name}.{'png' if single else 'webp'}", picture)}
        if not single:
            small = fit(recipe.ratio, max(16, self._longest // 2))
            for step in _STEPS:
                files[step] = self._store(f"{name}-{step}.webp", art.soften(picture, small, step))
        return files

    def _store(self, base: str, picture: Image.Image) -> _File:
        file, exif = io.BytesIO(), Image.Exif()
        if base.endswith(".png"):
            kind = "image/png"
            picture.save(file, "PNG", compress_level=3)
        else:
            kind = "image/webp"
            exif[0x010E] = _BLANK  # ImageDescription
            picture.save(file, "WEBP", quality=82, method=0, exif=exif)
        data = file.getvalue()
        # written whole or not at all, so that a kill leaves no half picture
        fresh = self._directory / f"{base}.new"
        fresh.write_bytes(data)
        fresh.replace(self._directory / base)
        return _cut(base, kind, picture.size, data)

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


def _pool_recipe(kind: str, number: int) -> Recipe:
    cells = tuple((f"pool {number} {cell}", f"pool {number} {cell}") for cell in range(4))
    motif = art.motif_of(f"pool {number}")
    return Recipe(motif, cells if kind == "grid" else cells[:1], (1, 1), f"{kind} {number} of the pool")
