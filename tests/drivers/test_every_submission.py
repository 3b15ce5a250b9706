"""All that can be asked of Midjourney, over sockets: what the simulator did, and how its answer is understood."""

from __future__ import annotations

import asyncio
import hashlib
import io

import pytest
from PIL import Image

from engine.model.accounts import Checkpoint
from engine.model.actions import (
    CANCEL_JOB,
    CROSS,
    ENVELOPE,
    MIDJOURNEY_APPLICATION,
    NIJI_APPLICATION,
    Click,
    MessageCommand,
    ModalAnswer,
    Reaction,
    RegionAnswer,
    Slash,
)
from engine.model.errors import Refused
from engine.model.jobs import FailureReason
from engine.model.sightings import Channel, Sighting, Stage
from engine.ports import AnswerKind
from tests.contracts.session_contract import Listener, SimulatedStage

BOTS = pytest.mark.parametrize("bot", [MIDJOURNEY_APPLICATION, NIJI_APPLICATION], ids=["midjourney", "niji"])
"""With the commands that both have; whatever holds of one must hold of the other."""


class Desk:
    """A live session, and what a person does with it."""

    def __init__(self, stage: SimulatedStage, session, listener: Listener) -> None:
        self.stage, self.session, self.listener = stage, session, listener

    async def send(self, submission) -> str:
        nonce = self.stage.nonce()
        answer = await self.session.submit(submission, nonce)
        assert answer.kind is AnswerKind.ACCEPTED, answer
        return nonce

    async def seen(self, wanted) -> Sighting:
        await self.listener.until(lambda _: any(wanted(one) for one in self.listener.sightings))
        return next(one for one in self.listener.sightings if wanted(one))

    async def answered(self, submission) -> Sighting:
        """The final answer in the message that the command was answered with."""
        nonce = await self.send(submission)
        first = await self.seen(lambda one: one.nonce == nonce and one.message_id is not None)
        return await self.seen(lambda one: one.message_id == first.message_id and one.stage is Stage.FINAL)

    async def grid(self, bot=MIDJOURNEY_APPLICATION, prompt="a red fox") -> Sighting:
        nonce = await self.send(Slash(bot, "imagine", (("prompt", prompt),)))
        first = await self.seen(lambda one: one.nonce == nonce and one.message_id is not None)
        return await self.seen(lambda one: one.stage is Stage.FINAL and one.reference_id == first.message_id)

    async def single(self, bot=MIDJOURNEY_APPLICATION) -> Sighting:
        grid = await self.grid(bot)
        await self.send(press(grid, "U1"))
        return await self.seen(lambda one: one.stage is Stage.FINAL and one.reference_id == grid.message_id)

    async def upload(self, name="one.png", colour="red"):
        return await self.session.upload(name, picture((64, 48), colour), "image/png")


def press(shown: Sighting, name: str) -> Click:
    button = next(part for part in shown.components if part.name == name)
    return Click(shown.application_id, shown.channel_id, shown.message_id, shown.flags, button.custom_id)


