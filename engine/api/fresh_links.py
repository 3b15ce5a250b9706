"""Discord's links in an answer open at the time of the answer, whatever the dialect: they are signed for a day only."""

from __future__ import annotations

from dataclasses import replace

from engine.api.door import Door
from engine.api.states import Stage, stage_of
from engine.model.jobs import Job


async def with_fresh_links(door: Door, job: Job) -> Job:
    """The same job; the sources of its pictures open now, where Discord can be asked."""
    if stage_of(job) is not Stage.DONE or job.result is None or not job.result.pictures:
        return job
    files = await door.links.fresh(job.workspace_id, [picture.attachment for picture in job.result.pictures])
    pictures = zip(job.result.pictures, files, strict=True)
    fresh = tuple(replace(picture, attachment=file) for picture, file in pictures)
    return job.but(result=replace(job.result, pictures=fresh))
