"""The status answer of ImaginePro, for whoever asks and for webhooks alike."""

from __future__ import annotations

from engine.api.door import Door
from engine.api.fresh_links import with_fresh_links
from engine.api.imaginepro import translate


async def status_of(door: Door, workspace_id: str, job_id: str, public_url: str) -> dict[str, object]:
    """The status object of a job, or of the request whose first job it is.

    Raises:
        NotFound: no such job in the workspace.
    """
    jobs = await door.jobs_under(workspace_id, job_id)
    if len(jobs) > 1:
        request = await door.request(workspace_id, job_id)
        return translate.batch_body([await with_fresh_links(door, each) for each in jobs], request.prompt, public_url)
    return translate.status_body(await with_fresh_links(door, jobs[0]), public_url)
