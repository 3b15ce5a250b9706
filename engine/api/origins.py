"""Who asks, as the engine keeps it: the key, its accounts and budget, and the end user whom the caller names."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from engine.api.once import taking_of
from engine.api.options import premises_of
from engine.api.ways import Dialect
from engine.core.credit import budget_of
from engine.model.errors import InvalidInput
from engine.model.hooks import Hook
from engine.model.jobs import Origin
from engine.ports import ApiKey

REQUESTER = "easel-requester"
LONGEST_REQUESTER = 128


def origin_of(
    request: Request, caller: ApiKey, dialect: Dialect, *, callback: Hook | None = None, **said: Any
) -> Origin:
    """What a request for a job comes from; `said`: further fields of `Origin` (`ref`, `boost`...).

    Raises:
        InvalidInput: Easel-Requester holds no name, or the webhook may not be called.
    """
    taking = taking_of(request)
    return Origin(
        workspace_id=caller.workspace_id,
        requester=named(request) or f"key:{caller.id}",
        dialect=dialect.name,
        key_id=caller.id,
        only_accounts=caller.account_ids,
        callback=premises_of(request).door.webhooks.check(callback, dialect.webhook_field),
        token=None if taking is None else taking.claim.token,
        again=taking is not None and taking.again,
        budget=budget_of(caller),
        **said,
    )


def named(request: Request) -> str | None:
    """The end user in Easel-Requester; None: the header is missing or empty.

    Raises:
        InvalidInput: it is too long, not UTF-8, or holds what no name can hold.
    """
    header = request.headers.get(REQUESTER)
    if header is None or not header.strip():
        return None
    wrong = InvalidInput("Easel-Requester", "is no name", allowed=f"at most {LONGEST_REQUESTER} characters of UTF-8")
    try:
        name = header.strip().encode("latin-1").decode()
    except UnicodeDecodeError:
        raise wrong from None
    if len(name) > LONGEST_REQUESTER or not name.isprintable():
        raise wrong
    return name
