"""What UserAPI's calls that start a task do: read the fields, go through the door, answer with the hash."""

from __future__ import annotations

import logging
import secrets
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from engine.api.auth import Caller
from engine.api.bodies import Fields, called, read_fields
from engine.api.options import Premises, premises_of
from engine.api.origins import origin_of
from engine.api.problems import Json
from engine.api.userapi import schemas
from engine.api.userapi.dialect import USERAPI
from engine.api.userapi.echo import Blended, Echo, written
from engine.api.userapi.schemas import Common, Follow, read_common
from engine.api.userapi.status import task_of
from engine.api.userapi.waiting import Patience, later, once
from engine.api.ways import Endpoint
from engine.model.accounts import Account
from engine.model.actions import Action, ActionKind
from engine.model.catalogue import actions_of_userapi
from engine.model.errors import EaselError, NotFound
from engine.model.inputs import Given, ImageInput
from engine.model.jobs import Job, JobState, Origin

_LOG = logging.getLogger(__name__)
NO_COMMON = Common(None, None, None, None)


def origin_for(
    request: Request, caller: Caller, common: Common, echo: Echo | None = None, *, prefilter: bool = True
) -> Origin:
    """Who asks, what their answers repeat, and whether the prefilter reads their words."""
    repeated = echo or Echo()
    echoed = Echo(repeated.type, repeated.choice, repeated.urls, common.webhook_url, common.webhook_type)
    return origin_of(
        request,
        caller,
        USERAPI,
        callback=common.hook,
        callback_id=common.callback_id,
        prefilter=prefilter,
        echo=written(echoed),
    )


def hash_answer(job: Job) -> Response:
    """The answer to every call that does not wait."""
    return Json({"hash": job.id})


async def task_answer(premises: Premises, job: Job) -> Response:
    """The answer to a call that waited."""
    return Json({"status": True, "result": await task_of(premises.door, job, premises.options.public_url)})


async def account_of(premises: Premises, caller: Caller, fields: Fields) -> int | None:
    """The account that was named, if one was; it must take jobs now."""
    named = schemas.account_hash_of(fields)
    if named is None:
        return None
    return usable(caller, await premises.door.linked.able(caller.workspace_id, named)).id


def may_use(caller: Caller, account: Account) -> bool:
    """Whether the key is not limited to other accounts."""
    return not caller.account_ids or account.id in caller.account_ids


def usable(caller: Caller, account: Account) -> Account:
    """The account, unless the key is limited to others: those are answered like unknown ones."""
    if not may_use(caller, account):
        raise NotFound("no such account")
    return account


async def imagine(request: Request, caller: Caller) -> Response:
    """POST imagine."""
    fields, premises = await read_fields(request), premises_of(request)
    prompt, common = fields.required("prompt"), read_common(fields)
    origin = origin_for(request, caller, common, prefilter=not fields.yes_or_no("is_disable_prefilter"))
    several = fields.yes_or_no(schemas.PERMUTATIONS)
    account_id = await account_of(premises, caller, fields)
    job = await premises.door.imagine(
        origin,
        prompt,
        account_id=account_id,
        alone_unless=None if several else f"{schemas.PERMUTATIONS}: true",
    )
    return hash_answer(job)


async def describe(request: Request, caller: Caller) -> Response:
    """POST describe."""
    fields, premises = await read_fields(request), premises_of(request)
    url, common = _required_address(fields, "url"), read_common(fields)
    account_id = await account_of(premises, caller, fields)
    with called(image="url"):
        job = await premises.door.command(
            origin_for(request, caller, common),
            Action(ActionKind.DESCRIBE),
            given=Given(images=(ImageInput(url),)),
            account_id=account_id,
        )
    return hash_answer(job)


async def blend(request: Request, caller: Caller) -> Response:
    """POST blend."""
    fields, premises = await read_fields(request), premises_of(request)
    urls, common = schemas.blended_of(fields), read_common(fields)
    account_id = await account_of(premises, caller, fields)
    with called(image="urls", images="urls"):
        job = await premises.door.command(
            origin_for(request, caller, common, Echo(urls=urls)),
            Action(ActionKind.BLEND),
            given=Given(images=_images(urls)),
            account_id=account_id,
        )
    return hash_answer(job)


