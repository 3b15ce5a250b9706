"""What every ports.Session promises: the scripted one and the real driver before the simulator."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from engine.model.accounts import Checkpoint
from engine.model.actions import (
    CANCEL_JOB,
    CROSS,
    MIDJOURNEY_APPLICATION,
    Click,
    MessageCommand,
    ModalAnswer,
    Reaction,
    RegionAnswer,
    Slash,
)
from engine.model.errors import Refused, Unavailable
from engine.model.sightings import Channel, Stage
from engine.ports import AnswerKind, Live, Lost
from tests.contracts.session_contract import NEW_AFTER, RESUMED_AFTER, ScriptedStage, SimulatedStage
from tests.fakes.scripted_session import CHANNEL

A_PICTURE = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)


@pytest.fixture(params=["scripted", "simulated"])
async def stage(request):
    stage = ScriptedStage() if request.param == "scripted" else await SimulatedStage.begin()
    yield stage
    await stage.leave()


def checkpoint_of(session, live: Live) -> Checkpoint:
    return Checkpoint(1, live.session_id, live.resume_url, session.passed_seq, live.user_id, session.unbroken_since)


async def test_a_session_is_not_live_before_its_news_are_read_and_then_begins_with_live(stage):
    session, listener = await stage.open()
    assert not session.live
    assert session.unbroken_since is None
    live = (await listener.lives())[0]
    assert listener.heard[0] is live
    assert not live.resumed
    assert live.session_id
    assert live.user_id
    assert session.live
    assert session.unbroken_since == live.at


async def test_an_imagine_is_accepted_and_seen_through_to_its_final(stage):
    session, listener = await stage.live()
    answer, nonce = await stage.imagine(session)
    assert answer.kind is AnswerKind.ACCEPTED
    final = await listener.sight(stage=Stage.FINAL)
    begun = await listener.sight(stage=Stage.WAITING)
    acknowledged = await listener.sight(stage=Stage.ACKNOWLEDGED, channel=Channel.INTERACTION)
    assert acknowledged.nonce == begun.nonce == nonce
    assert final.reference_id == begun.message_id
    assert final.uuid is not None
    assert len([c for c in final.components if c.name]) == 9
    assert await stage.posts() == 1
    percents = [s.percent for s in listener.sightings if s.stage is Stage.PROGRESS]
    assert percents == sorted(percents)


async def test_frames_come_in_the_order_of_their_numbers(stage):
    session, listener = await stage.live()
    await stage.imagine(session)
    await listener.sight(stage=Stage.FINAL)
    numbers = [seen.seq for seen in listener.seen]
    assert numbers == sorted(numbers)


async def test_passed_seq_is_told_only_when_everything_is_done(stage):
    session, listener = await stage.live()
    listener.holding = asyncio.Event()
    await stage.imagine(session)
    await listener.until(lambda _: bool(listener.seen))
    assert session.passed_seq is None
    listener.holding.set()
    await listener.sight(stage=Stage.FINAL)
    await asyncio.sleep(0.1)
    assert session.passed_seq is not None
    assert session.passed_seq >= listener.seen[-1].seq


async def test_nothing_is_posted_before_the_session_is_live(stage):
    session = stage.make(None, lambda: True)
    answer, _ = await stage.imagine(session)
    assert answer.kind is AnswerKind.NEVER_LEFT
    await session.close()
    assert await stage.posts() == 0


async def test_nothing_is_posted_once_the_lease_is_over(stage):
    held = True
    session, _ = await stage.live(holds=lambda: held)
    held = False
    answer, _ = await stage.imagine(session)
    assert answer.kind is AnswerKind.NEVER_LEFT
    assert await stage.posts() == 0


EVERYTHING = [
    Slash(MIDJOURNEY_APPLICATION, "info"),
    MessageCommand(MIDJOURNEY_APPLICATION, CANCEL_JOB, CHANNEL, "1496409581318550796"),
    Click(MIDJOURNEY_APPLICATION, CHANNEL, "1496409581318550796", 0, "MJ::JOB::upsample::1::x"),
    ModalAnswer(MIDJOURNEY_APPLICATION, "1496410000000000000", "MJ::RemixModal::x::1::1", (("field", "words"),)),
    RegionAnswer(MIDJOURNEY_APPLICATION, "MJ::iframe::Nothing", b"mask", "words"),
    Reaction(CHANNEL, "1496409581318550796", CROSS),
]
KINDS = pytest.mark.parametrize("submission", EVERYTHING, ids=lambda submission: type(submission).__name__)


@KINDS
async def test_every_kind_of_submission_waits_for_a_live_session_and_a_lease(stage, submission):
    held = True
    session = stage.make(None, lambda: held)
    assert (await session.submit(submission, stage.nonce())).kind is AnswerKind.NEVER_LEFT
    await session.close()
    session, _ = await stage.live(holds=lambda: held)
    held = False
    assert (await session.submit(submission, stage.nonce())).kind is AnswerKind.NEVER_LEFT
    assert await stage.posts() == 0


@KINDS
async def test_every_kind_of_submission_has_a_way_out(stage, submission):
    session, _ = await stage.live()
    answer = await session.submit(submission, stage.nonce())
    assert answer.kind in (AnswerKind.ACCEPTED, AnswerKind.REFUSED)


@pytest.mark.parametrize("how", RESUMED_AFTER)
async def test_after_a_drop_the_session_resumes_and_nothing_is_missing(stage, how):
    session, listener = await stage.live()
    since = session.unbroken_since
    await stage.imagine(session)
    await stage.drop(how)
    lives = await listener.lives(2)
    assert lives[1].resumed
    assert lives[1].session_id == lives[0].session_id
    assert any(isinstance(news, Lost) for news in listener.heard)
    await listener.sight(stage=Stage.FINAL)
    await listener.sight(stage=Stage.DELETED, channel=Channel.DELETED)
    numbers = [seen.seq for seen in listener.seen]
    assert len(numbers) == len(set(numbers))
    assert session.unbroken_since == since
    answer, _ = await stage.imagine(session, "another one")
    assert answer.kind is AnswerKind.ACCEPTED
    await listener.sight(stage=Stage.FINAL, count=2)


@pytest.mark.parametrize("how", NEW_AFTER)
async def test_when_the_session_cannot_be_resumed_a_new_one_begins_and_says_so(stage, how):
    session, listener = await stage.live()
    await stage.drop(how)
    lives = await listener.lives(2)
    assert not lives[1].resumed
    assert lives[1].session_id != lives[0].session_id
    assert session.unbroken_since == lives[1].at
    answer, _ = await stage.imagine(session)
    assert answer.kind is AnswerKind.ACCEPTED
    await listener.sight(stage=Stage.FINAL)


async def test_close_ends_the_news_and_leaves_the_session_resumable(stage):
    session, listener = await stage.live()
    await stage.imagine(session)
    await listener.sight(stage=Stage.FINAL)
    await listener.sight(stage=Stage.DELETED, channel=Channel.DELETED)
    await asyncio.sleep(0.05)
    first, since = (await listener.lives())[0], session.unbroken_since
    left = checkpoint_of(session, first)
    assert left.seq is not None
    await session.close()
    await asyncio.wait_for(listener.task, 5)
    assert not session.live

    again, listener = await stage.open(checkpoint=left)
    live = (await listener.lives())[0]
    assert live.resumed
    assert live.session_id == first.session_id
    assert live.user_id == first.user_id
    assert again.unbroken_since == since
    assert not listener.seen


async def test_files_are_uploaded_and_posted_and_have_an_address_then(stage):
    session, _ = await stage.live()
    first = await session.upload("one.png", A_PICTURE, "image/png")
    second = await session.upload("two.png", A_PICTURE, "image/png")
    assert first.uploaded_filename != second.uploaded_filename
    posted = await session.post([first, second], stage.nonce())
    assert [attachment.filename for attachment in posted] == ["one.png", "two.png"]
    assert all(attachment.url.startswith("http") for attachment in posted)


async def test_a_message_needs_files(stage):
    session, _ = await stage.live()
    with pytest.raises(Refused):
        await session.post([], stage.nonce())


async def test_an_address_that_discord_does_not_know_is_not_refreshed(stage):
    session, _ = await stage.live()
    assert await session.refresh([]) == {}
    assert await session.refresh(["https://elsewhere.test/a.png"]) == {}


async def test_no_file_leaves_before_the_session_is_live_or_after_the_lease_is_over(stage):
    held = True
    early = stage.make(None, lambda: True)
    with pytest.raises(Unavailable):
        await early.upload("one.png", A_PICTURE, "image/png")
    await early.close()
    session, _ = await stage.live(holds=lambda: held)
    held = False
    with pytest.raises(Unavailable):
        await session.upload("one.png", A_PICTURE, "image/png")


async def test_the_direct_messages_with_the_bot_are_one_channel(stage):
    session, _ = await stage.live()
    found = await session.dm_channel()
    assert found.isdecimal()
    assert await session.dm_channel() == found


async def test_history_gives_what_is_public_oldest_first_and_without_nonces(stage):
    session, listener = await stage.live()
    before = stage.clock.now() - timedelta(seconds=60)
    for turn in (1, 2):
        await stage.imagine(session, f"fox number {turn}")
        await listener.sight(stage=Stage.FINAL, count=turn)
    found = [s for s in await session.history(before) if s.stage is Stage.FINAL]
    assert [s.message_id for s in found] == [s.message_id for s in listener.sightings if s.stage is Stage.FINAL]
    assert {s.channel for s in found} == {Channel.HISTORY}
    assert {s.nonce for s in found} == {None}
    assert await session.history(stage.clock.now() + timedelta(seconds=60)) == []
