"""Who may do what, looked up at the deed: members, moderators, other servers, DMs, roles that were taken away."""

from __future__ import annotations

import asyncio

from bot import askers
from bot.views import custom_id
from engine import NsfwRule, Presses


def in_dm(stage, who, roles=()):
    """Discord says that they are in the connected server, with these roles."""
    stage.members[stage.guild.id, str(stage.people[who].id)] = list(roles)
    return {"guild": None}


async def test_only_roles_that_may_generate_do(stage):
    artists = "123456789012345678"
    await stage.settle(roles=(artists,))
    await (await stage.slash("ann", "imagine", prompt="x")).says("You need one of these roles")
    assert stage.stored() == 0
    await stage.slash("owner", "imagine", prompt="x")
    await stage.until(lambda: stage.stored() == 1)


async def test_a_role_that_is_taken_away_counts_at_the_next_press(stage):
    job = await stage.imagined("ann")
    await stage.settle(roles=(str(stage.guards.id),))
    await (await stage.press("ben", custom_id(job.id, "upscale_1"))).says("You need one of these roles")
    await stage.press("guard", custom_id(job.id, "upscale_1"))
    await stage.until(lambda: stage.stored() == 2)


async def test_a_server_may_keep_buttons_for_the_requester(stage):
    job = await stage.imagined("ann")
    await stage.settle(presses=Presses.REQUESTER)
    await (await stage.press("ben", custom_id(job.id, "upscale_1"))).says("only whoever asked for a picture")
    await stage.press("ann", custom_id(job.id, "upscale_1"))
    await stage.until(lambda: stage.stored() == 2)


async def test_a_channel_that_is_not_allowed_names_those_that_are(stage):
    other = stage.guild.text_channels[1]
    await stage.settle(channels=(str(other.id),))
    await (await stage.slash("ann", "imagine", prompt="x")).says(f"<#{other.id}>")
    await stage.slash("ann", "imagine", prompt="x", where={"channel": other})
    await stage.until(lambda: stage.stored() == 1)


async def test_age_restricted_channels_only(stage):
    await stage.settle(nsfw=NsfwRule.AGE_CHANNELS)
    await (await stage.slash("ann", "imagine", prompt="x")).says("age-restricted")
    stage.channel.nsfw = True
    await stage.slash("ann", "imagine", prompt="x")
    await stage.until(lambda: stage.stored() == 1)


async def test_in_a_dm_somebody_acts_where_they_are_a_member(stage):
    nobody = await stage.slash("ben", "imagine", prompt="x", where={"guild": None})
    await nobody.says("no connected server")
    await stage.slash("ann", "imagine", prompt="x", where=in_dm(stage, "ann"))
    await stage.until(lambda: stage.stored() == 1)
    assert stage.newest().workspace_id == stage.house.origin.workspace_id


async def test_in_a_dm_a_form_opens_from_what_is_remembered_and_what_is_handed_in_is_judged_anew(stage):
    job = await stage.imagined("ann", where=in_dm(stage, "ann"))
    before = sum("/members/" in call.path for call in stage.calls)
    form = await stage.press("ann", custom_id(job.id, "edit"), guild=None)
    assert form.ack == 9
    assert sum("/members/" in call.path for call in stage.calls) == before
    stage.members.clear()
    await (await stage.submit("ann", form, where={"guild": None}, words="a hat")).says("not known here")
    assert stage.stored() == 1


async def test_in_a_dm_where_discord_does_not_say_in_time_that_is_told_within_three_seconds(stage, monkeypatch):
    job = await stage.imagined("ann")

    async def never(*_):
        await asyncio.Event().wait()

    monkeypatch.setattr(askers, "presences", never)
    monkeypatch.setattr(askers, "_MOST_SECONDS", 0.05)
    await (await stage.press("ann", custom_id(job.id, "edit"), guild=None)).says("UNAVAILABLE")


async def test_what_is_made_in_a_dm_is_private(stage):
    job = await stage.imagined("ann", "my own fox", where=in_dm(stage, "ann"))
    assert job.private
    seen = await (await stage.slash("ben", "history", search="fox")).shows("Gallery")
    assert "Nothing here" in seen.embed["description"]
    await (await stage.slash("ben", "job", id=job.id)).says("private")


async def test_in_a_dm_suggestions_ask_discord_once_a_minute_and_deeds_every_time(stage):
    where = in_dm(stage, "ann")

    def asked():
        return sum("/members/" in call.path for call in stage.calls)

    for text in ("f", "fo", "fox"):
        await stage.complete("ann", "job", "id", id=text, where=where)
    assert asked() == 1
    await (await stage.slash("ann", "jobs", where=where)).shows("Your jobs")
    assert asked() == 2


