"""What nobody knows yet: new answers, new buttons, new command versions, silence. Nothing hangs, everything is told."""

from __future__ import annotations

import asyncio

import pytest
import pytest_asyncio

from engine.model.jobs import FailureReason, JobState
from tests.journeys.inside import Inside

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]
TITLES = [f"{what} {change}" for what in ("Tides", "Moons", "Winds", "Clouds", "Stars") for change in (
    "are turning", "must be confirmed", "have a new home", "are out of hours",
)]  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory):
    rooms = {
        "answers": {"concurrency": 20, "queue": 20},
        "words": {},
        "buttons": {},
        "versions": {},
        "silence": {},
        "check": {},
    }
    inside = await Inside(tmp_path_factory.mktemp("unknown"), rooms, LIMIT_FAST=4).open()
    yield inside
    await inside.close()


async def test_twenty_new_titles_leave_no_job_hanging_and_are_all_told(house):
    room = house["answers"]
    jobs = []
    for number, title in enumerate(TITLES):
        where = ("create", "update", "reply")[number % 3]
        house.simulator.order("embed", title=title, match=title, where=where, account=room.account["id"])
        jobs.append(await room.imagine(f"a fox, {title}"))
    ended = [await room.over(job) for job in jobs]
    assert not [order for order in house.simulator.orders() if order["account"] == room.account["id"]]
    for title, job in zip(TITLES, ended, strict=True):
        assert (job.state, job.failure) == (JobState.NEEDS_ATTENTION, None)
        assert title in job.note
    told = await room.status()
    kinds = " | ".join(row["kind"] for row in told["unknown_wire"])
    assert [title for title in TITLES if title not in kinds] == []
    assert told["needs_attention"] == len(TITLES)
    (account,) = told["accounts"]
    assert (account["state"], account["running"]) == ("active", 0)
    await room.made("a fox after all that")


async def test_three_things_that_belong_to_no_job_are_told_to_the_operator(house, caplog):
    room = house["words"]
    titles = TITLES[:3]
    for title in titles:
        house.simulator.order("embed", title=title, match=title, account=room.account["id"])
        house.simulator.by_hand(account=room.account["id"], type="imagine", prompt=f"a fox by hand, {title}")
    for _ in range(200):
        (account,) = (await room.status())["accounts"]
        if account["warnings"]:
            break
        await asyncio.sleep(0.05)
    assert all(title in account["warnings"][0] for title in titles)
    assert account["state"] == "active"
    warned = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert [words for words in warned if all(title in words for title in titles)]
    kinds = " | ".join(row["kind"] for row in (await room.status())["unknown_wire"])
    assert all(title in kinds for title in titles)


async def test_a_new_button_is_offered_and_pressed_as_it_is(house):
    room = house["buttons"]
    custom_id = "MJ::JOB::sparkle::1::0::SOLO"
    house.simulator.order("unknown_button", custom_id=custom_id, label="Sparkle", account=room.account["id"])
    grid = await room.made("a fox with a new button")
    assert "Sparkle" in [component.label for component in grid.result.components]
    kinds = [row["kind"] for row in (await room.status())["unknown_wire"]]
    assert any("sparkle" in kind for kind in kinds), kinds
    pressed = await room.over(await room.engine.press(room.origin, grid.id, "Sparkle"))
    (click,) = [row for row in room.posts() if row["nonce"] in pressed.nonces]
    assert (click["custom_id"], click["clicked"]) == (custom_id, grid.result.message_id)
    assert pressed.state is JobState.NEEDS_ATTENTION  # this Midjourney does not know it either


async def test_a_new_version_of_every_command_is_read_and_the_job_runs_once(house):
    room = house["versions"]
    await room.made("a fox before the new version")
    house.simulator.order("version_bumped", match="a fox that meets it", account=room.account["id"])
    job = await room.made("a fox that meets it")
    posts = [row for row in room.posts() if row["prompt"] == job.prompt]
    assert [row["decision"] == "accepted" for row in posts] == [False, True]
    assert room.drawn_for(job)["job"] == job.result.uuid
    house.simulator.redeploy()
    again = await room.made("a fox after a silent redeployment")
    assert room.drawn_for(again)["job"] == again.result.uuid


async def test_two_silent_jobs_in_a_row_stop_the_account_and_say_why(house):
    room = house["silence"]
    house.simulator.order("silence", count=2, account=room.account["id"])
    jobs = [await room.imagine(f"a fox that is not heard of {n}") for n in range(2)]
    for _ in range(300):
        standing = await room.standing()
        if standing.state == "stopped":
            break
        await asyncio.sleep(0.05)
    assert (standing.state, standing.trouble) == ("stopped", "blocked")
    assert "silent block" in standing.reason
    assert len([row for row in room.posts() if row["decision"] == "accepted"]) == len(jobs)


async def test_a_check_under_an_unknown_title_stops_the_account(house):
    room = house["check"]
    words = {"title": "One more thing", "description": "Please verify you're human."}
    house.simulator.order("embed", account=room.account["id"], **words)
    failed = await room.over(await room.imagine("a fox before the check"))
    assert (failed.state, failed.failure.reason) == (JobState.FAILED, FailureReason.ACCOUNT)
    assert "verify you're human" in failed.failure.detail
    standing = await room.standing()
    assert (standing.state, standing.trouble) == ("stopped", "captcha")
