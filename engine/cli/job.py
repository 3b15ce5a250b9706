"""`easel job`: what the operator sees of jobs, and what they may decide about an unknown outcome."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from engine.cli.desk import InWorkspace, Json, complain, desk, run, show, table
from engine.core.administration import JobFile
from engine.core.confirming import AGAIN, APPEAL, confirmed
from engine.model.errors import InvalidInput
from engine.model.jobs import Job, JobState, JobUpdate
from engine.ports import JobsWanted

app = typer.Typer(help="Jobs.", no_args_is_help=True)

OPERATOR = "the operator"


def facts(job: Job) -> dict[str, Any]:
    """A job for programs."""
    return {
        "id": job.id,
        "state": job.state,
        "action": job.action.name,
        "prompt": job.prompt,
        "version": job.version,
        "percent": job.percent,
        "accountId": job.account_id,
        "createdAt": job.created_at.isoformat(),
        "updatedAt": job.updated_at.isoformat(),
        "finishedAt": job.finished_at and job.finished_at.isoformat(),
        "failure": job.failure and {"reason": job.failure.reason, "detail": job.failure.detail},
        "appeal": job.appeal is not None,
        "note": job.note,
    }


def _file_facts(file: JobFile) -> dict[str, Any]:
    job = file.job
    return {
        **facts(job),
        "waitsFor": file.waits_because,
        "parentId": job.parent_id,
        "nonces": job.nonces,
        "deadlineAt": job.deadline_at and job.deadline_at.isoformat(),
        "accepted": job.accepted,
        "messageId": job.result and job.result.message_id,
        "pictures": [picture.attachment.url for picture in job.result.pictures] if job.result else [],
        "buttons": [each.name for each in job.result.components if each.name] if job.result else [],
        "updates": [
            {
                "version": each.version,
                "state": each.state,
                "event": each.event,
                "at": each.at.isoformat(),
                "note": _said(each),
            }
            for each in file.updates
        ],
    }


def _shown(value: Any) -> str:
    """A fact as a person reads it."""
    if isinstance(value, dict):
        return ": ".join(str(each) for each in value.values())
    return ", ".join(value) if isinstance(value, list | tuple) else str(value)


def _said(told: Job | JobUpdate) -> str | None:
    """The words that stand beside a state."""
    return told.failure.detail if told.failure else told.note


def _words(job: Job) -> str:
    return _said(job) or ""


@app.command("list")
def list_jobs(
    state: Annotated[list[JobState] | None, typer.Option(help="Only these states; may be given again.")] = None,
    ref: Annotated[str | None, typer.Option(help="Only those that were given this ref.")] = None,
    requester: Annotated[str | None, typer.Option(help="Only those of this end user, or of a key: key:7.")] = None,
    parent: Annotated[str | None, typer.Option(help="Only those made of this job.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """List jobs, newest first."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            wanted = JobsWanted(states=tuple(state or ()), ref=ref, requester=requester, parent_id=parent)
            jobs = (await ground.administration.job_page(place, wanted, limit)).jobs
        rows = table("id", "state", "%", "what", "account", "created", "prompt", "note")
        for job in jobs:
            account = "-" if job.account_id is None else str(job.account_id)
            created = f"{job.created_at:%Y-%m-%d %H:%M:%S}"
            rows.add_row(
                job.id,
                job.state,
                str(job.percent),
                job.action.name,
                account,
                created,
                job.prompt[:60],
                _words(job)[:60],
            )
        show(as_json, [facts(job) for job in jobs], rows if jobs else "No such jobs.")

    run(work())


@app.command("show")
def show_job(job_id: str, workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """Show one job with everything that happened to it."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            file = await ground.administration.job(place, job_id)
        told = _file_facts(file)
        lines = [
            f"{name:<11} {_shown(value)}"
            for name, value in told.items()
            if name not in ("updates", "appeal") and value not in (None, "", [], ())
        ]
        if file.job.appeal is not None:
            lines.append(f"\nMidjourney offers an appeal. To press it: easel job appeal {job_id}")
        lines.append("")
        for each in file.updates:
            lines.append(f"{each.version:>3}  {each.at:%Y-%m-%d %H:%M:%S}  {each.event} -> {each.state}")
            if words := _said(each):
                lines.append(f"{'':<26}{words}")
        show(as_json, told, "\n".join(lines))

    run(work())


_AGAIN_COSTS = "Nobody knows whether Midjourney took the first submission. If it did, this one is billed too."


@app.command()
def settle(
    job_id: str,
    failed: Annotated[bool, typer.Option("--failed", help="Declare it failed.")] = False,
    done_as: Annotated[
        str | None,
        typer.Option("--done-as", help="Id of the message in the account's channel with its result."),
    ] = None,
    send_again: Annotated[
        bool, typer.Option("--send-again", help="Submit it anew; the first submission may have been billed.")
    ] = False,
    confirm: Annotated[str | None, typer.Option(help=f"For scripts, with --send-again: {AGAIN!r}.")] = None,
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """Decide what became of a job whose outcome is unknown (NEEDS_ATTENTION)."""

    async def work() -> None:
        if [failed, done_as is not None, send_again].count(True) != 1:
            ways = "one of --failed, --done-as MESSAGE_ID, --send-again"
            raise InvalidInput("job settle", "does not say what became of the job", allowed=ways)
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            if failed:
                job = await ground.settling.failed(place.id, job_id, OPERATOR)
            elif done_as is not None:
                job = await ground.settling.done_as(place.id, job_id, done_as, OPERATOR)
            else:
                _confirmed(confirm, AGAIN, _AGAIN_COSTS)
                job = await ground.settling.sent_again(place.id, job_id, OPERATOR)
        show(as_json, facts(job), f"Job {job.id} is {job.state}: {_words(job)}")

    run(work())


_APPEAL_COSTS = (
    "Midjourney refused this. An appeal asks it to look again, in the name of the account's owner; if it agrees, the "
    "job runs and is billed."
)


@app.command()
def appeal(
    job_id: str,
    confirm: Annotated[str | None, typer.Option(help=f"For scripts: {APPEAL!r}.")] = None,
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """Press the Appeal button that Midjourney put under its refusal; what follows is a job of its own."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            await ground.appealing.offered(place.id, job_id)
            _confirmed(confirm, APPEAL, _APPEAL_COSTS)
            job = await ground.appealing.press(place.id, job_id, OPERATOR)
        show(as_json, facts(job), f"Job {job.id} appeals against the refusal of job {job_id}; it is {job.state}.")

    run(work())


def _confirmed(said: str | None, words: str, costs: str) -> None:
    """A typed confirmation of what cannot be taken back; `costs` is told before.

    Raises:
        InvalidInput: something else was typed.
    """
    if said is None and sys.stdin.isatty():
        complain(costs)
        said = typer.prompt(f"Type “{words}” to go on", err=True)
    confirmed(said, words)
