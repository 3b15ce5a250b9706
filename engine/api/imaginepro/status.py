"""The status answer of ImaginePro, for whoever asks and for webhooks alike."""

from __future__ import annotations

from engine.api.door import Door
from engine.api.imaginepro import translate
from engine.api.states import Stage, stage_of
from engine.model.jobs import Job


async def status_of(door: Door, workspace_id: str, job_id: str, public_url: str) -> dict[str, object]:
    """The status object of a job, or of the request whose first job it is.

    Raises:
        NotFound: no such job in the workspace.
    """
    job = await door.job(workspace_id, job_id)
    jobs = await door.jobs_of(workspace_id, job.id) if job.id == job.request_id else []
    if len(jobs) > 1:
        request = await door.request(workspace_id, job.id)
        return translate.batch_body([await _fresh(door, each) for each in jobs], request.prompt, public_url)
    return translate.status_body(await _fresh(door, job), public_url)


async def _fresh(door: Door, job: Job) -> Job:
    """The same, with links of Discord's that open now."""
    if stage_of(job) is not Stage.DONE or job.result is None or not job.result.pictures:
        return job
    files = [picture.attachment for picture in job.result.pictures]
    return translate.with_sources(job, await door.links.fresh(job.workspace_id, files))
