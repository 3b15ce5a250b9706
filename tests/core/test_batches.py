"""Several jobs of one request."""

from __future__ import annotations

import pytest

from engine.model.details import Details
from engine.model.errors import InvalidInput, NotFound
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


def asked_of(store, *names):
    """Which of these reads were asked of the store, from now on."""
    asked = []
    for name in names:
        read = getattr(store, name)

        async def counted(*args, name=name, read=read):
            asked.append(name)
            return await read(*args)

        setattr(store, name, counted)
    return asked


async def test_that_a_request_has_one_job_is_read_once_and_not_at_all_where_it_was_made(house):
    await house.open()
    job = await house.imagine()
    workspace_id, asked = house.origin.workspace_id, asked_of(house.store, "jobs_of", "request")
    assert [told.id for told in await house.engine.jobs_of(workspace_id, job.id)] == [job.id]
    assert (await house.engine.request(workspace_id, job.id)).prompt == job.prompt
    assert asked == []
    await house.restart()
    for _ in range(3):
        assert [told.id for told in await house.engine.jobs_of(workspace_id, job.id)] == [job.id]
        assert (await house.engine.request(workspace_id, job.id)).prompt == job.prompt
    assert asked == ["jobs_of", "request"]
    await house.clock.advance(61)  # whoever asked may have been erased by a command since
    assert (await house.engine.request(workspace_id, job.id)).prompt == job.prompt
    assert asked[2:] == ["request"]
    with pytest.raises(NotFound):
        await house.engine.request("another", job.id)
    assert await house.engine.jobs_of("another", job.id) == []


async def test_an_id_stands_for_all_of_a_request_for_one_of_its_others_or_for_nothing(house):
    await house.open()
    workspace_id = house.origin.workspace_id
    first = await house.engine.imagine(house.origin, "a {red, blue} fox")
    alone = await house.imagine()
    both = await house.engine.jobs_of(workspace_id, first.id)
    assert [job.id for job in await house.engine.jobs_under(workspace_id, first.id)] == [job.id for job in both]
    assert [job.id for job in await house.engine.jobs_under(workspace_id, both[1].id)] == [both[1].id]
    assert [job.id for job in await house.engine.jobs_under(workspace_id, alone.id)] == [alone.id]
    for stranger in (("another", first.id), (workspace_id, "nothing")):
        with pytest.raises(NotFound):
            await house.engine.jobs_under(*stranger)


async def test_a_job_alone_is_read_once_for_itself_and_its_request(house):
    await house.open()
    job = await house.imagine()
    await house.restart()
    await house.clock.advance(2)  # by now it is not remembered
    asked = asked_of(house.store, "job", "jobs_of")
    for _ in range(2):
        (told,) = await house.engine.jobs_under(house.origin.workspace_id, job.id)
        assert told.id == job.id
    assert asked == ["jobs_of"]


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
