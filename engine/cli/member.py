"""`easel member`: what a workspace knows of its members of Discord, what holds them back, and their own data."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from engine.cli.desk import InWorkspace, Json, desk, run, show, table
from engine.cli.guild import UserId
from engine.core.community.minutes import OPERATOR
from engine.model.community.people import Member, Restraint

app = typer.Typer(help="Members of Discord servers.", no_args_is_help=True)

MOST = 200
Reason = Annotated[str, typer.Option("--reason", help="For the member and the audit log.")]


def facts(member: Member) -> dict[str, Any]:
    """A member for programs."""
    held = member.restrained
    return {
        "user": member.user_id,
        "name": member.name,
        "since": member.since.isoformat(),
        "leftAt": member.left_at and member.left_at.isoformat(),
        "restraint": held and held.kind,
        "until": held and held.until and held.until.isoformat(),
        "reason": held and held.reason,
        "strikes": member.strikes,
    }


def _held(member: Member) -> str:
    held = member.restrained
    if held is None:
        return "gone" if member.left_at is not None else "-"
    return held.kind if held.until is None else f"{held.kind} until {held.until:%Y-%m-%d %H:%M}"


@app.command("list")
def list_members(
    after: Annotated[str | None, typer.Option(help="Those with a higher user id.")] = None,
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """List the members that were seen, by user id, at most 200."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            found = await ground.rolls.members.members(place.id, limit=MOST, after=after)
        rows = table("user", "name", "since", "strikes", "held back")
        for each in found:
            rows.add_row(each.user_id, each.name, f"{each.since:%Y-%m-%d}", str(each.strikes), _held(each))
        show(as_json, [facts(each) for each in found], rows if found else "No member was seen yet.")

    run(work())


def _restrain(
    user_id: str,
    kind: Restraint,
    reason: str,
    seconds: int | None,
    workspace: str,
    as_json: bool,  # noqa: FBT001 - the user's own switch
) -> None:
    async def work() -> None:
        async with desk() as (ground, _):
            place, members = await ground.administration.workspace(workspace), ground.rolls.members
            ended = await members.restrain(place.id, user_id, kind, OPERATOR, reason, seconds)
            member = await members.member(place.id, user_id)
        waited = f"; {len(ended)} waiting jobs were withdrawn" if ended else ""
        show(as_json, facts(member) | {"withdrawn": len(ended)}, f"User {user_id} is {_held(member)}{waited}.")

    run(work())


@app.command()
def ban(user_id: UserId, reason: Reason = "", workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """Ban a member from Easel; what waits of theirs is withdrawn."""
    _restrain(user_id, Restraint.BANNED, reason, None, workspace, as_json)


@app.command()
def pause(user_id: UserId, reason: Reason = "", workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """Pause a member until `easel member free`."""
    _restrain(user_id, Restraint.PAUSED, reason, None, workspace, as_json)


@app.command()
def timeout(
    user_id: UserId,
    seconds: Annotated[int, typer.Option(help="How long.")],
    reason: Reason = "",
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """Pause a member for some time."""
    _restrain(user_id, Restraint.TIMED_OUT, reason, seconds, workspace, as_json)


@app.command()
def free(user_id: UserId, workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """Lift what holds a member back."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            member = await ground.rolls.members.free(place.id, user_id, OPERATOR)
        show(as_json, facts(member), f"Nothing holds user {user_id} back any more.")

    run(work())


@app.command()
def strike(
    user_id: UserId,
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """Give a member a strike."""

    async def work() -> None:
        async with desk() as (ground, _):
            place, members = await ground.administration.workspace(workspace), ground.rolls.members
            given = await members.strike(place.id, user_id, reason, OPERATOR)
            member = await members.member(place.id, user_id)
        told = f"Strike {given.id} is given; user {user_id} has {member.strikes}."
        show(as_json, {"id": given.id, **facts(member)}, told)

    run(work())


@app.command()
def lift(
    user_id: UserId,
    strike_id: Annotated[int, typer.Argument(metavar="STRIKE")],
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """Lift a strike by its number."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            await ground.rolls.members.lift(place.id, user_id, strike_id, OPERATOR)
        show(as_json, {"lifted": strike_id}, f"Strike {strike_id} is lifted.")

    run(work())


@app.command()
def export(user_id: UserId) -> None:
    """Print everything that Easel keeps about a Discord user, as JSON."""

    async def work() -> None:
        async with desk() as (ground, _):
            told = await ground.rolls.privacy.export(user_id)
        sys.stdout.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")

    run(work())


@app.command()
def erase(
    user_id: UserId,
    confirm: Annotated[bool, typer.Option("--yes", help="It cannot be taken back.")] = False,
    as_json: Json = False,
) -> None:
    """Delete a Discord user's words, pictures and choices; restraints and strikes stay."""

    async def work() -> int:
        if not confirm:
            show(as_json, {"erased": False}, "Nothing was deleted. It cannot be taken back; say --yes to do it.")
            return 1
        async with desk() as (ground, _):
            done = await ground.rolls.privacy.erase(user_id)
        left = f" {done.left} jobs still run; call it again when they are over." if done.left else ""
        told = {"erased": True, "jobs": done.jobs, "pictures": done.pictures, "left": done.left}
        show(as_json, told, f"{done.jobs} jobs and {done.pictures} pictures were deleted.{left}")
        return 0

    run(work())
