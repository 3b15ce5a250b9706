"""What a custom id asks for: one table from pattern to meaning (protocol §5)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_UUID = r"(?P<uuid>[0-9a-f-]{36})"
_N = r"(?P<index>[1-4])"


@dataclass(frozen=True, slots=True)
class Press:
    """What a pressed button wants: `kind`, of which picture, with which particular (`left`, `high`, `v7_2x_subtle`)."""

    kind: str
    index: int = 0
    uuid: str = ""
    detail: str = ""


_TABLE = [
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("upscale", rf"MJ::JOB::upsample::{_N}::{_UUID}(?:::SOLO)?"),
        ("variation", rf"MJ::JOB::variation::{_N}::{_UUID}(?:::SOLO)?"),
        ("reroll", rf"MJ::JOB::reroll::(?P<index>0)::{_UUID}(?:::SOLO)?"),
        ("vary", rf"MJ::JOB::(?P<detail>low|high)_variation::(?P<index>1)::{_UUID}::SOLO"),
        ("upsample", rf"MJ::JOB::upsample_(?P<detail>\w+)::(?P<index>1)::{_UUID}::SOLO"),
        ("pan", rf"MJ::JOB::pan_(?P<detail>left|right|up|down)::(?P<index>1)::{_UUID}::SOLO"),
        ("zoom", rf"MJ::Outpaint::(?P<detail>50|75|100)::(?P<index>1)::{_UUID}::SOLO"),
        ("custom_zoom", rf"MJ::CustomZoom::{_UUID}"),
        ("animate", rf"MJ::JOB::animate_(?P<detail>high|low)::(?P<index>1)::{_UUID}::SOLO"),
        ("extend", rf"MJ::JOB::animate_(?P<detail>high|low)_extend::{_N}::{_UUID}"),
        ("video_upscale", rf"MJ::JOB::video_virtual_upscale::{_N}::{_UUID}"),
        ("inpaint", rf"MJ::Inpaint::(?P<index>1)::{_UUID}::SOLO"),
        ("bookmark", rf"MJ::BOOKMARK::{_UUID}"),
        ("cancel", rf"MJ::CancelJob::ByJobid::{_UUID}"),
        ("read", rf"MJ::Job::PicReader::{_N}"),
        ("read_all", r"MJ::Job::PicReader::all"),
        ("read_again", r"MJ::Picread::Retry"),
        ("analyze", r"MJ::Job::PromptAnalyzer::(?P<index>[1-5])"),
        ("appeal", r"MJ::Prompts::Appeal::(?P<detail>[\w-]{11})"),
    )
]


def press_of(custom_id: str) -> Press | None:
    """The meaning of a custom id; None for one that this bot does not know."""
    for kind, pattern in _TABLE:
        if found := pattern.fullmatch(custom_id):
            parts = found.groupdict()
            return Press(kind, int(parts.get("index") or 0), parts.get("uuid") or "", parts.get("detail") or "")
    return None
