"""`easel job create|cancel|upload`: calls of the running Easel's own API, so that one door checks and charges them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import httpx
import typer

from engine import log
from engine.cli.desk import Json, run, settings_or_exit, show
from engine.cli.folder import DataFolder
from engine.model.errors import Conflict, Refused, Unavailable
from engine.settings import KEY, address

_SECONDS = 60.0


async def _called(path: str, **what: Any) -> dict[str, Any]:
    """What the running Easel answers to a POST.

    Raises:
        Refused: it does not take it; in its words.
        Unavailable: none runs here, or it does not answer.
    """
    settings = settings_or_exit()
    place = address(settings.host, settings.port)
    key = os.environ.get(KEY) or DataFolder(settings.data_dir).read_first_key()
    if not key:
        raise Conflict(f"no API key is known: set {KEY} (easel key create makes one)")
    log.REDACTION.register(key)
    try:
        async with httpx.AsyncClient(base_url=place, timeout=_SECONDS, trust_env=False) as http:
            answer = await http.post(path, headers={"Authorization": f"Bearer {key}"}, **what)
        said = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise Unavailable(f"no Easel answers at {place}: start it (easel up)", detail=str(error)) from error
    if answer.is_error:
        told = said.get("error") if isinstance(said, dict) else None
        raise Refused(str(told["message"]) if isinstance(told, dict) else f"{place} answered HTTP {answer.status_code}")
    return dict(said)


def _told(job: dict[str, Any]) -> str:
    """A job in one line."""
    why = job.get("waits_because") or (job.get("failure") or {}).get("detail") or ""
    return f"Job {job['id']} ({job['action']}) is {job['state']}" + (f": {why}" if why else "")


def create(
    prompt: Annotated[str, typer.Argument(help="The words, for imagine, shorten and Flux.")] = "",
    action: Annotated[str | None, typer.Option(help="A name of docs/actions.md; imagine if none is given.")] = None,
    button: Annotated[str | None, typer.Option(help="Instead of an action: a button's label.")] = None,
    parent: Annotated[str | None, typer.Option(help="The finished job that the button or action is of.")] = None,
    words: Annotated[str | None, typer.Option(help="For the form that a button opens.")] = None,
    image: Annotated[
        list[str] | None, typer.Option(help="An address, or what upload answered; again for more.")
    ] = None,
    account: Annotated[int | None, typer.Option(help="Only on this account.")] = None,
    value: Annotated[str | None, typer.Option(help="For show: a job's id; for suffix: the new one.")] = None,
    ref: Annotated[str | None, typer.Option(help="Your own name of it.")] = None,
    several: Annotated[bool, typer.Option("--several", help="The words may make more than one job.")] = False,
    as_json: Json = False,
) -> None:
    """Ask the running Easel for a job."""
    asked = {
        "prompt": prompt or None,
        "action": action,
        "button": button,
        "parent_id": parent,
        "words": words,
        "images": image or None,
        "account_id": account,
        "value": value,
        "ref": ref,
        "allow_several": several or None,
    }

    async def work() -> None:
        body = {name: given for name, given in asked.items() if given is not None}
        job = await _called("/v1/jobs", json=body)
        show(as_json, job, _told(job))

    run(work())


def cancel(job_id: str, as_json: Json = False) -> None:
    """Take a job back: at once where it was not sent, else Midjourney is asked to stop it."""

    async def work() -> None:
        job = await _called(f"/v1/jobs/{quote(job_id, safe='')}/cancel")
        show(as_json, job, _told(job))

    run(work())


def upload(
    picture: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="PNG, JPEG, WebP or GIF.")],
    as_json: Json = False,
) -> None:
    """Hand in a picture for jobs to come; the answer goes into `job create --image`."""

    async def work() -> None:
        kept = await _called("/v1/uploads", files={"image": (picture.name, picture.read_bytes())})
        show(as_json, kept, str(kept["id"]))

    run(work())
