"""What a simulator can be told at its start, and how long its things take."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Timing:
    """Durations in real milliseconds, never scaled by speed; None means Midjourney's own spread (protocol §10).

    `job_ms` is POST to final of a job that takes a slot, `upscale_ms` the same of U1-U4, `first_ms` POST to the
    first message, `progress_events` the number of progress edits, `form_ms` how long a modal can be submitted,
    `again_ms` how soon the same upscale button may not be pressed again ("Slow Down!"; 0: at any time). `ack_ms` is how
    long a bot may take to answer an interaction, `token_ms` how long the interaction's token opens its webhook.
    """

    job_ms: float | None = None
    first_ms: float | None = None
    upscale_ms: float | None = None
    progress_events: int | None = None
    heartbeat_ms: int = 41250
    session_ms: float = 300_000
    cdn_ms: float = 86_400_000
    form_ms: float = 900_000
    again_ms: float = 0
    ack_ms: float = 3000
    token_ms: float = 900_000

    def change(self, wanted: dict[str, Any]) -> None:
        """Take over named values. Raises ValueError for an unknown name or a value that is no number ≥ 0."""
        known = {f.name for f in fields(self)}
        for name, value in wanted.items():
            if name not in known:
                raise ValueError(f"unknown timing {name!r}; known are {', '.join(sorted(known))}")
            optional = name in {"job_ms", "first_ms", "upscale_ms", "progress_events"}
            if value is None and optional:
                setattr(self, name, None)
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                raise ValueError(f"timing {name} must be a number ≥ 0")
            setattr(self, name, value)


@dataclass(frozen=True, slots=True)
class SimulatorOptions:
    """Everything decided before the first request.

    `picture_size` is the longer side of a final picture in pixels, `picture_pool` > 0 draws that many pictures
    once and stamps each job's id into a copy. `anonymous_late_start` is the share of "Job queued" jobs whose late
    start message carries no interaction id either (protocol §15.13). `ready_padding` adds foreign guilds of about
    that many bytes to READY. `integer_nonces` and `partial_updates` are the shares of jobs whose frames carry the nonce
    as a number, and whose MESSAGE_UPDATEs hold only what changed, without an author (protocol §2.4). `clock_skew_ms` is
    how far this Discord's clock is ahead of ours. `upload_limit` is the largest file in bytes, `unfetchable` begins the
    addresses of pictures that Midjourney cannot read, `show_in_place` is the share of /show answers that edit
    "Displaying..." instead of following it. `bot_token` is the token of the bot that people talk to; without it one is
    derived. `community` seeds the demo servers with their people.
    """

    host: str = "127.0.0.1"
    port: int = 0
    control_port: int = 0
    state_dir: Path | None = None
    speed: float = 1.0
    accounts: int = 1
    seed: int = 0
    picture_size: int = 1024
    picture_pool: int = 0
    nonce_on_finals: bool = False
    metadata_on_finals: bool = True
    cancel_button_on_imagine: bool = False
    anonymous_late_start: float = 0.0
    early_events: float = 0.3
    integer_nonces: float = 0.0
    partial_updates: float = 0.0
    clock_skew_ms: int = 0
    ready_padding: int = 0
    replay_frames: int = 1500
    history_limit: int = 50_000
    deflate_level: int = 1
    upload_limit: int = 10 * 1024 * 1024
    unfetchable: tuple[str, ...] = ("https://unreachable.example",)
    show_in_place: float = 0.5
    bot_token: str | None = None
    community: bool = False
    timing: Timing = field(default_factory=Timing)
