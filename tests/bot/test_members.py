"""What members ask beside /imagine: pictures, lists, styles, their own data, help, reports, /connect."""

from __future__ import annotations

import discord
import pytest

from bot.cogs import COGS, OPTIONAL
from bot.listing import LONGEST_SEARCH
from bot.region import mask_of
from engine import ActionKind, Notice, Restraint


@pytest.fixture
def handed_in(monkeypatch):
    """What `Attachment.read` gives: a picture that differs with the file's name."""

    async def read(self, *, use_cached=False):
        return mask_of(64, 64, ord(self.filename[0]))

    monkeypatch.setattr(discord.Attachment, "read", read)


async def test_describe_takes_an_attachment_or_an_address_but_not_both(stage, handed_in):
    given = await stage.slash("ann", "describe", image=stage.file())
    await given.shows("Describe")
    assert stage.newest().given.images[0].kept
    await stage.slash("ann", "describe", url="https://cdn.discordapp.com/a.png")
    await stage.until(lambda: stage.stored() == 2)
    assert stage.newest().given.images[0].address == "https://cdn.discordapp.com/a.png"
    both = await stage.slash("ann", "describe", image=stage.file(), url="https://cdn.discordapp.com/a.png")
    await both.says("one of both")
    none = await stage.slash("ann", "describe")
    await none.says("one of both")
    assert stage.stored() == 2


async def test_the_menu_of_a_message_describes_its_picture(stage):
    message = stage.message(embeds=[{"type": "rich", "image": {"url": "https://cdn.discordapp.com/b.png"}}])
    answer = await stage.menu("ann", "Describe this image", message)
    await answer.shows("Describe")
    assert stage.newest().given.images[0].address == "https://cdn.discordapp.com/b.png"
    bare = await stage.menu("ann", "Describe this image", stage.message())
    await bare.says("no picture")


async def test_blend_takes_two_to_five_pictures_and_a_shape(stage, handed_in):
    answer = await stage.slash(
        "ann", "blend", image1=stage.file("a.png"), image2=stage.file("b.png"), shape="landscape"
    )
    await answer.shows("Blend")
    given = stage.newest().given
    assert (len(given.images), given.dimensions) == (2, "--ar 3:2")


async def test_a_picture_that_is_too_large_is_refused_before_it_is_read(stage):
    answer = await stage.slash("ann", "imagine", prompt="x", image=stage.file(size=99 << 20))
    await answer.says("at most")
    assert stage.stored() == 0


async def test_pictures_go_in_front_of_a_prompt(stage, handed_in):
    await stage.slash("ann", "imagine", prompt="x", image=stage.file("a.png"), image2=stage.file("b.png"))
    await stage.until(lambda: stage.stored() == 1)
    assert len(stage.newest().given.images) == 2


async def test_shorten_asks_for_a_prompts_words(stage):
    answer = await stage.slash("ann", "shorten", prompt="a very red fox")
    await answer.shows("Shorten")
    assert stage.newest().action.kind is ActionKind.SHORTEN


async def helped(stage):
    return str((await stage.slash("ann", "help")).calls[0].body)


async def told(stage):
    return {each["name"] for call in stage.calls if call.path.endswith("/commands") for each in call.body}


async def test_face_swap_and_flux_are_offered_where_they_are_set_up(stage, handed_in):
    assert {"faceswap", "flux"} <= await told(stage)
    assert "`/faceswap` `/flux`" in await helped(stage)
    await (await stage.slash("ann", "flux", prompt="x")).shows("Flux imagine")
    await stage.slash("ann", "faceswap", face=stage.file("a.png"), image=stage.file("b.png"))
    await stage.until(lambda: stage.stored() == 2)
    assert stage.newest().action.kind is ActionKind.FACE_SWAP


@pytest.mark.parametrize("offered", [{}])
async def test_face_swap_and_flux_are_nowhere_named_where_they_are_not_set_up(stage):
    assert await told(stage) & {"faceswap", "flux"} == set()
    said = await helped(stage)
    assert "`/upload`" in said
    assert "faceswap" not in said
    assert "flux" not in said
    answer = await stage.slash("ann", "flux", prompt="x")
    await answer.says("This command has changed")
    assert stage.stored() == 0


async def test_an_upload_is_checked_and_posted(stage, handed_in):
    answer = await stage.slash("ann", "upload", image=stage.file("a.png"))
    await stage.until(lambda: any(call.files == ("a.png",) for call in answer.calls))


