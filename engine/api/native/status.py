"""A job as the native API tells it, for whoever asks and for webhooks alike."""

from __future__ import annotations

from engine.api.door import Door
from engine.api.native import translate


async def status_of(door: Door, workspace_id: str, job_id: str, public_url: str) -> dict[str, object]:
    """A job with the state of its request.

    Raises:
        NotFound: no such job in the workspace.
    """
    job = await door.job(workspace_id, job_id)
    jobs = await door.jobs_of(workspace_id, job.request_id) or [job]
    request = await door.request(workspace_id, job.request_id)
    return translate.request_body(job, jobs, request, public_url, door.waits_because)
