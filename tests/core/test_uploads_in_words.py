"""Words in which Midjourney is told of pictures that it could not fetch: those go up first, wherever the words go."""

from __future__ import annotations

import ipaddress

import pytest

from engine.model.actions import Action, ActionKind, Click, ModalAnswer, RegionAnswer
from engine.model.details import Details
from engine.model.errors import Unavailable
from engine.model.inputs import Given, ImageInput
from engine.model.jobs import FailureReason, JobState, Modal
from engine.model.sightings import Channel, Stage
from tests.core.answers_at_hand import UUID, button, message_id, with_buttons
from tests.fakes import pictures
from tests.fakes import scripted_session as says

OWN = "http://127.0.0.1:8000/files/a.png"
INNER = "http://10.0.0.1/a.png"
UPSTREAM = "http://127.0.0.1:8100/a.png"
PUBLIC = "https://example.org/a.png"
TEN = (ipaddress.ip_network("10.0.0.0/8"),)
PICTURE = pictures.drawn(size=(12, 12))
FORMS = {
    "V1": f"MJ::JOB::variation::1::{UUID}",
    "🔄": f"MJ::JOB::reroll::0::{UUID}::SOLO",
    "Vary (Strong)": f"MJ::JOB::high_variation::1::{UUID}::SOLO",
    "Zoom Out 2x": f"MJ::Outpaint::50::1::{UUID}::SOLO",
    "⬅️": f"MJ::JOB::pan_left::1::{UUID}::SOLO",
    "Custom Zoom": f"MJ::CustomZoom::{UUID}",
    "Animate (High motion)": f"MJ::JOB::animate_high::1::{UUID}::SOLO",
    "1️⃣": "MJ::Job::PicReader::1",
    "2️⃣": "MJ::Job::PromptAnalyzer::2",
    "Something new": f"MJ::JOB::something_new::1::{UUID}",
}


async def opened(house):
    house.inputs.web |= {OWN: PICTURE, INNER: PICTURE}
    await house.open(allow_networks=TEN)
    await house.knows(remix=True)


def the_upload(house, number: int = 1) -> str:
    """The address under which the number-th upload was posted."""
    files, _ = house.session.posts[number - 1]
    return f"https://cdn.test/{files[0].uploaded_filename}?ex=1&is=0&hm=0"


async def the_region_editor(house, nonce: str) -> None:
    modal = Modal("901", "MJ::iframe::TOKEN", "Vary", (), "/frame/TOKEN")
    shown = says._seen(Channel.INTERACTION, Stage.ASKED, nonce=nonce, interaction_id="901", modal=modal)
    house.session.shows(shown)


@pytest.mark.parametrize("link", [OWN, INNER])
@pytest.mark.parametrize("label", FORMS)
async def test_a_forms_words_carry_uploads_made_before_the_press(house, label, link):
    await opened(house)
    parent = await with_buttons(house, button(FORMS[label], label), details=Details(texts=("one", "two")))
    zoom = " --zoom 2" if label == "Custom Zoom" else ""
    words = f"{link} a blue fox{zoom}"
    uploaded_before = []
    house.session.on_submit = lambda what, nonce: uploaded_before.append(len(house.session.posts))
    job = await house.engine.press(house.origin, parent.id, label, words=words)
    click, nonce = await house.until_posted(2)
    assert (type(click), uploaded_before) == (Click, [1])
    house.session.shows(says.asked(nonce, value="the old words"))
    answer, _ = await house.until_posted(3)
    assert isinstance(answer, ModalAnswer)
    sent = f"{the_upload(house)} a blue fox{zoom}"
    assert answer.fields[0][1] == sent
    stored = await house.job(job)
    assert (stored.prompt, stored.given.words, stored.sent_prompt) == (words, words, sent)
    assert len(house.session.posts) == 1


async def test_a_picture_for_a_form_that_cannot_be_fetched_fails_the_job_before_the_press(house):
    await opened(house)
    parent = await house.finished()
    house.inputs.web[INNER] = b"no picture"
    job = await house.engine.press(house.origin, parent.id, "V1", words=f"{INNER} a blue fox")
    failed = await house.until_state(job, JobState.FAILED)
    assert failed.failure.reason is FailureReason.PROMPT
    assert len(house.session.submissions) == 1