def picture(size: tuple[int, int], colour: str, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    return file.getvalue()


@pytest.fixture
async def stage():
    stage = await SimulatedStage.begin()
    yield stage
    await stage.leave()


@pytest.fixture
async def desk(stage):
    return Desk(stage, *await stage.live())


# --- commands -------------------------------------------------------------------------------------------------------


@BOTS
async def test_imagine(desk, bot):
    grid = await desk.grid(bot)
    assert (grid.application_id, grid.verb, grid.prompt) == (bot, "", "a red fox")
    assert len(grid.components) >= 9


@BOTS
async def test_blend_of_uploads(desk, bot):
    files = [await desk.upload(f"{colour}.png", colour) for colour in ("red", "blue")]
    options = (("image1", files[0]), ("image2", files[1]), ("dimensions", "--ar 3:2"))
    nonce = await desk.send(Slash(bot, "blend", options))
    first = await desk.seen(lambda one: one.nonce == nonce and one.message_id is not None)
    assert first.stage is Stage.WAITING
    final = await desk.seen(lambda one: one.stage is Stage.FINAL)
    assert final.verb == ""
    assert final.prompt.count("https://s.mj.run/") == 2
    assert final.prompt.endswith("--ar 3:2")


@BOTS
async def test_describe_of_an_upload_and_its_retry_edits_the_same_message(desk, bot):
    described = await desk.answered(Slash(bot, "describe", (("image", await desk.upload("cat.png")),)))
    assert (described.verb, len(described.details.texts)) == ("describe", 4)
    assert described.details.image_url.partition("?")[0].endswith("/cat.png")
    await desk.send(press(described, "🔄"))
    again = await desk.seen(lambda one: one.details and one.details.texts not in ((), described.details.texts))
    assert (again.channel, again.message_id, again.verb) == (Channel.EDITED, described.message_id, "describe")
    assert len(again.details.texts) == 4


async def test_describe_of_a_link_then_imagine_one_of_its_prompts_by_form(desk):
    (posted,) = await desk.session.post([await desk.upload()], desk.stage.nonce())
    described = await desk.answered(Slash(MIDJOURNEY_APPLICATION, "describe", (("link", posted.url),)))
    clicked = await desk.send(press(described, "2️⃣"))
    asked = await desk.seen(lambda one: one.stage is Stage.ASKED and one.nonce == clicked)
    assert asked.modal.custom_id == "MJ::Picreader::Modal::2"
    assert asked.modal.fields == (("MJ::Picreader::Modal::PromptField", described.details.texts[1]),)
    form = ModalAnswer(asked.application_id, asked.modal.interaction_id, asked.modal.custom_id, asked.modal.fields)
    nonce = await desk.send(form)
    begun = await desk.seen(lambda one: one.nonce == nonce and one.stage is Stage.WAITING)
    assert begun.prompt == described.details.texts[1]


@BOTS
async def test_shorten(desk, bot):
    words = "a very quiet harbour, with some boats, in the evening, with gulls, in soft light"
    shortened = await desk.answered(Slash(bot, "shorten", (("prompt", words),)))
    assert (shortened.verb, len(shortened.details.texts)) == ("shorten", 5)
    assert all(shortened.details.texts)


@BOTS
async def test_show_brings_the_result_again(desk, bot):
    grid = await desk.grid(bot)
    nonce = await desk.send(Slash(bot, "show", (("job_id", grid.uuid),)))
    first = await desk.seen(lambda one: one.nonce == nonce and one.message_id is not None)
    assert first.stage is Stage.WAITING
    again = await desk.seen(
        lambda one: one.stage is Stage.FINAL and one.uuid == grid.uuid and one.message_id != grid.message_id
    )
    assert [part.custom_id for part in again.components] == [part.custom_id for part in grid.components]


@BOTS
async def test_info(desk, bot):
    nonce = await desk.send(Slash(bot, "info"))
    first = await desk.seen(lambda one: one.nonce == nonce and one.message_id is not None)
    assert (first.stage, first.details) == (Stage.WAITING, None)
    told = await desk.seen(lambda one: one.message_id == first.message_id and one.stage is Stage.FINAL)
    info = told.details.info
    assert (told.verb, info.mode, info.visibility) == ("info", "fast", "public")
    assert info.user_id
    assert info.active_until > desk.stage.clock.now()
    assert 0 < info.fast_seconds_left <= info.fast_seconds_total
    assert (info.queued_fast, info.running_jobs) == (0, ())


@BOTS
async def test_settings_follow_the_switches(desk, bot):
    before = await desk.answered(Slash(bot, "settings"))
    assert (before.verb, before.details.remix, before.is_ephemeral) == ("settings", False, True)
    assert before.details.version
    await desk.send(press(before, "Remix mode"))
    after = await desk.seen(lambda one: one.message_id == before.message_id and one.channel is Channel.EDITED)
    assert (after.stage, after.details.remix) == (Stage.FINAL, True)


@pytest.mark.parametrize(
    ("command", "verb"),
    [
        ("fast", "speed"),
        ("relax", "speed"),
        ("turbo", "speed"),
        ("prefer remix", "remix mode"),
        ("prefer suffix", "suffix"),
        ("prefer auto_dm", "auto dm"),
    ],
)
async def test_a_switch_is_answered_with_a_notice(desk, command, verb):
    told = await desk.answered(Slash(MIDJOURNEY_APPLICATION, command))
    assert (told.verb, told.is_ephemeral) == (verb, True)
    assert told.details.notice == told.content
    assert told.details.remix is (True if command == "prefer remix" else None)


@pytest.mark.parametrize("command", ["stealth", "public"])
async def test_a_switch_that_the_plan_does_not_hold_is_refused_in_midjourneys_words(desk, command):
    nonce = await desk.send(Slash(MIDJOURNEY_APPLICATION, command))
    first = await desk.seen(lambda one: one.nonce == nonce and one.message_id is not None)
    told = await desk.seen(lambda one: one.message_id == first.message_id and one.stage is Stage.FAILED)
    assert told.failure.reason is FailureReason.MODE
    assert "only available on the Pro and Mega plans" in told.failure.detail


async def test_the_suffix_is_set_read_and_cleared(desk):
    suffix = Slash(MIDJOURNEY_APPLICATION, "prefer suffix", (("new_value", "--ar 3:2"),))
    assert (await desk.answered(suffix)).details.suffix == "--ar 3:2"
    settings = await desk.answered(Slash(MIDJOURNEY_APPLICATION, "settings"))
    assert settings.details.suffix == "--ar 3:2"
    cleared = await desk.answered(Slash(MIDJOURNEY_APPLICATION, "prefer suffix"))
    assert cleared.details.suffix == ""


# --- a result's own buttons, reactions and menu -----------------------------------------------------------------------


async def test_a_favourite_is_answered_with_a_notice_about_the_message(desk):
    single = await desk.single()
    await desk.send(press(single, "❤️"))
    told = await desk.seen(lambda one: one.verb == "rated")
    assert (told.stage, told.clicked_id) == (Stage.FINAL, single.message_id)


@pytest.mark.parametrize("way", ["command", "reaction", "button"])
async def test_a_running_job_is_stopped_at_midjourney(stage, way):
    desk = Desk(stage, *await stage.live())
    grid = await desk.grid() if way == "button" else None
    started = press(grid, "V1") if grid else Slash(MIDJOURNEY_APPLICATION, "imagine", (("prompt", "a long job"),))
    nonce = await desk.send(started)
    first = await desk.seen(lambda one: one.nonce == nonce and one.message_id is not None)
    if way == "command":
        await desk.send(MessageCommand(MIDJOURNEY_APPLICATION, CANCEL_JOB, first.channel_id, first.message_id))
    elif way == "reaction":
        await desk.send(Reaction(first.channel_id, first.message_id, CROSS))
    else:
        here = await desk.seen(lambda one: one.message_id == first.message_id and one.cancel_custom_id is not None)
        await desk.send(
            Click(MIDJOURNEY_APPLICATION, here.channel_id, here.message_id, first.flags, here.cancel_custom_id)
        )
    over = await desk.seen(
        lambda one: one.message_id == first.message_id and one.stage in (Stage.STOPPED, Stage.DELETED)
    )
    assert over.channel is not Channel.CREATED
    assert await stage.rows(lambda row: row.get("nonce") == nonce and row.get("state") == "cancelled")


@BOTS
async def test_an_envelope_brings_the_seed_and_the_four_pictures_by_direct_message(desk, bot):
    grid = await desk.grid(bot)
    await desk.send(Reaction(grid.channel_id, grid.message_id, ENVELOPE))
    letter = await desk.seen(lambda one: one.verb == "seed")
    assert (letter.stage, letter.uuid, letter.application_id) == (Stage.FINAL, grid.uuid, bot)
    assert letter.details.seed.isdecimal()
    assert len(letter.attachments) == 4
    assert letter.channel_id == await desk.session.dm_channel(bot)


@BOTS
async def test_a_letter_that_was_missed_is_in_the_history_when_letters_are_asked_for(desk, bot):
    before = desk.stage.clock.now()
    grid = await desk.grid(bot)
    await desk.send(Reaction(grid.channel_id, grid.message_id, ENVELOPE))
    letter = await desk.seen(lambda one: one.verb == "seed")
    await desk.send(Slash(bot, "show", (("job_id", grid.uuid),), letter.channel_id))
    await desk.seen(lambda one: one.channel_id == letter.channel_id and one.details is None and one.attachments)
    assert [seen.message_id for seen in await desk.session.history(before)] == [grid.message_id]
    found = await desk.session.history(before, letters=True)
    assert [(seen.message_id, seen.verb) for seen in found] == [(grid.message_id, ""), (letter.message_id, "seed")]
    assert found[1].details == letter.details


async def test_a_command_in_the_direct_messages_is_answered_there(desk):
    grid = await desk.grid()
    where = await desk.session.dm_channel()
    await desk.send(Slash(MIDJOURNEY_APPLICATION, "show", (("job_id", grid.uuid),), where))
    shown = await desk.seen(lambda one: one.channel_id == where and one.stage is Stage.FINAL)
    assert shown.uuid == grid.uuid


async def test_a_resumed_session_of_a_new_process_reads_the_direct_messages_too(stage):
    first = Desk(stage, *await stage.live())
    grid = await first.grid()
    live = (await first.listener.lives())[0]
    await asyncio.sleep(0.1)
    left = Checkpoint(1, live.session_id, live.resume_url, first.session.passed_seq, live.user_id, live.at)
    await first.session.close()
    again = Desk(stage, *await stage.live(checkpoint=left))
    assert (await again.listener.lives())[0].resumed
    await again.send(Reaction(grid.channel_id, grid.message_id, ENVELOPE))
    letter = await again.seen(lambda one: one.verb == "seed")
    assert letter.uuid == grid.uuid


# --- forms ------------------------------------------------------------------------------------------------------------


async def test_custom_zoom_asks_back_with_its_own_words(desk):
    single = await desk.single()
    nonce = await desk.send(press(single, "Custom Zoom"))
    asked = await desk.seen(lambda one: one.stage is Stage.ASKED and one.nonce == nonce)
    ((field, value),) = asked.modal.fields
    assert (field, asked.modal.frame_path) == ("MJ::OutpaintCustomZoomModal::prompt", None)
    assert "--zoom" in value
    answer = ModalAnswer(asked.application_id, asked.modal.interaction_id, asked.modal.custom_id, asked.modal.fields)
    await desk.send(answer)
    zoomed = await desk.seen(lambda one: one.stage is Stage.FINAL and one.verb == "zoom out")
    assert zoomed.reference_id == single.message_id


@BOTS
@pytest.mark.parametrize("form", ["a", "b"])
async def test_a_painted_region_arrives_byte_for_byte_and_becomes_a_grid(stage, form, bot):
    desk = Desk(stage, *await stage.live())
    answer = await stage._control.put("/activity", json={"forms": [form]})
    assert answer.status_code == 200
    single = await desk.single(bot)
    nonce = await desk.send(press(single, "Vary (Region)"))
    asked = await desk.seen(lambda one: one.stage is Stage.ASKED and one.nonce == nonce)
    assert (asked.modal.fields, asked.modal.title) == ((), "Inpaint")
    assert asked.modal.frame_path
    shown = single.attachments[0]
    mask = picture((shown.width, shown.height), "white", "WEBP")
    await desk.send(RegionAnswer(bot, asked.modal.custom_id, mask, "a red boat"))
    final = await desk.seen(lambda one: one.stage is Stage.FINAL and one.verb == "variations (region)")
    assert (final.reference_id, final.interaction_id) == (single.message_id, asked.modal.interaction_id)
    (row,) = await stage.rows(lambda row: row.get("decision") == "accepted" and "sha256" in row)
    assert (row["form"], row["authorization"]) == (form, False)
    assert row["sha256"] == hashlib.sha256(mask).hexdigest()
    assert (await stage._control.get(f"/masks/{row['sha256']}")).content == mask


async def test_a_region_for_a_page_that_is_not_open_is_refused(desk):
    answer = await desk.session.submit(
        RegionAnswer(MIDJOURNEY_APPLICATION, "MJ::iframe::Nothing", picture((8, 8), "white"), "x"), desk.stage.nonce()
    )
    assert answer.kind is AnswerKind.REFUSED


# --- uploads ----------------------------------------------------------------------------------------------------------


async def test_an_uploaded_picture_arrives_byte_for_byte_and_its_address_can_be_made_fresh(desk):
    content = picture((64, 48), "green")
    file = await desk.session.upload("green.png", content, "image/png")
    (posted,) = await desk.session.post([file], desk.stage.nonce())
    assert (posted.filename, posted.width, posted.height, posted.size) == ("green.png", 64, 48, len(content))
    (fresh,) = (await desk.session.refresh([posted.url])).values()
    assert fresh.partition("?")[0] == posted.url.partition("?")[0]
    grid = await desk.grid(prompt=f"{posted.url} in the rain")
    assert grid.prompt.startswith("<https://s.mj.run/")
    rows = await desk.stage.rows(lambda row: row.get("state") == "stored")
    assert [row["sha256"] for row in rows] == [hashlib.sha256(content).hexdigest()]


async def test_a_file_above_the_limit_is_refused_with_its_name_and_size():
    stage = await SimulatedStage.begin(upload_limit=1000)
    session, _ = await stage.live()
    with pytest.raises(Refused, match=r"big\.png \(1001 bytes\) cannot be uploaded: .*40005"):
        await session.upload("big.png", bytes(1001), "image/png")
    await stage.leave()


async def test_a_message_with_the_same_nonce_is_one_message(desk):
    file = await desk.upload()
    nonce = desk.stage.nonce()
    first, second = await desk.session.post([file], nonce), await desk.session.post([file], nonce)
    assert first[0].id == second[0].id


async def test_our_own_message_with_pictures_is_no_news(desk):
    before = len(desk.listener.seen)
    await desk.session.post([await desk.upload()], desk.stage.nonce())
    await desk.grid()
    assert {one.what.application_id for one in desk.listener.seen[before:]} <= {MIDJOURNEY_APPLICATION, None}
