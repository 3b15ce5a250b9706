"""How cards are kept true: edits, troubles, lost addresses, restarts, and who is told that it took long."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import aiohttp
import pytest

from bot import counter
from bot.live import Pacer
from bot.pictures import reachable
from bot.views import custom_id
from engine import CardState, JobState, Layout, LostCard, Notice, NsfwRule

DONE = "Done"


def is_done(call):
    return DONE in call.embed.get("description", "")


async def begun(stage, **options):
    """A job whose first card is there; returns its answer and how much was posted before."""
    posted = stage.posted()
    answer = await stage.slash("ann", "imagine", prompt="a red fox", **options)
    await answer.shows("Imagine")
    return answer, posted


async def ends(stage, posted):
    _, nonce = await stage.house.until_posted(posted + 1)
    stage.house.shows_an_imagine(nonce, f"11111111-1111-4111-8111-{posted + 1:012}")
    return await stage.house.until_state(stage.newest(), JobState.DONE)


async def card_of(stage, job):
    (card,) = await stage.house.engine.community.cards.of(job.workspace_id, job.id)
    return card


async def later(stage, **time):
    stage.house.clock.set_wall(stage.house.clock.now() + timedelta(**time))


@pytest.mark.parametrize(
    "error",
    [aiohttp.ServerDisconnectedError(), OSError("reset"), TimeoutError()],
    ids=lambda error: type(error).__name__,
)
async def test_an_end_whose_connection_drops_is_tried_again(stage, error, monkeypatch):
    monkeypatch.setattr("bot.relay.FIRST_PAUSE", 0.01)
    answer, posted = await begun(stage)
    stage.drop("PATCH /webhooks", error, times=3)
    await ends(stage, posted)
    last = await stage.card(is_done)
    assert answer.token in last.path


async def test_after_fifteen_minutes_the_channels_own_message_is_edited(stage):
    _, posted = await begun(stage)
    await later(stage, minutes=15)
    job = await ends(stage, posted)
    last = await stage.card(is_done)
    card = await card_of(stage, job)
    assert (last.method, last.path) == ("PATCH", f"/channels/{card.channel_id}/messages/{card.message_id}")


async def test_a_token_that_discord_calls_over_leads_to_the_channel_too(stage):
    _, posted = await begun(stage)
    stage.refuse("PATCH /webhooks", 401, 50027, times=99)
    await ends(stage, posted)
    assert (await stage.card(is_done)).path.startswith("/channels/")


async def test_a_private_card_whose_token_is_over_ends_in_a_dm(stage):
    _, posted = await begun(stage, private=True)
    await later(stage, minutes=15)
    job = await ends(stage, posted)
    last = await stage.card(is_done)
    assert (last.method, last.path) == ("POST", f"/channels/77{stage.people['ann'].id}/messages")
    await stage.until(lambda: stage.house.store._cards[1].state is CardState.DELIVERED)
    assert (await card_of(stage, job)).channel_id == f"77{stage.people['ann'].id}"


async def test_before_that_it_says_so(stage):
    await stage.house.engine.queues.pause(stage.house.origin.workspace_id)
    await begun(stage, private=True)
    await later(stage, minutes=14)
    stage.bot.relay._cards[1].news(final=False)
    await stage.card(lambda call: "comes by DM" in call.embed.get("description", ""))


def abroad(stage, channel):
    """Ann uses the application that she installed herself, in somebody's channel."""
    ann = str(stage.people["ann"].id)
    stage.members[stage.guild.id, ann] = []
    return {"guild": stage.elsewhere, "channel": channel, "owners": {"1": ann}}


