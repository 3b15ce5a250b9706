"""Everything that is asked by a command, and answers in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.model.actions import (
    ENVELOPE,
    Action,
    ActionKind,
    Reaction,
    Slash,
)
from engine.model.details import AccountInfo, Details
from engine.model.errors import Conflict, InvalidInput
from engine.model.inputs import Given, ImageInput
from engine.model.jobs import JobState
from engine.ports import JobChange
from tests.core.answers_at_hand import UUID, button, message_id, told, with_buttons
from tests.fakes import scripted_session as says


async def test_the_seed_is_asked_for_once_and_comes_by_direct_message(house):
    await house.open()
    parent = await house.finished(uuid=UUID)
    job = await house.engine.act(house.origin, parent.id, Action(ActionKind.SEED))
    again = await house.engine.act(house.origin, parent.id, Action(ActionKind.SEED))
    assert again.id == job.id
    reaction, _ = await house.until_posted(2)
    assert reaction == Reaction(parent.result.channel_id, parent.result.message_id, ENVELOPE)
    seed = Details(seed="984073766")
    house.session.shows(told(None, seed, message_id(house, 970), verb="seed", uuids=frozenset({UUID})))
    done = await house.until_state(job, JobState.DONE)
    assert done.result.details.seed == "984073766"
    later = await house.engine.act(house.origin, parent.id, Action(ActionKind.SEED))
    assert later.id == job.id


async def test_a_seed_asked_for_anew_is_a_job_of_its_own_that_is_done_at_once(house):
    await house.open()
    parent = await house.finished(uuid=UUID)
    first = await house.engine.act(house.origin, parent.id, Action(ActionKind.SEED))
    still_running = await house.engine.act(house.origin, parent.id, Action(ActionKind.SEED), anew=True)
    assert still_running.id == first.id
    await house.until_posted(2)
    house.session.shows(
        told(None, Details(seed="984073766"), message_id(house, 970), verb="seed", uuids=frozenset({UUID}))
    )
    done = await house.until_state(first, JobState.DONE)
    anew = await house.engine.act(house.origin, parent.id, Action(ActionKind.SEED), anew=True)
    assert anew.id != first.id
    for again in (anew, await house.engine.job(house.origin.workspace_id, anew.id)):
        assert (again.state, again.result, again.account_id) == (JobState.DONE, done.result, done.account_id)
    assert [update.state for update in await house.store.updates(anew.id)] == [JobState.QUEUED, JobState.DONE]
    await house.clock.advance(5)
    assert len(house.session.submissions) == 2


async def test_what_a_new_session_says_of_its_owner_is_kept_and_outlives_a_resume(house):
    await house.open()
    house.session.goes_live(resumed=False, username="ypontonx", masked_email="n****@l****.ru")
    await house.until(lambda: house.account_facts().username == "ypontonx")
    assert house.account_facts().masked_email == "n****@l****.ru"
    house.session.goes_live(resumed=True)
    await house.clock.advance(1)
    assert house.account_facts().username == "ypontonx"


async def test_a_seed_whose_letter_never_comes_says_what_the_account_has_to_allow(house):
    await house.open()
    parent = await house.finished()
    job = await house.engine.act(house.origin, parent.id, Action(ActionKind.SEED))
    await house.until_posted(2)
    unknown = await house.until_state(job, JobState.NEEDS_ATTENTION, seconds=70)
    assert "allow direct messages" in unknown.note


async def test_what_an_answer_tells_of_the_account_is_known_before_its_job_is_done(house):
    await house.open()
    job = await house.engine.command(house.origin, Action(ActionKind.REMIX))
    _, nonce = await house.until_posted(1)
    known_when_done = []
    apply = house.store.apply

    async def watched(changes):
        outcomes = await apply(changes)
        if any(isinstance(each, JobChange) and each.after.state is JobState.DONE for each in changes):
            known_when_done.append(house.account_facts().remix)
        return outcomes

    house.store.apply = watched
    house.session.shows(told(nonce, Details(remix=True, notice="Remix mode turned on!"), verb="remix mode"))
    await house.until_state(job, JobState.DONE)
    assert known_when_done == [True]


async def test_a_seed_that_came_while_nobody_listened_is_found_among_the_letters(house):
    await house.open()
    parent = await house.finished(uuid=UUID)
    job = await house.engine.act(house.origin, parent.id, Action(ActionKind.SEED))
    await house.until_posted(2)
    house.session.loses()
    letter = told(None, Details(seed="984073766"), message_id(house, 970), verb="seed", uuids=frozenset({UUID}))
    house.session.in_history(letter)
    house.session.goes_live(resumed=False)
    done = await house.until_state(job, JobState.DONE)
    assert done.result.details.seed == "984073766"
    assert house.session.letters_read[-1] is True


async def test_account_info_is_a_result_and_is_remembered(house):
    await house.open()
    (account,) = await house.store.accounts()
    job = await house.engine.command(house.origin, Action(ActionKind.INFO), account_id=account.id)
    command, nonce = await house.until_posted(1)
    assert command == Slash(says.MIDJOURNEY_APPLICATION, "info")
    info = AccountInfo(plan="Standard", fast_seconds_left=3600.0)
    house.session.shows(told(nonce, Details(info=info), message_id(house, 980), verb="info"))
    done = await house.until_state(job, JobState.DONE)
    assert done.result.details.info == info
    await house.until(lambda: house.account_facts().info == info)
    with pytest.raises(InvalidInput, match="Standard plan"):
        await house.engine.imagine(house.origin, "a fox --repeat 11", account_id=account.id)


async def test_a_favourite_is_not_taken_for_a_result_of_another_press(house):
    await house.open()
    heart = button(f"MJ::BOOKMARK::{UUID}", "❤️")
    strong = button(f"MJ::JOB::high_variation::1::{UUID}::SOLO", "Vary (Strong)")
    parent = await with_buttons(house, heart, strong)
    variation = await house.engine.press(house.origin, parent.id, "Vary (Strong)")
    favourite = await house.engine.press(house.origin, parent.id, "❤️")
    await house.until_posted(3)
    notice = Details(notice="You have successfully rated this job")
    clicked = parent.result.message_id
    house.session.shows(told(None, notice, message_id(house, 990), verb="rated", clicked_id=clicked))
    await house.until_state(favourite, JobState.DONE)
    assert (await house.job(variation)).state is not JobState.DONE


@pytest.mark.parametrize(
    "action", [Action(ActionKind.SPEED, None, "bogus"), Action(ActionKind.SPEED), Action(ActionKind.UPSCALE, 1)]
)
async def test_what_is_no_command_is_refused_and_not_stored(house, action):
    await house.open()
    with pytest.raises(InvalidInput, match="action"):
        await house.engine.command(house.origin, action)
    assert await house.store.jobs(house.origin.workspace_id) == []


@pytest.mark.parametrize(
    ("action", "wishes", "field"),
    [
        (Action(ActionKind.SHOW), {"given": Given(value="not-a-uuid")}, "job_id"),
        (Action(ActionKind.SHOW), {}, "job_id"),
        (Action(ActionKind.SHORTEN), {"prompt": "\u200b"}, "prompt"),
        (Action(ActionKind.SHORTEN), {"prompt": "x" * 6001}, "prompt"),
        (Action(ActionKind.SUFFIX), {"given": Given(value="x" * 6001)}, "suffix"),
        (Action(ActionKind.SUFFIX), {"given": Given(value="--arr 16:9")}, "suffix"),
        (Action(ActionKind.SUFFIX), {"given": Given(value="https://example.org/a.png")}, "suffix"),
        (Action(ActionKind.DESCRIBE), {"given": Given(images=(ImageInput("https://e.org/" + "x" * 6000),))}, "image"),
    ],
)
async def test_arguments_of_commands_are_checked_before_anything_is_stored(house, action, wishes, field):
    await house.open()
    with pytest.raises(InvalidInput, match=field):
        await house.engine.command(house.origin, action, **wishes)
    assert await house.store.jobs(house.origin.workspace_id) == []


async def test_another_bot_than_midjourneys_is_refused(house):
    await house.open()
    with pytest.raises(InvalidInput, match="application_id"):
        await house.engine.imagine(house.origin, "a fox", application_id="1")


async def test_one_of_our_own_jobs_is_shown_by_the_account_that_made_it(house):
    await house.open(accounts=3)
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    (session,) = [each for each in house.driver.sessions if each.submissions]
    session.shows(*says.an_imagine(nonce, house.clock.now(), UUID))
    made = await house.until_state(job, JobState.DONE)
    for value in (made.id, made.id.upper()):
        shown = await house.engine.command(house.origin, Action(ActionKind.SHOW), given=Given(value=value))
        assert (shown.given.value, shown.bound_account_id) == (UUID, made.account_id)
    with pytest.raises(InvalidInput, match=f"account_id is {made.account_id % 3 + 1}"):
        await house.engine.command(
            house.origin, Action(ActionKind.SHOW), given=Given(value=made.id), account_id=made.account_id % 3 + 1
        )


async def test_a_job_of_midjourneys_that_is_none_of_ours_is_shown_by_any_account(house):
    await house.open(accounts=2)
    shown = await house.engine.command(house.origin, Action(ActionKind.SHOW), given=Given(value=UUID))
    assert (shown.given.value, shown.bound_account_id) == (UUID, None)


async def test_a_job_that_is_not_finished_cannot_be_shown(house):
    await house.open()
    job = await house.imagine()
    with pytest.raises(Conflict, match=f"{job.id} is"):
        await house.engine.command(house.origin, Action(ActionKind.SHOW), given=Given(value=job.id))


async def test_what_shows_a_private_job_is_private(house):
    await house.open()
    job = await house.engine.imagine(replace(house.origin, private=True), "a red fox")
    _, nonce = await house.until_posted(1)
    house.shows_an_imagine(nonce, UUID)
    await house.until_state(job, JobState.DONE)
    shown = await house.engine.command(house.origin, Action(ActionKind.SHOW), given=Given(value=job.id))
    assert shown.private
