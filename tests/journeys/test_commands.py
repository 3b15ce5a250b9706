"""Every command beside imagine, through the engine's door over sockets; what it did is read in the ledger."""

from __future__ import annotations

import hashlib
import re

import pytest
import pytest_asyncio

from engine.model.actions import Action, ActionKind
from engine.model.errors import Conflict, InvalidInput, NotFound, NotOffered
from engine.model.inputs import Given, ImageInput
from engine.model.jobs import FailureReason, JobState
from tests.fakes import pictures
from tests.journeys.inside import Inside, all_done

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]
SEED = Action(ActionKind.SEED)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory):
    rooms = {"words": {}, "switches": {"plan": "pro"}, "basic": {"plan": "basic"}, "silent": {"dms": False}}
    inside = await Inside(tmp_path_factory.mktemp("commands"), rooms).open()
    yield inside
    await inside.close()


async def kept(room, **how) -> ImageInput:
    return ImageInput(kept=await room.engine.keep(pictures.drawn(**how), "image"))


# --- words ---


async def test_a_described_picture_arrives_byte_for_byte_and_gives_four_prompts(house):
    room = house["words"]
    picture = pictures.drawn(size=(33, 22))
    image = ImageInput(kept=await room.engine.keep(picture, "image"))
    job = await room.told(ActionKind.DESCRIBE, given=Given(images=(image,)))
    assert len(job.result.details.texts) == 4
    assert all(text.endswith("--ar 3:2") for text in job.result.details.texts)
    (sent,) = room.command_of(job)["attachments"]
    assert sent["sha256"] == hashlib.sha256(picture).hexdigest()
    assert house.simulator.file(sent["sha256"]) == picture
    offered = [component.custom_id for component in job.result.components]
    assert offered[:4] == [f"MJ::Job::PicReader::{n}" for n in range(1, 5)]


async def test_a_public_address_is_described_as_it_is(house):
    room = house["words"]
    link = "https://pictures.example.org/fox.png"
    job = await room.told(ActionKind.DESCRIBE, given=Given(images=(ImageInput(link),)))
    assert len(job.result.details.texts) == 4
    assert room.command_of(job)["options"] == {"link": link}
    assert [row["decision"] for row in room.house.simulator.ledger("fetch") if row["url"] == link] == ["200"]


async def test_an_address_that_midjourney_cannot_fetch_fails_by_its_own_words(house):
    room = house["words"]
    given = Given(images=(ImageInput("https://unreachable.example/fox.png"),))
    described = await room.over(await room.command(ActionKind.DESCRIBE, given=given))
    imagined = await room.over(await room.imagine("https://unreachable.example/fox.png a fox"))
    for job in (described, imagined):
        assert (job.state, job.failure.reason) == (JobState.FAILED, FailureReason.PROMPT)
        assert "Invalid link" in job.failure.detail


@pytest.mark.parametrize(("count", "dimensions"), [(2, None), (5, "--ar 2:3")])
async def test_pictures_are_blended_in_their_order(house, count, dimensions):
    room = house["words"]
    files = [pictures.drawn(size=(8 + n, 16), colour=(20 * n, count, 90)) for n in range(count)]
    images = tuple([ImageInput(kept=await room.engine.keep(file, "image")) for file in files])
    job = await room.told(ActionKind.BLEND, given=Given(images=images, dimensions=dimensions))
    command = room.command_of(job)
    assert [sent["sha256"] for sent in command["attachments"]] == [hashlib.sha256(file).hexdigest() for file in files]
    assert command["options"].get("dimensions") == dimensions
    drawn = room.drawn_for(job)
    assert (job.result.uuid, drawn["prompt"].endswith("--ar 2:3")) == (drawn["job"], dimensions is not None)
    (picture,) = job.result.pictures
    assert (picture.attachment.width < picture.attachment.height) == (dimensions is not None)


async def test_a_prompt_is_shortened_to_five(house):
    room = house["words"]
    words = "a very beautiful and extremely detailed red fox in the deep snow of a quiet forest"
    job = await room.told(ActionKind.SHORTEN, prompt=words)
    assert len(job.result.details.texts) == 5
    assert room.command_of(job)["options"] == {"prompt": words}
    offered = [component.custom_id for component in job.result.components]
    assert offered[:5] == [f"MJ::Job::PromptAnalyzer::{n}" for n in range(1, 6)]


async def test_a_finished_job_is_shown_again_with_its_buttons(house):
    room = house["words"]
    grid = await room.made("a heron to show")
    shown = await room.told(ActionKind.SHOW, given=Given(value=grid.result.uuid))
    assert shown.result.uuid == grid.result.uuid
    assert shown.result.message_id != grid.result.message_id
    assert [each.label for each in shown.result.components] == [each.label for each in grid.result.components]
    upscaled = await room.done(await room.engine.press(room.origin, shown.id, "U2"))
    assert room.drawn_for(upscaled)["index"] == 2


