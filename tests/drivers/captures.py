"""Reads tests/wire/ and turns its records into what the gateway would send."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

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
    """The capture of June 2026 as gateway frames.

    The recorder kept no nonces, flags and rows (see the file's notes): `nonces` gives messages by id the nonce that
    Discord sends with the first message of a reply, `ephemeral` names those that only their owner saw.
    """

    def __init__(self, nonces: dict[str, str] | None = None, ephemeral: frozenset[str] = frozenset()) -> None:
        self.records = wire("capture-2026-06-v7-session.json")["events"]
        self.nonces = nonces or {}
        self.ephemeral = ephemeral

    def frames(self) -> list[tuple[str, dict]]:
        return [(record["event_derived"], self.payload(record)) for record in self.records]

    def payload(self, record: dict) -> dict:
        parts = [
            {**part, "type": int(part["type"]), "custom_id": part["custom_id"]} for part in record["components_flat"]
        ]
        rows = [{"type": 1, "components": parts[at : at + 5]} for at in range(0, len(parts), 5)]
        payload = {
            "id": record["id"],
            "type": 0,
            "channel_id": record["channel_id"],
            "author": {"id": record["author_id"], "username": "Midjourney Bot", "bot": True},
            "timestamp": record["timestamp"],
            "edited_timestamp": record["edited_timestamp"],
            "content": record["content"],
            "flags": 64 if record["id"] in self.ephemeral else 0,
            "embeds": [],
            "attachments": [{"id": file["url"].split("/")[5], **file} for file in record["attachments"]],
            "components": rows,
        }
        if record["message_reference_id"]:
            payload["message_reference"] = {"message_id": record["message_reference_id"], "channel_id": CHANNEL}
        if record["event_derived"] == "MESSAGE_CREATE" and record["id"] in self.nonces:
            payload["nonce"] = self.nonces[record["id"]]
        return payload


def message(**parts) -> dict:
    """A message by Midjourney in the account's channel."""
    return {"id": "1496409600000000020", "channel_id": CHANNEL, "author": {"id": MIDJOURNEY}, "type": 0, **parts}


def read(event: str, payload: object, reader: Reader | None = None) -> list:
    return (reader or Reader(CHANNEL, USER)).read(event, msgspec.json.encode(payload), NOW)


def sighted(payload: object, event: str = "MESSAGE_CREATE", reader: Reader | None = None):
    found = read(event, payload, reader)
    assert len(found) == 1, found
    return found[0]