async def test_in_a_dm_the_roles_of_this_moment_count(stage):
    await stage.settle(roles=(str(stage.guards.id),))
    refused = await stage.slash("ann", "imagine", prompt="x", where=in_dm(stage, "ann"))
    await refused.says("no connected server")
    await stage.slash("ann", "imagine", prompt="x", where=in_dm(stage, "ann", (str(stage.guards.id),)))
    await stage.until(lambda: stage.stored() == 1)


async def test_of_several_workspaces_one_is_chosen_once(stage):
    other = await stage.house.store.ensure_workspace("other", stage.house.clock.now())
    guilds = stage.house.engine.community.guilds
    code = await guilds.code(other.id)
    owner = str(stage.people["owner"].id)
    await guilds.connect(code.code, guild_id=str(stage.elsewhere.id), name="Elsewhere", user_id=owner)
    where = in_dm(stage, "ann")
    stage.members[stage.elsewhere.id, str(stage.people["ann"].id)] = []
    await (await stage.slash("ann", "imagine", prompt="x", where=where)).says("Choose yours once")
    await (await stage.slash("ann", "me workspace", server=other.id, where={"guild": None})).says("Noted")
    await stage.slash("ann", "imagine", prompt="x", where={"guild": None})
    await stage.until(lambda: stage.stored() == 1)
    assert stage.newest().workspace_id == other.id
    wrong = await stage.slash("ann", "me workspace", server="nonsense", where={"guild": None})
    await wrong.says("that are suggested")


async def test_one_is_chosen_in_a_server_as_well_as_in_a_dm(stage):
    in_dm(stage, "ann")
    offered = await stage.complete("ann", "me workspace", "server", server="")
    (choice,) = offered.choices
    await (await stage.slash("ann", "me workspace", server=choice)).says("Noted")


async def test_a_user_installed_app_in_a_strange_server_acts_as_in_a_dm(stage):
    where = {"guild": stage.elsewhere, "owners": {"1": str(stage.people["ann"].id)}}
    await (await stage.slash("ann", "imagine", prompt="x", where=where)).says("no connected server")
    in_dm(stage, "ann")
    await stage.slash("ann", "imagine", prompt="x", where=where)
    await stage.until(lambda: stage.stored() == 1)


async def test_where_discord_allows_few_messages_the_rest_is_named(stage):
    where = {"guild": stage.elsewhere, "owners": {"1": str(stage.people["ann"].id)}}
    in_dm(stage, "ann")
    asked = await stage.slash("ann", "imagine", prompt="x --repeat 7", where=where)
    await asked.says("7 jobs")
    answer = await stage.press("ann", asked.calls[-1].custom_ids[0], **where)
    await answer.says("2 more are found in /jobs")
    assert stage.stored() == 7
    assert len(stage.house.store._cards) == 5


async def test_a_press_in_a_dm_knows_only_the_jobs_of_ones_own_workspaces(stage):
    job = await stage.imagined("ann")
    await (await stage.press("ben", custom_id(job.id, "upscale_1"), guild=None)).says("not known here")
    await stage.press("ann", custom_id(job.id, "upscale_1"), **in_dm(stage, "ann"))
    await stage.until(lambda: stage.stored() == 2)


async def test_who_leaves_takes_waiting_jobs_along(stage):
    await stage.house.engine.queues.pause(stage.house.origin.workspace_id)
    await stage.slash("ann", "imagine", prompt="x")
    await stage.until(lambda: stage.stored() == 1)
    await stage.bot.on_member_ban(stage.guild, stage.people["ann"])
    assert stage.newest().state == "CANCELLED"


def in_thread(stage, parent, kind=11):
    """A thread (or a forum's post) of a channel."""
    place = {"id": "333333333333333333", "type": kind, "parent_id": str(parent.id), "owner_id": "1", "name": "post"}
    meta = {"archived": False, "auto_archive_duration": 60, "archive_timestamp": "2026-11-01T00:00:00+00:00"}
    return {"place": {**place, "thread_metadata": meta, "message_count": 0, "member_count": 1}}


async def test_in_a_thread_or_a_forums_post_its_channels_rules_count(stage):
    art, other = stage.guild.text_channels
    await stage.settle(channels=(str(other.id),))
    refused = await stage.slash("ann", "imagine", prompt="x", where=in_thread(stage, art))
    await refused.says(f"<#{other.id}>")
    answer = await stage.slash("ann", "imagine", prompt="x", where=in_thread(stage, other))
    await answer.shows("Imagine")
    (card,) = await stage.house.engine.community.cards.of(stage.newest().workspace_id, stage.newest().id)
    assert card.channel_id == "333333333333333333"


async def test_a_threads_age_restriction_is_its_channels(stage):
    art, _ = stage.guild.text_channels
    await stage.settle(nsfw=NsfwRule.AGE_CHANNELS)
    await (await stage.slash("ann", "imagine", prompt="x", where=in_thread(stage, art))).says("age-restricted")
    art.nsfw = True
    await stage.slash("ann", "imagine", prompt="x", where=in_thread(stage, art))
    await stage.until(lambda: stage.stored() == 1)
