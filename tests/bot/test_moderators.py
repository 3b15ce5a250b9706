"""/mod and the menus of moderators: words, reports, bans, strikes, the log."""

from __future__ import annotations

import re
from datetime import timedelta

import discord
import pytest

from engine import JobState, Restraint


@pytest.fixture
def rights(monkeypatch):
    """Discord's own rights of whoever types, and of the bot."""
    held = {"member": "0", "bot": "0"}
    monkeypatch.setattr(
        discord.Interaction, "app_permissions", property(lambda _: discord.Permissions(int(held["bot"])))
    )
    monkeypatch.setattr(
        discord.Interaction, "permissions", property(lambda _: discord.Permissions(int(held["member"])))
    )
    return held


async def paused(stage, who="ann", **options):
    """A job of theirs that waits."""
    await stage.house.engine.queues.pause(stage.house.origin.workspace_id)
    before = stage.stored()
    await stage.slash(who, "imagine", prompt="a red fox", **options)
    await stage.until(lambda: stage.stored() == before + 1)
    return stage.newest()


async def member(stage, who):
    found = stage.house.engine.community.members
    return await found.member(stage.house.origin.workspace_id, str(stage.people[who].id))


async def audited(stage):
    return [(each.who, each.what) for each in await stage.house.engine.audit(stage.house.origin.workspace_id)]


async def card_of(stage, job):
    (card,) = await stage.house.engine.community.cards.of(job.workspace_id, job.id)
    return card


async def test_a_word_that_is_added_refuses_prompts_and_is_in_the_log(stage):
    answer = await stage.slash("guard", "mod banword add", text="Wolf", severity="high", allow="wolf moon | sea wolf")
    assert answer.is_private
    await answer.says("Whole word · High")
    await (await stage.slash("ann", "imagine", prompt="a wolf")).says("not allowed here: wolf")
    await stage.slash("ann", "imagine", prompt="a wolf moon")
    await stage.until(lambda: stage.stored() == 1)
    guard = f"discord:{stage.people['guard'].id}"
    assert (guard, "rule added") in await audited(stage)
    shown = await (await stage.slash("guard", "mod log")).shows("Log")
    assert "rule added" in shown.embed["description"]


@pytest.mark.parametrize(
    ("kind", "text", "refused", "taken"),
    [
        ("word", "fox", "a fox", "a foxglove"),
        ("phrase", "red fox", "a red fox", "a red, old fox"),
        ("prefix", "fox", "a foxglove", "a firefox"),
        ("suffix", "fox", "a firefox", "a foxglove"),
    ],
)
async def test_each_kind_of_rule_is_tried_without_being_kept(stage, kind, text, refused, taken):
    await (await stage.slash("guard", "mod banword add", text=text, kind=kind)).says("Rule")
    await (await stage.slash("guard", "mod banword test", prompt=refused)).says("is refused")
    await (await stage.slash("guard", "mod banword test", prompt=taken)).says("passes")
    assert await stage.house.engine.refusals(stage.house.origin.workspace_id) == []


async def test_a_rule_is_found_listed_and_removed(stage):
    for number in range(27):
        await (await stage.slash("guard", "mod banword add", text=f"word{number:02}")).says("Rule")
    page = await (await stage.slash("guard", "mod banword list")).shows("Refused words")
    assert "word24" in page.embed["description"]
    assert "word25" not in page.embed["description"]
    (more,) = page.custom_ids
    following = await stage.press("guard", more, private=True)
    assert "word26" in (await following.shows("Refused words")).embed["description"]
    (found,) = await stage.house.engine.rules(stage.house.origin.workspace_id, after=0, limit=1)
    await (await stage.slash("guard", "mod banword remove", rule=str(found.id))).says("No longer refused: word00")
    await (await stage.slash("guard", "mod banword remove", rule=str(found.id))).says("not known here")
    await (await stage.slash("guard", "mod banword remove", rule="word01")).says("none of those")


