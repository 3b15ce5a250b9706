"""Stand-ins for services beside Discord: Black Forest Labs' API, an upscaler, a background remover, a chat model.

Written from the services' own public documents (November 2026). A key that ends in `-wrong` is refused (403), one that
ends in `-empty` has no credits (402), one that ends in `-busy` is answered 429; a prompt with the word `moderated` is.
"""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web
from PIL import Image, ImageDraw, ImageOps

if TYPE_CHECKING:
    from engine.simulator.clock import Clock
    from engine.simulator.ledger import Ledger

TASK_MS = 4000
_MODELS = {
    "flux-pro-1.1",
    "flux-pro-1.1-ultra",
    "flux-pro",
    "flux-dev",
    "flux-kontext-pro",
    "flux-kontext-max",
    "flux-2-pro",
    "flux-2-flex",
}
_REFUSED = {"-wrong": 403, "-empty": 402, "-busy": 429}
_LARGEST = 4096


@dataclass(slots=True)
class _Task:
    prompt: str
    size: tuple[int, int]
    kind: str
    key: str
    began_ms: float


class Services:
    """Everything that is not Discord; ledger rows of kind `service` say what was asked."""

    def __init__(self, clock: Clock, ledger: Ledger) -> None:
        self._clock = clock
        self._ledger = ledger
        self._tasks: dict[str, _Task] = {}

    def routes(self) -> list[web.RouteDef]:
        """Its addresses beside Discord's."""
        return [
            web.post("/bfl/v1/{model}", self._begin),
            web.get("/bfl/v1/get_result", self._result),
            web.get("/bfl/samples/{name}", self._sample),
            web.post("/services/upscale", self._upscale),
            web.post("/services/remove-background", self._remove_background),
            web.post("/services/v1/chat/completions", self._complete),
        ]

    # --- Black Forest Labs

    def _elapsed_ms(self, task: _Task) -> float:
        return (self._clock.monotonic_us() / 1000 - task.began_ms) * self._clock.speed

    async def _begin(self, request: web.Request) -> web.Response:
        key = request.headers.get("x-key", "")
        status = 403 if not key else next((code for end, code in _REFUSED.items() if key.endswith(end)), 200)
        model = request.match_info["model"]
        body = await _body(request)
        self._ledger.write("service", now=True, service="flux", model=model, status=status, body=body)
        if status != 200:
            return web.json_response({"detail": "Not authenticated" if status == 403 else "Insufficient credits"},
                                     status=status)  # fmt: skip
        if model not in _MODELS:
            return web.json_response({"detail": "Not Found"}, status=404)
        wrong = _wrong_with(body)
        if wrong:
            return web.json_response({"detail": [{"loc": ["body"], "msg": wrong}]}, status=422)
        number = str(uuid.uuid4())
        size = (int(body.get("width", 1024)), int(body.get("height", 768)))
        began = self._clock.monotonic_us() / 1000
        self._tasks[number] = _Task(str(body["prompt"]), size, str(body.get("output_format", "jpeg")), key, began)
        return web.json_response({"id": number, "polling_url": f"{_origin(request)}/bfl/v1/get_result?id={number}"})

    async def _result(self, request: web.Request) -> web.Response:
        number = request.query.get("id", "")
        task = self._tasks.get(number)
        if task is None or request.headers.get("x-key") != task.key:
            return web.json_response({"id": number, "status": "Task not found", "result": None}, status=404)
        elapsed = self._elapsed_ms(task)
        answer: dict[str, Any] = {"id": number, "status": "Pending", "result": None, "progress": elapsed / TASK_MS}
        if elapsed >= TASK_MS:
            answer |= {"status": "Ready", "progress": None}
            if "moderated" in task.prompt.lower():
                answer["status"] = "Content Moderated"
            else:
                answer["result"] = {
                    "sample": f"{_origin(request)}/bfl/samples/{number}.{task.kind}",
                    "prompt": task.prompt,
                }
        return web.json_response(answer)

    async def _sample(self, request: web.Request) -> web.Response:
        number, _, kind = request.match_info["name"].partition(".")
        task = self._tasks.get(number)
        if task is None:
            raise web.HTTPNotFound
        picture = Image.linear_gradient("L").resize(task.size)
        picture = ImageOps.colorize(picture, "#12324f", "#ffd9a0")
        ImageDraw.Draw(picture).text((8, 8), f"{task.prompt[:60]}\n{number}", fill="white")
        return _picture(picture, "PNG" if kind == "png" else "JPEG")

    # --- the operator's own

    async def _taken(self, request: web.Request, service: str) -> tuple[Image.Image, dict[str, str]]:
        form = await request.post()
        file = form.get("image")
        if not isinstance(file, web.FileField):
            raise web.HTTPBadRequest(text="the field image is missing")
        options = {name: value for name, value in form.items() if isinstance(value, str)}
        content = file.file.read()
        self._ledger.write("service", now=True, service=service, options=options, size=len(content))
        picture = Image.open(io.BytesIO(content), formats=["PNG", "JPEG", "WEBP", "GIF"])
        if max(picture.size) > _LARGEST:
            raise web.HTTPBadRequest(text="the picture is too large")
        return picture, options

    async def _upscale(self, request: web.Request) -> web.Response:
        picture, options = await self._taken(request, "upscaler")
        scale = int(options.get("scale", "2"))
        larger = picture.convert("RGB").resize((picture.width * scale, picture.height * scale))
        return _picture(larger, "PNG")

    async def _remove_background(self, request: web.Request) -> web.Response:
        picture, _ = await self._taken(request, "background")
        mask = Image.new("L", picture.size, 0)
        ImageDraw.Draw(mask).ellipse((0, 0, picture.width - 1, picture.height - 1), fill=255)
        cut = picture.convert("RGBA")
        cut.putalpha(mask)
        return _picture(cut, "PNG")

    # --- the chat model

    async def _complete(self, request: web.Request) -> web.Response:
        body = await _body(request)
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages:
            return web.json_response({"error": {"message": "messages is required"}}, status=400)
        words = str(messages[-1].get("content", ""))
        self._ledger.write("service", now=True, service="extender", words=words, model=body.get("model"))
        longer = f"{words}, seen at first light, long shadows over wet stone, muted colours, a quiet mood"
        choice = {"index": 0, "message": {"role": "assistant", "content": longer}, "finish_reason": "stop"}
        return web.json_response({"id": "chatcmpl-1", "object": "chat.completion", "choices": [choice]})


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = msgspec.json.decode(await request.read())
    except msgspec.DecodeError:
        body = None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="the body is no JSON object")
    return body


def _wrong_with(body: dict[str, Any]) -> str:
    if not isinstance(body.get("prompt"), str):
        return "Field required: prompt"
    for side in ("width", "height"):
        pixels = body.get(side)
        if pixels is not None and (not isinstance(pixels, int) or not 64 <= pixels <= 2048 or pixels % 16):
            return f"{side} is not allowed"
    if body.get("output_format", "jpeg") not in ("jpeg", "png"):
        return "output_format is not allowed"
    return ""


def _origin(request: web.Request) -> str:
    return f"{request.scheme}://{request.host}"


def _picture(picture: Image.Image, kind: str) -> web.Response:
    out = io.BytesIO()
    picture.save(out, kind)
    return web.Response(body=out.getvalue(), content_type=f"image/{kind.lower()}")
