"""`easel report`: pictures that members find wrong, and what is decided about them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from engine.cli.desk import InWorkspace, Json, desk, run, show, table
from engine.core.community.minutes import OPERATOR
from engine.model.community.reports import Report, Settled

app = typer.Typer(help="Reported pictures.", no_args_is_help=True)

MOST = 200


def facts(report: Report) -> dict[str, Any]:
    """A report for programs."""
    return {
        "id": report.id,
        "job": report.job_id,
        "reporter": report.reporter,
        "reason": report.reason,
        "at": report.at.isoformat(),
        "settled": report.settled,
        "settledAt": report.settled_at and report.settled_at.isoformat(),
        "settledBy": report.settled_by,
    }


@app.command("list")
def list_reports(
    every: Annotated[bool, typer.Option("--all", help="Settled ones too.")] = False,
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """List the reports that wait for a decision, newest first."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            found = await ground.rolls.reports.listed(place.id, unsettled=not every, limit=MOST)
        rows = table("id", "job", "by", "at", "reason", "settled")
        for each in found:
            at = f"{each.at:%Y-%m-%d %H:%M}"
            rows.add_row(str(each.id), each.job_id, each.reporter, at, each.reason, each.settled or "-")
        show(as_json, [facts(each) for each in found], rows if found else "No report waits for a decision.")

    run(work())


@app.command()
def settle(
    report_id: Annotated[int, typer.Argument(metavar="REPORT", help="See `easel report list`.")],
    settled: Annotated[Settled, typer.Argument(help="kept: it is fine; removed: the picture goes for good.")],
    strike: Annotated[str | None, typer.Option(help="With removed: mark its requester, for this reason.")] = None,
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """Decide about a report."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            done = await ground.rolls.reports.settle(place.id, report_id, settled, OPERATOR, strike=strike)
        show(as_json, facts(done), f"Report {done.id} is settled: {done.settled}.")

    run(work())
