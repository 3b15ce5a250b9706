"""Reads tests/wire/ and turns its records into what the gateway would send."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from engine.drivers.midjourney.payloads import PrivateChannel
from engine.drivers.midjourney.wire import Reader
from engine.model.snowflakes import time_of

WIRE = Path(__file__).parent.parent / "wire"
CHANNEL, DIRECT, GUILD, USER = "300000000000000003", "300000000000000004", "300000000000000002", "300000000000000001"
MIDJOURNEY = "936929561302675456"
SESSION = "0123456789abcdef0123456789abcdef"
NOW = time_of("1496409600000000001")


def wire(name: str) -> dict:
    return json.loads((WIRE / name).read_text())


class CapturedSession:
    """The capture of June 2026 as gateway frames, with nothing added that was not recorded.

    The recorder kept no nonces, flags, interactions, embeds, deletions and rows (see the file's notes): the components
    stand in rows of five, and the first record of an id is a MESSAGE_CREATE.
    """

    def __init__(self) -> None:
        self.records = wire("capture-2026-06-v7-session.json")["events"]

    def frames(self) -> list[tuple[str, dict]]:
        return [(record["event_derived"], self.payload(record)) for record in self.records]

    def payload(self, record: dict) -> dict:
        parts = record["components_flat"]
        payload = {
            "id": record["id"],
            "channel_id": record["channel_id"],
            "author": {"id": record["author_id"]},
            "timestamp": record["timestamp"],
            "edited_timestamp": record["edited_timestamp"],
            "content": record["content"],
            "attachments": record["attachments"],
            "components": [{"type": 1, "components": parts[at : at + 5]} for at in range(0, len(parts), 5)],
        }
        if record["message_reference_id"]:
            payload["message_reference"] = {"message_id": record["message_reference_id"]}
        return payload


class LiveSession(CapturedSession):
    """The same as its own session saw it live: with what Discord sends beside, for the messages named here.

    `nonces`: message id -> the nonce in the first message of a reply; `ephemeral`: seen by their owner only.
    """

    def __init__(self, nonces: dict[str, str], ephemeral: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.nonces = nonces
        self.ephemeral = ephemeral

    def payload(self, record: dict) -> dict:
        payload = {**super().payload(record), "flags": 64 if record["id"] in self.ephemeral else 0, "embeds": []}
        if record["event_derived"] == "MESSAGE_CREATE" and record["id"] in self.nonces:
            payload["nonce"] = self.nonces[record["id"]]
        return payload


def a_direct_channel() -> PrivateChannel:
    """The account's direct messages with Midjourney."""
    return PrivateChannel(DIRECT, recipient_ids=[MIDJOURNEY])


def every_frame() -> list[tuple[str, dict]]:
    """(event, d) of everything in tests/wire/ that the gateway sends."""
    frames = list(CapturedSession().frames())
    for name in ("gateway-frames.json", "gateway-interaction-events.json"):
        said = [frame for frame in wire(name).values() if isinstance(frame, dict) and frame.get("t")]
        frames += [(frame["t"], frame["d"]) for frame in said]
    frames += [(frame["t"], frame["d"]) for frame in wire("info-embed.json")["message_sequence"]]
    texts = wire("describe-shorten-seed.synthetic.json")
    frames += [
        (texts[name]["t"], {**message(), **texts[name]["d"]})
        for name in ("describe_update", "shorten_update", "seed_dm")
    ]
    frames += [("MESSAGE_CREATE", message(content=one["content"])) for one in texts.values() if "content" in one]
    frames.append(("MESSAGE_CREATE", wire("settings-message.synthetic.json")["d"]))
    frames.append(("MESSAGE_CREATE", message(**wire("pending-mod.json")["message"])))
    frames.append(("MESSAGE_CREATE", wire("capture-2023-05-appeal.json")["message"]))
    errors = wire("error-embeds.json")
    frames += [("MESSAGE_CREATE", message(content="", embeds=[embed_of(item)])) for item in errors["items"]]
    frames += [("MESSAGE_CREATE", message(content=item["content"])) for item in errors["plain_content"]]
    return frames


def embed_of(item: dict) -> dict:
    """An entry of error-embeds.json as Midjourney's embed."""
    embed = {"type": "rich", "title": item["title"]}
    embed |= {key: item[key] for key in ("description", "color") if item.get(key) is not None}
    return embed | ({"footer": {"text": item["footer"]}} if item.get("footer") else {})


def message(**parts) -> dict:
    """A message by Midjourney in the account's channel."""
    return {"id": "1496409600000000020", "channel_id": CHANNEL, "author": {"id": MIDJOURNEY}, "type": 0, **parts}


def read(event: str, payload: object, reader: Reader | None = None) -> list:
    return (reader or Reader(CHANNEL, USER)).read(event, msgspec.json.encode(payload), NOW)


def sighted(payload: object, event: str = "MESSAGE_CREATE", reader: Reader | None = None):
    found = read(event, payload, reader)
    assert len(found) == 1, found
    return found[0]
