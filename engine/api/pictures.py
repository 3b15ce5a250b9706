"""Where a picture is read without a key, and what a reader gets before our copy is there."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from engine.api.iterators import close
from engine.api.options import Premises, premises_of
from engine.api.ways import NATIVE, Id, Way
from engine.model.errors import NotFound, Refused, Unavailable
from engine.model.jobs import Attachment, Picture
from engine.ports import PictureCopy

MEDIA_TYPES = {
    "png": "image/png",
    "webp": "image/webp",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "mp4": "video/mp4",
}
"""The only types that leave this address, by extension."""
_MOVING = frozenset({"mp4", "gif"})

_KEY = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(rf"({_KEY.pattern})(?:\.[a-z0-9]{{1,5}})?")
_NUMBER = re.compile(r"([1-4])(?:\.[a-z0-9]{1,5})?")
_LOOK_AGAIN_SECONDS = 1.0
_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "inline",
}
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable", **_SAFE}
_NOT_KEPT = {"Cache-Control": "no-store", **_SAFE}


def extension(picture: Picture) -> str:
    """The extension of a picture's address: what Discord's file name or content type says, else png."""
    suffix = picture.attachment.filename.rpartition(".")[2].lower()
    if suffix in MEDIA_TYPES:
        return suffix
    content_type = (picture.attachment.content_type or "").partition(";")[0].strip().lower()
    return next((name for name, media_type in MEDIA_TYPES.items() if media_type == content_type), "png")


def address_of(picture: Picture, public_url: str) -> str:
    """Our own lasting address of a picture."""
    return f"{public_url.rstrip('/')}/pictures/{picture.key}.{extension(picture)}"


def source_of(picture: Picture, file: Attachment, public_url: str) -> str:
    """Where it lay first: Discord's link of `file`; our own address when it has never lain elsewhere."""
    return file.url if file.kept_as is None else address_of(picture, public_url)


def quarters_of(picture: Picture, public_url: str) -> list[str] | None:
    """The addresses of a grid's four single images, row by row; None where there are none, as of a video."""
    kind = extension(picture)
    if kind in _MOVING:
        return None
    ending = "webp" if kind == "webp" else "png"
    return [f"{public_url.rstrip('/')}/pictures/{picture.key}/{number}.{ending}" for number in range(1, 5)]


_UNKNOWN = {"description": "There is no such picture."}
_NO_QUARTER = {"description": "There is no such picture, or it is a video, or too small."}
_LATER = {"description": "It is not here yet: again after Retry-After."}
_KINDS: dict[str, Any] = {name: {} for name in sorted(set(MEDIA_TYPES.values()))}


def ways() -> Iterator[Way]:
    """The addresses of pictures."""
    for way in _ways():
        yield way
        yield way.spelled(method="HEAD")


def _ways() -> Iterator[Way]:
    yield Way(
        method="GET",
        path="/pictures/{name}",
        endpoint=_picture,
        dialect=NATIVE,
        scope=None,
        ids={"name": Id.PICTURE},
        summary="A picture",
        described={
            "tags": ["pictures"],
            "description": "Needs no key: the name holds 128 random bits. An extension may follow it.",
            "response_class": Response,
            "responses": {200: {"description": "The picture.", "content": _KINDS}, 404: _UNKNOWN, 503: _LATER},
        },
    )
    yield Way(
        method="GET",
        path="/pictures/{key}/{number}",
        endpoint=_quarter,
        dialect=NATIVE,
        scope=None,
        ids={"key": Id.PICTURE, "number": Id.NUMBER},
        summary="A single image of a grid",
        described={
            "tags": ["pictures"],
            "description": "One of the four, row by row. Needs no key, as the picture. An extension may follow the "
            "number.",
            "response_class": Response,
            "responses": {
                200: {"description": "The single image.", "content": {"image/png": {}, "image/webp": {}}},
                404: _NO_QUARTER,
                503: _LATER,
            },
        },
    )


async def _picture(name: str, request: Request) -> Response:
    key = _NAME.fullmatch(name)
    if key is None:
        raise NotFound("there is no such picture")
    premises = premises_of(request)
    return await _patiently(premises, _when_there(premises, key.group(1), request))


async def _quarter(key: str, number: str, request: Request) -> Response:
    wanted = _NUMBER.fullmatch(number)
    if wanted is None or not _KEY.fullmatch(key):
        raise NotFound("there is no such picture")
    premises = premises_of(request)
    return await _patiently(premises, _when_cut(premises, key, int(wanted.group(1))))


async def _patiently(premises: Premises, answering: Coroutine[Any, Any, Response]) -> Response:
    try:
        async with asyncio.timeout(premises.options.picture_wait_seconds):
            return await answering
    except TimeoutError:
        raise Unavailable("the picture is not here yet") from None


async def _when_there(premises: Premises, key: str, request: Request) -> Response:
    while True:
        copy = await premises.door.picture(key)
        path = premises.door.picture_file(copy)
        if path is not None and (kept := await _kept(path)) is not None:
            return kept
        try:
            return await _streamed(premises, copy, request)
        except Unavailable:
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        except Refused as error:
            raise NotFound("the picture is gone from its source and was not copied in time") from error


async def _when_cut(premises: Premises, key: str, number: int) -> Response:
    while True:
        copy = await premises.door.picture(key)
        with contextlib.suppress(Unavailable):
            kept = await _kept(await premises.door.picture_quarter(copy, number))
            if kept is not None:
                return kept
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)


async def _kept(path: Path) -> Response | None:
    try:
        stat = await asyncio.to_thread(path.stat)
    except FileNotFoundError:
        return None
    media_type = MEDIA_TYPES.get(path.suffix[1:].lower(), "application/octet-stream")
    return FileResponse(path, media_type=media_type, headers=_FOR_EVER, stat_result=stat)


async def _streamed(premises: Premises, copy: PictureCopy, request: Request) -> Response:
    """The source's bytes, once the first of them are here."""
    source = premises.door.picture_source(copy)
    try:
        first = await anext(source)
    except StopAsyncIteration:
        raise Unavailable("the source sent nothing") from None
    media_type = MEDIA_TYPES[extension(copy.picture)]
    if request.method == "HEAD":
        await close(source)
        return Response(headers=_NOT_KEPT, media_type=media_type)
    return StreamingResponse(_joined(first, source), headers=_NOT_KEPT, media_type=media_type)


async def _joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    try:
        yield first
        async for chunk in rest:
            yield chunk
    finally:
        await close(rest)
