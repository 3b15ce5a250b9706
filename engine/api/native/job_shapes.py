"""How the document describes a job of the native API, and the call that asks for one."""

from __future__ import annotations

from engine.api.native.document import (
    Schema,
    array,
    fields,
    moment,
    nullable,
    number,
    shape,
    text,
    words,
    yes_or_no,
)
from engine.model.catalogue import CATALOGUE
from engine.model.hooks import HookKind
from engine.model.jobs import FailureReason, JobState, Mode
from engine.model.labels import Label

TIMEOUT = (10, 900)
"""Seconds, both included."""
LONGEST_REF = 1_000
LONGEST_LABEL = 100
LONGEST_PICTURE = 16 * 1024 * 1024
MOST_PICTURES = 20
NAMES = tuple(entry.action.name for entry in CATALOGUE)

_PICTURE = shape(
    uri=text(),
    original_url=text(),
    proxy_url=text(null=True),
    filename=text(),
    content_type=text(null=True),
    width=number(null=True),
    height=number(null=True),
    size=number(null=True),
    quarters=nullable(array(text())),
)
_BUTTON = shape(label=text(), style=number(null=True), row=number(), column=number())
_RESULT: Schema = shape(
    uuid=text(null=True),
    seed=text(null=True),
    pictures=array(_PICTURE),
    details={"type": ["object", "null"]},
    buttons=array(_BUTTON),
)
_JOB_KEYS: dict[str, Schema] = {
    "id": text(format="uuid"),
    "request_id": text(format="uuid"),
    "action": text(),
    "prompt": text(),
    "ref": text(null=True),
    "parent_id": text(null=True, format="uuid"),
    "root_id": text(null=True, format="uuid"),
    "account_id": number(null=True, description="The linked account that runs it, or is to run it."),
    "state": words(JobState),
    "waits_because": text(null=True),
    "version": number(),
    "percent": number(minimum=0, maximum=100),
    "preview_url": text(null=True),
    "mode": words(Mode, null=True),
    "failure": nullable(shape(reason=words(FailureReason), detail=text())),
    "labels": array(words(Label)),
    "appeal": yes_or_no(),
    "note": text(null=True),
    "given_up": yes_or_no(),
    "boost": yes_or_no(),
    "private": yes_or_no(),
    "sent_prompt": text(null=True),
    "prompt_ignored": yes_or_no(),
    "cancel_asked": yes_or_no(),
    "result": nullable(_RESULT),
    "created_at": moment(),
    "updated_at": moment(),
    "deadline_at": moment(null=True),
    "finished_at": moment(null=True),
}
LISTED_JOB = {**shape(**_JOB_KEYS), "additionalProperties": True}
JOB = {
    **shape(
        **_JOB_KEYS,
        requester=text(description="Who asked: Easel-Requester, else the key."),
        request_state=words(JobState),
        request_percent=number(minimum=0, maximum=100),
        request_result={"type": ["object", "null"]},
        jobs=nullable(array(LISTED_JOB)),
    ),
    "additionalProperties": True,
}
PAGE = shape(jobs=array(LISTED_JOB), next_cursor=text(null=True))
UPLOADED = shape(id=text())

ASKED = fields(
    action=text(null=True, enum=[*NAMES, None], default="imagine", description="A name of docs/actions.md."),
    button=text(null=True, maxLength=LONGEST_LABEL, description="Instead of action: the label of a button."),
    parent_id=text(null=True, format="uuid", description="The finished job whose button is pressed."),
    prompt=text(null=True, description="For imagine, shorten and Flux."),
    words=text(null=True, description="For the form that a button opens."),
    mask=text(null=True, description="Vary (Region): an id of POST /v1/uploads, or PNG or WebP in base64."),
    images={
        "type": ["array", "null"],
        "items": text(minLength=1),
        "maxItems": MOST_PICTURES,
        "description": "Addresses (http, https, data:) or ids of POST /v1/uploads.",
    },
    mode=words(Mode, null=True),
    aspect=text(null=True, description="`w:h`, for imagine."),
    dimensions=text(null=True, description="For blend: `--ar 2:3`, `--ar 1:1` or `--ar 3:2`."),
    value=text(null=True, description="For show: a job's id, or Midjourney's; for suffix: the new one."),
    options={"type": ["object", "null"], "description": "For the other services: model, n, width, scale and the like."},
    application={"enum": ["midjourney", "niji", None]},
    account_id=number(null=True, minimum=1, description="Only there; without it wherever a slot is free."),
    timeout=number(null=True, minimum=TIMEOUT[0], maximum=TIMEOUT[1], description="Seconds."),
    ref=text(null=True, maxLength=LONGEST_REF, description="Your own name of it."),
    boost={"type": ["boolean", "null"], "description": "Ahead of ordinary jobs."},
    allow_several={"type": ["boolean", "null"], "description": "Take a prompt that makes more than one job."},
    webhook_url=text(null=True, description="Where it is posted; `none` switches the default off."),
    webhook_type={"enum": [*(kind.value for kind in HookKind), None]},
)
EXAMPLE = {"action": "imagine", "prompt": "a red fox --ar 16:9", "ref": "order 7"}
