"""What each value of the model looks like as a row, and back. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from engine.model.actions import Click
from engine.model.catalogue import action_named
from engine.model.details import Details
from engine.model.hooks import Hook
from engine.model.inputs import NOTHING, Given
from engine.model.jobs import (
    Attachment,
    Component,
    Failure,
    FailureReason,
    Job,
    JobState,
    JobUpdate,
    Links,
    Modal,
    Mode,
    Picture,
    Result,
)
from engine.model.labels import Label
from engine.model.quotas import Charge
from engine.ports import Evidence, PictureCopy

EVIDENCE_BYTES = 16 * 1024
NONCE_DIGITS = 20
"""A snowflake is a 64-bit number: at most 20 digits."""

Values = dict[str, Any]

_encoder = msgspec.json.Encoder()
_nonces = msgspec.json.Decoder(tuple[str, ...])
_click = msgspec.json.Decoder(Click)
_modal = msgspec.json.Decoder(Modal)
_pictures = msgspec.json.Decoder(tuple[Picture, ...])
_components = msgspec.json.Decoder(tuple[Component, ...])

_NO_NONCES = "[]"


class Seldom(msgspec.Struct, frozen=True, omit_defaults=True):
    """Fields of a job that few jobs fill: together one column, which is NULL for the others."""

    sent_prompt: str | None = None
    form_answered: bool = False
    prompt_ignored: bool = False
    cancel_asked: bool = False
    answered_unknown: bool = False
    cancel_custom_id: str | None = None
    appeal: Click | None = None
    hook: Hook | None = None
    only_accounts: tuple[int, ...] = ()
    boosted_by: str | None = None
    given_up: bool = False
    labels: tuple[Label, ...] = ()
    source_links: bool = False
    charge: Charge | None = None
    private: bool = False
    click: Click | None = None
    """Of a job that was stored before its parent had the button."""


_USUAL = Seldom()
_seldom = msgspec.json.Decoder(Seldom)
_given = msgspec.json.Decoder(Given)
_details = msgspec.json.Decoder(Details)


def as_json(value: object) -> str:
    """A value as JSON text."""
    return _encoder.encode(value).decode()


def wire_text(text: str) -> str:
    """Foreign words that every database can keep: PostgreSQL has no NUL, and neither has half a surrogate pair."""
    if "\x00" in text:
        text = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _wire_words(text: str | None) -> str | None:
    return None if text is None else wire_text(text)


# --- jobs


def asked_values(job: Job) -> Values:
    """What never changes of a job."""
    return {
        "id": job.id,
        "request_id": job.request_id,
        "workspace_id": job.workspace_id,
        "application_id": job.application_id,
        "action": job.action.name,
        "prompt": job.prompt,
        "given": None if job.given == NOTHING else as_json(job.given),
        "ref": job.ref,
        "parent_id": job.parent_id,
        "root_id": job.root_id,
        "click": None if job.click is None else as_json(job.click),
        "bound_account_id": job.bound_account_id,
        "created_at": job.created_at,
        "rank": rank_of(job),
    }


def rank_of(job: Job) -> int:
    """The first word in the order of the queue: boosts are ahead."""
    return 0 if job.boost else 1


def _links_values(links: Links) -> Values:
    return {
        "interaction_id": links.interaction_id,
        "progress_message_id": links.progress_message_id,
        "uuid": links.uuid,
    }


def _failure_values(failure: Failure | None) -> Values:
    return {
        "failure_reason": None if failure is None else failure.reason.value,
        "failure_detail": None if failure is None else wire_text(failure.detail),
    }


def _seldom_of(job: Job) -> str | None:
    found = Seldom(
        job.sent_prompt,
        job.form_answered,
        job.prompt_ignored,
        job.cancel_asked,
        job.answered_unknown,
        job.links.cancel_custom_id,
        job.appeal,
        job.hook,
        job.only_accounts,
        job.boosted_by,
        job.given_up,
        job.labels,
        job.source_links,
        job.charge,
        job.private,
        job.click if job.given.awaits_parent else None,
    )
    return None if found == _USUAL else as_json(found)


def hidden(seldom: str | None) -> str:
    """The seldom fields of a job that becomes private."""
    found = _USUAL if seldom is None else _seldom.decode(seldom)
    return as_json(msgspec.structs.replace(found, private=True))


_MADE_OF: dict[str, Callable[[Any], Values]] = {
    "state": lambda state: {"state": state.value},
    "nonces": lambda nonces: {"nonces": as_json(nonces) if nonces else _NO_NONCES},
    "mode": lambda mode: {"mode": None if mode is None else mode.value},
    "links": _links_values,
    "modal": lambda modal: {"modal": None if modal is None else as_json(modal)},
    "note": lambda note: {"note": _wire_words(note)},
    "failure": _failure_values,
}
"""Fields of a job that a step may change, and the columns that they become."""

_AS_IT_IS = (
    "version", "updated_at", "timeout_seconds", "deadline_at", "gives_up_at", "account_id", "sent_at", "accepted",
    "absence_used", "turned_away", "upstream_queued", "may_run", "percent", "preview_url", "finished_at",
)  # fmt: skip
"""Fields that a step may change, and that are columns as they are."""


def moving_values(job: Job) -> Values:
    """What a step of a job may change."""
    values = {name: getattr(job, name) for name in _AS_IT_IS}
    for name, columns in _MADE_OF.items():
        values |= columns(getattr(job, name))
    values["seldom"] = _seldom_of(job)
    return values


def step_values(before: Job, after: Job) -> Values:
    """What this step changed, and what may have changed in memory since the last one was stored.

    A column that a statement does not name costs neither its foreign key nor its indexes: `jobs` has seven.
    """
    values: Values = {"percent": after.percent, "preview_url": after.preview_url, "uuid": after.links.uuid}
    values["seldom"] = _seldom_of(after)
    for name in _AS_IT_IS:
        value = getattr(after, name)
        if value is not getattr(before, name):
            values[name] = value
    for name, columns in _MADE_OF.items():
        value = getattr(after, name)
        if value is not getattr(before, name):
            values |= columns(value)
    return values


def job_of(row: Any) -> Job:
    """The job in a row of `jobs` joined with its result (columns `result_…`, all empty when there is none)."""
    seldom = _USUAL if row.seldom is None else _seldom.decode(row.seldom)
    return Job(
        id=row.id,
        request_id=row.request_id,
        workspace_id=row.workspace_id,
        application_id=row.application_id,
        action=action_named(row.action),
        prompt=row.prompt,
        given=NOTHING if row.given is None else _given.decode(row.given),
        ref=row.ref,
        parent_id=row.parent_id,
        root_id=row.root_id,
        click=seldom.click if row.click is None else _click.decode(row.click),
        hook=seldom.hook,
        bound_account_id=row.bound_account_id,
        only_accounts=seldom.only_accounts,
        source_links=seldom.source_links,
        boosted_by=seldom.boosted_by,
        state=JobState(row.state),
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        timeout_seconds=row.timeout_seconds,
        deadline_at=row.deadline_at,
        gives_up_at=row.gives_up_at,
        given_up=seldom.given_up,
        account_id=row.account_id,
        nonces=() if row.nonces == _NO_NONCES else _nonces.decode(row.nonces),
        sent_at=row.sent_at,
        accepted=row.accepted,
        absence_used=row.absence_used,
        turned_away=row.turned_away,
        upstream_queued=row.upstream_queued,
        mode=None if row.mode is None else Mode(row.mode),
        sent_prompt=seldom.sent_prompt,
        form_answered=seldom.form_answered,
        prompt_ignored=seldom.prompt_ignored,
        cancel_asked=seldom.cancel_asked,
        answered_unknown=seldom.answered_unknown,
        links=Links(row.interaction_id, row.progress_message_id, row.uuid, seldom.cancel_custom_id),
        modal=None if row.modal is None else _modal.decode(row.modal),
        note=row.note,
        may_run=row.may_run,
        percent=row.percent,
        preview_url=row.preview_url,
        failure=_failure_of(row),
        appeal=seldom.appeal,
        labels=seldom.labels,
        charge=seldom.charge,
        private=seldom.private,
        result=_result_of(row),
        finished_at=row.finished_at,
    )


def _failure_of(row: Any) -> Failure | None:
    return None if row.failure_reason is None else Failure(FailureReason(row.failure_reason), row.failure_detail)


def _result_of(row: Any) -> Result | None:
    if row.result_message_id is None:
        return None
    return Result(
        message_id=row.result_message_id,
        channel_id=row.result_channel_id,
        flags=row.result_flags,
        content=row.result_content,
        pictures=_pictures.decode(row.result_pictures),
        components=_components.decode(row.result_components),
        uuid=row.result_uuid,
        details=None if row.result_details is None else _details.decode(row.result_details),
    )


def result_values(job: Job, result: Result) -> Values:
    """The row of a job's result."""
    return {
        "job_id": job.id,
        "message_id": result.message_id,
        "channel_id": result.channel_id,
        "flags": result.flags,
        "content": wire_text(result.content),
        "pictures": as_json(result.pictures),
        "components": as_json(result.components),
        "uuid": result.uuid,
        "details": None if result.details is None else wire_text(as_json(result.details)),
    }


