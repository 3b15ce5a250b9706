"""What a job looks like to a UserAPI client: its type, its status word, and which fields are there when. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.api.pictures import MEDIA_TYPES, address_of, extension, source_of
from engine.api.states import TABLE, Stage, reason_of, stage_of
from engine.api.times import to_seconds
from engine.api.userapi.echo import Echo, read
from engine.model.actions import ActionKind
from engine.model.catalogue import action_of_custom_id, entry_of
from engine.model.details import AccountInfo, Usage
from engine.model.entries import Makes
from engine.model.jobs import Attachment, Job, Picture, Request, Result

_TYPE_OF = {
    Makes.GRID: "imagine",
    Makes.IMAGE: "upsample",
    Makes.VIDEOS: "animate",
    Makes.VIDEO: "upscale",
    Makes.TEXTS: "describe",
    Makes.SEED: "seed",
    Makes.INFO: "info",
    Makes.SETTINGS: "info",
    Makes.NOTICE: "prefer",
    Makes.ANY: "imagine",
}
"""What an action that UserAPI has no name for is called: made through another dialect, read through this one."""
_NEAREST = {
    ActionKind.FLUX_IMAGINE: "imagine",
    ActionKind.FACE_SWAP: "blend",
}
"""Where what it makes does not say which type is nearest: a prompt drawn, and two pictures made one."""
_WITH_PROMPT = frozenset({"imagine", "describe"})
_WITH_CHOICE = frozenset(
    "upscale upsample variation vary_subtle vary_strong zoom pan animate prefer speed".split()  # noqa: SIM905 - a list
)
_WITHOUT_PROGRESS = frozenset({"describe", "info", "prefer", "speed"})
"""Types whose task has no `progress`."""
_NEVER_IN_PROGRESS = frozenset({"upscale", "variation", "describe", "seed", "info", "prefer", "speed"})
"""Types whose status is never `progress` (seed 003)."""
_NEVER_WAITING = frozenset({"info", "prefer", "speed"})
_OF_PICTURES = frozenset({Makes.GRID, Makes.IMAGE, Makes.VIDEOS, Makes.VIDEO, Makes.ANY})
_WITH_SEED = frozenset({Makes.GRID, Makes.IMAGE})


@dataclass(frozen=True, slots=True)
class Known:
    """What a task object is made of beside the job."""

    request: Request
    account_hash: str | None
    """None: no account was chosen yet."""
    files: Sequence[Attachment]
    """The result's, with links that open now."""
    public_url: str


def task_body(job: Job, known: Known, stage: Stage | None = None) -> dict[str, object]:
    """The task object: the status answer and the webhook's body. `stage` is the whole request's, where it has one."""
    echo = read(known.request.origin.echo)
    kind, choice = named(job, echo)
    stage = stage_of(job) if stage is None else stage
    done = stage is Stage.DONE
    body: dict[str, object] = {"account_hash": known.account_hash, "hash": job.id}
    if job.parent_id is not None:
        body["parent_hash"] = job.parent_id
    body |= {
        "webhook_url": echo.webhook_url,
        "webhook_type": echo.webhook_type,
        "callback_id": known.request.origin.callback_id,
    }
    if kind in _WITH_PROMPT:
        body["prompt"] = _described(job) if kind == "describe" else job.prompt
    if kind == "blend":
        body["urls"] = _blended(job, echo)
    if kind in _WITH_CHOICE:
        body["choice"] = choice
    body["type"] = kind
    if kind not in _WITHOUT_PROGRESS:
        body["progress"] = 100 if done else job.percent
    body["status"] = status_word(kind, stage)
    body["result"] = result_body(job, known) if done and job.result is not None else None
    if done and job.result is not None and entry_of(job.action).makes in (_OF_PICTURES | {Makes.TEXTS}):
        body["job_id"] = job.result.uuid
        body["next_actions"] = next_actions(job.result, seed=entry_of(job.action).makes in _WITH_SEED)
    body["status_reason"] = reason_of(job)
    if kind == "imagine" or job.labels:
        body["prefilter_result"] = [label.value for label in job.labels]
    body["created_at"] = to_seconds(job.created_at)
    return body


def named(job: Job, echo: Echo) -> tuple[str, int | str | None]:
    """Its type and choice: as they were asked, else as the catalogue names the action."""
    entry = entry_of(job.action)
    name = next(iter(entry.userapi), None)
    kind = echo.type or (name.word if name is not None else _NEAREST.get(job.action.kind, _TYPE_OF[entry.makes]))
    if echo.choice is not None:
        return kind, echo.choice
    return kind, name.choice if name is not None else job.action.choice or job.action.index


