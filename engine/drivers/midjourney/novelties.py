"""What in a message that is otherwise understood is new to us: buttons, kinds of components, statuses.

None of it stops anything; it is kept as evidence and counted, so that an operator sees when Midjourney has changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from engine.drivers.midjourney.content import UUID
from engine.drivers.midjourney.payloads import Message, Part
from engine.model.catalogue import CANCEL_PREFIX, action_of_custom_id
from engine.model.sightings import Sighting

_TYPES = frozenset({1, 2, 3})
"""Rows, buttons and selects; texts, galleries and containers of COMPONENTS_V2 were never seen from Midjourney."""
_OF_NO_ACTION = (CANCEL_PREFIX, "MJ::Settings::", "MJ::Prompts::Appeal::", "MJ::Moderation::", "MJ::Captcha")
"""Custom ids that are known and start nothing in the catalogue (§5.4)."""
_UUID = re.compile(UUID, re.IGNORECASE)
_TOKEN = re.compile(r"(?<=::)[\w-]{11,100}\Z")
_ANY = "00000000-0000-4000-8000-000000000000"
_STATUS = re.compile(r"<@!?\d+>[^\n(]{0,20}\(([^)\n]{1,40})\)")
_PAUSED = "paused"
_LONGEST = 80


def of(message: Message, seen: Sighting) -> tuple[str, ...]:
    """A short stable key for each new thing in the message, such as `button MJ::JOB::dream::1::<uuid>`."""
    found = list[str]()
    parts = message.components if isinstance(message.components, list) else ()
    if parts:
        found += [f"component type {kind}" for kind in _types(parts) if kind not in _TYPES]
        if seen.verb != "settings":
            ids = [part.custom_id for part in seen.components if part.custom_id]
            if not _all_known("\n".join(_anonymous(ids, seen.uuid))):
                found += [f"button {_shape(each)}" for each in sorted(set(ids)) if not _known(_UUID.sub(_ANY, each))]
    status = _status(seen)
    if status is not None:
        found.append(f"status {status}")
    return tuple(dict.fromkeys(found))


def _types(parts: Iterable[Part]) -> Iterator[int]:
    for part in parts:
        yield part.type
        yield from _types(part.components or ())


def _shape(custom_id: str) -> str:
    """The custom id without what differs from job to job."""
    return _TOKEN.sub("<token>", _UUID.sub("<uuid>", custom_id))[:_LONGEST]


def _anonymous(custom_ids: list[str], uuid: str | None) -> list[str]:
    """The ids with any uuid in the place of the job's own: the same rows for every job."""
    return [each.replace(uuid, _ANY) for each in custom_ids] if uuid else custom_ids


@lru_cache(256)
def _all_known(custom_ids: str) -> bool:
    return all(_known(_UUID.sub(_ANY, each)) for each in custom_ids.split("\n") if each)


@lru_cache(512)
def _known(custom_id: str) -> bool:
    return custom_id.startswith(_OF_NO_ACTION) or action_of_custom_id(custom_id) is not None


def _status(seen: Sighting) -> str | None:
    """The word in the place of the percentage, when it is none of those that are known."""
    if seen.verb is None or seen.percent is not None or seen.mode is not None or seen.attachments:
        return None
    marks = _STATUS.findall(seen.content.rpartition("** - ")[2])
    status = marks[-1].strip().casefold() if marks else ""
    known = not status or status.startswith(("waiting to start", "stopped", _PAUSED, "open on website"))
    return None if known else status