async def test_a_press_waits_for_a_picture_that_cannot_be_fetched_now(house):
    await opened(house)
    parent = await house.finished()
    house.inputs.web[INNER] = Unavailable("nobody answers")
    job = await house.engine.press(house.origin, parent.id, "V1", words=f"{INNER} a blue fox")
    await house.clock.advance(3)
    assert (await house.job(job)).state is JobState.QUEUED
    assert len(house.session.submissions) == 1
    house.inputs.web[INNER] = PICTURE
    click, _ = await house.until_posted(2)
    assert isinstance(click, Click)


@pytest.mark.parametrize("words", [f"{OWN} a hat", None])
async def test_a_regions_words_carry_uploads_whether_they_are_new_or_the_parents(house, words):
    await opened(house)
    region = button(f"MJ::Inpaint::1::{UUID}::SOLO", "Vary (Region)")
    asked = await house.imagine(f"{OWN} a hat")
    _, nonce = await house.until_posted(1)
    house.session.shows(says.a_final(message_id(house, 700), UUID, nonce=nonce, components=(region,)))
    parent = await house.until_state(asked, JobState.DONE)
    mask = await house.engine.keep(pictures.drawn(size=house.size_of(parent)), "mask")
    await house.engine.press(house.origin, parent.id, "Vary (Region)", words=words, mask=mask)
    _, nonce = await house.until_posted(2)
    await the_region_editor(house, nonce)
    answer, _ = await house.until_posted(3)
    assert isinstance(answer, RegionAnswer)
    assert answer.prompt == f"{the_upload(house, 2)} a hat"


@pytest.mark.parametrize("prompt", ["{} a fox", "a fox beside {} in snow"])
async def test_shorten_is_given_uploads(house, prompt):
    await opened(house)
    job = await house.engine.command(house.origin, Action(ActionKind.SHORTEN), prompt=prompt.format(OWN))
    command, _ = await house.until_posted(1)
    sent = prompt.format(the_upload(house))
    assert command.options == (("prompt", sent),)
    stored = await house.job(job)
    assert (stored.prompt, stored.sent_prompt) == (prompt.format(OWN), sent)


async def test_a_suffix_is_given_uploads(house):
    await opened(house)
    given = Given(value=f"--sref {INNER}")
    await house.engine.command(house.origin, Action(ActionKind.SUFFIX), given=given)
    command, _ = await house.until_posted(1)
    assert command.options == (("new_value", f"--sref {the_upload(house)}"),)


async def test_an_imagine_uploads_what_lies_in_a_listed_network_and_nothing_that_is_public_or_upstream(house):
    await opened(house)
    job = await house.imagine(f"{INNER} {UPSTREAM} {PUBLIC} a fox --sref {INNER}")
    command, _ = await house.until_posted(1)
    up = the_upload(house)
    assert command.options == (("prompt", f"{up} {UPSTREAM} {PUBLIC} a fox --sref {up}"),)
    assert house.inputs.fetched == [INNER]
    assert INNER not in (await house.job(job)).sent_prompt


async def test_a_picture_in_a_listed_network_is_described_by_an_upload(house):
    await opened(house)
    given = Given(images=(ImageInput(INNER),))
    await house.engine.command(house.origin, Action(ActionKind.DESCRIBE), given=given)
    command, _ = await house.until_posted(1)
    assert [name for name, _ in command.options] == ["image"]


@pytest.mark.parametrize("words", [f"{PUBLIC} a blue fox", "a blue fox"])
async def test_words_without_such_pictures_are_sent_as_they_were_written(house, words):
    await opened(house)
    parent = await house.finished()
    job = await house.engine.press(house.origin, parent.id, "V1", words=words)
    _, nonce = await house.until_posted(2)
    house.session.shows(says.asked(nonce))
    answer, _ = await house.until_posted(3)
    assert answer.fields[0][1] == words
    assert (await house.job(job)).sent_prompt is None
    assert house.session.posts == []
