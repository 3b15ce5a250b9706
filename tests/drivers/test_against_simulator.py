"""The driver before the simulator: faults of Discord and turns of Midjourney that it must tell apart."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from engine.drivers.midjourney import MidjourneyDriver
from engine.model.actions import MIDJOURNEY_APPLICATION, Click, ModalAnswer
from engine.model.sightings import Channel, Stage, Trouble
from engine.ports import AnswerKind, Ended, Live, Refusal
from tests.contracts.session_contract import PATIENCE, SimulatedStage, quick

A = AnswerKind


@pytest.fixture
async def stage():
    stage = await SimulatedStage.begin()
    yield stage
    await stage.leave()


async def a_grid(stage, session, listener, prompt="a red fox"):
    await stage.imagine(session, prompt)
    return await listener.sight(stage=Stage.FINAL)


def press(grid, name) -> Click:
    button = next(c for c in grid.components if c.name == name)
    return Click(MIDJOURNEY_APPLICATION, grid.channel_id, grid.message_id, grid.flags, button.custom_id)


@pytest.mark.parametrize(
    ("fault", "kind", "refusal", "trouble"),
    [
        ({"kind": "rate_limited", "retry_after": 0.2}, A.REFUSED, Refusal.WAIT, None),
        ({"kind": "cloudflare", "retry_after": 1}, A.REFUSED, Refusal.WAIT, None),
        ({"kind": "server_error"}, A.UNKNOWN, None, None),
        ({"kind": "reset"}, A.UNKNOWN, None, None),
        ({"kind": "unauthorized"}, A.REFUSED, Refusal.ACCOUNT, Trouble.TOKEN),
        ({"kind": "blocked"}, A.REFUSED, Refusal.ACCOUNT, Trouble.BLOCKED),
        ({"kind": "missing_access"}, A.REFUSED, Refusal.ACCOUNT, Trouble.ACCESS),
        ({"kind": "message_gone"}, A.REFUSED, Refusal.GONE, None),
        ({"kind": "captcha"}, A.REFUSED, Refusal.ACCOUNT, Trouble.CAPTCHA),
        ({"kind": "outdated"}, A.REFUSED, Refusal.WAIT, None),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
async def test_each_way_to_be_refused_has_its_answer_and_is_posted_once(stage, fault, kind, refusal, trouble):
    session, _ = await stage.live()
    await stage.order(**fault)
    answer, _ = await stage.imagine(session)
    assert (answer.kind, answer.refusal, answer.trouble) == (kind, refusal, trouble)
    assert await stage.posts() == 1


async def test_a_redeployed_command_is_found_again(stage):
    session, listener = await stage.live()
    await a_grid(stage, session, listener)
    await stage.control("/commands/redeploy", {})
    refused, _ = await stage.imagine(session)
    assert (refused.kind, refused.refusal) == (A.REFUSED, Refusal.AGAIN)
    again, _ = await stage.imagine(session)
    assert again.kind is A.ACCEPTED
    await listener.sight(stage=Stage.FINAL, count=2)


@pytest.mark.parametrize("fault", ["answer_dropped", "answer_5xx"])
async def test_a_lost_answer_is_unknown_and_the_picture_still_comes(stage, fault):
    session, listener = await stage.live()
    await stage.order(fault)
    answer, nonce = await stage.imagine(session)
    assert answer.kind is A.UNKNOWN
    begun = await listener.sight(stage=Stage.WAITING)
    final = await listener.sight(stage=Stage.FINAL)
    assert begun.nonce == nonce
    assert final.reference_id == begun.message_id
    assert await stage.posts() == 1


async def test_a_missed_final_is_in_the_history(stage):
    session, listener = await stage.live()
    await stage.order("missed_final")
    await stage.imagine(session)
    await listener.sight(stage=Stage.DELETED, channel=Channel.DELETED)
    assert not [s for s in listener.sightings if s.stage is Stage.FINAL]
    found = await session.history(stage.clock.now() - timedelta(minutes=5))
    assert [s.stage for s in found] == [Stage.FINAL]
    assert found[0].uuid


async def test_duplicated_frames_with_new_numbers_are_told_twice_as_they_came(stage):
    session, listener = await stage.live()
    await stage.order("duplicated")
    await stage.imagine(session)
    first = await listener.sight(stage=Stage.FINAL)
    second = await listener.sight(stage=Stage.FINAL, count=2)
    assert first.message_id == second.message_id


@pytest.mark.parametrize(("name", "verb"), [("V2", "variations (strong)"), ("🔄", "")])
async def test_a_new_grid_by_button_is_private_until_its_final(stage, name, verb):
    session, listener = await stage.live()
    grid = await a_grid(stage, session, listener)
    nonce = stage.nonce()
    assert (await session.submit(press(grid, name), nonce)).kind is A.ACCEPTED
    begun = await listener.sight(stage=Stage.WAITING, count=2)
    final = await listener.sight(stage=Stage.FINAL, count=2)
    assert (begun.nonce, begun.is_ephemeral, begun.reference_id) == (nonce, True, grid.message_id)
    assert (final.verb, final.reference_id) == (verb, grid.message_id)
    assert begun.uuid == final.uuid != grid.uuid


async def test_a_single_picture_names_its_place_in_the_grid(stage):
    session, listener = await stage.live()
    grid = await a_grid(stage, session, listener)
    nonce = stage.nonce()
    await session.submit(press(grid, "U3"), nonce)
    single = await listener.sight(stage=Stage.FINAL, count=2)
    assert (single.verb, single.index, single.reference_id) == ("image", 3, grid.message_id)
    assert single.uuid != grid.uuid


async def test_with_remix_on_a_variation_asks_back_and_takes_the_answer(stage):
    session, listener = await stage.live()
    grid = await a_grid(stage, session, listener)
    account = stage.given["id"]
    answer = await stage._control.put(f"/accounts/{account}", json={"remix": True})
    assert answer.status_code == 200
    clicked = stage.nonce()
    assert (await session.submit(press(grid, "V1"), clicked)).kind is A.ACCEPTED
    asked = await listener.sight(stage=Stage.ASKED, channel=Channel.INTERACTION)
    assert asked.nonce == clicked
    ((field, value),) = asked.modal.fields
    assert value
    form = ModalAnswer(
        MIDJOURNEY_APPLICATION, asked.modal.interaction_id, asked.modal.custom_id, ((field, "a blue fox"),)
    )
    nonce = stage.nonce()
    assert (await session.submit(form, nonce)).kind is A.ACCEPTED
    begun = await listener.sight(stage=Stage.WAITING, count=2)
    final = await listener.sight(stage=Stage.FINAL, count=2)
    assert begun.nonce == nonce
    assert (final.verb, final.prompt) == ("remix (strong)", "a blue fox")


async def test_the_owner_at_the_keyboard_is_seen_too(stage):
    _, listener = await stage.live()
    await stage.control("/human", {"account": stage.given["id"], "type": "imagine", "prompt": "by hand"})
    final = await listener.sight(stage=Stage.FINAL)
    assert final.prompt == "by hand"


async def test_of_the_owners_other_discord_only_midjourneys_work_in_the_channel_is_seen(stage):
    session, listener = await stage.live()
    before, own = session.passed_seq, (await listener.lives())[0].user_id
    await stage.control("/chatter", {"account": stage.given["id"], "count": 60})  # a sixth of it is such work
    await asyncio.sleep(0.3)
    assert len(listener.seen) == len(listener.sightings) == 10
    assert {s.stage for s in listener.sightings} == {Stage.PROGRESS}
    assert own not in {s.user_id for s in listener.sightings}
    assert session.passed_seq == before + 60


async def test_more_jobs_than_the_plan_allows_are_told_as_queued(stage):
    session, listener = await stage.live()
    for _ in range(4):
        await stage.imagine(session)
    queued = await listener.sight(stage=Stage.QUEUED)
    assert queued.prompt == "a red fox"
    assert queued.failure is None
    await listener.sight(stage=Stage.FINAL, count=4)


async def test_a_revoked_token_ends_the_session(stage):
    _, listener = await stage.live()
    await stage._control.put(f"/accounts/{stage.given['id']}", json={"revoked": True})
    await listener.until(lambda heard: any(isinstance(n, Ended) for n in heard))
    assert listener.heard[-1].trouble is Trouble.TOKEN


@pytest.mark.parametrize("fault", ["no_hello", "no_ready", "gateway_refused", "big_ready"])
async def test_a_bad_beginning_is_followed_by_a_good_one(stage, fault):
    stage.driver = MidjourneyDriver(quick(hello_timeout_seconds=0.5, ready_timeout_seconds=0.5))
    await stage.order(fault)
    session, listener = await stage.open()
    await listener.lives()
    assert session.live


@pytest.mark.parametrize("fault", ["half_open", "corrupt_zlib", "close_4009", "op9_true", "server_heartbeat"])
async def test_after_any_fault_of_the_socket_the_next_picture_still_comes(stage, fault):
    session, listener = await stage.live()
    await stage.order(fault)
    if fault != "server_heartbeat":
        await stage.imagine(session)
        await listener.lives(2)
    answer, nonce = await stage.imagine(session, "the next one")
    async with asyncio.timeout(PATIENCE):
        # it came to a session that had ended, and Discord said so; or a busy machine lost the connection meanwhile
        while answer.refusal is Refusal.WAIT or answer.kind is A.NEVER_LEFT:
            await asyncio.sleep(answer.retry_after or 0.1)
            answer, nonce = await stage.imagine(session, "the next one")
    assert answer.kind is A.ACCEPTED
    await listener.until(lambda _: any(s.nonce == nonce for s in listener.sightings))
    await listener.until(
        lambda _: any(s.stage is Stage.FINAL and s.prompt == "the next one" for s in listener.sightings)
    )
    assert isinstance(listener.heard[0], Live)
    assert listener.heard[0].username
    assert listener.heard[0].masked_email.endswith("@e****.org")