async def test_rules_go_out_and_come_in_as_a_file(stage, monkeypatch):
    await (await stage.slash("guard", "mod banword add", text="wolf")).says("Rule")
    out = await stage.slash("guard", "mod banword export")
    await stage.until(lambda: any(call.files == ("banwords.txt",) for call in out.calls))
    sheets = [b"prefix high: fox\nword: bear | teddy bear\n", b" \n", b"word high low: fox", b"\xff\xfe"]

    async def read(self, *, use_cached=False):
        return sheets.pop(0)

    monkeypatch.setattr(discord.Attachment, "read", read)
    taken = await stage.slash("guard", "mod banword import", file=stage.file("rules.txt"), replace=True)
    await taken.says("Added: 2, changed: 0, removed: 1")
    empty = await stage.slash("guard", "mod banword import", file=stage.file("rules.txt"), replace=True)
    await empty.says("would remove them all")
    await (await stage.slash("guard", "mod banword import", file=stage.file("rules.txt"))).says("line 1")
    await (await stage.slash("guard", "mod banword import", file=stage.file("rules.txt"))).says("no text file")
    await (await stage.slash("guard", "mod banword import", file=stage.file("a", 2 << 20))).says("no text file")
    assert len(await stage.house.engine.rules(stage.house.origin.workspace_id)) == 2


async def test_a_rule_that_comes_later_refuses_jobs_that_wait(stage):
    job = await paused(stage)
    await (await stage.slash("guard", "mod banword add", text="fox")).says("Jobs that wait")
    await stage.house.engine.queues.resume(job.workspace_id)
    ended = await stage.house.until_state(job, JobState.FAILED)
    assert ended.failure.reason == "banned"
    assert stage.posted() == 0
    shown = await (await stage.slash("guard", "mod review", what="refusals")).shows("Refused prompts")
    assert "a red fox" in shown.embed["description"]


async def test_a_ban_takes_back_what_waits_and_holds_until_it_is_lifted(stage):
    job = await paused(stage)
    ann = stage.people["ann"]
    await (await stage.slash("guard", "mod ban", member=ann, reason="spam")).says("taken back: 1")
    assert (await stage.house.job(job)).state is JobState.CANCELLED
    assert (await member(stage, "ann")).restrained.kind is Restraint.BANNED
    await (await stage.slash("ann", "imagine", prompt="x")).says("banned you")
    await (await stage.slash("guard", "mod unban", member=ann)).says("again")
    await (await stage.slash("guard", "mod unban", member=ann)).says("Nothing holds")
    await stage.slash("ann", "imagine", prompt="x")
    await stage.until(lambda: stage.stored() == 2)
    assert {"member banned", "member no longer banned"} <= {what for _, what in await audited(stage)}


async def test_an_operator_cannot_be_banned(stage):
    await (await stage.slash("guard", "mod ban", member=stage.people["owner"])).says("operator cannot be restrained")


async def test_a_break_ends_by_itself_and_discord_hears_nothing_of_it(stage, rights):
    rights.update(member=str(1 << 40), bot=str(1 << 40))
    await (await stage.slash("guard", "mod timeout", member=stage.people["ann"], minutes=5)).says("<t:")
    await (await stage.slash("ann", "imagine", prompt="x")).says("gave you a break")
    assert not any("/members/" in call.path for call in stage.calls)
    await stage.house.clock.advance(360)
    await stage.slash("ann", "imagine", prompt="x")
    await stage.until(lambda: stage.stored() == 1)


@pytest.mark.parametrize(("mine", "bots"), [("0", str(1 << 40)), (str(1 << 40), "0")])
async def test_discords_timeout_needs_the_right_of_both(stage, rights, mine, bots):
    rights.update(member=mine, bot=bots)
    answer = await stage.slash("guard", "mod timeout", member=stage.people["ann"], minutes=5, discord=True)
    await answer.says("Not in Discord")
    assert not any("/members/" in call.path for call in stage.calls)
    assert (await member(stage, "ann")).restrained.kind is Restraint.TIMED_OUT


