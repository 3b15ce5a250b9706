"""`easel account`: linking one's own Discord account, with the risk said and acknowledged, and taking it away again."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import replace
from typing import Annotated, Any

import typer

from engine.cli.desk import FAILED, InWorkspace, Json, complain, desk, run, show, table
from engine.cli.folder import DataFolder
from engine.core.administration import TERMS, AccountToLink, checked
from engine.model.accounts import Account, AccountState, Upstream
from engine.model.errors import InvalidInput, Refused
from engine.ports import Store
from engine.settings import Settings
from engine.wiring import Ground

app = typer.Typer(help="Linked Discord accounts.", no_args_is_help=True)

ACKNOWLEDGEMENT = "I accept the risk"
WAIT_SECONDS = 30.0
_POLL_SECONDS = 0.25


def facts(account: Account) -> dict[str, Any]:
    """An account for programs: never its token, only the mask."""
    return {
        "id": account.id,
        "name": account.name,
        "service": account.service,
        "state": account.state,
        "trouble": account.trouble,
        "reason": account.reason,
        "server": account.guild_id,
        "channel": account.channel_id,
        "userId": account.user_id,
        "token": account.token_mask,
        "concurrency": account.concurrency,
        "demo": account.demo,
        "api": account.upstream.api_url,
        "linkedAt": account.linked_at.isoformat(),
    }


@app.command()
def link(
    server: Annotated[str | None, typer.Option(help="Id of the Discord server.")] = None,
    channel: Annotated[str | None, typer.Option(help="Id of the channel in which Midjourney answers.")] = None,
    token_stdin: Annotated[bool, typer.Option("--token-stdin", help="Read the token from standard input.")] = False,
    accept_terms: Annotated[bool, typer.Option("--accept-terms", help="Acknowledge the risk: " + TERMS)] = False,
    concurrency: Annotated[int | None, typer.Option(help="Jobs at a time; default: EASEL_CONCURRENCY.")] = None,
    name: Annotated[str | None, typer.Option(help="What you will recognise it by.")] = None,
    wait: Annotated[bool, typer.Option(help="Wait up to 30 s for a running Easel to bring it to life.")] = True,
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """Link your own Discord account that has a Midjourney subscription."""

    async def work() -> int:
        async with desk() as (ground, folder):
            asked = _asked(ground.settings, server, channel, concurrency, name, token_stdin=token_stdin)
            asked = checked(replace(asked, accepts_terms=accept_terms or _acknowledged(token_stdin=token_stdin)))
            place = await ground.administration.ensure_workspace(workspace)
            account = await ground.administration.link(place, asked)
            if not as_json:
                sys.stdout.write(f"Linked as account {account.id} ({account.token_mask}) in workspace {place.name}.\n")
            session, words = await _seen(ground.store, folder, account, seconds=WAIT_SECONDS if wait else 0)
            account = await ground.administration.account(place, account.id)
        show(as_json, {"account": facts(account), "session": session, "detail": words}, words)
        return FAILED if session == "stopped" else 0

    run(work())


def _asked(
    settings: Settings,
    server: str | None,
    channel: str | None,
    concurrency: int | None,
    name: str | None,
    *,
    token_stdin: bool,
) -> AccountToLink:
    """What the operator said, on the command line or when asked."""
    if token_stdin:
        token = sys.stdin.read().strip()
    elif sys.stdin.isatty():
        sys.stderr.write("The token of your own account; it is not shown while you paste it.\n")
        token = str(typer.prompt("Token", hide_input=True, err=True)).strip()
    else:
        raise InvalidInput("token", "is missing, and nobody can be asked", allowed="--token-stdin for scripts")
    return AccountToLink(
        token=token,
        guild_id=server or _typed("Server id", "--server", token_stdin=token_stdin),
        channel_id=channel or _typed("Channel id", "--channel", token_stdin=token_stdin),
        upstream=Upstream(settings.discord_api_url, settings.discord_gateway_url, settings.activity_url),
        concurrency=settings.concurrency if concurrency is None else concurrency,
        name=name,
    )


def _typed(question: str, option: str, *, token_stdin: bool) -> str:
    if token_stdin or not sys.stdin.isatty():
        raise InvalidInput(option, "is missing", allowed=f"{option} ID")
    return str(typer.prompt(question, err=True)).strip()


def _acknowledged(*, token_stdin: bool) -> bool:
    """The operator types that they know the risk; a script says --accept-terms."""
    if token_stdin or not sys.stdin.isatty():
        raise Refused(f"the risk was not acknowledged; scripts say --accept-terms. {TERMS}")
    sys.stderr.write(f"\n{TERMS}\n")
    return str(typer.prompt(f'Type "{ACKNOWLEDGEMENT}" to go on', err=True)).strip().lower() == ACKNOWLEDGEMENT.lower()


async def _seen(store: Store, folder: DataFolder, account: Account, *, seconds: float) -> tuple[str, str]:
    """What became of the account's session: one word for programs, a line for people."""
    pid = folder.holder()
    if pid is None:
        return "no engine", "No Easel is running here; it takes up the account at the next start (easel up)."
    until = time.monotonic() + seconds
    while True:
        now = await store.account(account.id)
        if now is None or now.state is AccountState.UNLINKED:
            return "stopped", "The account was unlinked meanwhile."
        if now.state is AccountState.STOPPED:
            return "stopped", f"The running Easel (process {pid}) stopped the account: {now.trouble}: {now.reason}"
        if await store.checkpoint(account.id) is not None:
            return "live", f"Its session is live in the running Easel (process {pid}), as user {now.user_id}."
        if time.monotonic() >= until:
            return (
                "waiting",
                f"No live session after {seconds:.0f} s; Easel (process {pid}) goes on trying. Look at its log.",
            )
        await asyncio.sleep(_POLL_SECONDS)


