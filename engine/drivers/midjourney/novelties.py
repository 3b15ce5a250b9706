"""What in a message that is otherwise understood is new to us: buttons, kinds of components, statuses, flags, fields.

None of it stops anything; it is kept as evidence and counted, so that an operator sees when Midjourney has changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from engine.drivers.midjourney.content import UUID
from engine.drivers.midjourney.payloads import Message, Part
from engine.model.catalogue import CANCEL_PREFIX, action_of_custom_id
from engine.model.sightings import Sighting, Stage

_FLAGS = (1 << 17) - 1
"""Bits that Discord gave a meaning; Midjourney uses 4, 64, 128 and 32768 (§2.4)."""
_FIELDS = frozenset(
    """
    activity application application_id attachments author call channel_id channel_type client_id components content
    edited_timestamp embeds flags guild_id id interaction interaction_metadata member mention_channels mention_everyone
    mention_roles mentions message_reference message_snapshots nonce original_response_message_id pinned poll position
    reactions referenced_message resolved role_subscription_data sticker_items stickers thread timestamp
    triggering_interaction_metadata tts type webhook_id
    """.split()  # noqa: SIM905 - forty names read better than forty quotes
)
"""The fields of a message that Discord documents or Midjourney's were seen with, read or not."""
_OF_AN_END = frozenset({Stage.FINAL, Stage.FAILED, Stage.STOPPED, Stage.QUEUED, Stage.FULL, Stage.UNKNOWN})
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TYPES = frozenset({1, 2, 3})
"""Rows, buttons and selects; texts, galleries and containers of COMPONENTS_V2 were never seen from Midjourney."""
_OF_NO_ACTION = (CANCEL_PREFIX, "MJ::Settings::", "MJ::Prompts::Appeal::", "MJ::Moderation::", "MJ::Captcha")
"""Custom ids that are known and start nothing in the catalogue (§5.4)."""
_UUID = re.compile(UUID, re.IGNORECASE)
_TOKEN = re.compile(r"(?<=::)(?:[\w-]{11,100}\Z|(?:[0-9a-f]{16,64}|\d{6,20})(?=::|\Z))", re.IGNORECASE)
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
    if isinstance(message.flags, int) and message.flags & ~_FLAGS:
        found += [f"flag {1 << bit}" for bit in range(message.flags.bit_length()) if message.flags & ~_FLAGS & 1 << bit]
    status = _status(seen)
    if status is not None:
        found.append(f"status {status}")
    return tuple(dict.fromkeys(found))


def fields(seen: Sighting, body: msgspec.Raw | bytes) -> tuple[str, ...]:
    """A key for each field of the message that is new, `field <name>`; progress comes often and is not looked at."""
    if seen.stage not in _OF_AN_END:
        return ()
    try:
        return tuple(f"field {name[:_LONGEST]}" for name in _fields.decode(body) if name not in _FIELDS)
    except (msgspec.DecodeError, RecursionError):
        return ()


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
