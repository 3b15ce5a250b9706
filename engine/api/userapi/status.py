"""The status answer of UserAPI, for whoever asks and for webhooks alike."""

from __future__ import annotations

from collections.abc import Sequence

from engine.api.door import Door
from engine.api.states import Stage, stage_of
from engine.api.userapi import translate
from engine.model.batch import percent_of, standing_for
from engine.model.jobs import Job, JobState, Request


async def status_of(door: Door, workspace_id: str, job_id: str, public_url: str) -> dict[str, object]:
    """The task object of a job, or of the request whose first job it is.

    Raises:
        NotFound: no such job in the workspace.
    """
    jobs = await door.jobs_under(workspace_id, job_id)
    return await _batch_of(door, jobs, public_url) if len(jobs) > 1 else await task_of(door, jobs[0], public_url)


async def task_of(door: Door, job: Job, public_url: str) -> dict[str, object]:
    """The task object of one job."""
    return translate.task_body(job, await _known(door, job, public_url))


async def _batch_of(door: Door, jobs: Sequence[Job], public_url: str) -> dict[str, object]:
    """The first job's, with the whole request's status and the others beside it."""
    shown = standing_for(jobs)
    stage = _stage_of_all(jobs)
    known = await _known(door, shown, public_url)
    body = translate.task_body(shown, known, stage)
    if "prompt" in body:
        body["prompt"] = known.request.prompt
    body |= {"hash": jobs[0].id, "progress": 100 if stage is Stage.DONE else percent_of(jobs)}
    body["status_reason"] = body["status_reason"] if stage is Stage.FAILED else None
    if shown is not jobs[0] and "next_actions" in body:
        body["next_actions"] = []  # they have to be taken under the other one's own hash
    body["jobs"] = [await task_of(door, job, public_url) for job in jobs]
    return body


def _stage_of_all(jobs: Sequence[Job]) -> Stage:
    """`done` when all are over and one succeeded; as far as the furthest of those that go on."""
    stages = {stage_of(job) for job in jobs}
    open_ones = stages - {Stage.DONE, Stage.FAILED}
    if not open_ones:
        return Stage.DONE if Stage.DONE in stages else Stage.FAILED
    if len(stages) > len(open_ones):
        return Stage.PROGRESS
    return max(open_ones, key=list(Stage).index)


async def _known(door: Door, job: Job, public_url: str) -> translate.Known:
    request: Request = await door.request(job.workspace_id, job.request_id)
    account_id = job.account_id if job.account_id is not None else job.bound_account_id
    files = [picture.attachment for picture in job.result.pictures] if job.result is not None else []
    return translate.Known(
        request=request,
        account_hash=None if account_id is None else await door.linked.hash_of(account_id),
        files=await door.links.fresh(job.workspace_id, files) if files and job.state is JobState.DONE else files,
        public_url=public_url,
    )
