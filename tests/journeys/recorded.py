"""The cards that a journey recorded: a message's payload with whatever differs from run to run made equal."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

CARDS = Path(__file__).parent / "cards"
PERSON, BEGUN = "1111111111", 1_780_000_000
_JOB = "0d5b0d2c-0b6f-4c2e-8e0a-6a1f0a4f8b11"
_EQUAL = (
    (re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"), _JOB),
    (re.compile(r"<@\d+>"), f"<@{PERSON}>"),
    (re.compile(r"<t:\d+:R>"), f"<t:{BEGUN}:R>"),
    (re.compile(r"https://discord\.com/channels/\d+/\d+/\d+"), "https://discord.com/channels/1/2/3"),
    (re.compile(r"account \d{15,}"), "account 1"),
    (re.compile(r"[▰▱]+ \d+ %"), "▰▰▰▰▰▰▱▱▱▱▱▱ 50 %"),
    (re.compile(r"\\nUsually takes \d+ s"), ""),
    (re.compile(r"Done in \d+ s"), "Done in 42 s"),
    (re.compile(r'"https?://[^"]*?\.(png|webp)[^"]*"'), r'"attachment://x.\1"'),
)


def recorded(message: dict) -> dict:
    """Embeds and components, as a bot could send them again."""
    embeds = [
        {name: value for name, value in each.items() if name not in {"type", "flags"}} for each in message["embeds"]
    ]
    for each in embeds:
        if "image" in each:
            each["image"] = {"url": each["image"]["url"]}
    text = json.dumps(
        {"embeds": embeds, "components": [_bare(each) for each in message["components"]]}, ensure_ascii=False
    )
    for pattern, instead in _EQUAL:
        text = pattern.sub(instead, text)
    return json.loads(text)


def _bare(component: dict) -> dict:
    inner = [_bare(each) for each in component.get("components", ())]
    kept = {name: value for name, value in component.items() if name not in {"id", "components"}}
    return {**kept, **({"components": inner} if inner else {})}


def assert_recorded(name: str, message: dict) -> None:
    """`EASEL_GOLDENS=write` records it anew; then look at it, and draw the docs' pictures with `make pictures`."""
    made, path = recorded(message), CARDS / f"{name}.json"
    if os.environ.get("EASEL_GOLDENS") == "write":
        path.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")
    assert made == json.loads(path.read_text())
