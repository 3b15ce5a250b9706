"""Jobs as their cards find them, and what is told beside them."""

from __future__ import annotations

from datetime import timedelta

from bot.texts import say
from bot.values import Showing
from engine import Action, ActionKind, Component, Failure, FailureReason, JobState, Outlook, Picture, Result, Waiting
from engine.model.details import Details
from engine.model.jobs import Attachment
from tests.model.jobs_at_hand import NOW, UUID, a_job

ID = "0d5b0d2c-0b6f-4c2e-8e0a-6a1f0a4f8b11"
ANN = "1111111111"


def component(label, custom_id, row, column, emoji=None):
    return Component(2, custom_id, label, emoji, 2, None, row, column)


def grid_components():
    ups = [component(f"U{n}", f"MJ::JOB::upsample::{n}::{UUID}", 0, n - 1) for n in range(1, 5)]
    again = component(None, f"MJ::JOB::reroll::0::{UUID}::SOLO", 0, 4, "🔄")
    return (*ups, again, *(component(f"V{n}", f"MJ::JOB::variation::{n}::{UUID}", 1, n - 1) for n in range(1, 5)))


def single_components():
    solo = f"::1::{UUID}::SOLO"
    rows = (
        (("Upscale (Subtle)", f"MJ::JOB::upsample_v7_2x_subtle{solo}"), ("New", "MJ::JOB::novelty::1")),
        (("Vary (Subtle)", f"MJ::JOB::low_variation{solo}"), ("Vary (Region)", f"MJ::Inpaint{solo}")),
        (("Custom Zoom", f"MJ::CustomZoom::{UUID}"),),
    )
    return tuple(
        component(label, custom_id, row, column)
        for row, listed in enumerate(rows)
        for column, (label, custom_id) in enumerate(listed)
    )


def result(components=(), **values):
    attachment = Attachment("1", "x.webp", "https://cdn.example/x.webp", width=1000, height=700)
    return Result("700", "c", 0, "", (Picture("a" * 32, attachment),), components, UUID, **values)


def job(state=JobState.RUNNING, **values):
    return a_job(**{"name": ID, "state": state, **values})


def over(state=JobState.DONE, **values):
    return job(state, finished_at=NOW + timedelta(seconds=42), **values)


def told(**values):
    return Showing(**{"language": "en", "now": NOW, "requester": ANN, "account": "north · fast · public", **values})


def outlook(**values):
    nothing = dict.fromkeys(("ahead", "waits_because", "waits_seconds", "takes_seconds", "running_since"))
    return Outlook(**{**nothing, **values})


SHOWN = {
    "queued": (
        job(JobState.QUEUED),
        told(outlook=outlook(ahead=2, waits_because=Waiting.NO_SLOT, waits_seconds=61.7, takes_seconds=40.2)),
    ),
    "running": (job(percent=46), told(picture="https://cdn.example/preview.webp", outlook=outlook(takes_seconds=40.0))),
    "grid": (over(result=result(grid_components())), told(picture="attachment://x.webp", seed="12345")),
    "single": (
        over(action=Action(ActionKind.UPSCALE, 2), parent_id="p", result=result(single_components())),
        told(picture="attachment://x.webp", parent="https://discord.com/channels/1/2/3"),
    ),
    "spoiler": (over(result=result(grid_components())), told(picture="attachment://SPOILER_x.webp", spoiler=True)),
    "described": (
        over(action=Action(ActionKind.DESCRIBE), prompt="", result=result(details=Details(texts=("a *fox*", "a dog")))),
        told(picture="attachment://x.webp"),
    ),
    "failed": (
        over(JobState.FAILED, failure=Failure(FailureReason.CONTENT, "@everyone **no**")),
        told(),
    ),
    "cancelled": (over(JobState.CANCELLED), told()),
    "unknown": (job(JobState.NEEDS_ATTENTION), told()),
    "private": (
        job(private=True),
        told(notes=(say("en", "card.not_stealth"),)),
    ),
}
