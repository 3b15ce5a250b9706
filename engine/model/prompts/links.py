"""What counts as a link in a prompt, and which links are pictures."""

from __future__ import annotations

from urllib.parse import urlsplit

from engine.model.values import value

ENDINGS = (".png", ".gif", ".webp", ".jpg", ".jpeg")
SHORTENER = "s.mj.run"
"""Midjourney's own short links, as its echoes carry them; they are pictures without an ending."""


@value(frozen=True, slots=True)
class ReadLink:
    """A link as one word of a prompt."""

    url: str
    """Without the angle brackets that keep Discord from unfolding it."""
    weight: str
    """What stands behind `::`, or nothing."""


def read_link(word: str) -> ReadLink | None:
    """The link that a word is, or None. A weight may stand behind it: `https://host/a.png::2`."""
    bare = word.lstrip("<")
    if not bare.lower().startswith(("http://", "https://")):
        return None
    url, colons, weight = bare.rpartition("::")
    if not colons or not _is_weight(weight):
        url, weight = bare, ""
    return ReadLink(url.rstrip(">"), weight)


def _is_weight(text: str) -> bool:
    """Whether what stands behind the last `::` of a link is meant as a weight: an address ends in `]` or a path."""
    begins = text.lstrip("+-")[:1]
    return (begins == "." or begins.isnumeric()) and not any(char in text for char in "]/?#")


def is_picture(url: str) -> bool:
    """Whether Midjourney takes this link as an image prompt."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (host == SHORTENER or parts.path.lower().endswith(ENDINGS))


def has_host(url: str) -> bool:
    """Whether the link names a host at all."""
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False