async def test_jobs_are_listed_a_page_at_a_time_and_opened_again(stage):
    await stage.house.engine.queues.pause(stage.house.origin.workspace_id)
    for number in range(7):
        await stage.slash("ann", "imagine", prompt=f"fox {number}")
        await stage.until(lambda number=number: stage.stored() == number + 1)
    answer = await stage.slash("ann", "jobs")
    assert answer.is_private
    page = await answer.shows("Your jobs")
    assert "fox 6" in page.embed["description"]
    assert "fox 1" not in page.embed["description"]
    *opens, more = page.custom_ids
    assert len(opens) == 5
    following = await stage.press("ann", more, private=True)
    rest = await following.shows("Your jobs")
    assert "fox 1" in rest.embed["description"]
    assert len(rest.custom_ids) == 3
    again = await (await stage.press("ann", rest.custom_ids[-1], private=True)).shows("Your jobs")
    assert again.embed["description"] == page.embed["description"]
    opened = await stage.press("ann", opens[0], private=True)
    assert opened.is_private
    await opened.shows("Imagine")
    other = await stage.slash("ben", "jobs")
    assert "Nothing here" in (await other.shows("Your jobs")).embed["description"]


async def test_the_gallery_finds_words_and_hides_what_is_private(stage):
    await stage.imagined("ann", "a red fox")
    await stage.imagined("ann", "a secret fox", private=True)
    seen = await (await stage.slash("ben", "history", search="fox")).shows("Gallery")
    assert "red fox" in seen.embed["description"]
    assert "secret" not in seen.embed["description"]
    own = await (await stage.slash("ann", "history", search="fox")).shows("Gallery")
    assert "secret" in own.embed["description"]
    none = await (await stage.slash("ben", "history", search="wolf")).shows("Gallery")
    assert "Nothing here" in none.embed["description"]


async def test_the_longest_search_has_a_next_page(stage):
    words = "a very long sentence about a small tower"
    assert len(words) == LONGEST_SEARCH
    for _ in range(6):
        await stage.imagined("ann", words)
    seen = await (await stage.slash("ann", "history", search=words)).shows("Gallery")
    more = seen.custom_ids[-1]
    assert len(more) <= 100
    following = await (await stage.press("ann", more, private=True)).shows("Gallery")
    assert following.embed["description"].count("small tower") == 1


async def test_the_queue_tells_the_place_and_why_it_waits(stage):
    await stage.house.engine.queues.pause(stage.house.origin.workspace_id)
    await stage.slash("ann", "imagine", prompt="a fox")
    await stage.until(lambda: stage.stored() == 1)
    shown = await (await stage.slash("ann", "queue")).shows("Queue")
    assert "Waiting here in all: 1" in shown.embed["description"]
    assert "Number 1 in the queue" in shown.embed["description"]
    assert "paused" in shown.embed["description"]
    assert "begins in" not in shown.embed["description"]  # nobody knows when it goes on


async def test_a_job_is_found_by_its_id_and_cancelled_by_it(stage):
    await stage.house.engine.queues.pause(stage.house.origin.workspace_id)
    await stage.slash("ann", "imagine", prompt="a fox")
    await stage.until(lambda: stage.stored() == 1)
    job = stage.newest()
    assert (await stage.complete("ann", "cancel", "id", id="fox")).choices == [job.id]
    assert (await stage.complete("ben", "job", "id", id="")).choices == []
    await (await stage.slash("ann", "job", id=job.id)).shows("Imagine")
    await (await stage.slash("ann", "cancel", id=job.id)).says("Cancelled")
    await (await stage.slash("ann", "job", id="nonsense")).says("not known here")


async def test_styles_are_saved_used_shared_and_deleted(stage):
    await (await stage.slash("ann", "styles save", name="Ink", words="ink --s 50")).says("Saved: Ink")
    await (await stage.slash("ben", "styles use", name="Ink", prompt="a cat")).says("not known here")
    await (await stage.slash("ann", "styles share", name="Ink")).says("Everybody here may use Ink")
    await (await stage.slash("ben", "styles use", name="Ink", prompt="a cat")).shows("Imagine")
    assert stage.newest().prompt == "a cat, ink --s 50"
    listed = await (await stage.slash("ben", "styles list")).shows("Styles")
    assert f"<@{stage.people['ann'].id}>" in listed.embed["description"]
    await (await stage.slash("ben", "styles delete", name="Ink")).says("Only whoever asked")
    await (await stage.slash("ann", "styles delete", name="Ink")).says("Deleted: Ink")
    bad = await stage.slash("ann", "styles save", name="Bad", words="--nonsense 3")
    await bad.says("cannot be sent")


async def test_me_shows_usage_and_strikes_and_keeps_choices(stage):
    members, place = stage.house.engine.community.members, stage.house.origin.workspace_id
    ann = str(stage.people["ann"].id)
    await members.strike(place, ann, "spam", "test")
    shown = await (await stage.slash("ann", "me usage")).shows("You")
    assert "Strikes: 1" in shown.embed["description"]
    assert "spam" in shown.embed["description"]
    await (await stage.slash("ann", "me notify", how="dm")).says("Noted")
    assert (await members.person(ann)).notice is Notice.DM
    await stage.slash("ann", "me language", which="discord")
    assert (await members.person(ann)).language is None


