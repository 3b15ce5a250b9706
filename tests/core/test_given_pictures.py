"""Pictures that users hand in or name."""

from __future__ import annotations

import ipaddress
from datetime import timedelta

import pytest

from engine.model.actions import (
    Action,
    ActionKind,
    Slash,
)
from engine.model.errors import InvalidInput
from engine.model.inputs import Given, ImageInput
from engine.model.jobs import FailureReason, JobState
from tests.core.answers_at_hand import UUID, button, with_buttons
from tests.fakes import pictures
from tests.fakes import scripted_session as says


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


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1/x.png", "http://me:sesame@example.org/x.png", "http://[fd00::1]/x.png"]
)
async def test_an_address_that_nobody_outside_can_fetch_is_refused_wherever_it_is_given(house, address):
    await house.open()
    parent = await with_buttons(house, button(f"MJ::CustomZoom::{UUID}", "Custom Zoom"))
    image = ImageInput(address)
    given = Given(images=(image,))
    asked = {
        "prompt": [
            house.imagine(f"{address} a fox"),
            house.imagine(f"a fox --sref {address}"),
            house.imagine(f"{{https://example.org/a.png, <{address}>::2}} a fox"),
            house.engine.press(house.origin, parent.id, "Custom Zoom", words=f"{address} a fox --zoom 2"),
            house.engine.command(house.origin, Action(ActionKind.SHORTEN), prompt=f"a fox {address}"),
        ],
        "image": [
            house.engine.imagine(house.origin, "a fox", images=[image]),
            house.engine.command(house.origin, Action(ActionKind.DESCRIBE), given=given),
            house.engine.command(house.origin, Action(ActionKind.BLEND), given=Given(images=(image, image))),
        ],
    }
    posted = len(house.session.submissions)
    for field, questions in asked.items():
        for question in questions:
            with pytest.raises(InvalidInput, match="EASEL_ALLOW_NETWORKS") as caught:
                await question
            assert caught.value.field == field
            assert address.replace("me:sesame", "…") in str(caught.value)
    assert len(house.session.submissions) == posted


async def test_what_lies_at_us_upstream_or_in_a_listed_network_is_taken(house):
    await house.open(allow_networks=(ipaddress.ip_network("192.168.7.0/24"),))
    words = "http://127.0.0.1:8000/files/a.png http://127.0.0.1:8100/b.png http://192.168.7.9/c.png a fox"
    assert (await house.imagine(words)).prompt == words
    with pytest.raises(InvalidInput, match=r"192\.168\.8\.9"):
        await house.imagine("http://192.168.8.9/c.png a fox")


async def test_a_picture_as_a_data_address_inside_the_words_is_refused(house):
    await house.open()
    with pytest.raises(InvalidInput, match="data: address"):
        await house.imagine("data:image/png;base64,AAAA a fox")


GONE = f"http://127.0.0.1:8000/pictures/{'0' * 32}.webp"


async def test_a_picture_of_ours_that_is_not_there_is_refused_before_anything_is_stored(house):
    await house.open()
    parent = await with_buttons(house, button(f"MJ::CustomZoom::{UUID}", "Custom Zoom"))
    engine, origin = house.engine, house.origin
    for field, asked in (
        ("prompt", lambda: engine.imagine(origin, f"a fox --sref {GONE}")),
        ("prompt", lambda: engine.imagine(origin, f"{GONE} a {{fox, hen}}")),
        ("image", lambda: engine.imagine(origin, "a fox", images=[ImageInput(GONE)])),
        ("prompt", lambda: engine.press(origin, parent.id, "Custom Zoom", words=f"{GONE} a fox --zoom 2")),
        ("image", lambda: engine.command(origin, Action(ActionKind.DESCRIBE), given=Given(images=(ImageInput(GONE),)))),
    ):
        with pytest.raises(InvalidInput, match="/pictures/0000") as refused:
            await asked()
        assert refused.value.field == field
    assert await house.store.queued(10) == []
    assert house.inputs.fetched == []