async def test_a_job_that_midjourney_does_not_know_cannot_be_shown(house):
    room = house["words"]
    unknown = "01234567-89ab-4def-8123-456789abcdef"
    job = await room.over(await room.command(ActionKind.SHOW, given=Given(value=unknown)))
    assert (job.state, job.result) == (JobState.FAILED, None)
    assert f"Could not find a job with the id {unknown}" in job.failure.detail


# --- seeds ---


async def test_a_seed_is_asked_for_once_and_comes_with_the_four_single_pictures(house):
    room = house["words"]
    grid = await room.made("a heron with a seed --seed 4711")
    seed = await room.done(await room.engine.act(room.origin, grid.id, SEED))
    again = await room.engine.act(room.origin, grid.id, SEED)
    assert (seed.result.details.seed, again.id) == ("4711", seed.id)
    assert len(seed.result.pictures) == 4
    letters = [row for row in room.rows("letter") if row["job"] == grid.result.uuid]
    assert [row["decision"] for row in letters] == ["sent"]
    reactions = [row for row in room.rows("reaction") if row["message"] == grid.result.message_id]
    assert len(reactions) == 1


async def test_a_seed_that_cannot_be_sent_by_letter_says_so(house):
    room = house["silent"]
    grid = await room.made("a heron without letters")
    job = await room.over(await room.engine.act(room.origin, grid.id, SEED))
    assert job.state is JobState.NEEDS_ATTENTION
    assert "allow direct messages" in job.note
    assert [row["decision"] for row in room.rows("letter")] == ["refused 403/50007"]


# --- the account ---


async def test_info_is_understood_and_remembered(house):
    room = house["switches"]
    job = await room.told(ActionKind.INFO)
    info = job.result.details.info
    at_midjourney = room.at_midjourney()
    assert info.plan.lower() == "pro"
    assert info.fast_seconds_left == at_midjourney["fast_hours"] * 3600
    assert (await room.facts()).info == info


async def test_the_plan_decides_how_often_a_prompt_may_repeat(house):
    room = house["basic"]
    await room.told(ActionKind.INFO)
    assert (await room.facts()).info.plan.lower() == "basic"
    with pytest.raises(InvalidInput, match="--repeat"):
        await room.imagine("a heron --repeat 5")
    assert not [row for row in room.rows("job") if row["verb"] == "imagine"]
    jobs = await room.all_of((await room.imagine("a heron --repeat 4")).id)
    assert len({room.drawn_for(job)["job"] for job in await all_done(room, jobs)}) == 4


async def test_settings_are_read_with_their_switches(house):
    room = house["words"]
    job = await room.told(ActionKind.SETTINGS)
    names = {setting.name: setting.on for setting in job.result.details.settings}
    assert names["Remix mode"] is False
    assert (await room.facts()).remix is False


async def test_remix_is_turned_over_and_its_new_state_known(house):
    room = house["switches"]
    before = room.at_midjourney()["remix"]
    for expected in (not before, before):
        await room.told(ActionKind.REMIX)
        assert room.at_midjourney()["remix"] is expected
        assert (await room.facts()).remix is expected


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("in snow --ar 16:9:4", "--ar 16:9:4"),
        ("--AR 16:9", "--ar"),
        ("--weirdd 5", "did you mean --weird?"),
        ("--chaos 101", "0 to 100"),
        ("--ar 16:9 in snow", "in behind --ar 16:9"),
        ("--fast --relax", "at most one"),
        ("--repeat 3", "several jobs"),
        ("in {snow, rain}", "braces"),
        ("http://127.0.0.1/x.png", "link"),
        ("--sref http://127.0.0.1/x.png", "EASEL_ALLOW_NETWORKS"),
        ("https://example.org/x.png", "behind the words of every prompt"),
    ],
)
async def test_a_suffix_that_would_spoil_every_prompt_is_refused_and_not_sent(house, words, why):
    room = house["switches"]
    before = len(room.posts())
    with pytest.raises(InvalidInput, match=re.escape(why)) as caught:
        await room.suffix(words)
    assert caught.value.field == "suffix"
    assert len(room.posts()) == before


async def test_a_suffix_is_set_and_taken_away(house):
    room = house["switches"]
    for words, expected in (("--style raw", "--style raw"), (None, "")):
        await room.suffix(words)
        assert room.at_midjourney()["suffix"] == expected
        assert (await room.facts()).suffix == expected


async def test_a_speed_shows_in_the_next_job(house):
    room = house["switches"]
    for choice, mode in (("relax", "relaxed"), ("turbo", "turbo"), ("fast", "fast")):
        await room.told(ActionKind.SPEED, choice)
        assert (await room.facts()).speed == choice
        assert room.at_midjourney()["mode"] == mode
        job = await room.made(f"a heron at {choice}")
        assert room.drawn_for(job)["mode"] == mode
        assert job.mode.value == choice


async def test_a_visibility_shows_in_the_account(house):
    room = house["switches"]
    for choice, stealth in (("stealth", True), ("public", False)):
        job = await room.told(ActionKind.VISIBILITY, choice)
        assert room.at_midjourney()["stealth"] is stealth
        assert choice in job.result.details.notice