@pytest.mark.parametrize(
    ("kind", "seconds", "said"),
    [
        (Restraint.BANNED, None, "A moderator banned you"),
        (Restraint.PAUSED, None, "A moderator paused you"),
        (Restraint.TIMED_OUT, 600, "A moderator gave you a break. It ends <t:"),
    ],
)
async def test_me_tells_what_a_moderator_laid_on_me_until_when_and_why(stage, kind, seconds, said):
    members, place = stage.house.engine.community.members, stage.house.origin.workspace_id
    await members.restrain(place, str(stage.people["ann"].id), kind, "test", "too *many*", seconds)
    shown = (await (await stage.slash("ann", "me usage")).shows("You")).embed["description"]
    assert shown.startswith(f"**{said}")
    assert "\n-# too \\*many\\*\n" in shown
    await members.free(place, str(stage.people["ann"].id), "test")
    again = (await (await stage.slash("ann", "me usage")).shows("You")).embed["description"]
    assert "moderator" not in again


async def test_who_is_held_back_keeps_styles_but_puts_none_before_others(stage):
    members, styles = stage.house.engine.community.members, stage.house.engine.community.styles
    place, ann = stage.house.origin.workspace_id, str(stage.people["ann"].id)
    await stage.settle(channels=("1" * 18,))  # no channel's rule counts for styles
    await (await stage.slash("ann", "styles save", name="Ink", words="ink", shared=True)).says("Saved: Ink")
    await (await stage.slash("ann", "styles share", name="Ink", shared=False)).says("yours alone again")
    await members.restrain(place, ann, Restraint.PAUSED, "test")
    await (await stage.slash("ann", "styles share", name="Ink")).says("paused you")
    await (await stage.slash("ann", "styles save", name="Rude", words="x", shared=True)).says("paused you")
    await (await stage.slash("ann", "styles save", name="Mine", words="x")).says("Saved: Mine")
    assert [(each.name, each.shared) for each in await styles.of(place, ann)] == [("Ink", False), ("Mine", False)]


async def test_my_data_is_mine_to_have_and_to_delete(stage):
    await stage.imagined("ann")
    answer = await stage.slash("ann", "me export")
    await stage.until(lambda: any(call.files == ("easel.json",) for call in answer.calls))
    question = await stage.slash("ann", "me delete")
    await question.says("for good?")
    yes = question.calls[0].body["data"]["components"][0]["components"][0]["custom_id"]
    await (await stage.press("ben", yes)).says("Only whoever asked")
    done = await stage.press("ann", yes, private=True)
    await done.says("Deleted: 1 jobs")
    assert stage.newest().prompt == ""


async def test_a_report_reaches_the_moderators(stage):
    job = await stage.imagined("ann")
    cards = await stage.house.engine.community.cards.of(job.workspace_id, job.id)
    message = stage.message(id=cards[0].message_id)
    form = await stage.menu("ben", "Report picture", message)
    answer = await stage.submit("ben", form, reason="not nice")
    await answer.says("moderators")
    (report,) = await stage.house.engine.community.reports.listed(job.workspace_id)
    assert (report.job_id, report.reason, report.reporter) == (job.id, "not nice", str(stage.people["ben"].id))
    other = await stage.menu("ben", "Report picture", stage.message())
    await other.says("not known here")


async def test_help_and_status_are_private_and_say_how_it_is(stage):
    helped = await stage.slash("ann", "help")
    assert helped.is_private
    shown = await (await stage.slash("ann", "status")).shows("Easel")
    assert "is well" in shown.embed["description"]


async def test_connect_binds_a_server_once_by_the_operators_code(stage):
    place = stage.house.origin.workspace_id
    code = (await stage.house.engine.community.guilds.code(place)).code
    wrong = await stage.slash("ben", "connect", code="ABCD-EFGH", where={"guild": stage.elsewhere})
    await wrong.says("not known")
    done = await stage.slash("ben", "connect", code=code, where={"guild": stage.elsewhere})
    await done.says("connected")
    again = await stage.slash("ann", "connect", code=code, where={"guild": stage.elsewhere})
    await again.says("not known")
    in_dm = await stage.slash("ben", "connect", code=code, where={"guild": None})
    await in_dm.says("in the server")
    operators = {each.user_id for each in await stage.house.engine.community.guilds.operators(place)}
    assert str(stage.people["ben"].id) in operators


async def test_who_was_banned_can_look_but_not_make(stage):
    members, place = stage.house.engine.community.members, stage.house.origin.workspace_id
    await members.restrain(place, str(stage.people["ann"].id), Restraint.BANNED, "test")
    await (await stage.slash("ann", "imagine", prompt="x")).says("banned you")
    await (await stage.slash("ann", "jobs")).shows("Your jobs")


def test_no_command_name_repeats_and_none_that_has_subcommands_mixes_who_may(stage):
    names = [(command.name, type(command)) for command in stage.bot.tree._get_all_commands()]
    assert len(names) == len(set(names))
    assert len((*COGS, *OPTIONAL)) == len(stage.bot.cogs)
