"""A job as the native API tells it, for whoever asks and for webhooks alike."""

from __future__ import annotations

from engine.api.door import Door
from engine.api.fresh_links import with_fresh_links
from engine.api.native import translate


async def status_of(door: Door, workspace_id: str, job_id: str, public_url: str) -> dict[str, object]:
    """A job with the state of its request.

    Raises:
        NotFound: no such job in the workspace.
    """
    job = await with_fresh_links(door, await door.job(workspace_id, job_id))
    others = await door.jobs_of(workspace_id, job.request_id) or [job]
    jobs = [job if each.id == job.id else each for each in others]
    if len(jobs) > 1 and job.id == job.request_id:  # then all are shown
        jobs = [await with_fresh_links(door, each) for each in jobs]
    request = await door.request(workspace_id, job.request_id)
    return translate.request_body(job, jobs, request, public_url, door.waits_because)
