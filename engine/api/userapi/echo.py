"""What UserAPI's answers repeat of a request as it was sent, and nothing else keeps."""

from __future__ import annotations

import msgspec


class Blended(msgspec.Struct, frozen=True):
    """One picture of a blend."""

    url: str
    ext: str


class Echo(msgspec.Struct, frozen=True, omit_defaults=True):
    """Stored with the request as JSON."""

    type: str | None = None
    """The route's, where the parent decides what was pressed."""
    choice: int | str | None = None
    urls: tuple[Blended, ...] = ()
    webhook_url: str | None = None
    webhook_type: str | None = None


NOTHING = Echo()
_decoder = msgspec.json.Decoder(Echo)


def written(echo: Echo) -> str | None:
    """For the store; None where nothing has to be repeated."""
    return None if echo == NOTHING else msgspec.json.encode(echo).decode()


def read(text: str | None) -> Echo:
    """From the store; another dialect's request has none."""
    return NOTHING if text is None else _decoder.decode(text)
