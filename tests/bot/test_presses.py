"""Buttons on cards and the forms that they open, also after a restart and long after."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.region import mask_of, picker
from bot.texts import TEXTS
from bot.views import custom_id
from engine import AccountState, Action, ActionKind, JobState, Period, Presses, Quota, Terms
from engine.model.details import Details
from engine.model.prices import BUTTON
from engine.ports import AccountChange


async def test_a_button_makes_a_new_card_for_whoever_presses(stage):
    job = await stage.imagined("ann")
    answer = await stage.press("ben", custom_id(job.id, "upscale_2"))
    assert answer.ack == 5
    await answer.shows("Upscale 2")
    made = stage.newest()
    assert (made.parent_id, made.action) == (job.id, Action(ActionKind.UPSCALE, 2))
    request = await stage.house.engine.request(made.workspace_id, made.request_id)
    assert request.origin.requester == f"discord:{stage.people['ben'].id}"


async def test_what_is_made_of_a_card_links_to_the_card_that_all_see(stage):
    job = await stage.imagined("ann")
    (public,) = await stage.house.engine.community.cards.of(job.workspace_id, job.id)
    await (await stage.slash("ann", "job", id=job.id)).shows("Imagine")
    answer = await stage.press("ann", custom_id(job.id, "upscale_2"))
    card = await answer.shows("Upscale 2")
    assert f"/{public.message_id})" in card.embed["fields"][-1]["value"]


async def test_a_picture_that_is_there_is_shown_and_not_made_twice(stage):
    job = await stage.imagined("ann")
    await stage.press("ann", custom_id(job.id, "upscale_2"))
    await stage.until(lambda: stage.stored() == 2)
    again = await stage.press("ben", custom_id(job.id, "upscale_2"))
    await again.shows("Upscale 2")
    assert stage.stored() == 2


async def test_a_button_works_after_a_restart_and_400_days_later(stage):
    job = await stage.imagined("ann")
    await stage.restart()
    stage.house.clock.set_wall(stage.house.clock.now() + timedelta(days=400))
    answer = await stage.press("ann", custom_id(job.id, "variation_3"))
    await answer.shows("Variation 3")
    assert stage.newest().parent_id == job.id


async def test_edit_and_run_again_begins_with_the_old_words(stage):
    job = await stage.imagined("ann", "a red fox --ar 16:9")
    form = await stage.press("ann", custom_id(job.id, "edit"))
    assert form.modal["components"][0]["component"]["value"] == "a red fox --ar 16:9"
    answer = await stage.submit("ann", form, words="a blue fox")
    await answer.shows("Imagine")
    assert stage.newest().prompt == "a blue fox"


async def test_custom_zoom_says_what_its_value_is(stage):
    job = await stage.imagined("ann", "a red fox --ar 16:9")
    (box,) = (await stage.press("ann", custom_id(job.id, "custom_zoom"))).modal["components"]
    assert box["component"]["value"] == "a red fox --ar 16:9 --zoom 2"
    assert "--zoom" in box["description"]
    assert "2.0" in box["description"]
    (plain,) = (await stage.press("ann", custom_id(job.id, "edit"))).modal["components"]
    assert plain.get("description") is None


async def test_a_moderator_who_opens_a_private_card_gets_only_the_buttons_that_are_theirs(stage):
    job = await stage.imagined("ann", private=True)
    own = await (await stage.slash("ann", "job", id=job.id)).shows("Imagine")
    assert custom_id(job.id, "upscale_1") in own.custom_ids
    seen = await (await stage.slash("guard", "job", id=job.id)).shows("Imagine")
    assert seen.custom_ids == [custom_id(job.id, "quarters")]
    assert f"<@{stage.people['ann'].id}>" in str(seen.embed["fields"])
    files = await stage.press("guard", seen.custom_ids[0], private=True)
    await stage.until(lambda: any(len(call.files) == 4 for call in files.calls))


async def test_a_moderator_gets_no_buttons_on_a_private_card_that_runs(stage):
    await stage.house.engine.queues.pause(stage.house.origin.workspace_id)
    await stage.slash("ann", "imagine", prompt="a fox", private=True)
    await stage.until(lambda: stage.stored() == 1)
    seen = await (await stage.slash("guard", "job", id=stage.newest().id)).shows("Imagine")
    assert seen.custom_ids == []


async def test_a_description_is_shown_with_the_picture_that_was_described(stage):
    job = await stage.imagined("ann")
    (card,) = await stage.house.engine.community.cards.of(job.workspace_id, job.id)
    address = "https://cdn.discordapp.com/ephemeral-attachments/1/2/in.png?ex=1"
    details = Details(texts=("a fox", "a dog"), image_url=address)

    async def picture(told):
        outcome = replace(job.result, pictures=(), details=told)
        described = replace(job, action=Action(ActionKind.DESCRIBE), result=outcome)
        return (await stage.bot.scenes.showing(card, described)).picture

    assert await picture(details) == address
    assert await picture(replace(details, image_url="http://127.0.0.1/a.png")) is None
    await stage.settle(spoiler=True)
    assert await picture(details) is None  # a link cannot be hidden until it is pressed


async def test_a_form_that_another_process_opened_is_answered_all_the_same(stage):
    job = await stage.imagined("ann")
    form = await stage.press("ann", custom_id(job.id, "edit"))
    await stage.restart()
    answer = await stage.submit("ann", form, words="a green fox")
    await answer.shows("Imagine")
    assert stage.newest().prompt == "a green fox"


async def test_a_form_that_is_none_of_ours_is_answered_with_a_sentence(stage):
    answer = await stage.submit("ann", "somebody-elses-form", words="x")
    await answer.says("too old")


async def test_with_remix_on_a_variation_asks_for_words(stage):
    job = await stage.imagined("ann")
    await stage.house.knows(remix=True)
    stage.bot.engine = stage.house.engine
    form = await stage.press("ann", custom_id(job.id, "variation_1"))
    assert form.modal["components"][0]["component"]["value"] == job.prompt
    answer = await stage.submit("ann", form, words="a wolf")
    await answer.shows("Variation 1")
    assert stage.newest().given.words == "a wolf"


async def test_all_four_are_files_and_cost_nothing(stage):
    job = await stage.imagined("ann")
    answer = await stage.press("ben", custom_id(job.id, "quarters"))
    assert answer.is_private
    await stage.until(lambda: any(len(call.files) == 4 for call in answer.calls))
    assert stage.stored() == 1


async def test_four_files_that_a_server_does_not_take_are_told_so(stage):
    job = await stage.imagined("ann")
    stage.refuse("POST /webhooks", 413, 40005)
    await (await stage.press("ann", custom_id(job.id, "quarters"))).says("TOO_LARGE")


async def test_upscale_all_is_one_press_for_four_cards(stage):
    job = await stage.imagined("ann")
    await stage.press("ann", custom_id(job.id, "upscale_all"))
    await stage.until(lambda: stage.stored() == 5)
    await stage.until(
        lambda: len({call.embed.get("title") for call in stage.calls} & {f"Upscale {n}" for n in range(1, 5)}) == 4
    )
    cards = [card for card in stage.house.store._cards.values() if card.job_id != job.id]
    assert len({card.message_id for card in cards}) == 4


async def test_what_upscale_all_could_not_make_is_told_beside_the_cards(stage):
    job = await stage.imagined("ann")
    await stage.settle(usual=Terms(quota=Quota(BUTTON, Period.DAY)))
    answer = await stage.press("ann", custom_id(job.id, "upscale_all"))
    await answer.says("1 of 4")
    await answer.shows("Upscale 1")
    begun, told = (call.path for call in answer.calls if call.body.get("content"))
    assert begun.endswith("/messages/@original")
    assert told.endswith(answer.token)
    assert stage.stored() == 2


async def test_words_of_a_form_that_make_several_jobs_are_asked_about_first(stage):
    job = await stage.imagined("ann")
    form = await stage.press("ann", custom_id(job.id, "edit"))
    asked = await stage.submit("ann", form, words="a {red, blue} hat --repeat 2")
    await asked.says("4 jobs")
    assert stage.stored() == 1
    await stage.press("ann", asked.calls[-1].custom_ids[0])
    await stage.until(lambda: stage.stored() == 5)


async def test_where_buttons_are_the_requesters_so_is_running_it_again(stage):
    job = await stage.imagined("ann")
    form = await stage.press("ann", custom_id(job.id, "edit"))
    await stage.settle(presses=Presses.REQUESTER)
    await (await stage.press("ben", custom_id(job.id, "edit"))).says("only whoever asked for a picture")
    await (await stage.submit("ben", form, words="a hat")).says("only whoever asked for a picture")
    assert stage.stored() == 1


async def test_whoever_opens_a_card_it_names_who_asked(stage):
    job = await stage.imagined("ann")
    await stage.press("ann", custom_id(job.id, "upscale_2"))
    await stage.until(lambda: stage.stored() == 2)
    for opened in (
        await stage.press("ben", custom_id(job.id, "upscale_2")),
        await stage.slash("ben", "job", id=job.id),
    ):
        card = await stage.card(lambda call, token=opened.token: token in call.path and bool(call.embed.get("fields")))
        assert card.embed["fields"][0]["value"] == f"<@{stage.people['ann'].id}>"


async def test_running_a_public_job_again_from_a_card_of_ones_own_makes_no_secret_of_it(stage):
    job = await stage.imagined("ann")
    form = await stage.press("ann", custom_id(job.id, "edit"), private=True)
    await stage.submit("ann", form, words="a hat", private=True)
    await stage.until(lambda: stage.stored() == 2)
    assert not stage.newest().private


@pytest.mark.parametrize("deed", ["cancel", "delete", "delete_yes"])
async def test_what_is_its_requesters_is_nobody_elses(stage, deed):
    job = await stage.imagined("ann")
    answer = await stage.press("ben", custom_id(job.id, deed))
    said = await answer.says("Only whoever asked for it")
    assert "NOT_YOURS-" in said
    assert (await stage.house.job(job)).result.pictures


async def test_a_picture_that_is_deleted_is_gone_with_its_message_and_says_so(stage):
    job = await stage.imagined("ann")
    question = await stage.press("ann", custom_id(job.id, "delete"))
    await question.says("for good?")
    answer = await stage.press("ann", custom_id(job.id, "delete_yes"), private=True)
    await answer.says("Deleted")
    await stage.until(lambda: any(call.method == "DELETE" and "/messages/" in call.path for call in stage.calls))
    late = await stage.press("ann", custom_id(job.id, "upscale_1"))
    await late.says("was removed")


async def test_a_moderator_may_delete_and_cancel(stage):
    job = await stage.imagined("ann")
    question = await stage.press("guard", custom_id(job.id, "delete"))
    await question.says("for good?")


async def test_a_private_jobs_buttons_are_its_requesters_alone(stage):
    job = await stage.imagined("ann", private=True)
    for deed in ("upscale_1", "quarters", "edit", "seed"):
        answer = await stage.press("ben", custom_id(job.id, deed))
        await answer.says("private")
    assert stage.stored() == 1
    mine = await stage.press("ann", custom_id(job.id, "upscale_1"), private=True)
    assert mine.is_private
    await stage.until(lambda: stage.stored() == 2)
    assert stage.newest().private


async def test_what_is_made_of_a_private_job_is_never_shown_in_the_channel(stage):
    job = await stage.imagined("ann", private=True)
    answer = await stage.press("ann", custom_id(job.id, "variation_1"))
    assert not answer.is_private, "pressed where everybody sees it, as no client offers"
    shown = await answer.shows("Variation 1")
    assert any(call.method == "DELETE" and call.path.endswith("@original") for call in answer.calls)
    assert "@original" not in shown.path
    (card,) = await stage.house.engine.community.cards.of(job.workspace_id, stage.newest().id)
    assert card.private


async def test_a_button_that_nobody_knows_any_more_says_so(stage):
    for each in ("easel:OLD", "something-else"):
        answer = await stage.press("ann", each)
        await answer.says("older Easel")


async def test_forged_replayed_and_foreign_ids_do_nothing(stage):
    job = await stage.imagined("ann")
    unknown = "00000000-0000-4000-8000-000000000000"
    forged = [custom_id(unknown, "upscale_1"), custom_id(job.id, "press_40"), custom_id(job.id, "animate_high")]
    for each in [*forged, custom_id(job.id, "nonsense"), custom_id(job.id, "upscale_9")]:
        answer = await stage.press("ann", each)
        await answer.says("Code:")
    elsewhere = await stage.press("ann", custom_id(job.id, "upscale_1"), guild=stage.elsewhere)
    await elsewhere.says("not connected")
    for each in ("easel-ask:0:yes", "easel-unheard:1", "easel-erase:1", "easel-region:x:9999:c1", "easel-jobs:zz|"):
        answer = await stage.press("ann", each)
        await answer.says("Code:")
    assert stage.stored() == 1


async def test_a_bound_server_of_another_workspace_does_not_know_the_job(stage):
    job = await stage.imagined("ann")
    other = await stage.house.store.ensure_workspace("other", stage.house.clock.now())
    code = await stage.house.engine.community.guilds.code(other.id)
    await stage.house.engine.community.guilds.connect(
        code.code, guild_id=str(stage.elsewhere.id), name="Elsewhere", user_id=str(stage.people["owner"].id)
    )
    for deed in ("upscale_1", "quarters", "edit", "delete", "open"):
        answer = await stage.press("owner", custom_id(job.id, deed), guild=stage.elsewhere)
        await answer.says("not known here")
    assert stage.stored() == 1


def test_the_grid_turns_a_cell_over_at_each_press():
    ids = [each["custom_id"] for row in picker("j", 0b1, "en").to_components() for each in row["components"]]
    assert ids[0] == "easel-region:j:0:c0"
    assert ids[4] == "easel-region:j:17:c4"
    assert ids[-2:] == ["easel-region:j:1:done", "easel-region:j:1:upload"]


def test_the_mask_is_white_where_cells_were_chosen_and_has_the_pictures_size():
    content = mask_of(100, 70, 0b100000001)
    assert struct.unpack(">II", content[16:24]) == (100, 70)
    at = content.index(b"IDAT")
    (length,) = struct.unpack(">I", content[at - 4 : at])
    rows = zlib.decompress(content[at + 4 : at + 4 + length])
    lines = [rows[n * 101 + 1 : (n + 1) * 101] for n in range(70)]
    assert len(lines[-1]) == 100
    assert lines[0] == b"\xff" * 33 + b"\0" * 67
    assert lines[30] == b"\0" * 100
    assert lines[69] == b"\0" * 66 + b"\xff" * 34


async def test_a_job_that_failed_can_be_edited(stage):
    await stage.house.engine.queues.pause(stage.house.origin.workspace_id)
    answer = await stage.slash("ann", "imagine", prompt="a fox")
    await answer.shows("Imagine")
    job = stage.newest()
    await stage.press("ann", custom_id(job.id, "cancel"))
    card = await stage.card(lambda call: "Cancelled" in call.embed.get("description", ""))
    assert card.custom_ids == [custom_id(job.id, "edit")]
    assert stage.newest().state is JobState.CANCELLED


@pytest.mark.parametrize("gone", ["unlinked", "stopped"])
async def test_a_button_whose_account_is_unlinked_or_stopped_says_so_in_the_readers_language(stage, gone):
    job = await stage.imagined("ann")
    store = stage.house.store
    if gone == "unlinked":
        await store.unlink_account(job.account_id)
    else:
        await store.apply([AccountChange(job.account_id, AccountState.STOPPED, reason="the token is over")])
    answer = await stage.press("ann", custom_id(job.id, "variation_1"), locale="de")
    said = await answer.says(TEXTS["de"][f"hindered.{gone}"])
    assert ("the token is over" in said) is (gone == "stopped")
    assert stage.stored() == 1
