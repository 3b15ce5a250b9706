"""`easel key`: API keys, which are shown once and then only by their first characters."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from engine.cli.desk import InWorkspace, Json, desk, run, show, table
from engine.core.keyring import Terms
from engine.model.errors import InvalidInput
from engine.model.keys import Scope
from engine.ports import ApiKey

app = typer.Typer(help="API keys.", no_args_is_help=True)

"""In the place of rates: the settings' again."""

Scopes = Annotated[
    list[str] | None,
    typer.Option("--scope", help="What it may do: read, generate, manage; several times, or with commas."),
]
Accounts = Annotated[
    list[str] | None,
    typer.Option("--account", help="A linked account that may run its jobs (else all), several times; all: all again."),
]
TheRates = Annotated[
    str | None,
    typer.Option("--rates", help="How often it may call: generate=10/s read=100/s, imaginepro, off; usual: as set."),
]
TheQuota = Annotated[
    str | None, typer.Option("--quota", help="Credits: 500/month (day, week, month); none: the workspace's.")
]
Which = Annotated[str, typer.Argument(help="The key's number, its first characters, or the whole key.")]


def facts(key: ApiKey) -> dict[str, Any]:
    """A stored key for programs."""
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "scopes": sorted(key.scopes),
        "accounts": list(key.account_ids),
        "rates": key.rates and str(key.rates),
        "quota": key.quota and str(key.quota),
        "createdAt": key.created_at.isoformat(),
        "lastUsedAt": key.last_used_at and key.last_used_at.isoformat(),
        "revokedAt": key.revoked_at and key.revoked_at.isoformat(),
    }


def _terms(
    name: str | None, scopes: list[str] | None, accounts: list[str] | None, rates: str | None, quota: str | None
) -> Terms:
    return Terms(
        name=name,
        scopes=None if not scopes else frozenset(_scope(word) for word in _words(scopes)),
        account_ids=None if not accounts else _account_ids(_words(accounts)),
    ).limited(rates, quota)


def _words(given: list[str]) -> list[str]:
    return [word for each in given for word in each.lower().replace(",", " ").split()]


def _scope(word: str) -> Scope:
    try:
        return Scope(word)
    except ValueError:
        raise InvalidInput("scope", f"is {word!r}", value=word, allowed=", ".join(Scope)) from None


def _account_ids(words: list[str]) -> tuple[int, ...]:
    if words == ["all"]:
        return ()
    for word in words:
        if not word.isascii() or not word.isdigit():
            raise InvalidInput("account", f"is {word!r}", value=word, allowed="numbers of `easel account list`, or all")
    return tuple(sorted({int(word) for word in words}))


@app.command()
def create(
    name: Annotated[str, typer.Option(help="What you will recognise it by.")] = "unnamed",
    scope: Scopes = None,
    account: Accounts = None,
    rates: TheRates = None,
    quota: TheQuota = None,
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """Make an API key; it is shown only now. It may read and generate, unless --scope says otherwise."""

    async def work() -> None:
        terms = _terms(name, scope, account, rates, quota)
        async with desk() as (ground, _):
            place = await ground.administration.ensure_workspace(workspace)
            made = await ground.keyring.make(place.id, terms)
        show(
            as_json,
            {"key": made.key, **facts(made.stored), "workspace": place.name},
            f"{made.key}\n\nKeep it: it is shown only now. Revoke it with: easel key revoke {made.stored.id}",
        )

    run(work())


app.command("make", hidden=True)(create)


@app.command()
def change(
    which: Which,
    name: Annotated[str | None, typer.Option(help="What you will recognise it by.")] = None,
    scope: Scopes = None,
    account: Accounts = None,
    rates: TheRates = None,
    quota: TheQuota = None,
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """Change what a key may do; a running Easel knows within a second. What is not given stays."""

    async def work() -> None:
        terms = _terms(name, scope, account, rates, quota)
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            key = await ground.keyring.change(place.id, which, terms)
        show(as_json, facts(key), f"Key {key.id} ({key.prefix}...): {_told(key)}.")

    run(work())


def _told(key: ApiKey) -> str:
    accounts = ", ".join(map(str, key.account_ids)) or "all"
    return (
        f"scopes {' '.join(sorted(key.scopes))}; accounts {accounts}; "
        f"rates {key.rates or 'as set'}; quota {key.quota or 'the workspace’s'}"
    )


@app.command("list")
def list_keys(workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """List the keys of a workspace, revoked ones too."""

    async def work() -> None:
        async with desk() as (ground, _):
            keys = await ground.keyring.keys((await ground.administration.workspace(workspace)).id)
        rows = table("id", "begins", "name", "scopes", "accounts", "quota", "created", "last used", "revoked")
        for key in keys:
            may = [" ".join(sorted(key.scopes)), ", ".join(map(str, key.account_ids)) or "all", str(key.quota or "-")]
            told = [f"{at:%Y-%m-%d %H:%M}" if at else "-" for at in (key.created_at, key.last_used_at, key.revoked_at)]
            rows.add_row(str(key.id), key.prefix, key.name, *may, *told)
        show(as_json, [facts(key) for key in keys], rows if keys else "No keys. Make one with: easel key create")

    run(work())


@app.command()
def revoke(which: Which, workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """Revoke a key; a running Easel refuses it within a second."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            gone = await ground.keyring.revoke(place.id, which)
        show(as_json, {"revoked": gone.id, "prefix": gone.prefix}, f"Key {gone.id} ({gone.prefix}...) is revoked.")

    run(work())
