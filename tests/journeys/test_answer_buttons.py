"""Buttons under answers in words, pressed over HTTP: a description's and a shortened prompt's; and Niji's own bot's."""

from __future__ import annotations

import base64
import hashlib

import pytest
import pytest_asyncio

from engine.model.actions import NIJI_APPLICATION, ActionKind
from engine.model.inputs import Given, ImageInput
from tests.fakes import pictures
from tests.journeys.inside import Inside, all_done

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]
DIGITS = ("1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣")
LONG = "a very quiet harbor with nine small wooden fishing boats in the soft golden morning light, oil on canvas"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory):
    inside = await Inside(
        tmp_path_factory.mktemp("answers"), {"words": {}, "remix": {"remix": True}, "niji": {}}
    ).open()
    yield inside
    await inside.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def described(house):
    image = ImageInput(kept=await house["words"].engine.keep(pictures.drawn(size=(30, 20)), "image"))
    return await house["words"].told(ActionKind.DESCRIBE, given=Given(images=(image,)))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shortened(house):
    return await house["words"].told(ActionKind.SHORTEN, prompt=LONG)


async def press(room, parent, label: str, **fields: str):
    """The new job, begun over HTTP."""
    body = {"messageId": parent.id, "button": label, **fields}
    answer = await room.http.post("/api/v1/midjourney/button", json=body)
    assert answer.status_code == 200, answer.text
    return await room.engine.job(room.origin.workspace_id, answer.json()["messageId"])


def click_and_form(room, job) -> tuple[dict, dict | None]:
    posts = [row for row in room.posts() if row["nonce"] in job.nonces]
    assert {row["decision"] for row in posts} == {"accepted"}
    click, *forms = posts
    assert len(forms) <= 1
    return click, forms[0] if forms else None


@pytest.mark.parametrize("number", range(1, 5))
async def test_each_description_becomes_a_grid_of_its_own_words(number, house, described):
    room = house["words"]
    job = await room.done(await press(room, described, DIGITS[number - 1]))
    click, form = click_and_form(room, job)
    text = described.result.details.texts[number - 1]
    assert (click["clicked"], click["custom_id"]) == (described.result.message_id, f"MJ::Job::PicReader::{number}")
    assert form["custom_id"] == f"MJ::Picreader::Modal::{number}"
    drawn = room.drawn_for(job)
    assert (drawn["prompt"], drawn["verb"], drawn["nonce"]) == (text, "imagine", form["nonce"])
    assert (job.prompt, job.parent_id, job.root_id) == (text, described.id, described.id)
    assert job.result.uuid == drawn["job"]


async def test_a_description_can_be_imagined_in_other_words(house, described):
    room = house["words"]
    job = await room.done(await press(room, described, DIGITS[1], prompt="a blue owl --ar 3:2"))
    assert room.drawn_for(job)["remix"] == "a blue owl --ar 3:2"
    assert not job.prompt_ignored


async def test_all_descriptions_at_once_are_four_presses_with_nonces_of_their_own(house, described):
    room = house["words"]
    first = await press(room, described, "Imagine all")
    jobs = await all_done(room, await room.all_of(first.request_id))
    clicks = [click_and_form(room, job)[0]["custom_id"] for job in jobs]
    assert clicks == [f"MJ::Job::PicReader::{number}" for number in range(1, 5)]
    assert [room.drawn_for(job)["prompt"] for job in jobs] == list(described.result.details.texts)
    assert {job.parent_id for job in jobs} == {described.id}
    assert not [row for row in room.posts() if row["custom_id"] == "MJ::Job::PicReader::all"]


async def test_a_picture_is_described_again_in_other_words(house):
    room = house["words"]
    image = ImageInput(kept=await room.engine.keep(pictures.drawn(size=(20, 20)), "image"))
    before = await room.told(ActionKind.DESCRIBE, given=Given(images=(image,)))
    job = await room.done(await press(room, before, "🔄"))
    click, form = click_and_form(room, job)
    assert (click["custom_id"], click["clicked"], form) == ("MJ::Picread::Retry", before.result.message_id, None)
    assert len(job.result.details.texts) == 4
    assert job.result.details.texts != before.result.details.texts
    # and its own buttons mean the new words
    grid = await room.done(await press(room, job, DIGITS[2]))
    assert room.drawn_for(grid)["prompt"] == job.result.details.texts[2]


