"""What the native API does with linked accounts: list, link, change, pause, resume, restart, unlink."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from engine.api.auth import Caller, requester
from engine.api.bodies import read_fields
from engine.api.native.document import array, asked, fields, moment, number, shape, text, words, yes_or_no
from engine.api.native.reading import account_id_of, may_see
from engine.api.native.rows import row
from engine.api.options import premises_of
from engine.api.problems import Json
from engine.api.times import to_milliseconds
from engine.api.ways import Endpoint, Id, Way
from engine.core.administration import LONGEST_NAME, MOST_AT_A_TIME, AccountToLink
from engine.model.accounts import Account, AccountState
from engine.model.actions import Service
from engine.model.errors import Forbidden, NotConfigured, NotFound
from engine.model.keys import Scope
from engine.model.sightings import Trouble

_LONGEST = 200
_ACCOUNT = shape(
    id=number(),
    hash=text(format="uuid"),
    name=text(),
    service=words(Service),
    state=words(AccountState),
    trouble=words(Trouble, null=True),
    reason=text(null=True),
    live=yes_or_no(),
    server=text(),
    channel=text(),
    user_id=text(null=True),
    token=text(description="Its first and last characters."),
    concurrency=number(),
    demo=yes_or_no(),
    plan=text(null=True),
    remix={"type": ["boolean", "null"]},
    queued=number(),
    running=number(),
    linked_at=moment(),
    restarted_at=moment(null=True),
)
_LIST = shape(accounts=array(_ACCOUNT))
_UNLINKED = shape(unlinked=number())
_SIZE = number(null=True, minimum=1, maximum=MOST_AT_A_TIME, description="Jobs at a time.")
_NAME = text(null=True, maxLength=LONGEST_NAME)
_LINK = fields(
    ["token", "server", "channel", "accept_terms"],
    token=text(description="The token of your own account; it is sealed at once and never shown again."),
    server=text(description="Discord's id of the server."),
    channel=text(description="Discord's id of the channel in which Midjourney answers."),
    accept_terms={"type": "boolean", "description": "That the risk of automating the account is yours."},
    name=_NAME,
    concurrency=_SIZE,
)
_CHANGE = fields(name=_NAME, concurrency=_SIZE)
_LINK_EXAMPLE = {
    "token": "<token>", "server": "662267976984297473", "channel": "1000000000000000001", "accept_terms": True,
}  # fmt: skip


def ways() -> Iterator[Way]:
    """The routes."""
    place, one = "/v1/accounts", {"account_id": Id.ACCOUNT}
    yield row("GET", place, _list, Scope.READ, "The linked accounts", _LIST)
    yield row(
        "POST", place, _link, Scope.MANAGE, "Link your own account", _ACCOUNT,
        extra=asked(_LINK, _LINK_EXAMPLE),
    )  # fmt: skip
    yield row("GET", f"{place}/{{account_id}}", _one, Scope.READ, "A linked account", _ACCOUNT, 404, ids=one)
    yield row(
        "PATCH", f"{place}/{{account_id}}", _change, Scope.MANAGE, "Change an account's name or number of jobs",
        _ACCOUNT, 404, extra=asked(_CHANGE, {"concurrency": 3}), ids=one,
    )  # fmt: skip
    deeds = {
        "pause": "Give an account nothing new",
        "resume": "Let an account take jobs again",
        "restart": "Begin a new session with Discord",
    }
    for deed, summary in deeds.items():
        path = f"{place}/{{account_id}}/{deed}"
        yield row("POST", path, _doing(deed), Scope.MANAGE, summary, _ACCOUNT, 404, ids=one)
    yield row(
        "DELETE", f"{place}/{{account_id}}", _unlink, Scope.MANAGE, "Erase an account's token", _UNLINKED, 404, ids=one
    )


async def _list(request: Request, caller: Caller) -> Response:
    queues = await premises_of(request).door.queues.of_accounts(caller.workspace_id, services=True)
    loads = {each.account.id: (each.queued, each.running) for each in queues}
    own = [each.account for each in queues if may_see(caller, each.account.id)]
    return Json({"accounts": [account_body(request, each, *loads[each.id]) for each in own]})


async def _one(account_id: str, request: Request, caller: Caller) -> Response:
    return await _shown(request, caller, account_id_of(account_id, caller))


async def _link(request: Request, caller: Caller) -> Response:
    said, desks = await read_fields(request), premises_of(request).door.desks
    if desks.linking is None:
        raise NotConfigured("linking accounts", "EASEL_DISCORD_API_URL")
    if caller.account_ids:
        raise Forbidden("this key is limited to some accounts; it cannot link another one")
    size = said.whole("concurrency", 1, MOST_AT_A_TIME)
    new = AccountToLink(
        token=_secret(said.values.get("token")),
        guild_id=said.required("server", most=_LONGEST).strip(),
        channel_id=said.required("channel", most=_LONGEST).strip(),
        upstream=desks.linking.upstream,
        concurrency=desks.linking.concurrency if size is None else size,
        name=said.text("name", most=LONGEST_NAME) or None,
        accepts_terms=said.yes_or_no("accept_terms") or False,
    )
    said.knows("token")
    place = await desks.administration.of(caller.workspace_id)
    linked = await desks.administration.link(place, new, requester(caller))
    return await _shown(request, caller, linked.id)


def _secret(given: object) -> str:
    """A token as text; what is none is refused where tokens are checked, without being repeated."""
    return given.strip() if isinstance(given, str) else ""


async def _change(account_id: str, request: Request, caller: Caller) -> Response:
    wanted, said = account_id_of(account_id, caller), await read_fields(request)
    desk = premises_of(request).door.desks.administration
    name, size = said.text("name", most=LONGEST_NAME), said.whole("concurrency", 1, MOST_AT_A_TIME)
    await desk.change(await desk.of(caller.workspace_id), wanted, name=name, concurrency=size, who=requester(caller))
    return await _shown(request, caller, wanted)


def _doing(deed: str) -> Endpoint:
    async def endpoint(account_id: str, request: Request, caller: Caller) -> Response:
        wanted, desk = account_id_of(account_id, caller), premises_of(request).door.desks.administration
        deeds = {"pause": desk.pause, "resume": desk.resume, "restart": desk.restart}
        await deeds[deed](await desk.of(caller.workspace_id), wanted, requester(caller))
        return await _shown(request, caller, wanted)

    endpoint.__name__ = f"{deed}_account"
    return endpoint


async def _unlink(account_id: str, request: Request, caller: Caller) -> Response:
    wanted, desk = account_id_of(account_id, caller), premises_of(request).door.desks.administration
    gone = await desk.unlink(await desk.of(caller.workspace_id), wanted, requester(caller))
    await premises_of(request).door.queues.heed()
    return Json({"unlinked": gone.id})


async def _shown(request: Request, caller: Caller, account_id: int) -> Response:
    """The account as it is now; what a desk changed of it holds from here on."""
    if request.method != "GET":
        await premises_of(request).door.queues.heed()
    for each in await premises_of(request).door.queues.of_accounts(caller.workspace_id, services=True):
        if each.account.id == account_id:
            return Json(account_body(request, each.account, each.queued, each.running))
    raise NotFound("no such account")


def account_body(request: Request, account: Account, queued: int, running: int) -> dict[str, object]:
    """A linked account: never its token, only the mask."""
    facts = account.facts
    restarted = account.restarted_at
    return {
        "id": account.id,
        "hash": account.hash,
        "name": account.name,
        "service": account.service.value,
        "state": account.state.value,
        "trouble": None if account.trouble is None else account.trouble.value,
        "reason": account.reason,
        "live": premises_of(request).door.linked.is_live(account.id),
        "server": account.guild_id,
        "channel": account.channel_id,
        "user_id": account.user_id,
        "token": account.token_mask,
        "concurrency": account.concurrency,
        "demo": account.demo,
        "plan": facts.plan,
        "remix": facts.remix,
        "queued": queued,
        "running": running,
        "linked_at": to_milliseconds(account.linked_at),
        "restarted_at": None if restarted is None else to_milliseconds(restarted),
    }
