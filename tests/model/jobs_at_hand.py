"""Jobs and sightings for the model's tests, made from the few words that matter there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.model.actions import MIDJOURNEY_APPLICATION, Action, ActionKind, Click
from engine.model.jobs import Attachment, Job, JobState, Links, Modal, Picture, Result
from engine.model.sightings import Channel, Sighting, Stage
from engine.model.snowflakes import snowflake_at

NOW = datetime(2026, 6, 2, 12, tzinfo=UTC)
UUID = "3baac4ee-dadd-5929-a9e9-613fb47b039d"
OTHER_UUID = "77a5ea27-79b0-5e58-a9c5-e2a4f76856ab"
IMAGINE = Action(ActionKind.IMAGINE)


def snowflake(seconds: float = 0.0) -> str:
    return snowflake_at(NOW + timedelta(seconds=seconds))


def a_job(name: str = "a", state: JobState = JobState.SENT, **changes) -> Job:
    values = {
        "id": name,
        "request_id": name,
        "workspace_id": "w",
        "application_id": MIDJOURNEY_APPLICATION,
        "action": IMAGINE,
        "prompt": "a red fox --ar 16:9",
        "state": state,
        "created_at": NOW,
        "updated_at": NOW,
    }
    if state is not JobState.QUEUED:
        values |= {
            "account_id": 1,
            "nonces": (f"9{ord(name[0])}",),
            "sent_at": NOW,
            "deadline_at": NOW + timedelta(minutes=11),
        }
    if state is JobState.WAITING_MODAL:
        values |= {"modal": Modal("i-modal", "MJ::RemixModal::x", "Remix", (("field", "value"),))}
    return Job(**{**values, **changes})


def a_click(message_id: str = "500", custom_id: str = f"MJ::JOB::upsample::2::{UUID}") -> Click:
    return Click(MIDJOURNEY_APPLICATION, "c", message_id, 0, custom_id)


def a_result(message_id: str = "700") -> Result:
    attachment = Attachment("1", "x.webp", "https://cdn.example/x.webp")
    return Result(message_id, "c", 0, "content", (Picture("k" * 32, attachment),), (), UUID)


def sighted(stage: Stage, channel: Channel = Channel.CREATED, **values) -> Sighting:
    return Sighting(**{"channel": channel, "stage": stage, "at": NOW, **values})


def links(**values) -> Links:
    return Links(**values)