@pytest.mark.parametrize(
    ("is_there", "announced"), [(False, "comes by DM"), (True, "comes as a new message here")], ids=["away", "there"]
)
async def test_the_card_of_a_user_installed_app_says_beforehand_how_its_end_comes_and_so_it_does(
    stage, is_there, announced
):
    channel = stage.elsewhere.text_channels[0] if is_there else SimpleNamespace(id=77_000_000_000_000_001, name="far")
    await stage.house.engine.queues.pause(stage.house.origin.workspace_id)
    _, posted = await begun(stage, where=abroad(stage, channel))
    assert not any("comes" in call.embed.get("description", "") for call in stage.calls)
    await later(stage, minutes=14)
    stage.bot.relay._cards[1].news(final=False)
    await stage.card(lambda call: announced in call.embed.get("description", ""))
    await later(stage, minutes=1)
    await stage.house.engine.queues.resume(stage.house.origin.workspace_id)
    await ends(stage, posted)
    last = await stage.card(is_done)
    where = channel.id if is_there else f"77{stage.people['ann'].id}"
    assert (last.method, last.path) == ("POST", f"/channels/{where}/messages")
    assert sum(is_done(call) for call in stage.calls) == 1


async def test_where_the_bot_may_not_write_after_all_the_end_of_a_user_installed_app_comes_by_dm(stage):
    channel = stage.elsewhere.text_channels[0]
    _, posted = await begun(stage, where=abroad(stage, channel))
    await later(stage, minutes=15)
    stage.refuse(f"POST /channels/{channel.id}", 403, 50013)
    await ends(stage, posted)
    assert (await stage.card(is_done)).path == f"/channels/77{stage.people['ann'].id}/messages"


@pytest.mark.parametrize(
    ("status", "code"), [(404, 10003), (404, 10008), (403, 50001), (403, 50013), (400, 50083)], ids=str
)
async def test_a_lost_message_is_not_tried_again_and_the_result_comes_once_by_dm(stage, status, code):
    _, posted = await begun(stage)
    stage.refuse("PATCH /webhooks", status, code, times=99)
    await ends(stage, posted)
    last = await stage.card(is_done)
    assert last.path == f"/channels/77{stage.people['ann'].id}/messages"
    await stage.until(lambda: stage.house.store._cards[1].state is CardState.DELIVERED)
    assert sum(is_done(call) for call in stage.calls) == 1


async def test_where_no_dm_is_taken_it_is_left_in_jobs(stage):
    _, posted = await begun(stage)
    stage.refuse("PATCH /webhooks", 404, 10008, times=99)
    stage.refuse("POST /channels", 403, 50007, times=99)
    await ends(stage, posted)
    await stage.until(lambda: stage.house.store._cards[1].state is CardState.GIVEN_UP)
    assert stage.house.store._cards[1].lost is LostCard.NO_PERMISSION
    stage.refusals.clear()
    listed = await (await stage.slash("ann", "jobs")).shows("Your jobs")
    assert "a red fox" in listed.embed["description"]


async def test_a_channel_that_is_deleted_takes_no_job_with_it(stage):
    _, posted = await begun(stage)
    await stage.bot.on_guild_channel_delete(stage.channel)
    await ends(stage, posted)
    assert (await stage.card(is_done)).path == f"/channels/77{stage.people['ann'].id}/messages"


async def test_a_restarted_bot_takes_open_cards_up_again(stage):
    answer, posted = await begun(stage)
    await stage.restart()
    await ends(stage, posted)
    assert answer.token in (await stage.card(is_done)).path


async def test_what_discord_does_not_take_goes_as_a_preview_with_a_link(stage):
    _, posted = await begun(stage)
    stage.refuse("PATCH /webhooks", 413, 40005, with_files=True)
    await ends(stage, posted)
    last = await stage.card(is_done)
    assert [each.endswith("-small.jpg") for each in last.files] == [True]
    assert last.embed["image"]["url"] == f"attachment://{last.files[0]}"
    assert any("https://easel.example/pictures/" in field["value"] for field in last.embed["fields"])


