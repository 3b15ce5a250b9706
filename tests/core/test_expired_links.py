"""Links of Discord's that users name after they have expired: Midjourney is told of the one that opens."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.model.actions import Action, ActionKind
from engine.model.errors import Unavailable
from engine.model.inputs import Given, ImageInput
from engine.model.jobs import FailureReason, JobState
from tests.core.answers_at_hand import UUID, button, with_buttons
from tests.fakes import pictures
from tests.fakes import scripted_session as says

CDN = "http://127.0.0.1:8100/attachments/1/2"
"""Discord's files, in the house of these tests."""


def link(house, minutes: float, name: str = "a.png") -> str:
    """A link that opens so long yet."""
    ends = int((house.clock.now() + timedelta(minutes=minutes)).timestamp())
    return f"{CDN}/{name}?ex={ends:x}&is=0&hm=0"


async def with_fresh(house, *names: str) -> dict[str, str]:
    """Expired links by what Discord gives for them."""
    found = {link(house, -60, name): link(house, 1440, name) for name in names}
    house.session.fresh |= found
    return found


async def test_an_expired_link_in_the_words_is_sent_as_the_one_that_opens(house):
    await house.open()
    ((old, new),) = (await with_fresh(house, "a.png")).items()
    words = f"{old} a fox --sref https://example.org/b.png"
    job = await house.imagine(words)
    command, _ = await house.until_posted(1)
    assert dict(command.options)["prompt"] == words.replace(old, new)
    stored = await house.job(job)
    assert (stored.prompt, stored.sent_prompt) == (words, words.replace(old, new))


async def test_so_are_those_beside_the_prompt_and_those_that_describe_is_given(house):
    await house.open()
    ((old, new),) = (await with_fresh(house, "a.png")).items()
    await house.engine.imagine(house.origin, "a fox", images=[ImageInput(old)])
    imagine, _ = await house.until_posted(1)
    assert dict(imagine.options)["prompt"] == f"{new} a fox"
    await house.engine.command(house.origin, Action(ActionKind.DESCRIBE), given=Given(images=(ImageInput(old),)))
    describe, _ = await house.until_posted(2)
    assert describe.options == (("link", new),)


async def test_a_picture_that_easel_uploads_is_fetched_under_the_link_that_opens(house):
    await house.open()
    links = await with_fresh(house, "a.png", "b.png")
    house.inputs.web |= {new: pictures.drawn() for new in links.values()}
    given = Given(images=tuple(ImageInput(old) for old in links))
    await house.engine.command(house.origin, Action(ActionKind.BLEND), given=given)
    await house.until_posted(1)
    assert house.inputs.fetched == list(links.values())


async def test_the_words_of_a_form_carry_the_link_that_opens(house):
    await house.open()
    await house.knows(remix=True)
    parent = await with_buttons(house, button(f"MJ::CustomZoom::{UUID}", "Custom Zoom"))
    ((old, new),) = (await with_fresh(house, "a.png")).items()
    await house.engine.press(house.origin, parent.id, "Custom Zoom", words=f"{old} a fox --zoom 2")
    _, nonce = await house.until_posted(2)
    house.session.shows(says.asked(nonce))
    answer, _ = await house.until_posted(3)
    assert answer.fields[0][1] == f"{new} a fox --zoom 2"


@pytest.mark.parametrize("minutes", [10, 1440])
async def test_a_link_that_opens_is_sent_as_it_is(house, minutes):
    await house.open()
    old = link(house, minutes)
    house.session.fresh[old] = "https://not.asked/for.png"
    job = await house.imagine(f"{old} a fox")
    command, _ = await house.until_posted(1)
    assert dict(command.options)["prompt"] == f"{old} a fox"
    assert (await house.job(job)).sent_prompt is None


async def test_a_link_of_somebody_elses_is_sent_as_it_is_whatever_it_carries(house):
    await house.open()
    words = "https://example.org/attachments/1/2/a.png?ex=1 a fox"
    await house.imagine(words)
    command, _ = await house.until_posted(1)
    assert dict(command.options)["prompt"] == words


async def test_a_job_whose_link_discord_does_not_know_any_more_fails_unsent_and_says_so(house):
    await house.open()
    job = await house.imagine(f"{link(house, -60)} a fox")
    failed = await house.until_state(job, JobState.FAILED)
    assert failed.failure.reason is FailureReason.PROMPT
    assert "prompt holds a link of Discord's that has expired" in failed.failure.detail
    assert f"{CDN}/a.png" in failed.failure.detail
    assert "hm=" not in failed.failure.detail
    assert house.session.submissions == []


async def test_while_discord_cannot_be_asked_the_job_waits(house):
    await house.open()
    ((old, new),) = (await with_fresh(house, "a.png")).items()
    house.session.files_fail = Unavailable("not now")
    job = await house.imagine(f"{old} a fox")
    await house.clock.advance(1.5)
    assert (await house.job(job)).state is JobState.QUEUED
    house.session.files_fail = None
    command, _ = await house.until_posted(1)
    assert dict(command.options)["prompt"] == f"{new} a fox"
