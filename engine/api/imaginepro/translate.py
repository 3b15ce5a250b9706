"""What a job looks like to an ImaginePro client: which fields are there when, and how they are spelled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from engine.api.imaginepro.tokens import info_body
from engine.api.pictures import address_of, quarters_of, source_of
from engine.api.states import TABLE, Stage, reason_of, stage_of
from engine.api.times import to_seconds
from engine.core.credit import Credits
from engine.model.actions import ActionKind
from engine.model.batch import percent_of, standing_for
from engine.model.catalogue import action_of_custom_id, entry_of
from engine.model.details import Details
from engine.model.entries import Makes
from engine.model.jobs import Component, Job, JobState, Result

EMOJI_STYLE = "\ufe0f"
_NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""The end of a period that has none, as a moment that every client can read."""
_OF_FILMS = (ActionKind.VIDEO_UPSCALE, ActionKind.EXTEND)
_OVER = (Stage.DONE, Stage.FAILED)
_STYLED = frozenset("⬅➡⬆⬇")
"""The buttons that the service spells with U+FE0F (its button page); the reroll arrow comes without."""


def batch_stage(jobs: Sequence[Job]) -> Stage:
    """A request of several jobs: DONE when all are over and one succeeded, FAILED when all are and none did."""
    stages = [stage_of(job) for job in jobs]
    if all(stage in _OVER for stage in stages):
        return Stage.DONE if Stage.DONE in stages else Stage.FAILED
    return Stage.QUEUED if set(stages) == {Stage.QUEUED} else Stage.PROGRESS


def status_body(job: Job, public_url: str) -> dict[str, object]:
    """The status object. What is not known yet is left out, as the recorded answers do; nothing is null."""
    error = reason_of(job)
    body: dict[str, object] = {
        "messageId": job.id,
        "prompt": job.prompt,
        "status": TABLE[stage_of(job)].imaginepro,
        "progress": 100 if job.state is JobState.DONE else job.percent,
        "createdAt": to_seconds(job.created_at),
        "updatedAt": to_seconds(job.updated_at),
        "ref": job.ref or "",
    }
    if job.parent_id is not None:
        body["originatingMessageId"] = job.parent_id
    if error is not None:
        body["error"] = error
    if job.state is JobState.DONE and job.result is not None:
        body |= _made(job, job.result, public_url)
        body["buttons"] = buttons(job.result.components)
        if job.result.details is not None:
            body |= _said(job, job.result.details)
    return body


def _made(job: Job, result: Result, public_url: str) -> dict[str, object]:
    """A result's pictures: of a grid the whole under `uri` and its four in `images`; of videos each one.

    With `source_links` they are Discord's links, but for a grid's four, which exist here alone.
    """
    made: dict[str, object] = {}
    sources = [source_of(picture, picture.attachment, public_url) for picture in result.pictures]
    images = sources if job.source_links else [address_of(picture, public_url) for picture in result.pictures]
    if images:
        made |= {"uri": images[0], "originalUrl": sources[0]}
        if _is_film(job, result):
            made["videoUrl"] = images[0]
            made["results"] = [{"url": url, "index": index} for index, url in enumerate(images)]
        elif entry_of(job.action).makes is Makes.GRID and len(images) == 1:
            images = quarters_of(result.pictures[0], public_url) or images
    return {**made, "images": images}


def _is_film(job: Job, result: Result) -> bool:
    """Whether it moves: by what was asked, or by its buttons, for imagine makes films too, and some are WebP files."""
    if entry_of(job.action).makes in (Makes.VIDEOS, Makes.VIDEO):
        return True
    offered = (action_of_custom_id(component.custom_id) for component in result.components if component.custom_id)
    return any(action is not None and action.kind in _OF_FILMS for action in offered)


def _said(job: Job, details: Details) -> dict[str, object]:
    """A result in words: describe's texts, a command's reply, the account's figures."""
    if details.texts:
        return {"content": list(details.texts), "prompt": "\n".join(details.texts)}
    if details.info is not None:
        lines = [f"{name}: {words}" for name, words in details.info.lines]
        return {"content": "\n".join(lines), "info": info_body(details.info)}
    return {"content": details.notice or ""} if entry_of(job.action).makes.in_words else {}


def made_body(job: Job, public_url: str) -> dict[str, object]:
    """A row of the history; each key is text."""
    labels = entry_of(job.action).labels if job.parent_id is not None else ()
    assert job.result is not None
    return {
        "id": job.id,
        "type": job.action.kind.value,
        "button": spelled(labels[0]) if labels else "",
        "prompt": job.prompt,
        "uri": address_of(job.result.pictures[0], public_url),
        "createdAt": to_seconds(job.created_at),
    }


def batch_body(jobs: Sequence[Job], words: str, public_url: str) -> dict[str, object]:
    """The status object of a request of several jobs: the first one's, with the others beside it.

    `words` are the prompt as it was asked. Where the first did not succeed, the pictures are those of the first that
    did; its buttons have to be pressed under its own id.
    """
    first, pictured = jobs[0], standing_for(jobs)
    stage = batch_stage(jobs)
    body = status_body(first, public_url)
    percent = 100 if stage is Stage.DONE else percent_of(jobs)
    told = {"prompt": words, "status": TABLE[stage].imaginepro, "progress": percent}
    body |= {**told, "updatedAt": to_seconds(max(job.updated_at for job in jobs))}
    body.pop("error", None)
    if stage is Stage.FAILED:
        body["error"] = reason_of(first) or ""
    if pictured is not first:
        of_another = status_body(pictured, public_url)
        body |= {key: of_another[key] for key in ("uri", "originalUrl", "images") if key in of_another}
        body["buttons"] = []
    body["jobs"] = [status_body(job, public_url) for job in jobs]
    return body


def buttons(components: tuple[Component, ...]) -> list[str]:
    """The labels of what can be pressed, in the order of the message; links cannot."""
    in_order = sorted(components, key=lambda component: (component.row, component.column))
    names = (component.name for component in in_order if not component.disabled)
    return [spelled(name) for name in names if name]


def spelled(name: str) -> str:
    """A label as the service writes it."""
    bare = name.replace(EMOJI_STYLE, "")
    return bare + EMOJI_STYLE if bare in _STYLED else name


def accepted_body(job: Job) -> dict[str, object]:
    """The answer to every call that starts a job."""
    return {"success": True, "messageId": job.id, "createdAt": to_seconds(job.created_at)}


def account_body(stands: Credits) -> dict[str, object]:
    """What the account info says: the key's quota, else the workspace's; without one it never ends."""
    return {
        "type": "DIY",
        "creditsQuota": stands.quota,
        "credits": stands.left,
        "creditsExtra": 0,
        "expiredAt": to_seconds(stands.ends_at or _NEVER),
        "email": stands.contact,
    }


def deed_body(at: datetime) -> dict[str, object]:
    """The answer to what starts no job, as Cancel Job: without an id, as the service does it."""
    return {"success": True, "createdAt": to_seconds(at)}