def following(follow: Follow) -> Endpoint:
    """The endpoint of a call that goes on from a finished task, on the account that made it."""

    async def endpoint(request: Request, caller: Caller) -> Response:
        fields, door = await read_fields(request), premises_of(request).door
        parent, common = schemas.parent_of(fields), read_common(fields)
        choice, words, mask = follow.choice(fields), follow.words_of(fields), follow.mask_of(fields)
        kept = None if mask is None else await door.keep(mask, "mask")
        origin = origin_for(request, caller, common, Echo(follow.type, choice))
        actions = actions_of_userapi(follow.type, choice)
        return hash_answer(await door.act(origin, parent, *actions, words=words, mask=kept))

    endpoint.__name__ = follow.type
    return endpoint


async def seed(request: Request, caller: Caller) -> Response:
    """POST seed."""
    fields, premises = await read_fields(request), premises_of(request)
    parent, common, is_async = schemas.parent_of(fields), read_common(fields), fields.yes_or_no("is_async")
    job = await premises.door.act(origin_for(request, caller, common), parent, Action(ActionKind.SEED), anew=True)
    return hash_answer(job) if is_async else await when_ended(premises, job)


async def when_ended(premises: Premises, job: Job, patience: Patience | None = None) -> Response:
    """The task once it is over; its hash when that takes too long."""
    ended = await (patience or Patience(premises)).ended(job)
    return hash_answer(job) if ended is None else await task_answer(premises, ended)


async def imagine_instant(request: Request, caller: Caller) -> Response:
    """POST imagine-instant: the grid, and what is wanted of it."""
    fields, premises = await read_fields(request), premises_of(request)
    prompt, common = fields.required("prompt"), read_common(fields)
    choice = schemas.required_word(fields, "choice", schemas.INSTANT_CHOICES)
    origin = origin_for(request, caller, common, prefilter=not fields.yes_or_no("is_disable_prefilter"))
    account_id = await account_of(premises, caller, fields)
    patience = Patience(premises)
    number = _number_of(choice)
    told = (NO_COMMON, None) if number is None else (common, Echo("upscale", number))
    follow = replace(origin_for(request, caller, *told), token=None)  # the call's Idempotency-Key is the grid's
    grid = await premises.door.imagine(origin, prompt, account_id=account_id, alone_unless="the call imagine")
    ended = await patience.ended(grid)
    if ended is None:
        if choice != "nothing":
            later(premises, _goes_on(premises, grid, follow, number))
        return hash_answer(grid)
    if ended.state is not JobState.DONE or choice == "nothing":
        return await task_answer(premises, ended)
    if number is None:
        return await _with_all_four(premises, ended, follow, patience)
    chosen = await premises.door.act(follow, grid.id, *actions_of_userapi("upscale", number))
    return await when_ended(premises, chosen, patience)


def _number_of(choice: str) -> int | None:
    """Which picture is wanted of the grid; None: all four, or nothing more."""
    if choice == "random":
        return secrets.choice((1, 2, 3, 4))
    return int(choice) if choice.isdigit() else None


async def _goes_on(premises: Premises, grid: Job, follow: Origin, number: int | None) -> None:
    """What was wanted of a grid that took longer than the call waits; None: all four, which come with the seed.

    Once the grid has its account the wish for one picture is a stored job that waits for the grid.
    """
    try:
        now = await once(premises, grid, lambda job: number is not None and job.account_id is not None)
        if now.is_final and now.state is not JobState.DONE:
            return
        if number is not None:
            await premises.door.act(follow, grid.id, *actions_of_userapi("upscale", number), early=True)
        elif now.state is JobState.DONE:
            await premises.door.act(follow, grid.id, Action(ActionKind.SEED), anew=True)
    except EaselError as error:
        _LOG.warning("what an instant imagine wanted of job %s could not be asked for: %s", grid.id, error)


async def _with_all_four(premises: Premises, grid: Job, follow: Origin, patience: Patience) -> Response:
    """The grid with the four single pictures in it, which come with its seed."""
    asked = await premises.door.act(follow, grid.id, Action(ActionKind.SEED), anew=True)
    letter = await patience.ended(asked)
    if letter is None or letter.state is not JobState.DONE:
        return hash_answer(asked) if letter is None else await task_answer(premises, letter)
    door, public_url = premises.door, premises.options.public_url
    body = await task_of(door, grid, public_url)
    singles = (await task_of(door, letter, public_url))["result"]
    if isinstance(body["result"], dict) and isinstance(singles, dict):
        body["result"] |= {"urls": singles["urls"]}
    return Json({"status": True, "result": body})


def _images(urls: tuple[Blended, ...]) -> tuple[ImageInput, ...]:
    return tuple(ImageInput(each.url) for each in urls)


def _required_address(fields: Fields, name: str) -> str:
    fields.required(name)
    address = fields.address(name)
    assert address is not None
    return address
