"""A server's settings that change judge what waits there again, before it is sent."""

from __future__ import annotations

import pytest

from bot.texts import TEXTS
from engine import GuildSettings, JobState, Mode, NsfwRule, Terms


@pytest.fixture
async def waits(stage):
    """A job of Ann's that waits, while Discord says that she is a member."""
    stage.members[stage.guild.id, str(stage.people["ann"].id)] = []
    await stage.house.engine.queues.pause(stage.house.origin.workspace_id)
    answer = await stage.slash("ann", "imagine", prompt="a red fox --turbo")
    await answer.shows("Imagine")
    return stage.newest()


async def ended(stage, job, ruling):
    """Its card tells why, and nothing of it is ever sent."""
    said = TEXTS["en"][f"ruled.{ruling}"]
    await stage.card(lambda call: said in call.embed.get("description", ""))
    assert (await stage.house.job(job)).state is JobState.FAILED
    await stage.house.engine.queues.resume(job.workspace_id)
    await stage.house.clock.advance(5)
    assert stage.posted() == 0


@pytest.mark.parametrize(
    ("command", "ruling"),
    [("nsfw", "age_channel"), ("channel", "wrong_channel"), ("role", "no_role"), ("everyone", "speed")],
)
async def test_a_setting_that_an_operator_changes_ends_what_it_no_longer_allows(stage, waits, command, ruling):
    options = {
        "nsfw": {"rule": "age_channels"},
        "channel": {"channel": stage.guild.text_channels[1], "allowed": True},
        "role": {"role": stage.guards, "makes": True},
        "everyone": {"speeds": "relax"},
    }[command]
    await (await stage.slash("owner", f"admin settings {command}", **options)).says("Noted")
    assert (await stage.house.job(waits)).state is JobState.FAILED, "by the time that the operator is answered"
    await ended(stage, waits, ruling)


async def test_a_server_that_is_disconnected_has_nothing_of_it_sent(stage, waits):
    await (await stage.press("owner", f"easel-disconnect:{stage.guild.id}")).says("no longer connected")
    await ended(stage, waits, "not_connected")


async def test_a_job_is_judged_where_it_was_asked_for_not_where_somebody_looks_at_it(stage, waits):
    opened = await stage.slash("owner", "job", id=waits.id, where={"channel": stage.guild.text_channels[1]})
    await opened.shows("Imagine")
    here = {"channel": stage.channel, "allowed": True}
    await (await stage.slash("owner", "admin settings channel", **here)).says("Noted")
    assert (await stage.house.job(waits)).state is JobState.QUEUED


@pytest.mark.parametrize(("allowed", "state"), [(0, JobState.QUEUED), (1, JobState.FAILED)])
async def test_a_job_whose_card_is_where_results_go_is_judged_where_it_was_asked_for(stage, allowed, state):
    stage.members[stage.guild.id, str(stage.people["ann"].id)] = []
    await stage.house.engine.queues.pause(stage.house.origin.workspace_id)
    results = stage.guild.text_channels[1]
    await stage.settle(results_channel=str(results.id))
    answer = await stage.slash("ann", "imagine", prompt="a red fox")
    await answer.says(f"<#{results.id}>")
    await stage.until(lambda: bool(stage.house.store._cards))
    channel = stage.guild.text_channels[allowed]
    await (await stage.slash("owner", "admin settings channel", channel=channel, allowed=True)).says("Noted")
    assert (await stage.house.job(stage.newest())).state is state


async def test_a_setting_that_was_changed_elsewhere_counts_soon(stage, waits, monkeypatch):
    monkeypatch.setattr("bot.rulings.LOOK", 0.01)
    await stage.restart()
    await stage.house.engine.community.guilds.settle(
        waits.workspace_id, str(stage.guild.id), GuildSettings(nsfw=NsfwRule.AGE_CHANNELS), "key:1"
    )
    await ended(stage, waits, "age_channel")


async def test_what_was_allowed_just_before_and_stored_just_after_is_judged_too(stage, waits):
    await stage.bot.rulings.stop()  # the test looks by itself
    await stage.bot.rulings.look()
    (card,) = await stage.house.engine.community.cards.open()
    stage.house.store._cards.clear()
    await stage.settle(nsfw=NsfwRule.AGE_CHANNELS)
    await stage.bot.rulings.look()
    assert (await stage.house.job(waits)).state is JobState.QUEUED, "its card is not stored yet"
    stage.house.store._cards[card.id] = card
    await stage.bot.rulings.look()
    assert (await stage.house.job(waits)).state is JobState.FAILED


@pytest.mark.parametrize(
    "settings",
    [{"spoiler": True}, {"nsfw": NsfwRule.SPOILER}, {"usual": Terms(speeds=frozenset({Mode.TURBO, Mode.FAST}))}],
    ids=["spoiler", "nsfw spoiler", "more speeds"],
)
async def test_a_setting_that_lets_it_be_leaves_it_waiting(stage, waits, settings):
    await stage.settle(**settings)
    await stage.bot.rulings.look()
    assert (await stage.house.job(waits)).state is JobState.QUEUED


async def test_nothing_ends_on_a_guess_where_discord_does_not_tell_of_the_member(stage, waits):
    stage.refuse(f"GET /guilds/{stage.guild.id}/members", 500, times=9)
    await stage.settle(nsfw=NsfwRule.AGE_CHANNELS)
    await stage.bot.rulings.look()
    assert (await stage.house.job(waits)).state is JobState.QUEUED