async def test_discords_timeout_is_given_where_it_is_ticked(stage, rights):
    rights.update(member=str(1 << 40), bot=str(1 << 40))
    stage.members[stage.guild.id, str(stage.people["ann"].id)] = []
    answer = await stage.slash("guard", "mod timeout", member=stage.people["ann"], minutes=5, discord=True)
    await answer.says("in Discord too")
    (call,) = [call for call in stage.calls if "/members/" in call.path]
    assert call.method == "PATCH"
    assert call.body["communication_disabled_until"]
    stage.refuse("PATCH /guilds", 403, 50013)
    again = await stage.slash("guard", "mod timeout", member=stage.people["ben"], minutes=5, discord=True)
    await again.says("did not take")
    assert (await member(stage, "ben")).restrained.kind is Restraint.TIMED_OUT


@pytest.fixture
async def out(stage, rights):
    """Ann's id, who is timed out in Discord too."""
    rights.update(member=str(1 << 40), bot=str(1 << 40))
    ann = str(stage.people["ann"].id)
    stage.members[stage.guild.id, ann] = []
    answer = await stage.slash("guard", "mod timeout", member=stage.people["ann"], minutes=5, discord=True)
    await answer.says("in Discord too")
    assert stage.timeouts[ann] is not None
    return ann


async def test_discords_timeout_is_lifted_with_easels(stage, out):
    assert "member timed out in Discord" in {what for _, what in await audited(stage)}
    await (await stage.slash("guard", "mod unban", member=stage.people["ann"])).says("is lifted too")
    assert stage.timeouts[out] is None


async def test_a_ban_in_its_place_still_lifts_discords_timeout_when_it_is_lifted(stage, out):
    await (await stage.slash("guard", "mod ban", member=stage.people["ann"])).says("until `/mod unban`")
    assert stage.timeouts[out] is not None
    await (await stage.slash("guard", "mod unban", member=stage.people["ann"])).says("is lifted too")
    assert stage.timeouts[out] is None


async def test_a_timeout_that_somebody_set_in_discord_itself_is_left_alone(stage, out):
    stage.timeouts[out] = by_hand = (discord.utils.utcnow() + timedelta(days=1)).isoformat()
    await (await stage.slash("guard", "mod unban", member=stage.people["ann"])).says("another one than the bot set")
    assert stage.timeouts[out] == by_hand
    await (await stage.slash("guard", "mod ban", member=stage.people["ann"])).says("until `/mod unban`")
    answer = await stage.slash("guard", "mod unban", member=stage.people["ann"])
    assert "Discord" not in await answer.says("again")
    assert stage.timeouts[out] == by_hand


async def test_what_discord_does_not_lift_is_said(stage, out):
    stage.refuse("PATCH /guilds", 403, 50013)
    await (await stage.slash("guard", "mod unban", member=stage.people["ann"])).says("lift it in Discord")
    assert (await member(stage, "ann")).restrained is None


async def test_a_timeout_of_discords_that_is_over_is_not_spoken_of(stage, out):
    stage.timeouts[out] = None
    answer = await stage.slash("guard", "mod unban", member=stage.people["ann"])
    assert "Discord" not in await answer.says("again")


async def test_strikes_are_given_seen_and_lifted(stage):
    ann = stage.people["ann"]
    given = await (await stage.slash("guard", "mod strikes", member=ann, give="spam @everyone")).shows("Strikes")
    number = int(re.search(r"`(\d+)`", given.embed["description"])[1])
    assert "@everyone" not in given.embed["description"]
    lifted = await (await stage.slash("guard", "mod strikes", member=ann, lift=number)).shows("Strikes")
    assert "lifted" in lifted.embed["description"]
    await (await stage.slash("guard", "mod strikes", member=ann, lift=number)).says("none of those")
    await (await stage.slash("guard", "mod strikes", member=ann, give="   ")).says("the reason, which the member reads")
    assert (await member(stage, "ann")).strikes == 0
    none = await (await stage.slash("guard", "mod strikes", member=stage.people["ben"])).shows("Strikes")
    assert "No strikes" in none.embed["description"]


