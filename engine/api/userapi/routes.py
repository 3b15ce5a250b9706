"""Which addresses speak UserAPI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from engine.api.auth import Caller
from engine.api.bodies import Fields
from engine.api.ids import job_id_of
from engine.api.options import premises_of
from engine.api.problems import Json
from engine.api.userapi import accounts, schemas, starting
from engine.api.userapi.dialect import USERAPI
from engine.api.userapi.status import status_of
from engine.api.ways import PICTURES, SMALL, UPLOAD, Endpoint, Id, Way, with_slash
from engine.model.keys import Scope

ROOT = "/midjourney/v2"

_ADDRESS = {"type": "string", "format": "uri"}
_PROMPT = {"type": "string"}
_EXAMPLE_URL = "https://example.com/image.jpg"
_ON_ANY_ACCOUNT = {"account_hash": Id.ACCOUNT_HASH}
_EXAMPLE_ACCOUNT = "a7d44910-88a6-4673-acc8-d60ffc3479a6"


def ways() -> Iterator[Way]:
    """The routes, each with and without a slash at its end."""
    return with_slash((*_tasks(), *_of_accounts(), *_reads()))


def _post(
    name: str,
    endpoint: Endpoint,
    summary: str,
    body: Mapping[str, Any],
    *,
    ids: Mapping[str, Id],
    answer: Mapping[str, Any] = schemas.HASH_SCHEMA,
    most: int = SMALL,
) -> Way:
    return Way(
        method="POST",
        path=f"{ROOT}/{name}",
        endpoint=endpoint,
        dialect=USERAPI,
        scope=Scope.GENERATE,
        ids=ids,
        body=most,
        summary=summary,
        described={"openapi_extra": dict(body), "responses": schemas.answers(dict(answer))},
    )


def _tasks() -> Iterator[Way]:
    yield _post(
        "imagine",
        starting.imagine,
        "Generate a grid of four pictures",
        schemas.body_of(
            {"prompt": _PROMPT, **schemas.WEBHOOK, **schemas.ACCOUNT, **schemas.PREFILTER, **schemas.SEVERAL},
            ["prompt"],
            {"prompt": "nice girl"},
        ),
        ids=_ON_ANY_ACCOUNT,
    )
    yield _post(
        "imagine-instant",
        starting.imagine_instant,
        "Generate, and answer with the picture",
        schemas.body_of(
            {
                "prompt": _PROMPT,
                "choice": {"type": "string", "enum": list(schemas.INSTANT_CHOICES)},
                **schemas.WEBHOOK,
                **schemas.ACCOUNT,
                **schemas.PREFILTER,
            },
            ["prompt", "choice"],
            {"prompt": "nice girl", "choice": "nothing"},
        ),
        ids=_ON_ANY_ACCOUNT,
        answer=schemas.SYNC_SCHEMA,
    )
    yield _post(
        "describe",
        starting.describe,
        "Four prompts for a picture",
        schemas.body_of({"url": _ADDRESS, **schemas.WEBHOOK, **schemas.ACCOUNT}, ["url"], {"url": _EXAMPLE_URL}),
        ids=_ON_ANY_ACCOUNT,
    )
    picture = {
        "type": "object",
        "required": ["url"],
        "properties": {"url": _ADDRESS, "ext": {"enum": [*schemas.ENDINGS, None]}},
    }
    yield _post(
        "blend",
        starting.blend,
        "Blend two to five pictures",
        schemas.body_of(
            {"urls": {"type": "array", "items": picture}, **schemas.WEBHOOK, **schemas.ACCOUNT},
            ["urls"],
            {"urls": [{"url": _EXAMPLE_URL, "ext": "jpg"}, {"url": "https://example.com/image2.png", "ext": "png"}]},
        ),
        ids=_ON_ANY_ACCOUNT,
    )
    for follow in schemas.FOLLOWS:
        yield _post(
            follow.path,
            starting.following(follow),
            follow.summary,
            schemas.follow_body(follow),
            ids={"hash": Id.JOB},
            most=PICTURES if follow.mask else SMALL,
        )
    seed = schemas.body_of(
        {"hash": _PROMPT, **schemas.ASYNC, **schemas.WEBHOOK}, ["hash"], {"hash": _EXAMPLE_ACCOUNT, "is_async": True}
    )
    yield _post("seed", starting.seed, "The seed of a picture", seed, ids={"hash": Id.JOB}, answer=schemas.SYNC_SCHEMA)


def _of_accounts() -> Iterator[Way]:
    yield _post(
        "upload",
        accounts.upload,
        "Put a picture into Discord",
        schemas.body_of({"url": _ADDRESS, **schemas.ACCOUNT}, [], {"url": _EXAMPLE_URL}, files=True),
        ids=_ON_ANY_ACCOUNT,
        answer=schemas.OBJECT_SCHEMA,
        most=UPLOAD,
    )
    yield _post(
        "info",
        accounts.info,
        "What an account has left at Midjourney",
        schemas.body_of(
            {**schemas.NAMED_ACCOUNT, **schemas.WEBHOOK}, ["account_hash"], {"account_hash": _EXAMPLE_ACCOUNT}
        ),
        ids=_ON_ANY_ACCOUNT,
    )
    for name, endpoint, choices, summary in (
        ("prefer", accounts.prefer, accounts.PREFERENCES, "Turn Remix over"),
        ("speed", accounts.speed, accounts.SPEEDS, "Choose an account's speed"),
    ):
        properties = {
            **schemas.NAMED_ACCOUNT,
            "choice": {"type": "string", "enum": list(choices)},
            **schemas.ASYNC,
            **schemas.WEBHOOK,
        }
        example = {"account_hash": _EXAMPLE_ACCOUNT, "choice": choices[0]}
        yield _post(
            name,
            endpoint,
            summary,
            schemas.body_of(properties, ["account_hash", "choice"], example),
            ids=_ON_ANY_ACCOUNT,
            answer=schemas.SYNC_SCHEMA,
        )


def _reads() -> Iterator[Way]:
    rows: tuple[tuple[str, Endpoint, str, str | None, Id, dict[str, Any]], ...] = (
        (f"{ROOT}/status", _status, "A task", "hash", Id.JOB, schemas.TASK_SCHEMA),
        ("/discord/info", accounts.discord_info, "An account", "account_hash", Id.ACCOUNT_HASH, schemas.OBJECT_SCHEMA),
        ("/user/whoami", accounts.whoami, "What the key is and may use", None, Id.NUMBER, schemas.OBJECT_SCHEMA),
    )
    for path, endpoint, summary, field, kind, schema in rows:
        asked = {} if field is None else {"openapi_extra": schemas.query(field)}
        yield Way(
            method="GET",
            path=path,
            endpoint=endpoint,
            dialect=USERAPI,
            scope=Scope.READ,
            ids={} if field is None else {field: kind},
            summary=summary,
            described={**asked, "responses": schemas.answers(schema)},
        )


async def _status(request: Request, caller: Caller) -> Response:
    premises = premises_of(request)
    job_id = job_id_of(Fields(dict(request.query_params), spelled=True).required("hash"))
    return Json(await status_of(premises.door, caller.workspace_id, job_id, premises.options.public_url))
