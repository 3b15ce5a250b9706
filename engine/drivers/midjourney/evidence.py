"""What of a frame may be kept: the structure and Midjourney's words, without signatures, tokens and people's names."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from engine.drivers.midjourney.content import UUID

MAX_BYTES = 16_000
"""An evidence body in UTF-8."""

_SECRET_KEYS = frozenset({"token", "auth_token", "session_id", "email", "phone"})
_PERSON_KEYS = frozenset({"member", "mentions", "resolved", "referenced_message", "resolved_users"})
"""Whole values that describe other people or other messages."""
_NAME_KEYS = frozenset({"username", "global_name", "nick", "display_name", "avatar", "discriminator", "banner"})

_SIGNATURE = re.compile(r"(?<=[?&])(?:ex|is|hm)=[^&\s\"<>)]*&?")
_LOOSE_END = re.compile(r"[?&]+(?=[\s\"<>)]|\Z)")
_LOGIN = re.compile(r"\b[\w-]{18,80}\.[\w-]{5,20}\.[\w-]{20,120}\b")
"""The shape of a Discord token. Its quantifiers, like all here, are bounded: a long text must not cost its square."""
_ONE_TIME = re.compile(r"(MJ::(?:iframe|Prompts::Appeal)::)[\w-]+")
"""Custom ids that let anyone who has them act (§5.4, §7)."""
_FILE_END = re.compile(rf"_{UUID}\.\w{{1,8}}", re.IGNORECASE)
_FILE_START = re.compile(r"[/\s\"<>]")
"""`<username>_<slug>_<uuid>.webp` begins with a person's name (§4)."""


def keep(raw: bytes | msgspec.Raw) -> str:
    """A JSON body as evidence: stripped, at most 16 kB. `raw` is the undecoded `d`."""
    try:
        kept = msgspec.json.encode(_stripped(msgspec.json.decode(raw)))
    except msgspec.DecodeError:
        return '"not JSON"'
    except RecursionError:
        return '"nested too deeply"'
    return kept[:MAX_BYTES].decode("utf-8", "ignore")


def without_signature(said: str) -> str:
    """Text without the parameters that open a file of Discord's CDN (§12)."""
    return _LOOSE_END.sub("", _SIGNATURE.sub("", said))


def _stripped(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _stripped(inner)
            for key, inner in value.items()
            if key not in _SECRET_KEYS and key not in _PERSON_KEYS and key not in _NAME_KEYS
        }
    if isinstance(value, list):
        return [_stripped(inner) for inner in value]
    if isinstance(value, str):
        said = _ONE_TIME.sub(r"\1<removed>", _LOGIN.sub("<removed>", without_signature(value)))
        return _without_owner(said)
    return value


def _without_owner(said: str) -> str:
    """File names without what stands before the job's uuid."""
    kept, at = [], 0
    for end in _FILE_END.finditer(said):
        before = said[at : end.start()]
        starts = [mark.end() for mark in _FILE_START.finditer(before)]
        kept += [before[: starts[-1] if starts else 0], "…"]
        at = end.start()
    return "".join([*kept, said[at:]])