async def test_what_the_plan_does_not_allow_is_told_and_changes_nothing(house):
    room = house["basic"]
    job = await room.over(await room.command(ActionKind.VISIBILITY, "stealth"))
    assert (job.state, job.failure.reason) == (JobState.FAILED, FailureReason.MODE)
    assert "Stealth mode is only available on the Pro and Mega plans" in job.failure.detail
    assert room.at_midjourney()["stealth"] is False
    slow = await room.over(await room.command(ActionKind.SPEED, "relax"))
    assert (slow.state, slow.failure.reason) == (JobState.FAILED, FailureReason.MODE)
    assert room.at_midjourney()["mode"] == "fast"


async def test_a_job_that_the_plan_does_not_allow_says_so_and_nothing_of_speed(house):
    failed = await house["silent"].over(await house["silent"].imagine("a fox in hiding --stealth"))
    assert (failed.state, failed.failure.reason) == (JobState.FAILED, FailureReason.MODE)
    assert "Stealth mode is only available on the Pro and Mega plans" in failed.failure.detail
    assert failed.failure.detail.endswith("(the account's plan or speed does not allow this)")


async def test_the_menu_of_the_settings_is_refused_with_what_to_do_instead(house):
    room = house["switches"]
    settings = await room.told(ActionKind.SETTINGS)
    before = len(room.posts())
    with pytest.raises(NotOffered, match=r"no button 'Midjourney Model V6' .*its menu cannot be pressed: .* --v"):
        await room.engine.press(room.origin, settings.id, "Midjourney Model V6")
    assert len(room.posts()) == before


# --- links ---


async def test_an_upload_arrives_byte_for_byte_and_its_link_can_be_used(house):
    room = house["words"]
    picture = pictures.drawn(size=(40, 30), colour=(1, 2, 3))
    account_id, attachment = await room.engine.links.upload(room.origin.workspace_id, picture)
    sha256 = hashlib.sha256(picture).hexdigest()
    assert (account_id, attachment.width, attachment.height) == (room.account_id, 40, 30)
    assert house.simulator.file(sha256) == picture
    (place,) = [each for each in house.simulator.uploads() if each["file"] and each["file"]["sha256"] == sha256]
    (posted,) = [row for row in room.rows("posted") if sha256 in str(row["attachments"])]
    assert place["used"] == [f"message {posted['message']}"]
    job = await room.made(f"{attachment.url} a fox")
    assert room.drawn_for(job)["job"] == job.result.uuid
    assert job.sent_prompt is None
    with pytest.raises(NotFound):
        await house["basic"].engine.links.upload(house["basic"].origin.workspace_id, picture, room.account_id)


async def test_an_expired_link_is_signed_anew(house):
    room = house["words"]
    house.simulator.timing(cdn_ms=0)
    try:
        _, attachment = await room.engine.links.upload(room.origin.workspace_id, pictures.drawn(size=(12, 12)))
    finally:
        house.simulator.timing(cdn_ms=86_400_000)
    assert (await room.http.get(attachment.url)).status_code in (403, 404)
    fresh = await room.engine.links.refresh(room.origin.workspace_id, [attachment.url, "https://example.org/other.png"])
    assert list(fresh) == [attachment.url]
    assert (await room.http.get(fresh[attachment.url])).content == pictures.drawn(size=(12, 12))


async def test_a_result_is_given_away_with_links_that_open_whatever_its_age(house):
    room = house["words"]
    house.simulator.timing(cdn_ms=0)
    try:
        (old,) = (await room.made("a heron whose link expires")).result.pictures
    finally:
        house.simulator.timing(cdn_ms=86_400_000)
    links, workspace_id = room.engine.links, room.origin.workspace_id
    (fresh,) = await links.fresh(workspace_id, [old.attachment])
    for address in (fresh.url, fresh.proxy_url):
        assert (await room.http.get(address)).status_code == 200
    assert fresh.proxy_url.partition("?")[0] == old.attachment.proxy_url.partition("?")[0]
    asked = [row for row in house.simulator.ledger("request") if row["path"].endswith("/refresh-urls")]
    assert await links.fresh(workspace_id, [old.attachment]) == [fresh]
    assert await links.fresh(workspace_id, [fresh]) == [fresh]
    assert [row for row in house.simulator.ledger("request") if row["path"].endswith("/refresh-urls")] == asked


async def test_an_upload_by_address_takes_only_the_kinds_that_are_asked_for(house):
    room = house["words"]
    links, workspace_id = room.engine.links, room.origin.workspace_id
    (picture,) = (await room.made("a heron to upload again")).result.pictures
    ours = f"{house.url}/pictures/{picture.key}.webp"
    content = await links.fetched(ours, field="url")
    _, file = await links.upload(workspace_id, content, room.account_id, kinds=("webp", "png", "jpg"), field="url")
    assert (await room.http.get(file.url)).status_code == 200
    with pytest.raises(InvalidInput, match=r"url is a GIF file \(allowed: PNG or JPG\)"):
        await links.upload(workspace_id, pictures.drawn("GIF"), kinds=("png", "jpg"), field="url")
    with pytest.raises(Conflict, match="no linked account"):
        await links.upload(workspace_id, pictures.drawn(), among=(room.account_id + 1000,))
