"""What is made of a finished job by its buttons, and the forms that they open."""

from __future__ import annotations

import asyncio

import pytest

from engine.model.actions import (
    Action,
    ActionKind,
    Click,
    ModalAnswer,
    RegionAnswer,
)
from engine.model.details import AccountInfo, Details
from engine.model.errors import Conflict, InvalidInput, NotOffered
from engine.model.jobs import JobState, Modal
from engine.model.sightings import Channel, Stage
from tests.core.answers_at_hand import CHILD, UUID, button, message_id, with_buttons
from tests.fakes import pictures
from tests.fakes import scripted_session as says


async def test_new_words_are_written_into_the_form_that_remix_opens(house):
    await house.open()
    parent = await house.finished()
    job = await house.engine.press(house.origin, parent.id, "V1", words="a blue fox")
    assert job.prompt == "a blue fox"
    click, nonce = await house.until_posted(3)
    assert isinstance(click, Click)
    house.session.shows(says.asked(nonce, value="the old words"))
    answer, _ = await house.until_posted(4)
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
    _, nonce = await house.until_posted(3)
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


@pytest.mark.parametrize("flag", ["--relax", "--stealth"])
async def test_words_are_held_to_the_plan_of_the_account_that_made_the_parent(house, flag):
    await house.open()
    parent = await house.finished()
    await house.knows(remix=True, info=AccountInfo(plan="Basic"))
    before = len(house.session.submissions)
    with pytest.raises(InvalidInput, match=f"{flag}.*Basic"):
        await house.engine.press(house.origin, parent.id, "V1", words=f"a blue fox {flag}")
    assert len(house.session.submissions) == before


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


async def test_a_cell_whose_first_press_failed_is_pressed_anew(house):
    await house.open()
    parent = await house.finished()
    first = await house.engine.press(house.origin, parent.id, "U2")
    _, nonce = await house.until_posted(2)
    house.session.shows(says.refused(nonce))
    await house.until_state(first, JobState.FAILED)
    again = await house.engine.press(house.origin, parent.id, "U2")
    assert again.id != first.id
    await house.until_posted(3)
    assert (await house.engine.press(house.origin, parent.id, "U2")).id == again.id


async def test_a_cell_whose_first_press_was_taken_back_is_pressed_anew(house):
    await house.open()
    parent = await house.finished()
    house.session.loses()
    first = await house.engine.press(house.origin, parent.id, "U2")
    await house.engine.cancel(house.origin, first.id)
    assert (await house.engine.press(house.origin, parent.id, "U2")).id != first.id


async def test_a_press_that_makes_something_new_each_time_is_not_looked_up(house):
    await house.open()
    parent = await house.finished()
    pressed = [await house.engine.press(house.origin, parent.id, "V2") for _ in range(2)]
    assert pressed[0].id != pressed[1].id


async def test_what_another_process_stored_is_what_a_second_press_shows(house):
    await house.open()
    parent = await house.finished()
    first = await house.engine.press(house.origin, parent.id, "U2")
    await house.restart()
    assert (await house.engine.press(house.origin, parent.id, "U2")).id == first.id


async def test_presses_at_the_same_moment_are_one(house, monkeypatch):
    await house.open()
    parent = await house.finished()
    looked_up = house.store.children

    async def slowly(*asked):
        found = await looked_up(*asked)
        await asyncio.sleep(0)  # as a store with a thread of its own does
        return found

    monkeypatch.setattr(house.store, "children", slowly)
    pressed = await asyncio.gather(*(house.engine.press(house.origin, parent.id, "U3") for _ in range(5)))
    assert len({job.id for job in pressed}) == 1


async def test_a_mask_is_a_png_or_a_webp(house):
    await house.open()
    parent = await with_buttons(house, button(f"MJ::Inpaint::1::{UUID}::SOLO", "Vary (Region)"))
    name = await house.engine.keep(pictures.drawn("JPEG", size=house.size_of(parent)), "mask")
    with pytest.raises(InvalidInput, match=r"mask is a JPE?G file"):
        await house.engine.press(house.origin, parent.id, "Vary (Region)", mask=name)


async def test_words_for_all_descriptions_at_once_are_refused_and_not_dropped(house):
    await house.open()
    buttons = (button("MJ::Job::PicReader::1", "1"), button("MJ::Job::PicReader::all", "Imagine all"))
    parent = await with_buttons(house, *buttons, details=Details(texts=("one fox",)))
    with pytest.raises(InvalidInput, match="prompt"):
        await house.engine.press(house.origin, parent.id, "Imagine all", words="a blue fox")
