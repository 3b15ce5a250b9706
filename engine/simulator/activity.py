"""A stand-in for discordsays.com: the page's own calls that hand in a painted region (protocol §7).

It takes no Discord token. What arrives with an Authorization header is served all the same, and written down.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from engine.simulator import region
from engine.simulator.clock import Clock
from engine.simulator.faults import PAGE

if TYPE_CHECKING:
    from PIL import Image

    from engine.simulator.bot import Midjourney
    from engine.simulator.faults import Faults
    from engine.simulator.frames import Frame
    from engine.simulator.ledger import Ledger
    from engine.simulator.options import SimulatorOptions
    from engine.simulator.world import World

PREFIX = "/activity"
FORMS = ("a", "b")
_KEPT = 100  # masks


class Refusal(Exception):
    """The page's server says no."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class _Forms(msgspec.Struct, forbid_unknown_fields=True):
    forms: list[str]


class Activity:
    """The routes, the two forms of handing in, and the masks that came."""

    def __init__(
        self, *, options: SimulatorOptions, world: World, bot: Midjourney, faults: Faults, ledger: Ledger
    ) -> None:
        self._options = options
        self._world = world
        self._bot = bot
        self._faults = faults
        self._ledger = ledger
        self._masks: OrderedDict[str, bytes] = OrderedDict()  # by sha256
        self.forms: set[str] = set(FORMS)  # those that are served

    def routes(self) -> list[web.RouteDef]:
        """Where the page's calls go, below PREFIX."""
        made = [web.post(f"{PREFIX}/inpaint/api/submit-job", self._form_a)]
        made.append(web.post(f"{PREFIX}/.proxy/inpaint/api/submit-job/{{token}}", self._form_b))
        for lead in ("", "/.proxy"):
            path = f"{PREFIX}{lead}/inpaint/api/get-image-info/{{user}}/{{name}}/{{token}}"
            made.append(web.get(path, self._image_info))
        return made

    def orders(self) -> list[web.RouteDef]:
        """What the control port offers: which forms are served, and the masks."""
        return [
            web.get("/activity", self._told),
            web.put("/activity", self._serve_only),
            web.get("/masks/{sha256}", self._mask),
        ]

    async def _told(self, _request: web.Request) -> web.Response:
        return web.json_response({"forms": sorted(self.forms), "masks": list(self._masks)})

    async def _serve_only(self, request: web.Request) -> web.Response:
        try:
            wanted = msgspec.json.decode(await request.read(), type=_Forms)
        except (msgspec.DecodeError, msgspec.ValidationError):
            raise ValueError('say {"forms": [...]} and nothing else') from None
        unknown = [form for form in wanted.forms if form not in FORMS]
        if unknown:
            raise ValueError(f"forms: unknown form {unknown[0]!r}; known are {', '.join(FORMS)}")
        self.forms = set(wanted.forms)
        return await self._told(request)

    async def _mask(self, request: web.Request) -> web.Response:
        data = self._masks.get(request.match_info["sha256"])
        if data is None:
            return web.json_response({"error": "no such mask"}, status=404)
        return web.Response(body=data, content_type="application/octet-stream")

    async def _form_a(self, request: web.Request) -> web.Response:
        return await self._submit(request, "a")

    async def _form_b(self, request: web.Request) -> web.Response:
        return await self._submit(request, "b")

    async def _submit(self, request: web.Request, form: str) -> web.Response:
        row: dict[str, Any] = {"form": form, "path": request.path.partition("submit-job")[0] + "submit-job"}
        row |= {"authorization": "Authorization" in request.headers, "origin": request.headers.get("Origin")}
        try:
            token, frame = self._opened(form, await _body(request), request.match_info.get("token"), row)
            data, mask, prompt = self._handed_in(frame, await _body(request), row)
            trouble = next(self._faults.strike(PAGE, row["account"], prompt, Clock.monotonic_us()), None)
            if trouble is not None and not trouble.params.get("accepted", False):
                raise Refusal(int(trouble.params.get("status", 502)), trouble.kind)  # noqa: TRY301 - one way out
        except Refusal as way_out:
            self._ledger.write("inpaint", now=True, decision=f"refused {way_out.status}: {way_out}", **row)
            return web.json_response({"error": str(way_out)}, status=way_out.status)
        self._masks[row["sha256"]] = data
        while len(self._masks) > _KEPT:
            self._masks.popitem(last=False)
        self._ledger.write("inpaint", now=True, decision="accepted", **row)
        self._bot.frames.close(token)
        self._bot.paint(frame, prompt, mask)
        if trouble is not None:
            return web.Response(status=int(trouble.params.get("status", 502)))
        return web.json_response({"status": "success"})

    def _opened(self, form: str, body: dict[str, Any], told: str | None, row: dict[str, Any]) -> tuple[str, Frame]:
        """Token and page of a call, noted in the ledger's row."""
        if form not in self.forms:
            raise Refusal(404, "Not Found")
        token = told or str(body.get("customId"))
        frame = self._frame(token)
        asked = frame.opener
        row |= {"account": asked.account.id, "nonce": asked.nonce, "interaction": asked.id, "clicked": asked.message_id}
        return token, frame

    def _handed_in(self, frame: Frame, body: dict[str, Any], row: dict[str, Any]) -> tuple[bytes, str, str]:
        """Mask, the same as a recipe keeps it, and the words of a call, noted in the ledger's row."""
        prompt = row["prompt"] = body.get("prompt")
        data, mask = _mask(body.get("mask"))
        row |= {"sha256": hashlib.sha256(data).hexdigest(), "length": len(data), "size": list(mask.size)}
        self._fits(frame, mask.size)
        if not isinstance(prompt, str) or not prompt.strip():
            raise Refusal(400, "prompt is missing")
        return data, region.packed(mask), prompt

    async def _image_info(self, request: web.Request) -> web.Response:
        try:
            frame = self._frame(request.match_info["token"])
        except Refusal as way_out:
            return web.json_response({"error": str(way_out)}, status=way_out.status)
        origin = self._world.origin(frame.press.uuid)
        attachment = self._picture(frame)
        self._ledger.write(
            "request", method="GET", path=request.path.partition("get-image-info")[0] + "get-image-info",
            account=frame.opener.account.id, authorization="Authorization" in request.headers, decision="200",
        )  # fmt: skip
        prompt = "" if origin is None else origin.prompt
        return web.json_response({"prompt": prompt, "image_url": attachment.get("url")})

    def _frame(self, token: str) -> Frame:
        frame = self._bot.frames.of(token, self._options.timing.form_ms)
        if frame is None:
            raise Refusal(403, "this page is not open")
        return frame

    def _picture(self, frame: Frame) -> dict[str, Any]:
        message = self._world.messages.get(frame.opener.message_id or "")
        found = [] if message is None else message.read()["attachments"]
        return found[0] if found else {}

    def _fits(self, frame: Frame, size: tuple[int, int]) -> None:
        picture = self._picture(frame)
        wanted = (picture.get("width"), picture.get("height"))
        if size != wanted:
            raise Refusal(400, f"mask is {size[0]}x{size[1]}, the picture {wanted[0]}x{wanted[1]}")


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = msgspec.json.decode(await request.read())
    except msgspec.DecodeError:
        raise Refusal(400, "the body is no JSON") from None
    if not isinstance(body, dict):
        raise Refusal(400, "the body is no JSON object")
    return body


def _mask(given: Any) -> tuple[bytes, Image.Image]:
    """The bytes of a mask, and the picture they are. Raises Refusal if it is none in plain base64."""
    if not isinstance(given, str) or not given:
        raise Refusal(400, "mask is missing")
    try:
        data = base64.b64decode(given, validate=True)
    except binascii.Error:
        raise Refusal(400, "mask is not plain base64") from None
    try:
        return data, region.opened(data)
    except ValueError as error:
        raise Refusal(400, f"mask is {error}") from None
