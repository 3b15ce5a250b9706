"""Prompts made longer by any service that speaks OpenAI's chat completions.

Contract: POST {url}/chat/completions with `model` and `messages`, the words at `choices[0].message.content`; as OpenAI
documents it and llama.cpp, Ollama and vLLM serve it, November 2026. Checked against the simulator's stand-in only.
"""

from __future__ import annotations

import ssl

import httpx
import msgspec

from engine.model.errors import Refused, Unavailable

CALL_SECONDS = 60.0
MOST_BYTES = 1024 * 1024
_ASKED = (
    "You write prompts for an image generator. Make the user's prompt longer and more vivid: subject, setting, light, "
    "mood, style, composition. Keep its language, its meaning and every parameter that begins with two dashes. Answer "
    "with the new prompt alone, in one paragraph of at most 120 words."
)


class _Message(msgspec.Struct):
    content: str


class _Choice(msgspec.Struct):
    message: _Message


class _Completion(msgspec.Struct):
    choices: list[_Choice]


_completion = msgspec.json.Decoder(_Completion)


class HttpExtender:
    """The Extender port over HTTP."""

    def __init__(self, url: str, key: str, model: str, *, tls: ssl.SSLContext) -> None:
        self._url = url.rstrip("/") + "/chat/completions"
        self._model = model
        self._client = httpx.AsyncClient(
            verify=tls,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(CALL_SECONDS, connect=10.0),
            headers={"Authorization": f"Bearer {key}"} if key else {},
        )

    async def extend(self, prompt: str) -> str:
        """See ports.Extender."""
        messages = [{"role": "system", "content": _ASKED}, {"role": "user", "content": prompt}]
        asked = {"model": self._model, "messages": messages}
        try:
            async with self._client.stream("POST", self._url, json=asked) as said:
                content = b""
                async for chunk in said.aiter_bytes():
                    content += chunk
                    if len(content) > MOST_BYTES:
                        raise Unavailable("the extender's answer is too large")
        except httpx.HTTPError as error:
            raise Unavailable(f"the extender does not answer: {type(error).__name__}") from error
        if said.status_code == httpx.codes.BAD_REQUEST:
            raise Refused("the extender does not take this prompt")
        if said.status_code != httpx.codes.OK:
            raise Unavailable(f"the extender answers {said.status_code}")
        try:
            words = _completion.decode(content).choices[0].message.content
        except (msgspec.DecodeError, IndexError) as error:
            raise Unavailable("the extender's answer is not understood") from error
        words = " ".join(words.split()).strip('"')
        if not words:
            raise Unavailable("the extender said nothing")
        return words

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