def update_values(update: JobUpdate) -> Values:
    """The outbox row of one step."""
    failure = update.failure
    return {
        "job_id": update.job_id,
        "version": update.version,
        "state": update.state.value,
        "event": update.event,
        "at": update.at,
        "percent": update.percent,
        "failure_reason": None if failure is None else failure.reason.value,
        "failure_detail": None if failure is None else wire_text(failure.detail),
        "note": _wire_words(update.note),
    }


def update_of(row: Any) -> JobUpdate:
    """The update in a row."""
    return JobUpdate(
        row.job_id, row.version, JobState(row.state), row.event, row.at, row.percent, _failure_of(row), row.note
    )


def submission_values(job: Job, nonce: str) -> Values:
    """The row that makes a nonce unique on its account."""
    return {"account_id": job.account_id, "nonce": nonce.zfill(NONCE_DIGITS), "job_id": job.id, "at": job.updated_at}


# --- pictures and evidence


def picture_values(job: Job, picture: Picture, position: int) -> Values:
    """The row of one picture of a result."""
    file = picture.attachment
    return {
        "key": picture.key,
        "job_id": job.id,
        "account_id": job.account_id,
        "position": position,
        "found_at": job.updated_at,
        "attachment_id": file.id,
        "filename": file.filename,
        "source_url": file.url,
        "proxy_url": file.proxy_url,
        "content_type": file.content_type,
        "width": file.width,
        "height": file.height,
        "size": file.size,
        "copied_as": file.kept_as,
        "copied_at": None if file.kept_as is None else job.updated_at,
        "failed": False,
    }


def copy_of(row: Any) -> PictureCopy:
    """The picture in a row, and what became of its copy."""
    file = Attachment(
        row.attachment_id,
        row.filename,
        row.source_url,
        row.proxy_url,
        row.content_type,
        row.width,
        row.height,
        row.size,
    )
    return PictureCopy(Picture(row.key, file), row.job_id, row.account_id, row.copied_as, failed=row.failed)


def evidence_values(evidence: Evidence) -> Values:
    """The row of a piece of evidence; a longer body than 16 kB is cut."""
    body = wire_text(evidence.body)
    if len(body) * 4 > EVIDENCE_BYTES:
        body = body.encode()[:EVIDENCE_BYTES].decode(errors="ignore")
    return {
        "account_id": evidence.account_id,
        "job_id": evidence.job_id,
        "kind": evidence.kind,
        "at": evidence.at,
        "body": body,
    }
