"""Requests of several jobs, and jobs that are taken back: what reached Midjourney is read in the ledger."""

from __future__ import annotations

import asyncio

import pytest
import pytest_asyncio

from engine.model.choosing import Waiting
from engine.model.errors import Conflict, InvalidInput
from engine.model.jobs import FailureReason, Job, JobState
from tests.journeys.inside import Inside, Room, all_done

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory):
    rooms = {"batch": {}, "cancel": {}, "crowded": {"concurrency": 1}, "narrow": {}, "stopped": {}}
    inside = await Inside(tmp_path_factory.mktemp("batches"), rooms, slots={"narrow": 1}).open()
    yield inside
    await inside.close()


async def queued_there(room: Room, job: Job) -> None:
    for _ in range(600):
        if (await room.now(job)).upstream_queued:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("Midjourney did not queue it")


# --- permutations and --repeat ---


async def test_each_piece_is_submitted_with_a_nonce_of_its_own(house):
    room = house["batch"]
    words = "a {red, blue} fox --ar {1:1, 16:9} --repeat 2"
    first = await room.imagine(words)
    jobs = await all_done(room, await room.all_of(first.id))
    pieces = [f"a {colour} fox --ar {ratio}" for colour in ("red", "blue") for ratio in ("1:1", "16:9")]
    assert sorted(job.prompt for job in jobs) == sorted(pieces * 2)
    drawn = [room.drawn_for(job) for job in jobs]
    assert len({row["nonce"] for row in drawn}) == len({row["job"] for row in drawn}) == 8
    for job, row in zip(jobs, drawn, strict=True):
        assert job.result.uuid == row["job"]
        (post,) = [each for each in room.posts() if each["nonce"] in job.nonces]
        assert post["prompt"] == job.prompt == job.sent_prompt
    told = (await room.http.get(f"/api/v1/midjourney/message/{first.id}")).json()
    assert (told["prompt"], told["status"], told["progress"]) == (words, "DONE", 100)
    assert [each["messageId"] for each in told["jobs"]] == [job.id for job in jobs]
    native = (await room.http.get(f"/v1/jobs/{first.id}")).json()
    assert (native["request_state"], native["request_percent"], len(native["jobs"])) == ("DONE", 100, 8)
    request = await room.engine.request(room.origin.workspace_id, first.id)
    assert (request.prompt, jobs[0].id, {job.request_id for job in jobs}) == (words, first.id, {first.id})


async def test_what_is_refused_is_refused_whole_and_nothing_is_sent(house):
    room = house["batch"]
    before = len(room.posts())
    with pytest.raises(InvalidInput, match="--chaos"):
        await room.imagine("a fox --chaos {10, 20, 101}")
    with pytest.raises(InvalidInput, match="40"):
        await room.imagine("a {a,b,c,d,e,f,g} {1,2,3,4,5,6} fox")
    await asyncio.sleep(0.2)
    assert len(room.posts()) == before


async def test_where_the_first_piece_failed_both_services_show_the_one_that_succeeded(house):
    room = house["batch"]
    house.simulator.order("embed", title="Banned prompt detected", match="a rotten plum", account=room.account["id"])
    first = await room.imagine("a {rotten, ripe} plum")
    jobs = [await room.over(job) for job in await room.all_of(first.id)]
    assert [job.state for job in jobs] == [JobState.FAILED, JobState.DONE]
    theirs = (await room.http.get(f"/api/v1/midjourney/message/{first.id}")).json()
    native = (await room.http.get(f"/v1/jobs/{first.id}")).json()
    shown = native["request_result"]
    assert (
        (theirs["status"], theirs["progress"]) == (native["request_state"], native["request_percent"]) == ("DONE", 100)
    )
    (grid,) = (picture["uri"] for picture in shown["pictures"])
    assert theirs["uri"] == grid
    assert theirs["images"] == [grid.replace(".webp", f"/{n}.webp") for n in range(1, 5)]
    assert (shown["job_id"], shown["uuid"]) == (jobs[1].id, jobs[1].result.uuid)
    assert (native["state"], native["failure"]["reason"]) == ("FAILED", "content")
    assert [each["sent_prompt"] for each in native["jobs"]] == ["a rotten plum", "a ripe plum"]
    alone = (await room.http.get(f"/v1/jobs/{jobs[1].id}")).json()
    assert (alone["jobs"], alone["request_result"], alone["request_state"]) == (None, None, "DONE")


