"""Which buttons a message of the Midjourney bot carries, in which rows and order (CAP26, protocol §5)."""

from __future__ import annotations

from typing import Any

Component = dict[str, Any]

_SECONDARY, _PRIMARY, _DANGER, _LINK = 2, 1, 4, 5


def grid(uuid: str) -> list[Component]:
    """The ten buttons of a finished grid: U1-U4 and reroll, V1-V4 and the link."""
    upscales = [_button(f"MJ::JOB::upsample::{n}::{uuid}", f"U{n}") for n in range(1, 5)]
    reroll = _button(f"MJ::JOB::reroll::0::{uuid}::SOLO", emoji="🔄")
    variations = [_button(f"MJ::JOB::variation::{n}::{uuid}", f"V{n}") for n in range(1, 5)]
    return _rows([[*upscales, reroll], [*variations, _link(uuid, "\u200b")]])


def single(uuid: str) -> list[Component]:
    """The sixteen buttons of a single picture of version 7."""
    job = "MJ::JOB::{}::1::" + uuid + "::SOLO"
    arrows = {"left": "⬅️", "right": "➡️", "up": "⬆️", "down": "⬇️"}
    return _rows(
        [
            [
                _button(job.format("upsample_v7_2x_subtle"), "Upscale (Subtle)", "upscale_1"),
                _button(job.format("upsample_v7_2x_creative"), "Upscale (Creative)", "upscale_1"),
            ],
            [
                _button(job.format("low_variation"), "Vary (Subtle)", "🪄"),
                _button(job.format("high_variation"), "Vary (Strong)", "🪄"),
                _button(f"MJ::Inpaint::1::{uuid}::SOLO", "Vary (Region)", "🖌️"),
            ],
            [
                _button(f"MJ::Outpaint::50::1::{uuid}::SOLO", "Zoom Out 2x", "🔍"),
                _button(f"MJ::Outpaint::75::1::{uuid}::SOLO", "Zoom Out 1.5x", "🔍"),
                _button(f"MJ::CustomZoom::{uuid}", "Custom Zoom", "🔍"),
            ],
            [_button(job.format(f"pan_{side}"), emoji=arrow) for side, arrow in arrows.items()],
            [
                _button(job.format("animate_high"), "Animate (High motion)", "🎞️"),
                _button(job.format("animate_low"), "Animate (Low motion)", "🎞️"),
                _button(f"MJ::BOOKMARK::{uuid}", emoji="❤️"),
                _link(uuid, "Web"),
            ],
        ]
    )


def cancel(uuid: str) -> list[Component]:
    """The red button on a progress message; the uuid is that of the job being made."""
    return _rows([[_button(f"MJ::CancelJob::ByJobid::{uuid}", "Cancel Job", style=_DANGER)]])


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
        return _button(custom_id, label, style=3 if on else _SECONDARY)

    version = {
        "type": 3,
        "custom_id": "MJ::Settings::VersionSelector",
        "min_values": 1,
        "max_values": 1,
        "placeholder": None,
        "options": [{"label": "Midjourney Model V7", "value": "7", "default": True, "emoji": {"name": "7️⃣"}}],
    }
    return _rows(
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


def carries(rows: list[Component], custom_id: str) -> Component | None:
    """The button or select with this id, if the message has it."""
    for row in rows:
        for child in row.get("components", ()):
            if child.get("custom_id") == custom_id:
                return child  # type: ignore[no-any-return]
    return None


def press(rows: list[Component], custom_id: str) -> bool:
    """Mark a button as used (style 1); False when it was marked before or is not there."""
    button = carries(rows, custom_id)
    if button is None or button.get("style") != _SECONDARY:
        return False
    button["style"] = _PRIMARY
    return True


def _button(custom_id: str, label: str | None = None, emoji: str | None = None, style: int = _SECONDARY) -> Component:
    button: Component = {"type": 2, "style": style, "custom_id": custom_id}
    if label is not None:
        button["label"] = label
    if emoji is not None:
        # a server emoji has an id; the two upscale buttons carry one
        identity = "1176946145236852807" if emoji.isascii() else None
        button["emoji"] = {"name": emoji} if identity is None else {"id": identity, "name": emoji}
    return button


def _link(uuid: str, label: str) -> Component:
    return {"type": 2, "style": _LINK, "label": label, "url": f"https://www.midjourney.com/jobs/{uuid}"}


def _rows(rows: list[list[Component]]) -> list[Component]:
    """Wrap in action rows and number every component, as Discord does since 2025."""
    number = 0
    wrapped: list[Component] = []
    for children in rows:
        number += 1
        row: Component = {"type": 1, "id": number, "components": children}
        for child in children:
            number += 1
            child["id"] = number
        wrapped.append(row)
    return wrapped
