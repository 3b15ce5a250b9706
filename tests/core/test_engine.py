"""What the engine does with what a session shows, and what it refuses."""

import asyncio
from dataclasses import replace

import pytest

from engine.model.accounts import AccountState
from engine.model.actions import Click, ModalAnswer, Slash
from engine.model.choosing import Waiting
from engine.model.errors import Conflict, InvalidInput, NotFound, NotOffered, Unavailable
from engine.model.jobs import FailureReason, JobState, Origin
from engine.model.sightings import Trouble
from engine.ports import AccountChange, Answer, AnswerKind, JobChange, Refusal
from tests.contracts.store_examples import new_account, new_request
from tests.fakes import scripted_session as says

UUID = "22222222-2222-4222-8222-222222222222"


def words(command: Slash) -> str:
    return dict(command.options)["prompt"]


async def test_a_prompt_is_sent_once_and_ends_with_its_picture(house):
    await house.open()
    done = await house.finished()
    assert [type(what) for what, _ in house.session.submissions] == [Slash]
    assert len(done.result.pictures) == 1
    assert [c.name for c in done.result.components][:5] == ["U1", "U2", "U3", "U4", "🔄"]


async def test_a_button_is_pressed_where_its_picture_was_made(house):
    await house.open()
    parent = await house.finished()
    child = await house.engine.press(house.origin, parent.id, "U2")
    click, _ = await house.until_posted(2)
    assert isinstance(click, Click)
    assert click.message_id == parent.result.message_id
    assert (child.parent_id, child.root_id, child.bound_account_id) == (parent.id, parent.id, parent.account_id)


async def test_a_form_is_answered_unchanged(house):
    await house.open()
    parent = await house.finished()
    child = await house.engine.press(house.origin, parent.id, "V3")
    _, nonce = await house.until_posted(2)
    house.session.shows(says.asked(nonce, value="a red fox --ar 16:9"))
    answer, second = await house.until_posted(3)
    assert isinstance(answer, ModalAnswer)
    assert [value for _, value in answer.fields] == ["a red fox --ar 16:9"]
    assert int(second) > int(nonce)
    house.shows_an_imagine(second, UUID)
    await house.until_state(child, JobState.DONE)


async def test_the_final_may_come_before_the_http_answer(house):
    await house.open()
    later = asyncio.get_running_loop().create_future()
    house.session.answers(later)
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    house.shows_an_imagine(nonce, UUID)
    done = await house.until_state(job, JobState.DONE)
    later.set_result(says.ACCEPTED)
    await house.clock.advance(1)
    assert await house.job(job) == done


async def test_slots_are_never_overdrawn_and_the_queue_is_first_come_first_served(house):
    await house.open(concurrency=2)
    jobs = [await house.imagine(f"fox {n}") for n in range(4)]
    await house.until_posted(2)
    await house.clock.advance(5)
    assert [words(what) for what, _ in house.session.submissions] == ["fox 0", "fox 1"]
    house.shows_an_imagine(house.session.submissions[1][1], UUID)
    await house.until_state(jobs[1], JobState.DONE)
    what, _ = await house.until_posted(3)
    assert words(what) == "fox 2"


async def test_a_job_that_the_owner_runs_by_hand_takes_a_slot(house):
    await house.open(concurrency=1)
    start = says.snowflake_at(house.clock.now())
    house.session.shows(says.waiting(None, start, prompt="by hand"))
    await house.clock.advance(1)
    await house.imagine()
    await house.clock.advance(5)
    assert house.session.submissions == []
    house.session.shows(says.a_final(str(int(start) + 9), UUID, reference_id=start))
    await house.until_posted(1)


async def test_an_unknown_answer_is_resolved_by_what_the_gateway_shows(house):
    await house.open()
    house.session.answers(says.NO_ANSWER)
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    await house.clock.advance(2)
    assert (await house.job(job)).state is JobState.SENT
    house.shows_an_imagine(nonce, UUID)
    await house.until_state(job, JobState.DONE)
    assert len(house.session.submissions) == 1


async def test_a_job_whose_call_does_not_reach_its_place_says_so_until_one_does(house):
    await house.open()
    house.session.answers(says.NEVER_LEFT, says.NEVER_LEFT)
    job = await house.imagine()
    await house.until_posted(1)
    assert house.engine.waits_because(await house.job(job)) is Waiting.UNREACHABLE
    _, nonce = await house.until_posted(3)
    await house.clock.advance(0.1)
    assert house.engine.waits_because(await house.job(await house.imagine())) is not Waiting.UNREACHABLE
    house.shows_an_imagine(nonce, UUID)
    await house.until_state(job, JobState.DONE)