async def test_one_failing_piece_leaves_the_others_alone(house):
    room = house["batch"]
    house.simulator.order("embed", title="Banned prompt detected", match="a sour pear", account=room.account["id"])
    first = await room.imagine("a {sweet, sour, ripe} pear")
    jobs = [await room.over(job) for job in await room.all_of(first.id)]
    assert [job.state for job in jobs] == [JobState.DONE, JobState.FAILED, JobState.DONE]
    assert jobs[1].failure.reason is FailureReason.CONTENT
    assert all(job.result.uuid == room.drawn_for(job)["job"] for job in (jobs[0], jobs[2]))


# --- cancels ---


async def test_a_running_imagine_is_stopped_at_midjourney_by_its_menu(house):
    room = house["cancel"]
    house.simulator.timing(job_ms=20_000)
    try:
        job = await room.until(await room.imagine("a fox to be stopped"), JobState.RUNNING)
        answer = await room.http.post("/api/v1/midjourney/button", json={"messageId": job.id, "button": "Cancel Job"})
        assert answer.status_code == 200, answer.text
        ended = await room.over(job)
    finally:
        house.simulator.timing(job_ms=250)
    assert (ended.state, ended.note) == (JobState.CANCELLED, "stopped at Midjourney")
    (command,) = [row for row in room.rows("command") if row["name"] == "Cancel Job"]
    assert command["target"] == job.links.progress_message_id
    (stopped,) = room.steps_of(job, "cancelled")
    assert stopped["progress"] == command["target"]
    with pytest.raises(Conflict):
        await room.engine.cancel(room.origin, job.id)


async def test_a_menu_that_discord_refuses_is_followed_by_the_reaction(house):
    room = house["cancel"]
    house.simulator.timing(job_ms=20_000)
    house.simulator.order("message_gone", match="Cancel Job", account=room.account["id"])
    try:
        job = await room.until(await room.imagine("a fox to be crossed out"), JobState.RUNNING)
        await room.engine.cancel(room.origin, job.id)
        ended = await room.over(job)
    finally:
        house.simulator.timing(job_ms=250)
    assert ended.state is JobState.CANCELLED
    (reaction,) = [row for row in room.rows("reaction") if row["message"] == ended.links.progress_message_id]
    assert (reaction["emoji"], reaction["state"]) == ("❌", "added")
    assert len(room.steps_of(ended, "cancelled")) == 1


async def test_a_queued_job_is_taken_back_before_anything_is_sent(house):
    room = house["narrow"]
    house.simulator.timing(job_ms=1500)
    try:
        front = await room.until(await room.imagine("a fox in front"), JobState.RUNNING)
        job = await room.imagine("a fox that never leaves")
        told = (await room.http.get(f"/v1/jobs/{job.id}")).json()
        assert (told["state"], told["waits_because"]) == ("QUEUED", "all slots are taken")
        cancelled = await room.engine.cancel(room.origin, job.id)
        await room.done(front)
    finally:
        house.simulator.timing(job_ms=250)
    assert (cancelled.state, cancelled.nonces) == (JobState.CANCELLED, ())
    await room.made("a fox after it")
    assert [row["prompt"] for row in room.posts()] == ["a fox in front", "a fox after it"]


async def test_a_job_whose_only_account_is_stopped_tells_why_it_waits(house):
    room, desk = house["stopped"], house.ground.administration
    house.simulator.order("captcha_frame", account=room.account["id"])
    assert (await room.over(await room.imagine("a fox before a check"))).state is JobState.FAILED
    first = await room.imagine("a {fox, hen} that waits")
    told = (await room.http.get(f"/v1/jobs/{first.id}")).json()
    assert [told["waits_because"], *(each["waits_because"] for each in told["jobs"])] == [Waiting.NOT_ACTIVE] * 3
    await desk.resume(await desk.workspace("stopped"), room.account_id)
    await all_done(room, await room.all_of(first.id))
    assert (await room.http.get(f"/v1/jobs/{first.id}")).json()["waits_because"] is None


async def test_a_job_in_midjourneys_own_queue_is_not_lost_by_a_cancel(house):
    room = house["crowded"]
    house.simulator.timing(job_ms=1500)
    try:
        await room.until(await room.imagine("a fox in front"), JobState.RUNNING)
        job = await room.imagine("a fox in the queue")
        await queued_there(room, job)
        asked = await room.engine.cancel(room.origin, job.id)
        assert asked.cancel_asked
        ended = await room.over(job)
    finally:
        house.simulator.timing(job_ms=250)
    assert ended.state is JobState.CANCELLED
    assert len(room.steps_of(ended, "cancelled")) == 1
    assert not room.steps_of(ended, "finished")
