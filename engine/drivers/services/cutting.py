"""Backgrounds removed on this machine: rembg with a model file of the operator's (the optional extra `background`).

Source: https://github.com/danielgatis/rembg, 2.0.86 (November 2026): `U2netCustomSession` runs any ONNX model of the
form of U²-Net's, 320 x 320 in and one mask out; it looks for it in a folder of its own, so the path is given by
overriding that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from engine.drivers.services.backend import Begun, Look, Made
from engine.model.actions import ServiceCall
from engine.model.jobs import Failure, FailureReason
from engine.ports import Answer, AnswerKind, Refusal

_LOG = logging.getLogger(__name__)

PACKAGE = "rembg"
SCHEME = "file://"


class Cutting:
    """The Backend that works in a thread of this process, one picture at a time."""

    lasting = False

    def __init__(self, model: Path) -> None:
        """The model is loaded with the first picture."""
        self._model = model
        self._cut: Callable[[bytes], bytes] | None = None
        self._turn = asyncio.Lock()

    async def start(self, call: ServiceCall) -> Begun | Made | Answer:
        """Cut the picture out of its background."""
        assert call.image is not None
        async with self._turn:
            try:
                if self._cut is None:
                    self._cut = await asyncio.to_thread(_loaded, self._model)
                return Made((await asyncio.to_thread(self._cut, call.image),))
            except Exception as error:  # noqa: BLE001 - whatever a foreign model comes to ends this job, and no other
                _LOG.warning("a background could not be removed with %s: %s", self._model, error)
                told = str(error).replace(str(self._model), self._model.name)  # the operator's folders are not told
                return Answer(AnswerKind.REFUSED, f"the background could not be removed: {told}", Refusal.FAIL)

    async def look(self, handle: str) -> Look:
        """Nothing goes on there without us."""
        return Failure(FailureReason.TRANSIENT, f"nobody waits for {handle} any more")

    async def close(self) -> None:
        """There is nothing to close."""


def _loaded(model: Path) -> Callable[[bytes], bytes]:
    """What cuts with that model. Raises whatever rembg and onnxruntime do."""
    if not model.is_file():
        raise FileNotFoundError(f"there is no model {model.name}")
    rembg: Any = import_module(PACKAGE)
    custom: Any = import_module(f"{PACKAGE}.sessions.u2net_custom").U2netCustomSession
    options: Any = import_module("onnxruntime").SessionOptions()

    class Session(custom):  # type: ignore[misc]  # rembg is not there when types are checked
        @classmethod
        def download_models(cls, *_: Any, **__: Any) -> str:
            return str(model)

    session = Session("u2net_custom", options, model_path=str(model))
    return lambda image: bytes(rembg.remove(image, session=session, force_return_bytes=True))