async def test_a_submission_proven_absent_is_made_once_more(house):
    await house.open()
    house.session.answers(says.NO_ANSWER, says.NO_ANSWER)
    job = await house.imagine()
    await house.until_posted(1)
    await house.clock.advance(19)
    house.session.beats()
    await house.clock.advance(5)
    assert len(house.session.submissions) == 1, "the heartbeat was acknowledged too early to prove anything"
    house.session.beats()
    await house.until_posted(2)
    first, second = (nonce for _, nonce in house.session.submissions)
    assert first != second
    for _ in range(20):
        await house.clock.advance(40)
        house.session.beats()
    assert len(house.session.submissions) == 2
    assert (await house.job(job)).state is JobState.NEEDS_ATTENTION


async def test_absence_is_not_proven_when_the_history_shows_the_words(house):
    await house.open()
    house.session.answers(says.NO_ANSWER)
    job = await house.imagine("a red fox")
    await house.until_posted(1)
    house.session.in_history(
        says.waiting(None, says.snowflake_at(house.clock.now()), prompt="a red fox", user_id="somebody else")
    )
    for _ in range(4):
        await house.clock.advance(20)
        house.session.beats()
    assert len(house.session.submissions) == 1
    assert (await house.job(job)).state is JobState.SENT


async def test_nothing_is_sent_again_when_the_session_broke_meanwhile(house):
    await house.open()
    house.session.answers(says.NO_ANSWER)
    job = await house.imagine()
    await house.until_posted(1)
    house.session.loses()
    house.session.goes_live(resumed=False)
    for _ in range(40):
        await house.clock.advance(20)
        house.session.beats()
    assert len(house.session.submissions) == 1
    unknown = await house.job(job)
    assert unknown.state is JobState.NEEDS_ATTENTION
    assert "deadline" in unknown.note


async def test_late_evidence_moves_needs_attention_to_done(house):
    await house.open()
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    for _ in range(40):
        await house.clock.advance(20)
    assert (await house.job(job)).state is JobState.NEEDS_ATTENTION
    house.shows_an_imagine(nonce, UUID)
    await house.until_state(job, JobState.DONE)


async def test_a_final_that_was_missed_is_found_in_the_history(house):
    await house.open()
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    *told, final, deletion = says.an_imagine(nonce, house.clock.now(), UUID)
    house.session.shows(*told, deletion)
    house.session.in_history(replace(final, channel=says.Channel.HISTORY))
    await house.until_state(job, JobState.DONE, seconds=20)
    assert len(house.session.histories) == 1


async def test_a_restart_resumes_where_everything_was_stored(house):
    await house.open()
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    frames = says.an_imagine(nonce, house.clock.now(), UUID)
    house.session.shows(*frames[:3])
    await house.until_state(job, JobState.RUNNING)
    await house.clock.advance(3)
    left = house.session.left_at()
    await house.restart()
    assert house.session.checkpoint.seq == left.seq
    assert house.session.checkpoint.session_id == left.session_id
    house.session.shows(*frames[3:])
    await house.until_state(job, JobState.DONE)
    assert house.session.submissions == []


async def test_a_command_that_is_outdated_again_and_again_fails_the_job(house):
    await house.open()
    outdated = Answer(AnswerKind.REFUSED, "This command is outdated", Refusal.AGAIN)
    house.session.answers(outdated, outdated, outdated)
    job = await house.imagine()
    failed = await house.until_state(job, JobState.FAILED)
    assert failed.failure.reason is FailureReason.REFUSED
    assert len({nonce for _, nonce in house.session.submissions}) == 3


async def test_a_rate_limit_is_waited_for(house):
    await house.open()
    house.session.answers(Answer(AnswerKind.REFUSED, "429", Refusal.WAIT, retry_after=10.0))
    await house.imagine()
    await house.until_posted(1)
    await house.clock.advance(9)
    assert len(house.session.submissions) == 1
    await house.until_posted(2)


async def test_an_account_in_trouble_stops_and_its_unsent_jobs_go_to_another(house):
    await house.open(accounts=2, concurrency=1)
    first, second = house.driver.sessions
    captcha = Answer(AnswerKind.REFUSED, "captcha required", Refusal.ACCOUNT, Trouble.CAPTCHA)
    first.answers(captcha)
    second.answers(says.ACCEPTED)
    jobs = [await house.imagine(f"fox {n}") for n in range(2)]
    await house.until(lambda: first.closed)
    status = await house.engine.status(house.origin.workspace_id)
    stopped, active = status.workspace.accounts
    assert (stopped.state, stopped.trouble) == ("stopped", "captcha")
    assert active.state == "active"
    sent = [words(what) for what, _ in second.submissions]
    house.driver.sessions.append(second)
    for _, nonce in list(second.submissions):
        house.session.shows(*says.an_imagine(nonce, house.clock.now(), UUID, turn=7))
    await house.until(lambda: len(second.submissions) == 2)
    assert sorted({*sent, words(second.submissions[1][0])}) == ["fox 0", "fox 1"]
    assert len(first.submissions) == 1
    assert jobs


