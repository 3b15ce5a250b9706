"""The operator's own back ends: one POST with the picture, and the finished picture as its answer.

The contract is ours (docs/other-services.md): multipart field `image`, the options as further fields, a Bearer key when
one is set; 200 with PNG, JPEG or WebP.
"""

from __future__ import annotations

import ssl

from engine.drivers.services.backend import Begun, Look, Made
from engine.drivers.services.calling import Caller, words_of
from engine.model.actions import ServiceCall
from engine.model.jobs import Failure, FailureReason
from engine.ports import Answer, AnswerKind, Refusal

CALL_SECONDS = 180.0


class Plain:
    """The Backend at one address that takes a picture and gives one back."""

    lasting = False

    def __init__(self, url: str, key: str, *, tls: ssl.SSLContext) -> None:
        self._url = url
        self._caller = Caller(tls, {"Authorization": f"Bearer {key}"} if key else {}, seconds=CALL_SECONDS)

    async def start(self, call: ServiceCall) -> Begun | Made | Answer:
        """Hand the picture over and wait for the other. Asking again costs nothing, so no outcome stays unknown."""
        assert call.image is not None
        file = ("image", call.image, "application/octet-stream")
        answer = await self._caller.post(self._url, files={"image": file}, data=dict(call.options))
        if isinstance(answer, Answer):
            if answer.kind is AnswerKind.UNKNOWN:
                return Answer(AnswerKind.REFUSED, answer.detail, Refusal.FAIL)
            return answer
        if not answer.content or answer.headers.get("content-type", "").startswith(("text/", "application/json")):
            return Answer(AnswerKind.REFUSED, f"the service sent no picture: {words_of(answer)}", Refusal.FAIL)
        return Made((answer.content,))

    async def look(self, handle: str) -> Look:
        """Nothing goes on there without us."""
        return Failure(FailureReason.TRANSIENT, f"nobody waits for {handle} any more")

    async def close(self) -> None:
        """Close the connections."""
        await self._caller.close()
