"""What can be made of a finished job, and everything else that can be asked of Midjourney."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.actions import (
    CANCEL_JOB,
    CROSS,
    ENVELOPE,
    Action,
    ActionKind,
    Click,
    MessageCommand,
    ModalAnswer,
    Reaction,
    RegionAnswer,
    Slash,
)
from engine.model.details import AccountInfo, Details
from engine.model.errors import Conflict, InvalidInput, NotOffered
from engine.model.inputs import Given, ImageInput
from engine.model.jobs import Component, FailureReason, JobState, Modal, Mode
from engine.model.sightings import Channel, Stage, Trouble
from engine.model.snowflakes import snowflake_at
from engine.ports import Answer, AnswerKind, JobChange, Refusal
from tests.core.house import House
from tests.fakes import pictures
from tests.fakes import scripted_session as says

UUID = "11111111-1111-4111-8111-111111111111"
CHILD = "22222222-2222-4222-8222-222222222222"


def told(nonce, details: Details, message_id=None, *, verb: str, **more):
    """An answer in words."""
    return says._seen(
        Channel.CREATED,
        Stage.FINAL,
        **{"nonce": nonce, "message_id": message_id, "flags": 64, "details": details, "verb": verb, **more},
    )


def message_id(house: House, turn: int) -> str:
    """A snowflake of now."""
    return str(int(snowflake_at(house.clock.now())) + turn)


def button(custom_id: str, label: str) -> Component:
    return Component(2, custom_id, label, None, 2, None, 0, 0)


async def with_buttons(house: House, *components: Component, **details):
    """A finished job whose result carries these buttons."""
    posted = sum(len(session.submissions) for session in house.driver.sessions)
    job = await house.imagine()
    _, nonce = await house.until_posted(posted + 1)
    final = says.a_final(message_id(house, 700 + posted), UUID, nonce=nonce, components=components)
    house.session.shows(replace(final, **details))
    return await house.until_state(job, JobState.DONE)


# --- forms ---


async def test_new_words_are_written_into_the_form_that_remix_opens(house):
    await house.open()
    parent = await house.finished()
    job = await house.engine.press(house.origin, parent.id, "V1", words="a blue fox")
    assert job.prompt == "a blue fox"
    click, nonce = await house.until_posted(2)
    assert isinstance(click, Click)
    house.session.shows(says.asked(nonce, value="the old words"))
    answer, _ = await house.until_posted(3)
    assert isinstance(answer, ModalAnswer)
    assert answer.fields == (("MJ::RemixModal::new_prompt", "a blue fox"),)
    await house.until(lambda: house.account_facts().remix is True)


async def test_a_form_that_nobody_expected_is_answered_as_it_came(house):
    await house.open()
    parent = await house.finished()
    await house.engine.press(house.origin, parent.id, "V1")
    _, nonce = await house.until_posted(2)
    house.session.shows(says.asked(nonce, value="the old words"))
    answer, _ = await house.until_posted(3)
    assert answer.fields == (("MJ::RemixModal::new_prompt", "the old words"),)


async def test_a_result_without_the_expected_form_is_taken_and_marked(house):
    await house.open()
    parent = await house.finished()
    job = await house.engine.press(house.origin, parent.id, "V1", words="a blue fox")
    _, nonce = await house.until_posted(2)
    house.shows_an_imagine(nonce, CHILD)
    done = await house.until_state(job, JobState.DONE)
    assert done.prompt_ignored
    assert house.account_facts().remix is False


async def test_new_words_are_refused_when_remix_is_known_to_be_off(house):
    await house.open()
    parent = await house.finished()
    await house.knows(remix=False)
    with pytest.raises(Conflict, match="Remix is off"):
        await house.engine.press(house.origin, parent.id, "V1", words="a blue fox")


async def test_words_for_a_button_that_takes_none_are_refused(house):
    await house.open()
    parent = await house.finished()
    with pytest.raises(InvalidInput, match="prompt"):
        await house.engine.press(house.origin, parent.id, "U1", words="a blue fox")


async def test_a_custom_zoom_without_a_zoom_is_refused_before_anything_is_sent(house):
    await house.open()
    parent = await with_buttons(house, button(f"MJ::CustomZoom::{UUID}", "Custom Zoom"))
    with pytest.raises(InvalidInput, match="--zoom"):
        await house.engine.press(house.origin, parent.id, "Custom Zoom", words="a fox")
    await house.engine.press(house.origin, parent.id, "Custom Zoom", words="a fox --zoom 1.7")
    assert len(house.session.submissions) == 1


async def test_a_painted_region_goes_to_midjourneys_own_page_byte_for_byte(house):
    await house.open()
    parent = await with_buttons(house, button(f"MJ::Inpaint::1::{UUID}::SOLO", "Vary (Region)"))
    mask = pictures.drawn(size=house.size_of(parent))
    name = await house.engine.keep(mask, "mask")
    job = await house.engine.press(house.origin, parent.id, "Vary (Region)", words="a hat", mask=name)
    _, nonce = await house.until_posted(2)
    editor = Modal("900", "MJ::iframe::TOKEN", "Inpaint", (), "/inpaint/index.html")
    house.session.shows(says._seen(Channel.INTERACTION, Stage.ASKED, nonce=nonce, interaction_id="900", modal=editor))
    answer, second = await house.until_posted(3)
    assert answer == RegionAnswer(says.MIDJOURNEY_APPLICATION, "MJ::iframe::TOKEN", mask, "a hat")
    house.session.shows(says.a_final(message_id(house, 901), CHILD, interaction_id="900", verb="variations (region)"))
    done = await house.until_state(job, JobState.DONE)
    assert done.result.uuid == CHILD
    assert second != nonce


async def test_a_mask_of_another_size_than_the_picture_is_refused_naming_both(house):
    await house.open()
    parent = await with_buttons(house, button(f"MJ::Inpaint::1::{UUID}::SOLO", "Vary (Region)"))
    name = await house.engine.keep(pictures.drawn(size=(3, 5)), "mask")
    width, height = house.size_of(parent)
    with pytest.raises(InvalidInput, match=f"3x5.*{width}x{height}"):
        await house.engine.press(house.origin, parent.id, "Vary (Region)", mask=name)
    with pytest.raises(InvalidInput, match="mask is missing"):
        await house.engine.press(house.origin, parent.id, "Vary (Region)")


async def test_a_button_that_the_catalogue_does_not_know_is_pressed_as_it_is(house):
    await house.open()
    parent = await with_buttons(house, button(f"MJ::JOB::sparkle::1::{UUID}::SOLO", "Sparkle"))
    job = await house.engine.press(house.origin, parent.id, "Sparkle")
    click, nonce = await house.until_posted(2)
    assert click.custom_id == f"MJ::JOB::sparkle::1::{UUID}::SOLO"
    house.session.shows(says.a_final(message_id(house, 950), CHILD, nonce=nonce, verb="sparkling"))
    assert (await house.until_state(job, JobState.DONE)).action.kind is ActionKind.PRESS


async def test_an_upscaler_is_found_by_its_short_name_too(house):
    await house.open()
    custom_id = f"MJ::JOB::upsample_v7_2x_subtle::1::{UUID}::SOLO"
    parent = await with_buttons(house, button(custom_id, "Upscale (Subtle)"))
    job = await house.engine.act(house.origin, parent.id, Action(ActionKind.UPSAMPLE, None, "subtle"))
    assert job.action.name == "upsample_v7_2x_subtle"
    with pytest.raises(NotOffered, match="Upscale"):
        await house.engine.act(house.origin, parent.id, Action(ActionKind.UPSAMPLE, None, "creative"))


async def test_a_second_press_for_the_same_cell_shows_what_is_there(house):
    await house.open()
    parent = await house.finished()
    first = await house.engine.press(house.origin, parent.id, "U2")
    again = await house.engine.press(house.origin, parent.id, "U2")
    other = await house.engine.press(house.origin, parent.id, "U3")
    assert again.id == first.id != other.id


# --- batches ---


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


async def test_all_descriptions_at_once_are_four_jobs_with_nonces(house):
    await house.open()
    numbers = [button(f"MJ::Job::PicReader::{n}", f"{n}") for n in range(1, 5)]
    everything = button("MJ::Job::PicReader::all", "Imagine all")
    texts = ("one fox", "two foxes", "three foxes", "four foxes")
    parent = await with_buttons(house, *numbers, everything, details=Details(texts=texts))
    first = await house.engine.press(house.origin, parent.id, "Imagine all")
    jobs = await house.engine.jobs_of(house.origin.workspace_id, first.id)
    assert [job.prompt for job in jobs] == list(texts)
    assert [job.click.custom_id for job in jobs] == [f"MJ::Job::PicReader::{n}" for n in range(1, 5)]


# --- pictures that go up ---


async def test_a_kept_picture_is_uploaded_and_its_address_leads_the_prompt(house):
    await house.open()
    name = await house.engine.keep(pictures.drawn(), "image")
    job = await house.engine.imagine(house.origin, "a fox", images=[ImageInput(kept=name)])
    command, _ = await house.until_posted(1)
    sent = dict(command.options)["prompt"]
    assert sent.endswith(" a fox")
    assert sent.startswith("https://cdn.test/")
    stored = await house.until_state(job, JobState.SENT)
    assert (stored.prompt, stored.sent_prompt) == ("a fox", sent)


async def test_blend_and_describe_take_uploads_as_options(house):
    await house.open()
    names = [await house.engine.keep(pictures.drawn(size=(8, 8 + n)), "image") for n in range(2)]
    await house.engine.command(
        house.origin,
        Action(ActionKind.BLEND),
        given=Given(images=tuple(ImageInput(kept=name) for name in names), dimensions="--ar 2:3"),
    )
    command, _ = await house.until_posted(1)
    assert (command.name, [name for name, _ in command.options]) == ("blend", ["image1", "image2", "dimensions"])
    await house.engine.command(
        house.origin, Action(ActionKind.DESCRIBE), given=Given(images=(ImageInput(kept=names[0]),))
    )
    described, _ = await house.until_posted(2)
    assert [name for name, _ in described.options] == ["image"]


async def test_a_picture_that_midjourney_can_fetch_is_described_by_its_link(house):
    await house.open()
    given = Given(images=(ImageInput("https://example.org/a.png"),))
    await house.engine.command(house.origin, Action(ActionKind.DESCRIBE), given=given)
    described, _ = await house.until_posted(1)
    assert described == Slash(says.MIDJOURNEY_APPLICATION, "describe", (("link", "https://example.org/a.png"),))


async def test_a_picture_that_is_gone_fails_its_job_and_nothing_is_sent(house):
    await house.open()
    job = await house.engine.imagine(house.origin, "a fox", images=[ImageInput(kept="gone.png")])
    failed = await house.until_state(job, JobState.FAILED)
    assert failed.failure.reason is FailureReason.PROMPT
    assert house.session.submissions == []


@pytest.mark.parametrize("count", [1, 6])
async def test_too_few_or_too_many_pictures_cannot_be_blended(house, count):
    await house.open()
    given = Given(images=(ImageInput("https://example.org/a.png"),) * count)
    with pytest.raises(InvalidInput, match="images"):
        await house.engine.command(house.origin, Action(ActionKind.BLEND), given=given)


# --- answers in words ---


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


# --- cancelling ---


async def test_a_running_imagine_is_cancelled_through_midjourney(house):
    await house.open()
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    shown = message_id(house, 10)
    house.session.shows(says.waiting(nonce, shown))
    await house.until_state(job, JobState.RUNNING)
    asked = await house.engine.cancel(house.origin, job.id)
    assert (asked.state, asked.cancel_asked) == (JobState.RUNNING, True)
    way, _ = await house.until_posted(2)
    assert way == MessageCommand(says.MIDJOURNEY_APPLICATION, CANCEL_JOB, house.channel_id(), shown)
    house.session.shows(says._seen(Channel.EDITED, Stage.STOPPED, message_id=shown))
    await house.until_state(job, JobState.CANCELLED)


async def test_a_cancelled_job_whose_message_vanishes_without_a_result_is_cancelled(house):
    await house.open()
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    shown = message_id(house, 10)
    house.session.shows(says.waiting(nonce, shown))
    await house.until_state(job, JobState.RUNNING)
    await house.engine.cancel(house.origin, job.id)
    house.session.shows(says.deleted(shown))
    await house.until_state(job, JobState.CANCELLED)


async def test_a_running_variation_is_cancelled_by_its_own_button(house):
    await house.open()
    parent = await house.finished()
    job = await house.engine.press(house.origin, parent.id, "V1")
    _, nonce = await house.until_posted(2)
    shown = message_id(house, 20)
    cancel = button(f"MJ::CancelJob::ByJobid::{CHILD}", "Cancel Job")
    house.session.shows(says.waiting(nonce, shown, flags=64, components=(cancel,)))
    await house.until_state(job, JobState.RUNNING)
    await house.engine.cancel(house.origin, job.id)
    way, _ = await house.until_posted(3)
    assert way == Click(says.MIDJOURNEY_APPLICATION, house.channel_id(), shown, 64, cancel.custom_id)


async def test_a_way_of_cancelling_that_discord_refuses_is_followed_by_the_next_at_once(house):
    await house.open()
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    shown = message_id(house, 10)
    house.session.shows(says.waiting(nonce, shown))
    await house.until_state(job, JobState.RUNNING)
    house.session.answers(Answer(AnswerKind.REFUSED, "no such command", Refusal.GONE))
    began = house.clock.ticks()
    await house.engine.cancel(house.origin, job.id)
    way, _ = await house.until_posted(3)
    assert way == Reaction(house.channel_id(), shown, CROSS)
    assert house.clock.ticks() - began < 2


async def test_a_cancel_that_does_not_help_is_tried_another_way_and_the_result_is_kept(house):
    await house.open()
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    shown = message_id(house, 10)
    house.session.shows(says.waiting(nonce, shown))
    await house.until_state(job, JobState.RUNNING)
    await house.engine.cancel(house.origin, job.id)
    await house.until_posted(3)
    assert isinstance(house.session.submissions[2][0], Reaction)
    house.session.shows(says.a_final(message_id(house, 11), UUID, reference_id=shown))
    assert (await house.until_state(job, JobState.DONE)).cancel_asked


# --- Remix ---


async def test_remix_is_turned_on_for_one_action_and_back_while_nothing_else_leaves(house):
    await house.open(switches_remix=True)
    parent = await house.finished()
    house.answers_remix_from_now_on(on=False)
    await house.knows(remix=False)
    job = await house.engine.press(house.origin, parent.id, "V1", words="a blue fox")
    other = await house.imagine("meanwhile")
    await house.until(house.facts_owed)
    await house.until_posted(5)
    await house.until_posted(6)
    sent = [what.name if isinstance(what, Slash) else type(what).__name__ for what, _ in house.session.submissions]
    assert sent == ["prefer remix", "Click", "ModalAnswer", "prefer remix", "imagine"]
    assert house.account_facts().remix is False
    assert house.account_facts().remix_owed is None
    assert (await house.job(job)).form_answered
    assert (await house.job(other)).state is JobState.SENT


async def test_after_a_crash_remix_is_put_back(house):
    await house.open(switches_remix=True)
    house.answers_remix_from_now_on(on=True)
    await house.knows(remix=True, remix_owed=False)
    await house.until(lambda: bool(house.session.submissions))
    command, _ = house.session.submissions[0]
    assert command == Slash(says.MIDJOURNEY_APPLICATION, "prefer remix")
    await house.until(lambda: house.account_facts().remix_owed is None)
    assert house.account_facts().remix is False


async def test_a_form_that_opens_before_remix_can_be_put_back_is_filled_in_first(house):
    await house.open(switches_remix=True)
    parent = await house.finished()
    await house.knows(remix=True)
    job = await house.engine.press(house.origin, parent.id, "V1")
    _, nonce = await house.until_posted(2)
    house.answers_remix_from_now_on(on=True)
    await house.knows(remix=True, remix_owed=False)
    await house.clock.advance(2)
    house.session.shows(says.asked(nonce, value="the old words"))
    await house.until(lambda: bool(house.session.submissions), seconds=5)
    assert (await house.until_state(job, JobState.SENT)).form_answered
    house.shows_an_imagine(house.session.submissions[-1][1], CHILD)
    await house.until(lambda: house.account_facts().remix_owed is None, seconds=5)
    sent = [what.name if isinstance(what, Slash) else type(what).__name__ for what, _ in house.session.submissions]
    assert sent == ["ModalAnswer", "prefer remix"]


async def test_remix_is_put_back_although_the_answer_to_a_press_was_missed(house):
    await house.open(switches_remix=True)
    parent = await house.finished()
    await house.knows(remix=True)
    job = await house.engine.press(house.origin, parent.id, "V1")
    await house.until_posted(2)
    house.answers_remix_from_now_on(on=True)
    await house.knows(remix=True, remix_owed=False)
    await house.until(lambda: house.account_facts().remix_owed is None, seconds=30)
    assert (await house.job(job)).state is JobState.SENT


# --- silence and strange words ---


async def test_two_silent_jobs_in_a_row_stop_the_account(house):
    await house.open()
    jobs = [await house.imagine(f"fox {n}") for n in range(2)]
    for number in (1, 2):
        _, nonce = await house.until_posted(number)
        house.session.shows(says.acknowledged(nonce, f"80{number}"))
    await house.clock.advance(59)
    status = await house.engine.status(house.origin.workspace_id)
    assert status.workspace.accounts[0].state == "active"
    await house.clock.advance(5)
    await house.until(house.stopped)
    status = await house.engine.status(house.origin.workspace_id)
    assert "silent block" in status.workspace.accounts[0].reason
    assert [(await house.job(job)).state for job in jobs] == [JobState.SENT] * 2


async def test_jobs_that_discord_shows_late_are_not_silent(house):
    await house.open()
    for number in (1, 2):
        await house.imagine(f"fox {number}")
        await house.until_posted(number)
    await house.clock.advance(59)
    for number, (_, nonce) in enumerate(house.session.submissions, start=1):
        house.session.shows(says.acknowledged(nonce, f"80{number}"))
    await house.clock.advance(30)
    assert not house.stopped()
    await house.clock.advance(35)
    assert house.stopped()


async def test_one_silent_job_among_others_stops_nothing(house):
    await house.open()
    await house.imagine("silent")
    _, nonce = await house.until_posted(1)
    house.session.shows(says.acknowledged(nonce, "801"))
    await house.clock.advance(65)
    await house.finished()
    job = await house.imagine("silent again")
    _, nonce = await house.until_posted(3)
    house.session.shows(says.acknowledged(nonce, "803"))
    await house.clock.advance(65)
    assert not house.stopped()
    assert (await house.job(job)).state is JobState.SENT


async def test_three_strange_things_in_ten_minutes_are_told_and_stop_nothing(house):
    await house.open()
    for number, words in enumerate(("Moon phase required", "Tides wanted", "Wind expected")):
        house.session.shows(
            says._seen(
                Channel.CREATED,
                Stage.UNKNOWN,
                message_id=message_id(house, 60 + number),
                words=words,
                user_id=None,
            )
        )
        await house.clock.advance(1)
    status = await house.engine.status(house.origin.workspace_id)
    (account,) = status.workspace.accounts
    assert account.state == "active"
    assert any("Moon phase required" in warning for warning in account.warnings)


# --- pictures that nobody needs any more ---


async def test_pictures_of_ended_jobs_are_swept_after_a_week_and_those_of_waiting_jobs_are_not(house):
    await house.open(concurrency=1)
    forgotten = await house.engine.keep(pictures.drawn(), "image")
    waiting = await house.engine.keep(pictures.drawn(size=(9, 9)), "image")
    house.session.loses()
    await house.clock.advance(1)
    job = await house.engine.imagine(house.origin, "a fox", images=[ImageInput(kept=waiting)])
    house.inputs.kept = {name: (content, at - timedelta(days=8)) for name, (content, at) in house.inputs.kept.items()}
    await house.clock.advance(3601)
    assert set(house.inputs.kept) == {waiting}
    assert (await house.job(job)).state is JobState.QUEUED
    assert forgotten != waiting


# --- what a reviewer broke ---


async def test_presses_at_the_same_moment_are_one(house):
    await house.open()
    parent = await house.finished()
    pressed = await asyncio.gather(*(house.engine.press(house.origin, parent.id, "U3") for _ in range(5)))
    assert len({job.id for job in pressed}) == 1


@pytest.mark.parametrize(
    "action", [Action(ActionKind.SPEED, None, "bogus"), Action(ActionKind.SPEED), Action(ActionKind.UPSCALE, 1)]
)
async def test_what_is_no_command_is_refused_and_not_stored(house, action):
    await house.open()
    with pytest.raises(InvalidInput, match="action"):
        await house.engine.command(house.origin, action)
    assert await house.store.jobs(house.origin.workspace_id) == []


@pytest.mark.parametrize(
    "image",
    [ImageInput(), ImageInput("z --repeat 3"), ImageInput("{x,y}"), ImageInput("file:///etc/passwd"), ImageInput("")],
)
async def test_a_picture_is_one_address_and_brings_no_words(house, image):
    await house.open()
    with pytest.raises(InvalidInput, match="image"):
        await house.engine.imagine(house.origin, "a fox", images=[image])
    with pytest.raises(InvalidInput, match="image"):
        await house.engine.command(house.origin, Action(ActionKind.DESCRIBE), given=Given(images=(image,)))


async def test_a_check_that_discord_demands_of_the_remix_command_stops_the_account_at_once(house):
    house.answers_remix_from_now_on(on=False)
    await house.open(switches_remix=True)
    parent = await house.finished()
    await house.knows(remix=False)
    captcha = Answer(AnswerKind.REFUSED, "captcha", Refusal.ACCOUNT, Trouble.CAPTCHA)
    house.session.on_submit = lambda what, nonce: captcha
    await house.engine.press(house.origin, parent.id, "V1", words="a blue fox")
    await house.until(house.stopped)
    await house.clock.advance(30)
    assert len(house.session.submissions) == 1


async def test_a_remix_command_that_is_never_answered_fails_the_press_after_a_few_tries(house):
    await house.open(switches_remix=True)
    parent = await house.finished()
    await house.knows(remix=False)
    job = await house.engine.press(house.origin, parent.id, "V1", words="a blue fox")
    failed = await house.until_state(job, JobState.FAILED, seconds=300)
    assert failed.failure.reason is FailureReason.TRANSIENT
    assert "Remix" in failed.failure.detail
    assert not any(isinstance(what, Click) for what, _ in house.session.submissions)


async def test_cancelling_a_batch_cancels_every_job_of_it(house):
    await house.open(concurrency=1)
    first = await house.engine.imagine(house.origin, "a {red, blue, green} fox")
    await house.until_posted(1)
    await house.engine.cancel(house.origin, first.id)
    jobs = await house.engine.jobs_of(house.origin.workspace_id, first.id)
    assert sum(job.state is JobState.CANCELLED for job in jobs) == 2
    assert sum(job.cancel_asked for job in jobs) == 1


async def test_a_mask_is_a_png_or_a_webp(house):
    await house.open()
    parent = await with_buttons(house, button(f"MJ::Inpaint::1::{UUID}::SOLO", "Vary (Region)"))
    name = await house.engine.keep(pictures.drawn("JPEG", size=house.size_of(parent)), "mask")
    with pytest.raises(InvalidInput, match=r"mask is a JPE?G file"):
        await house.engine.press(house.origin, parent.id, "Vary (Region)", mask=name)


@pytest.mark.parametrize(
    ("action", "wishes", "field"),
    [
        (Action(ActionKind.SHOW), {"given": Given(value="not-a-uuid")}, "job_id"),
        (Action(ActionKind.SHOW), {}, "job_id"),
        (Action(ActionKind.SHORTEN), {"prompt": "\u200b"}, "prompt"),
        (Action(ActionKind.SHORTEN), {"prompt": "x" * 6001}, "prompt"),
        (Action(ActionKind.SUFFIX), {"given": Given(value="x" * 6001)}, "prompt"),
        (Action(ActionKind.DESCRIBE), {"given": Given(images=(ImageInput("https://e.org/" + "x" * 6000),))}, "image"),
    ],
)
async def test_arguments_of_commands_are_checked_before_anything_is_stored(house, action, wishes, field):
    await house.open()
    with pytest.raises(InvalidInput, match=field):
        await house.engine.command(house.origin, action, **wishes)
    assert await house.store.jobs(house.origin.workspace_id) == []


async def test_a_picture_as_a_data_address_inside_the_words_is_refused(house):
    await house.open()
    with pytest.raises(InvalidInput, match="data: address"):
        await house.imagine("data:image/png;base64,AAAA a fox")
