"""What a sighting means for the job it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from engine.model import events as ev
from engine.model.actions import ActionKind
from engine.model.catalogue import entry_of
from engine.model.entries import Makes
from engine.model.faceswap import of_this_step
from engine.model.jobs import Failure, FailureReason, Job, Links, Picture, Result
from engine.model.limits import Limits
from engine.model.sightings import Channel, Sighting, Stage


def event_of(
    job: Job, sighting: Sighting, *, account_id: int, limits: Limits, now: datetime, new_key: Callable[[], str]
) -> ev.Event | None:
    """The event that this sighting is for its job; None when it only tells that the job lives.

    Args:
        job: the job the sighting was bound to.
        sighting: what was seen.
        account_id: whose session saw it.
        limits: for the next deadline.
        now: when we learned it.
        new_key: makes an unguessable key (128 bits, hex) for each picture of a result.
    """
    if job.action.kind is ActionKind.FACE_SWAP:
        if not of_this_step(job, sighting):
            return None
        if sighting.stage is Stage.WAITING and not job.form_answered:  # the picture is not begun yet
            links = Links(sighting.interaction_id, sighting.message_id)
            return ev.Acknowledged(at=now, account_id=account_id, links=links, until=limits.until_swapped(now))
    return _event_of(job, sighting, account_id=account_id, limits=limits, now=now, new_key=new_key)


def _event_of(
    job: Job, sighting: Sighting, *, account_id: int, limits: Limits, now: datetime, new_key: Callable[[], str]
) -> ev.Event | None:
    match sighting.stage:
        case Stage.ACKNOWLEDGED | Stage.UNANSWERED:
            return ev.Acknowledged(
                at=now,
                account_id=account_id,
                links=Links(interaction_id=sighting.interaction_id),
                until=limits.until_started(job.prompt, now),
            )
        case Stage.WAITING | Stage.PROGRESS:
            return _seen(job, sighting, account_id=account_id, limits=limits, now=now)
        case Stage.QUEUED:
            return ev.QueuedUpstream(
                at=now,
                account_id=account_id,
                links=Links(interaction_id=sighting.interaction_id),
                until=limits.until_unqueued(job.prompt, now),
            )
        case Stage.ASKED if sighting.modal is not None:
            return ev.ModalAsked(at=now, account_id=account_id, modal=sighting.modal)
        case Stage.FINAL if not _is_other_words(job, sighting):
            return _finished(sighting, account_id=account_id, now=now, new_key=new_key)
        case Stage.FAILED:
            return ev.FailedUpstream(at=now, failure=sighting.failure or _unnamed(sighting), appeal=sighting.appeal)
        case Stage.FULL:
            return _turned_away(job, sighting, now)
        case Stage.STOPPED:
            return ev.StoppedUpstream(at=now)
        case Stage.UNKNOWN | Stage.FINAL:
            return _unknown(job, sighting, limits, now)
        case _:
            return None


def _is_other_words(job: Job, sighting: Sighting) -> bool:
    """Whether it is a result in words, and of something else than the job asked for."""
    entry = entry_of(job.action)
    only_words = sighting.details is not None and not sighting.attachments
    return only_words and entry.makes is not Makes.ANY and sighting.verb not in entry.verbs


def _says_that_it_is_not_there(job: Job, sighting: Sighting) -> bool:
    """Whether /show is answered in words that repeat the id: it knows no such job (protocol §9.4)."""
    asked = job.given.value or ""
    return job.action.kind is ActionKind.SHOW and bool(asked) and asked in (sighting.words or "")


def _unknown(job: Job, sighting: Sighting, limits: Limits, now: datetime) -> ev.Event:
    if _says_that_it_is_not_there(job, sighting):
        return ev.FailedUpstream(
            at=now, failure=Failure(FailureReason.PROMPT, f"Midjourney answered: {sighting.words}")
        )
    who = "InsightFaceSwap" if job.action.kind is ActionKind.FACE_SWAP else "Midjourney"
    detail = f"{who} answered: {sighting.words or sighting.content}"
    return ev.AnsweredUnknown(at=now, detail=detail, until=now + timedelta(seconds=limits.unknown_answer))


def _seen(job: Job, sighting: Sighting, *, account_id: int, limits: Limits, now: datetime) -> ev.Seen:
    preview = sighting.attachments[0].url if sighting.attachments else None
    swaps = job.action.kind is ActionKind.FACE_SWAP
    return ev.Seen(
        at=now,
        account_id=account_id,
        links=Links(sighting.interaction_id, sighting.message_id, sighting.uuid, sighting.cancel_custom_id),
        percent=sighting.percent or 0,
        preview_url=preview,
        mode=sighting.mode,
        until=limits.until_swapped(now) if swaps else limits.until_done(sighting.mode or job.mode, now),
    )


def _turned_away(job: Job, sighting: Sighting, now: datetime) -> ev.Event | None:
    """Only an answer that names the present submission lets it be made anew: nothing else proves that nothing runs."""
    failure = sighting.failure or _unnamed(sighting)
    interaction = job.links.interaction_id
    if sighting.nonce is None and (sighting.interaction_id is None or interaction is None):
        return ev.FailedUpstream(at=now, failure=failure)
    current = sighting.nonce == job.nonce if sighting.nonce is not None else sighting.interaction_id == interaction
    if not current or job.nonce is None:
        return None
    return ev.TurnedAway(at=now, nonce=job.nonce, failure=failure)


def _finished(sighting: Sighting, *, account_id: int, now: datetime, new_key: Callable[[], str]) -> ev.Finished:
    result = Result(
        message_id=sighting.message_id or "",
        channel_id=sighting.channel_id or "",
        flags=sighting.flags,
        content=sighting.content,
        pictures=tuple(Picture(new_key(), attachment) for attachment in sighting.attachments),
        components=sighting.components,
        uuid=sighting.uuid,
        details=sighting.details,
    )
    # the progress message of an imagine is what its final refers to; a button's final refers to the clicked message
    in_history = sighting.channel is Channel.HISTORY
    links = Links(None if in_history else sighting.interaction_id, None, sighting.uuid)
    return ev.Finished(at=now, account_id=account_id, links=links, result=result)


def _unnamed(sighting: Sighting) -> Failure:
    return Failure(FailureReason.TRANSIENT, sighting.words or "Midjourney said that the job failed")
