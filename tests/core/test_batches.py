"""Several jobs of one request."""

from __future__ import annotations

import pytest

from engine.model.details import Details
from engine.model.errors import InvalidInput
from engine.model.jobs import JobState, Mode
from tests.core.answers_at_hand import button, with_buttons


async def test_permutations_become_jobs_of_one_request(house):
    await house.open()
    first = await house.engine.imagine(house.origin, "a {red, blue} fox --ar {1:1, 16:9}")
    jobs = await house.engine.jobs_of(house.origin.workspace_id, first.id)
    assert [job.prompt for job in jobs] == [
        "a red fox --ar 1:1",
        "a red fox --ar 16:9",
        "a blue fox --ar 1:1",
        "a blue fox --ar 16:9",
    ]
    assert jobs[0].id == first.id
    request = await house.engine.request(house.origin.workspace_id, first.id)
    assert request.prompt == "a {red, blue} fox --ar {1:1, 16:9}"
    await house.until_posted(3)
    nonces = {nonce for _, nonce in house.session.submissions}
    assert len(nonces) == 3


async def test_that_a_request_has_one_job_is_read_once(house):
    await house.open()
    job = await house.imagine()
    asked = []
    read = house.store.jobs_of

    async def counted(workspace_id, request_id):
        asked.append(request_id)
        return await read(workspace_id, request_id)

    house.store.jobs_of = counted
    for _ in range(3):
        (told,) = await house.engine.jobs_of(house.origin.workspace_id, job.id)
        assert told.id == job.id
    assert asked == [job.id]
    assert await house.engine.jobs_of("another", job.id) == []


async def test_a_batch_with_one_bad_piece_is_refused_whole(house):
    await house.open()
    with pytest.raises(InvalidInput, match="--chaos"):
        await house.engine.imagine(house.origin, "a fox --chaos {10, 101}")
    with pytest.raises(InvalidInput, match="40"):
        await house.engine.imagine(house.origin, "a {1,2,3,4,5,6,7} {1,2,3,4,5,6,7} fox")
    assert await house.store.jobs(house.origin.workspace_id) == []


async def test_fields_are_appended_at_the_end_and_shown(house):
    await house.open()
    job = await house.engine.imagine(house.origin, "a fox", mode=Mode.RELAX, aspect="16:9")
    assert job.prompt == "a fox --ar 16:9 --relax"
    assert (await house.engine.request(house.origin.workspace_id, job.id)).prompt == job.prompt


@pytest.mark.parametrize("label", ["Imagine all", "🎉"])
async def test_all_descriptions_at_once_are_four_jobs_with_nonces(house, label):
    await house.open()
    numbers = [button(f"MJ::Job::PicReader::{n}", f"{n}") for n in range(1, 5)]
    everything = button("MJ::Job::PicReader::all", "Imagine all")
    texts = ("one fox", "two foxes", "three foxes", "four foxes")
    parent = await with_buttons(house, *numbers, everything, details=Details(texts=texts))
    first = await house.engine.press(house.origin, parent.id, label)
    jobs = await house.engine.jobs_of(house.origin.workspace_id, first.id)
    assert [job.prompt for job in jobs] == list(texts)
    assert [job.click.custom_id for job in jobs] == [f"MJ::Job::PicReader::{n}" for n in range(1, 5)]


async def test_cancelling_a_batch_cancels_every_job_of_it(house):
    await house.open(concurrency=1)
    first = await house.engine.imagine(house.origin, "a {red, blue, green} fox")
    await house.until_posted(1)
    await house.engine.cancel(house.origin, first.id)
    jobs = await house.engine.jobs_of(house.origin.workspace_id, first.id)
    assert sum(job.state is JobState.CANCELLED for job in jobs) == 2
    assert sum(job.cancel_asked for job in jobs) == 1
