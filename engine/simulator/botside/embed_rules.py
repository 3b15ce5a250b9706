"""Which embeds Discord takes, and what it makes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.simulator.botside.problems import Problems

_MOST = 10
_TOTAL = 6000  # characters of all embeds of a message
_LENGTHS = {"title": 256, "description": 4096}
_WEB = ("http", "https")
_MEDIA = ("http", "https", "attachment")
Linked = Callable[[str], dict[str, Any] | None]  # an attachment by its name


def check_embeds(embeds: Any, problems: Problems) -> None:
    """Write down what is wrong with a message's embeds."""
    if not problems.listed(embeds, 0, _MOST):
        return
    total = 0
    for number, embed in enumerate(embeds):
        at = problems.at(number)
        if not at.table(embed):
            continue
        total += _check(embed, at)
        if total > _TOTAL:
            at.add("MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {_TOTAL}")
            return


def _check(embed: dict[str, Any], at: Problems) -> int:
    """The characters of one embed that count."""
    total = 0
    for name, most in _LENGTHS.items():
        if embed.get(name) is not None and at.at(name).text(embed[name], 0, most):
            total += len(embed[name])
    if embed.get("url") is not None:
        at.at("url").address(embed["url"], _WEB)
    if embed.get("color") is not None:
        at.at("color").whole(embed["color"], 0, 0xFFFFFF)
    return total + _parts(embed, at) + _fields(embed.get("fields"), at.at("fields"))


def _parts(embed: dict[str, Any], at: Problems) -> int:
    """Footer, author and pictures."""
    total = 0
    for name, inner, most in (("footer", "text", 2048), ("author", "name", 256)):
        part = embed.get(name)
        if part is None:
            continue
        if at.at(name, inner).text(part.get(inner), 1, most):
            total += len(part[inner])
        if part.get("icon_url") is not None:
            at.at(name, "icon_url").address(part["icon_url"], _MEDIA)
    for name in ("image", "thumbnail"):
        if embed.get(name) is not None:
            at.at(name, "url").address(embed[name].get("url"), _MEDIA)
    return total


def _fields(fields: Any, at: Problems) -> int:
    if fields is None or not at.listed(fields, 0, 25):
        return 0
    total = 0
    for number, field in enumerate(fields):
        for name, most in (("name", 256), ("value", 1024)):
            if at.at(number, name).text(field.get(name), 1, most):
                total += len(field[name])
    return total


def stored_embeds(embeds: list[dict[str, Any]], linked: Linked, problems: Problems) -> list[dict[str, Any]]:
    """The embeds as a message keeps them: `attachment://` names replaced by what `linked` says of the file."""
    kept = []
    for number, embed in enumerate(embeds):
        stored = {"type": "rich", **{key: value for key, value in embed.items() if value is not None}}
        at = problems.at(number)
        for name in ("image", "thumbnail"):
            if name in stored:
                stored[name] = _media(stored[name]["url"], linked, at.at(name, "url"))
        for name in ("footer", "author"):
            if (stored.get(name) or {}).get("icon_url"):
                media = _media(stored[name]["icon_url"], linked, at.at(name, "icon_url"))
                stored[name] = {**stored[name], "icon_url": media.get("url"), "proxy_icon_url": media.get("proxy_url")}
        stored["fields"] = [{"inline": False, **field} for field in stored.get("fields", ())]
        if not stored["fields"]:
            del stored["fields"]
        kept.append(stored)
    return kept


def _media(url: str, linked: Linked, at: Problems) -> dict[str, Any]:
    if not url.startswith("attachment://"):
        return {"url": url, "proxy_url": url, "width": 0, "height": 0, "flags": 0}
    found = linked(url.removeprefix("attachment://"))
    if found is None:
        at.add("URL_TYPE_INVALID_SCHEME", "Scheme \"attachment\" must be one of ('http', 'https').")
        return {}
    keys = ("url", "proxy_url", "width", "height", "content_type")
    return {**{key: found[key] for key in keys if key in found}, "flags": 0}
