"""What a request's body says: JSON, or a form with `payload_json` and files (protocol §1.1, §1.2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp.web_request import FileField

from engine.simulator import refusals
from engine.simulator.refusals import Refused

if TYPE_CHECKING:
    from aiohttp import web

_PART = re.compile(r"files\[(\d+)\]")


async def values_of(request: web.Request) -> dict[str, Any]:
    """The JSON object of a body. Raises Refused when it is none."""
    if request.content_type == "multipart/form-data":
        field = (await request.post()).get("payload_json")
        raw = field if isinstance(field, str) else ""
    else:
        raw = await request.text()
    try:
        body = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        raise Refused(refusals.BAD_JSON) from None
    if not isinstance(body, dict):
        raise Refused(refusals.form("", "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"))
    return body


async def parts_of(request: web.Request) -> dict[str, tuple[str, bytes, str]]:
    """The files of a form by the number in `files[n]`: name, bytes, content type."""
    if request.content_type != "multipart/form-data":
        return {}
    return {
        found[1]: (field.filename, field.file.read(), field.content_type)
        for name, field in (await request.post()).items()
        if (found := _PART.fullmatch(name)) and isinstance(field, FileField)
    }