async def reported(stage, who="ben"):
    job = await stage.imagined("ann")
    message = stage.message(id=(await card_of(stage, job)).message_id)
    form = await stage.menu(who, "Report picture", message)
    await (await stage.submit(who, form, reason="not nice")).says("moderators")
    return job


async def test_a_report_is_reviewed_and_its_picture_kept(stage):
    await reported(stage)
    page = await (await stage.slash("guard", "mod review")).shows("Reports")
    assert "not nice" in page.embed["description"]
    _, keep, take, _ = page.custom_ids
    await (await stage.press("guard", keep, private=True)).says("stays")
    await (await stage.press("guard", take, private=True)).says("settled")
    empty = await (await stage.slash("guard", "mod review")).shows("Reports")
    assert "Nothing here" in empty.embed["description"]


async def test_a_report_is_reviewed_and_its_picture_removed_with_a_strike(stage):
    job = await reported(stage)
    page = await (await stage.slash("guard", "mod review")).shows("Reports")
    form = await stage.press("guard", page.custom_ids[3], private=True)
    assert (await member(stage, "ann")).strikes == 0
    await (await stage.submit("guard", form, strike="too bloody")).says("removed")
    assert (await member(stage, "ann")).strikes == 1
    assert "strike given" in {what for _, what in await audited(stage)}
    usage = await (await stage.slash("ann", "me usage")).shows("You")
    assert "too bloody" in usage.embed["description"]
    assert "not nice" not in usage.embed["description"]
    message_id = (await card_of(stage, job)).message_id
    await stage.card(lambda call: call.method == "DELETE" and call.path.endswith(message_id))
    gallery = await (await stage.slash("ben", "history")).shows("Gallery")
    assert "Nothing here" in gallery.embed["description"]


async def test_a_picture_is_removed_from_its_message_with_reasons(stage):
    job = await stage.imagined("ann")
    message = stage.message(id=(await card_of(stage, job)).message_id)
    form = await stage.menu("guard", "Remove picture", message)
    await (await stage.submit("guard", form, reason="gore", strike="gore again")).says("removed")
    removal = await stage.house.engine.community.reports.removal(job.workspace_id, job.id)
    assert (removal.reason, removal.by) == ("gore", f"discord:{stage.people['guard'].id}")
    (strike,) = await stage.house.engine.community.members.strikes(job.workspace_id, str(stage.people["ann"].id))
    assert (strike.reason, strike.job_id) == ("gore again", job.id)
    assert {"picture removed", "strike given"} <= {what for _, what in await audited(stage)}
    log = await (await stage.slash("guard", "mod log")).shows("Log")
    assert f"+ <@{stage.people['ann'].id}> gore again" in log.embed["description"]
    await stage.card(lambda call: call.method == "DELETE" and call.path.endswith(message["id"]))
    await (await stage.submit("guard", form, reason="gore")).says("not known here")


async def test_a_message_that_shows_no_job_has_no_picture_to_remove(stage):
    await (await stage.menu("guard", "Remove picture", stage.message())).says("not known here")
    await (await stage.menu("guard", "Who made this", stage.message())).says("not known here")


async def test_who_made_this_names_the_requester_privately(stage):
    job = await stage.imagined("ann", "a red fox")
    message = stage.message(id=(await card_of(stage, job)).message_id)
    answer = await stage.menu("guard", "Who made this", message)
    assert answer.is_private
    said = (await answer.shows("Who made this")).embed["description"]
    assert f"<@{stage.people['ann'].id}>" in said
    assert job.id in said
    assert "Strikes: 0" in said


async def test_the_log_names_roles_and_channels_and_shows_no_brackets(stage):
    await stage.slash("owner", "admin settings channel", channel=stage.channel, allowed=True)
    await stage.until(lambda: any("settings changed" in str(entry.what) for entry in stage.house.store._audit))
    said = (await (await stage.slash("guard", "mod log")).shows("Log")).embed["description"]
    assert f"-# - channels: none\n-# + channels: <#{stage.channel.id}>" in said
    assert f"moderator roles: <@&{stage.guards.id}>" in said
    assert "(" not in said
