"""Members who leave: what waits is withdrawn, unless they are in another server of the workspace."""

from __future__ import annotations

import discord
import pytest

from engine import JobState


@pytest.fixture
async def waiting(stage):
    """Ann's job that waits."""
    await stage.house.engine.queues.pause(stage.house.origin.workspace_id)
    await stage.slash("ann", "imagine", prompt="x")
    await stage.until(lambda: stage.stored() == 1)
    return stage.newest()


async def leaves(stage, who, guild=None):
    """Discord tells so."""
    user = stage.people[who]
    told = {"id": str(user.id), "username": user.name, "discriminator": "0", "avatar": None}
    where = stage.guild if guild is None else guild
    payload = discord.RawMemberRemoveEvent({"guild_id": str(where.id), "user": told}, user)
    await stage.bot.on_raw_member_remove(payload)


async def test_who_leaves_takes_waiting_jobs_along(stage, waiting):
    await leaves(stage, "ann")
    assert (await stage.house.job(waiting)).state is JobState.CANCELLED


async def test_the_card_of_what_was_withdrawn_promises_moderators_no_result(stage, waiting):
    await leaves(stage, "ann")
    last = await stage.card(lambda call: "Cancelled" in call.embed.get("description", ""))
    assert "/mod review" not in last.embed["description"]


async def test_who_leaves_leaves_the_jobs_of_others(stage, waiting):
    await leaves(stage, "ben")
    assert (await stage.house.job(waiting)).state is JobState.QUEUED


async def test_who_leaves_a_server_that_is_not_connected_loses_nothing(stage, waiting):
    await leaves(stage, "ann", stage.elsewhere)
    assert (await stage.house.job(waiting)).state is JobState.QUEUED


async def test_who_is_in_another_server_of_the_workspace_loses_nothing_before_leaving_it_too(stage, waiting):
    await stage.bind(stage.elsewhere.id, "owner")
    number = str(stage.people["ann"].id)
    stage.members[stage.elsewhere.id, number] = []
    await leaves(stage, "ann")
    assert (await stage.house.job(waiting)).state is JobState.QUEUED
    del stage.members[stage.elsewhere.id, number]
    await leaves(stage, "ann", stage.elsewhere)
    assert (await stage.house.job(waiting)).state is JobState.CANCELLED


async def test_when_discord_does_not_say_nothing_is_taken_back_on_a_guess(stage, waiting):
    await stage.bind(stage.elsewhere.id, "owner")
    stage.refuse(f"GET /guilds/{stage.elsewhere.id}/members", 500)
    await leaves(stage, "ann")
    assert (await stage.house.job(waiting)).state is JobState.QUEUED


@pytest.mark.parametrize("how", ["leaves", "is banned"])
async def test_what_runs_for_who_is_not_there_any_more_ends_in_the_moderators_view_alone(stage, how):
    posted = stage.posted()
    answer = await stage.slash("ann", "imagine", prompt="a zebra")
    await answer.shows("Imagine")
    _, nonce = await stage.house.until_posted(posted + 1)
    if how == "leaves":
        await leaves(stage, "ann")
    else:
        await (await stage.slash("guard", "mod ban", member=stage.people["ann"])).says("taken back: 0")
    stage.house.shows_an_imagine(nonce, "11111111-1111-4111-8111-000000000001")
    job = stage.newest()
    await stage.card(lambda call: "/mod review" in call.embed.get("description", ""))
    seen = await (await stage.slash("ben", "history", search="zebra")).shows("Gallery")
    assert "Nothing here" in seen.embed["description"]
    await (await stage.slash("ben", "job", id=job.id)).says("private")
    moderated = await (await stage.slash("guard", "history", search="zebra")).shows("Gallery")
    assert "zebra" in moderated.embed["description"]