async def test_what_discord_takes_in_no_size_goes_in_words_with_a_link(stage):
    _, posted = await begun(stage)
    stage.refuse("PATCH /webhooks", 413, 40005, times=2, with_files=True)
    await ends(stage, posted)
    last = await stage.card(is_done)
    assert last.files == ()
    assert "image" not in last.embed  # what is named there would have to be a file of the message
    assert any("https://easel.example/pictures/" in field["value"] for field in last.embed["fields"])


async def test_a_picture_too_large_for_the_server_becomes_a_preview_and_a_link_that_others_can_open(stage):
    stage.images.content = b"x" * (stage.guild.filesize_limit + 1)
    await stage.imagined("ann")
    last = await stage.card(is_done)
    assert last.files[0].endswith("-small.jpg")
    assert last.embed["image"]["url"] == f"attachment://{last.files[0]}"
    assert any("https://easel.example/pictures/" in field["value"] for field in last.embed["fields"])


@pytest.mark.parametrize(
    ("public_url", "found"),
    [
        ("http://127.0.0.1:8000", None),
        ("http://localhost:8000", None),
        ("http://192.168.1.4", None),
        ("http://[::1]:8000", None),
        ("http://nas.local", None),
        ("https://easel.example/", "https://easel.example"),
        ("http://8.8.8.8:80", "http://8.8.8.8:80"),
    ],
)
def test_a_link_is_shown_only_where_others_can_open_it(public_url, found):
    assert reachable(public_url) == found


@pytest.mark.parametrize("where", ["private", "dm", "public"])
async def test_a_picture_that_is_deleted_is_deleted_where_it_lies_by_then(stage, where):
    answer, posted = await begun(stage, **({} if where == "public" else {"private": True}))
    if where == "dm":
        stage.refuse("PATCH /webhooks", 404, 10008)  # dismissed
    job = await ends(stage, posted)
    card = await card_of(stage, job)
    await stage.until(lambda: stage.house.store._cards[card.id].state is CardState.DELIVERED)
    message_id = stage.house.store._cards[card.id].message_id
    if where == "dm":
        stage.refuse("DELETE /webhooks", 404, 10008)
    await stage.press("ann", custom_id(job.id, "delete_yes"), private=True)
    gone = await stage.card(lambda call: call.method == "DELETE" and call.path.endswith(f"/messages/{message_id}"))
    begins = f"/channels/77{stage.people['ann'].id}/" if where == "dm" else "/webhooks/"
    assert gone.path.startswith(begins)
    assert (answer.token in gone.path) == (where != "dm")


async def test_a_spoiler_is_a_hidden_file_and_never_in_the_embed(stage):
    await stage.settle(nsfw=NsfwRule.SPOILER)
    await stage.imagined("ann")
    last = await stage.card(is_done)
    assert last.files[0].startswith("SPOILER_")
    assert "image" not in last.embed


async def test_the_other_layout_shows_the_same(stage):
    await stage.settle(layout=Layout.COMPONENTS)
    posted = stage.posted()
    await stage.slash("ann", "imagine", prompt="a red fox")
    await ends(stage, posted)
    last = await stage.card(lambda call: isinstance(call.body, dict) and DONE in str(call.body.get("components")))
    assert last.body["flags"] & 1 << 15
    assert (last.body["content"], last.body["embeds"]) == (None, [])
    assert custom_id(stage.newest().id, "upscale_1") in str(last.body["components"])


@pytest.mark.parametrize("layouts", [(Layout.COMPONENTS, Layout.EMBED), (Layout.EMBED, Layout.COMPONENTS)])
async def test_a_card_ends_in_the_layout_that_it_was_begun_in_even_after_a_restart(stage, layouts):
    first, then = layouts
    await stage.settle(layout=first)
    posted = stage.posted()
    await stage.slash("ann", "imagine", prompt="a red fox")
    await stage.settle(layout=then)
    await stage.restart()
    job = await ends(stage, posted)
    last = await stage.card(lambda call: isinstance(call.body, dict) and DONE in str(call.body))
    assert bool(last.body.get("flags", 0) & 1 << 15) is (first is Layout.COMPONENTS)
    assert bool(last.embed) is (first is Layout.EMBED)
    assert (await card_of(stage, job)).layout is first