def status_word(kind: str, stage: Stage) -> str:
    """The word of the one table, but for what a type never shows."""
    if stage is Stage.PROGRESS and kind in _NEVER_IN_PROGRESS:
        stage = Stage.WAITING
    if stage is Stage.WAITING and kind in _NEVER_WAITING:
        stage = Stage.SENT
    return TABLE[stage].userapi


def next_actions(result: Result, *, seed: bool) -> list[dict[str, object]]:
    """What the result's buttons offer, in their order, each type once."""
    choices: dict[str, list[int | str]] = {}
    for component in sorted(result.components, key=lambda each: (each.row, each.column)):
        action = action_of_custom_id(component.custom_id) if component.custom_id else None
        for name in () if action is None or component.disabled else entry_of(action).userapi:
            listed = choices.setdefault(name.word, [])
            if name.choice is not None and name.choice not in listed:
                listed.append(name.choice)
    told: list[dict[str, object]] = [
        {"type": kind, "choices": given} if given else {"type": kind} for kind, given in choices.items()
    ]
    return [*told, {"type": "seed"}] if seed and result.uuid is not None else told


def result_body(job: Job, known: Known) -> object:
    """The result, of the shape that the type has."""
    result = job.result
    assert result is not None
    details = result.details
    match entry_of(job.action).makes:
        case Makes.TEXTS:
            return list(details.texts) if details is not None else []
        case Makes.SEED:
            return {"seed": details.seed if details is not None else None, "urls": _pictures(result, known)}
        case Makes.INFO:
            return info_body(details.info) if details is not None and details.info is not None else None
        case Makes.NOTICE if details is not None and details.remix is not None:
            return "on" if details.remix else "off"
        case _:
            return next(iter(_pictures(result, known)), None)


def _pictures(result: Result, known: Known) -> list[dict[str, object]]:
    return [
        picture_body(picture, file, known.public_url)
        for picture, file in zip(result.pictures, known.files, strict=True)
    ]


def picture_body(picture: Picture, file: Attachment, public_url: str) -> dict[str, object]:
    """One picture: `url` is our lasting address, `proxy_url` Discord's, which opens for a day."""
    return {
        "url": address_of(picture, public_url),
        "proxy_url": file.proxy_url or source_of(picture, file, public_url),
        "filename": file.filename,
        "content_type": file.content_type or MEDIA_TYPES[extension(picture)],
        "width": file.width,
        "height": file.height,
        "size": file.size,
    }


def uploaded_body(file: Attachment, account_hash: str | None) -> dict[str, object]:
    """The answer to upload: Discord's own addresses, as the picture lies nowhere else."""
    return {
        "account_hash": account_hash,
        "image": {
            "id": file.id,
            "url": file.url,
            "proxy_url": file.proxy_url or file.url,
            "filename": file.filename,
            "content_type": file.content_type,
            "width": file.width,
            "height": file.height,
            "size": file.size,
            "ephemeral": False,
        },
    }


def info_body(info: AccountInfo) -> dict[str, object]:
    """What /info told."""
    return {
        "user_id": info.user_id,
        "subscription": {
            "name": info.plan,
            "active_to": None if info.active_until is None else to_seconds(info.active_until),
        },
        "visibility_mode": None if info.visibility is None else info.visibility.capitalize(),
        "fast_time_remaining": {
            "remaining_sec": _whole(info.fast_seconds_left),
            "total_sec": _whole(info.fast_seconds_total),
        },
        "lifetime_usage": _usage(info.lifetime),
        "relaxed_usage": _usage(info.relaxed),
        "queued_jobs_fast": info.queued_fast or 0,
        "queued_jobs_relax": info.queued_relax or 0,
        "running_jobs": len(info.running_jobs),
    }


def _usage(usage: Usage) -> Mapping[str, int]:
    return {"cnt": usage.count or 0, "sec": _whole(usage.seconds)}


def _whole(seconds: float | None) -> int:
    return 0 if seconds is None else round(seconds)


def _described(job: Job) -> str:
    images = job.given.images
    return (images[0].address or "") if images else job.prompt


def _blended(job: Job, echo: Echo) -> list[dict[str, str]]:
    if echo.urls:
        return [{"url": each.url, "ext": each.ext} for each in echo.urls]
    return [{"url": image.address or "", "ext": ending_of(image.address or "")} for image in job.given.images]


def ending_of(address: str) -> str:
    """`png` or `jpg`, by the address's own ending."""
    path = address.partition("?")[0].partition("#")[0]
    return "png" if path.lower().endswith(".png") else "jpg"
