"""What a button, a row and a select look like on the wire, and the rows that belong to no result (protocol §5)."""

from __future__ import annotations

from typing import Any

Component = dict[str, Any]

_SECONDARY, _PRIMARY, _DANGER, _LINK = 2, 1, 4, 5
LINK_LABEL = "\u200b"  # zero width, as on a grid (CAP26)


def cancel(uuid: str) -> list[Component]:
    """The red button on a progress message; the uuid is that of the job being made."""
    return rows([[button(f"MJ::CancelJob::ByJobid::{uuid}", "Cancel Job", style=_DANGER)]])


# custom id → the account's value it changes and to what (None = the other); Remix's own id is unknown (§5.4)
SETTINGS: dict[str, tuple[str, Any]] = {
    "MJ::Settings::RelaxMode::on": ("mode", "relaxed"),
    "MJ::Settings::RelaxMode::off": ("mode", "fast"),
    "MJ::Settings::TurboMode::on": ("mode", "turbo"),
    "MJ::Settings::HighVariabilityMode::1": ("high_variation", True),
    "MJ::Settings::HighVariabilityMode::0": ("high_variation", False),
    "MJ::Settings::RemixMode": ("remix", None),
}


def settings(*, mode: str, remix: bool, high_variation: bool) -> list[Component]:
    """The rows of /settings; style 3 is on, 2 is off (wire/settings-message.synthetic.json)."""

    def switch(custom_id: str, label: str, on: bool) -> Component:  # noqa: FBT001 - a label's lamp
        return button(custom_id, label, style=3 if on else _SECONDARY)

    version = {
        "type": 3,
        "custom_id": "MJ::Settings::VersionSelector",
        "min_values": 1,
        "max_values": 1,
        "placeholder": None,
        "options": [{"label": "Midjourney Model V7", "value": "7", "default": True, "emoji": {"name": "7️⃣"}}],
    }
    return rows(
        [
            [version],
            [
                switch("MJ::Settings::RemixMode", "Remix mode", remix),
                switch("MJ::Settings::HighVariabilityMode::1", "High Variation Mode", high_variation),
                switch("MJ::Settings::HighVariabilityMode::0", "Low Variation Mode", not high_variation),
            ],
            [
                switch("MJ::Settings::TurboMode::on", "Turbo mode", mode == "turbo"),
                switch("MJ::Settings::RelaxMode::off", "Fast mode", mode == "fast"),
                switch("MJ::Settings::RelaxMode::on", "Relax mode", mode == "relaxed"),
            ],
        ]
    )


def carries(given: list[Component], custom_id: str) -> Component | None:
    """The button or select with this id, if the message has it."""
    for row in given:
        for child in row.get("components", ()):
            if child.get("custom_id") == custom_id:
                return child  # type: ignore[no-any-return]
    return None


def press(given: list[Component], custom_id: str) -> bool:
    """Mark a button as used (style 1); False when it was marked before or is not there."""
    found = carries(given, custom_id)
    if found is None or found.get("style") != _SECONDARY:
        return False
    found["style"] = _PRIMARY
    return True


def button(custom_id: str, label: str | None = None, emoji: str | None = None, style: int = _SECONDARY) -> Component:
    """A button; an emoji in letters is one of the server's own."""
    made: Component = {"type": 2, "style": style, "custom_id": custom_id}
    if label is not None:
        made["label"] = label
    if emoji is not None:
        # a server emoji has an id; the two upscale buttons carry one
        identity = "1176946145236852807" if emoji.isascii() else None
        made["emoji"] = {"name": emoji} if identity is None else {"id": identity, "name": emoji}
    return made


def link(uuid: str, label: str) -> Component:
    """The button that leads to the job's page."""
    return {"type": 2, "style": _LINK, "label": label, "url": f"https://www.midjourney.com/jobs/{uuid}"}


def rows(given: list[list[Component]]) -> list[Component]:
    """Wrap in action rows and number every component, as Discord does since 2025; an empty row is none."""
    number = 0
    wrapped: list[Component] = []
    for children in filter(None, given):
        number += 1
        row: Component = {"type": 1, "id": number, "components": children}
        for child in children:
            number += 1
            child["id"] = number
        wrapped.append(row)
    return wrapped