async def test_a_stopped_account_is_followed_until_what_runs_there_has_ended(house):
    await house.open(concurrency=2)
    running = await house.imagine("running")
    _, nonce = await house.until_posted(1)
    house.session.answers(Answer(AnswerKind.REFUSED, "captcha required", Refusal.ACCOUNT, Trouble.CAPTCHA))
    waiting = await house.imagine("waiting")
    await house.until_posted(2)
    await house.clock.advance(5)
    assert not house.session.closed
    assert (await house.job(waiting)).state is JobState.QUEUED
    house.shows_an_imagine(nonce, UUID)
    await house.until_state(running, JobState.DONE)
    await house.until(lambda: house.session.closed)
    await house.clock.advance(5)
    assert len(house.driver.sessions) == 1
    assert len(house.session.submissions) == 2


async def test_a_stopped_account_answers_no_form(house):
    await house.open(concurrency=2)
    await house.imagine("running")
    _, nonce = await house.until_posted(1)
    house.session.answers(Answer(AnswerKind.REFUSED, "captcha required", Refusal.ACCOUNT, Trouble.CAPTCHA))
    await house.imagine("waiting")
    await house.until_posted(2)
    house.session.shows(says.asked(nonce))
    await house.clock.advance(20)
    assert len(house.session.submissions) == 2


async def test_a_session_that_ended_for_good_is_not_tried_again_until_its_owner_says_so(house):
    await house.open()
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    house.session.ends(Trouble.TOKEN)
    await house.clock.advance(30)
    assert len(house.driver.sessions) == 1
    (account,) = await house.store.accounts()
    assert account.state is AccountState.STOPPED
    await house.store.apply([AccountChange(account.id, AccountState.ACTIVE)])
    await house.until(lambda: len(house.driver.sessions) == 2)
    house.shows_an_imagine(nonce, UUID)
    await house.until_state(job, JobState.DONE)


async def test_words_that_nobody_knows_need_attention_after_a_minute_and_free_the_slot(house):
    await house.open(concurrency=1)
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    house.session.shows(says._seen(says.Channel.CREATED, says.Stage.UNKNOWN, nonce=nonce, words="Moon phase required"))
    await house.clock.advance(59)
    assert (await house.engine.job(job.workspace_id, job.id)).state is JobState.SENT
    await house.clock.advance(3)
    unknown = await house.until_state(job, JobState.NEEDS_ATTENTION)
    assert "Moon phase required" in unknown.note
    await house.imagine("the next")
    await house.until_posted(2)


async def test_a_refusal_of_midjourney_fails_the_job_with_its_words(house):
    await house.open()
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    house.session.shows(says.refused(nonce, "Invalid parameter"))
    failed = await house.until_state(job, JobState.FAILED)
    assert failed.failure.reason is FailureReason.PROMPT
    assert "Invalid parameter" in failed.failure.detail


async def test_while_the_store_cannot_write_nothing_is_promised_or_sent_and_reads_go_on(house):
    await house.open()
    done = await house.finished()
    house.store.trouble = "database is locked"
    with pytest.raises(Unavailable):
        await house.imagine()
    assert (await house.job(done)).state is JobState.DONE
    assert (await house.engine.status(None)).state == "degraded"
    house.store.trouble = None
    job = await house.imagine("afterwards")
    await house.until_posted(2)
    assert (await house.job(job)).state is not JobState.QUEUED


async def test_a_queued_job_is_cancelled_at_once_and_a_sent_one_when_midjourney_says_so(house):
    await house.open(concurrency=1)
    running, waiting = [await house.imagine(f"fox {n}") for n in range(2)]
    await house.until_posted(1)
    cancelled = await house.engine.cancel(house.origin, waiting.id)
    assert cancelled.state is JobState.CANCELLED
    assert (await house.engine.cancel(house.origin, running.id)).cancel_asked
    with pytest.raises(Conflict, match="CANCELLED"):
        await house.engine.cancel(house.origin, waiting.id)


async def test_what_cannot_be_done_is_refused_and_nothing_is_stored(house):
    await house.open()
    done = await house.finished()
    running = await house.imagine("runs")
    other = Origin(workspace_id="another", requester="key:2", dialect="test")
    before = len(await house.store.jobs(house.origin.workspace_id))
    for wrong, error in [
        (house.engine.imagine(house.origin, ""), InvalidInput),
        (house.engine.press(house.origin, "unknown", "U1"), NotFound),
        (house.engine.press(other, done.id, "U1"), NotFound),
        (house.engine.press(house.origin, running.id, "U1"), Conflict),
        (house.engine.press(house.origin, done.id, "U9"), NotOffered),
        (house.engine.cancel(other, running.id), NotFound),
    ]:
        with pytest.raises(error):
            await wrong
    assert len(await house.store.jobs(house.origin.workspace_id)) == before