@pytest.mark.parametrize("number", range(1, 6))
async def test_each_shortened_prompt_becomes_a_grid(number, house, shortened):
    room = house["words"]
    job = await room.done(await press(room, shortened, DIGITS[number - 1]))
    click, form = click_and_form(room, job)
    text = shortened.result.details.texts[number - 1]
    assert (click["clicked"], click["custom_id"]) == (shortened.result.message_id, f"MJ::Job::PromptAnalyzer::{number}")
    assert form["custom_id"] == f"MJ::ImagineModal::{shortened.result.message_id}"
    assert room.drawn_for(job)["prompt"] == text == job.prompt
    assert (job.parent_id, job.root_id) == (shortened.id, shortened.id)


async def test_what_came_of_a_description_has_buttons_like_any_grid(house, described):
    room = house["words"]
    grid = await room.done(await press(room, described, DIGITS[0]))
    single = await room.done(await press(room, grid, "U3"))
    assert (single.parent_id, single.root_id) == (grid.id, described.id)
    assert room.drawn_for(single)["index"] == 3


async def test_nijis_own_bot_draws_and_its_buttons_are_pressed_there(house):
    room = house["niji"]
    grid = await room.made("a red fox", application_id=NIJI_APPLICATION)
    single, varied = await all_done(room, [await press(room, grid, label) for label in ("U2", "V4")])
    larger = await room.done(await press(room, single, "Vary (Strong)"))
    for job in (grid, single, varied, larger):
        assert job.application_id == NIJI_APPLICATION
        assert job.result.uuid == room.drawn_for(job)["job"]
    verbs = [(room.drawn_for(job)["verb"], room.drawn_for(job)["index"]) for job in (single, varied, larger)]
    assert verbs == [("upscale", 2), ("variation_strong", 4), ("variation_strong", 1)]
    assert [room.drawn_for(job)["clicked"] for job in (single, varied)] == [grid.result.message_id] * 2


async def test_nijis_forms_are_handed_in_to_niji(house):
    room = house["remix"]
    grid = await room.made("a red fox", application_id=NIJI_APPLICATION)
    job = await room.done(await press(room, grid, "V1", prompt="a blue owl"))
    _, form = click_and_form(room, job)
    assert form["custom_id"].startswith("MJ::RemixModal::")
    assert room.drawn_for(job)["remix"] == "a blue owl"


async def test_a_region_of_nijis_picture_is_handed_in_with_its_mask_and_comes_from_niji(house):
    room = house["remix"]
    grid = await room.made("a red fox", application_id=NIJI_APPLICATION)
    single = await room.done(await press(room, grid, "U3"))
    shown = single.result.pictures[0].attachment
    mask = pictures.drawn("PNG", (shown.width, shown.height))
    words = {"prompt": "a red fox with a hat", "mask": base64.b64encode(mask).decode()}
    job = await room.done(await press(room, single, "Vary (Region)", **words))
    (call,) = [row for row in room.rows("inpaint") if row["nonce"] in job.nonces]
    assert (call["decision"], call["prompt"], call["authorization"]) == ("accepted", "a red fox with a hat", False)
    assert call["sha256"] == hashlib.sha256(mask).hexdigest()
    drawn = room.drawn_for(job)
    assert (drawn["verb"], drawn["remix"]) == ("variation_region_remix", "a red fox with a hat")
    assert (job.application_id, job.result.uuid, job.parent_id) == (NIJI_APPLICATION, drawn["job"], single.id)


async def test_nothing_is_sent_that_no_job_asked_for(house):
    for room in house.rooms.values():
        jobs = await house.ground.store.jobs(room.origin.workspace_id)
        ours = {nonce for job in jobs for nonce in job.nonces}
        others = [row for row in room.posts() if row["nonce"] not in ours]
        # before a press with words, while nobody knows whether Remix is on
        assert [row for row in others if row["name"] != "settings"] == []