@app.command("list")
def list_accounts(workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """List linked accounts, those of other services too; tokens are never shown."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            accounts = await ground.administration.accounts(place, services=True)
        rows = table("id", "name", "service", "state", "token", "server", "channel", "at a time", "upstream", "note")
        for each in accounts:
            note = ": ".join(filter(None, [each.trouble, each.reason]))
            rows.add_row(
                str(each.id),
                each.name + (" (demo)" if each.demo else ""),
                each.service,
                each.state,
                each.token_mask,
                each.guild_id,
                each.channel_id,
                str(each.concurrency),
                each.upstream.api_url,
                note,
            )
        show(as_json, [facts(each) for each in accounts], rows if accounts else "No account is linked.")

    run(work())


@app.command()
def unlink(account_id: int, workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """Erase an account's token; its jobs stay in the list."""

    async def work() -> None:
        async with desk() as (ground, _):
            gone = await _unlinked(ground, workspace, account_id)
        show(as_json, {"unlinked": gone.id}, f"Account {gone.id} ({gone.name}) is unlinked; its token is erased.")

    run(work())


@app.command()
def pause(account_id: int, workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """Give an account nothing new; what runs there is followed to its end."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            found = await ground.administration.pause(place, account_id)
        show(as_json, facts(found), f"Account {found.id} ({found.name}) is paused.")

    run(work())


@app.command()
def resume(account_id: int, workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """Let a paused account, or one that stopped and whose owner has seen to it, take jobs again."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            found = await ground.administration.resume(place, account_id)
        show(as_json, facts(found), f"Account {found.id} ({found.name}) takes jobs again.")

    run(work())


@app.command()
def restart(account_id: int, workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """Begin a new session with Discord; an account that had stopped takes jobs again."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            found = await ground.administration.restart(place, account_id)
        show(as_json, facts(found), f"Account {found.id} ({found.name}) begins a new session.")

    run(work())


@app.command()
def change(
    account_id: int,
    name: Annotated[str | None, typer.Option(help="What you will recognise it by.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="Jobs at a time.")] = None,
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """Change an account's name or number of jobs at a time. What is not given stays."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            found = await ground.administration.change(place, account_id, name=name, concurrency=concurrency)
        show(as_json, facts(found), f"Account {found.id}: {found.name}, {found.concurrency} at a time.")

    run(work())


async def _unlinked(ground: Ground, workspace: str, account_id: int) -> Account:
    place = await ground.administration.workspace(workspace)
    open_jobs = await ground.store.open_jobs(account_id)
    gone = await ground.administration.unlink(place, account_id)
    if open_jobs:
        complain(f"warning: {len(open_jobs)} of its jobs were open; see: easel job list")
    return gone