async def test_a_job_with_a_limit_of_its_own_is_not_sent_after_it(house):
    await house.open(concurrency=1)
    await house.imagine("takes the slot")
    limited = await house.engine.imagine(house.origin, "hurry", timeout=10)
    failed = await house.until_state(limited, JobState.FAILED, seconds=15)
    assert failed.failure.reason is FailureReason.NOT_SENT


async def test_an_account_linked_while_the_engine_runs_is_taken(house):
    await house.open(accounts=1, concurrency=1)
    await house.store.add_account(new_account(house.origin.workspace_id))
    await house.until(lambda: len(house.driver.sessions) == 2, seconds=2.0)


async def test_a_refusal_that_comes_after_the_job_was_seen_changes_nothing(house):
    await house.open()
    later = asyncio.get_running_loop().create_future()
    house.session.answers(later)
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    house.session.shows(says.acknowledged(nonce))
    await house.clock.advance(1)
    later.set_result(Answer(AnswerKind.REFUSED, "429", Refusal.WAIT, retry_after=1.0))
    await house.clock.advance(10)
    assert len(house.session.submissions) == 1
    house.shows_an_imagine(nonce, UUID)
    await house.until_state(job, JobState.DONE)


async def test_a_job_that_was_put_back_and_shows_up_after_all_is_not_sent_again(house):
    await house.open()
    house.session.answers(Answer(AnswerKind.REFUSED, "429", Refusal.WAIT, retry_after=20.0))
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    await house.until_state(job, JobState.QUEUED)
    house.shows_an_imagine(nonce, UUID)
    await house.until_state(job, JobState.DONE)
    await house.clock.advance(40)
    assert len(house.session.submissions) == 1


async def test_after_a_restart_too_a_job_that_was_put_back_is_not_sent_again(house):
    await house.open()
    house.session.answers(Answer(AnswerKind.REFUSED, "429", Refusal.WAIT, retry_after=60.0))
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    await house.until_state(job, JobState.QUEUED)
    await house.stop()
    house.driver.prepare = lambda session: None  # not live yet: nothing can be sent
    house.engine = house._engine()
    await house.engine.start()
    await house.until(lambda: len(house.driver.sessions) == 2)
    house.shows_an_imagine(nonce, UUID)
    await house.until_state(job, JobState.DONE)
    assert house.session.submissions == []


async def test_the_place_on_the_wire_is_never_saved_ahead_of_a_frame_whose_effect_is_not_stored(house):
    await house.open()
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    await house.until(lambda: house.session.passed_seq is not None)
    await house.clock.advance(3)
    account_id = (await house.job(job)).account_id
    before = (await house.store.checkpoint(account_id)).seq
    keep, held = house.store.apply, asyncio.Event()

    async def apply(changes):
        if any(isinstance(change, JobChange) for change in changes):
            await held.wait()
        return await keep(changes)

    house.store.apply = apply
    house.session.shows(says.acknowledged(nonce))
    await house.clock.advance(5)
    assert (await house.store.checkpoint(account_id)).seq == before
    held.set()
    await house.clock.advance(5)
    assert (await house.store.checkpoint(account_id)).seq == before + 1


async def test_a_long_queue_of_one_workspace_does_not_hide_anothers_jobs(house):
    other = await house.store.ensure_workspace("other", house.clock.now())
    for _ in range(3):
        requests = [new_request(other.id, at=house.clock.now()) for _ in range(400)]
        await house.store.apply(requests)
    await house.clock.advance(1)
    workspace = await house.store.ensure_workspace("default", house.clock.now())
    mine = new_request(workspace.id, at=house.clock.now())
    await house.store.apply([mine])
    await house.open()
    await house.until_posted(1)
    assert (await house.job(mine.jobs[0])).state is JobState.SENT


async def test_a_job_of_unknown_outcome_is_looked_up_when_the_session_comes_back(house):
    await house.open()
    job = await house.imagine("a red fox")
    await house.until_posted(1)
    sent_at = house.clock.now()
    await house.until_state(job, JobState.NEEDS_ATTENTION, seconds=800)
    start = str(int(says.snowflake_at(sent_at)) + 99)
    final = says.a_final(start, UUID, prompt="a red fox")
    house.session.in_history(replace(final, channel=says.Channel.HISTORY))
    house.session.loses()
    house.session.goes_live(resumed=True)
    await house.until_state(job, JobState.DONE)