async def test_results_may_have_a_channel_of_their_own(stage):
    other = stage.guild.text_channels[1]
    await stage.settle(results_channel=str(other.id))
    posted = stage.posted()
    answer = await stage.slash("ann", "imagine", prompt="a red fox")
    await answer.says(f"<#{other.id}>")
    await ends(stage, posted)
    last = await stage.card(is_done)
    assert last.path.startswith(f"/channels/{other.id}/messages/")


async def long_job(stage, notice):
    ann = str(stage.people["ann"].id)
    await stage.house.engine.community.members.choose(ann, notice=notice)
    _, posted = await begun(stage)
    await later(stage, seconds=61)
    await ends(stage, posted)
    await stage.until(lambda: stage.house.store._cards[1].state is CardState.DELIVERED)
    return ann


async def test_a_job_that_took_over_a_minute_is_told_to_its_requester_and_pings_nobody_else(stage):
    ann = await long_job(stage, Notice.MENTION)
    told = await stage.card(lambda call: isinstance(call.body, dict) and "is ready" in str(call.body.get("content")))
    assert told.path == f"/channels/{stage.channel.id}/messages"
    assert told.body["allowed_mentions"] == {"parse": [], "users": [int(ann)]}


async def test_whoever_chose_so_is_told_by_dm(stage):
    ann = await long_job(stage, Notice.DM)
    told = await stage.card(lambda call: isinstance(call.body, dict) and "is ready" in str(call.body.get("content")))
    assert told.path == f"/channels/77{ann}/messages"


async def test_whoever_chose_so_is_not_told(stage):
    await long_job(stage, Notice.OFF)
    assert not any("is ready" in str(call.body) for call in stage.calls)


async def test_nothing_that_is_shown_may_ping(stage):
    await stage.imagined("ann", "@everyone a fox <@&123456789012345678>")
    for call in stage.calls:
        if isinstance(call.body, dict) and call.embed:
            assert call.body.get("allowed_mentions", {"parse": []})["parse"] == []
            assert "@everyone" not in call.embed.get("description", "")


async def test_edits_of_one_channel_take_turns_but_an_end_does_not_wait():
    pacer = Pacer(seconds=30.0)
    await pacer.turn("c", urgent=False)
    await pacer.turn("c", urgent=True)
    await pacer.turn("other", urgent=False)


async def several(stage, **options):
    """Four jobs of one prompt, and its yes."""
    answer = await stage.slash("ann", "imagine", prompt="a fox --repeat 4", **options)
    await answer.says("4 jobs")
    return answer.calls[-1].custom_ids[0]


@pytest.mark.parametrize("error", [aiohttp.ServerDisconnectedError(), OSError(104, "reset")], ids=["drop", "reset"])
@pytest.mark.parametrize(("private", "place"), [(False, "the channel"), (True, "a DM")])
async def test_several_cards_that_cannot_be_begun_all_come_to_their_end(stage, monkeypatch, error, private, place):
    monkeypatch.setattr(counter, "PAUSES", (0.0, 0.0, 0.0))
    yes, posted = await several(stage, private=private), stage.posted()
    stage.drop("POST /webhooks", error, times=99)
    await stage.press("ann", yes, private=private)
    await stage.until(lambda: len(stage.house.store._cards) == 4)
    cards = list(stage.house.store._cards.values())
    assert len({card.job_id for card in cards}) == 4
    assert sum(card.message_id == "" for card in cards) == (3 if private else 0), place
    for number in range(4):
        _, nonce = await stage.house.until_posted(posted + number + 1)
        stage.house.shows_an_imagine(nonce, f"11111111-1111-4111-8111-{posted + number + 1:012}")
    await stage.until(
        lambda: all(card.state is CardState.DELIVERED for card in stage.house.store._cards.values()),
        lambda: f"{stage.house.store._cards}",
    )
