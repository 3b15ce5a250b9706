"""Who may moderate and operate: Easel's own answer at each deed, whatever Discord shows to whom."""

from __future__ import annotations

import pytest
from discord import app_commands

from bot.views import custom_id
from engine import JobState, Restraint

FORGED = ("modkeep:1", "modtake:1", "modstrike:1", "modreview:9", "modrefused:9", "modlog:9", "modrules:0")
MENUS = ("Remove picture", "Who made this")


def moderating(stage):
    """Every command of moderators, with what it needs."""
    ann = stage.people["ann"]
    return {
        "mod banword add": {"text": "wolf"},
        "mod banword remove": {"rule": "1"},
        "mod banword list": {},
        "mod banword test": {"prompt": "x"},
        "mod banword import": {"file": stage.file("rules.txt")},
        "mod banword export": {},
        "mod review": {},
        "mod log": {},
        "mod ban": {"member": ann},
        "mod unban": {"member": ann},
        "mod timeout": {"member": ann, "minutes": 5},
        "mod strikes": {"member": ann, "give": "x"},
    }


async def untouched(stage):
    """Nothing was changed by anybody but the stage."""
    place = stage.house.origin.workspace_id
    assert {each.who for each in await stage.house.engine.audit(place)} <= {
        f"discord:{stage.people['owner'].id}",
        "test",
    }
    assert await stage.house.engine.rules(place) == []


@pytest.mark.parametrize(("who", "where"), [("ann", "here"), ("ben", "here"), ("owner", "strange"), ("guard", "dm")])
async def test_nobody_else_moderates(stage, who, where):
    place = {"strange": {"guild": stage.elsewhere}, "dm": {"guild": None}, "here": {}}[where]
    stage.members[stage.guild.id, str(stage.people["guard"].id)] = [str(stage.guards.id)]
    refused = {"here": "Only moderators", "strange": "not connected", "dm": "in the server"}[where]
    commands = moderating(stage)
    for name, options in commands.items():
        answer = await stage.slash(who, name, **options, where=dict(place))
        await answer.says(refused)
        assert answer.is_private
    every = stage.bot.tree.get_command("mod").walk_commands()
    assert set(commands) == {each.qualified_name for each in every if isinstance(each, app_commands.Command)}
    for custom in FORGED:
        await (await stage.press(who, f"easel-{custom}", **place)).says(refused)
    await untouched(stage)


async def test_a_member_opens_no_form_and_hands_in_no_forged_one(stage):
    job = await stage.imagined("ann")
    (card,) = await stage.house.engine.community.cards.of(job.workspace_id, job.id)
    message = stage.message(id=card.message_id)
    for menu in MENUS:
        await (await stage.menu("ben", menu, message)).says("Only moderators")
    forged = f"easelform:remove:{job.id}:01234567"
    await (await stage.submit("ben", forged, reason="x", strike="x")).says("Only moderators")
    assert (await stage.house.job(job)).result.pictures
    await untouched(stage)


async def test_a_role_that_is_taken_away_counts_between_the_form_and_its_answer(stage):
    job = await stage.imagined("ann")
    (card,) = await stage.house.engine.community.cards.of(job.workspace_id, job.id)
    form = await stage.menu("guard", "Remove picture", stage.message(id=card.message_id))
    await stage.settle(moderator_roles=())
    await (await stage.submit("guard", form, reason="x")).says("Only moderators")
    assert (await stage.house.job(job)).result.pictures


async def test_a_banned_moderator_moderates_no_more(stage):
    members, place = stage.house.engine.community.members, stage.house.origin.workspace_id
    await members.restrain(place, str(stage.people["guard"].id), Restraint.BANNED, "test")
    await (await stage.slash("guard", "mod log")).says("banned you")


async def test_another_workspaces_reports_and_pictures_are_not_known(stage):
    job = await stage.imagined("ann")
    community = stage.house.engine.community
    (card,) = await community.cards.of(job.workspace_id, job.id)
    report = await community.reports.report(job.workspace_id, job.id, str(stage.people["ben"].id), "bad")
    other = await stage.house.store.ensure_workspace("other", stage.house.clock.now())
    code = await community.guilds.code(other.id)
    ben = str(stage.people["ben"].id)
    await community.guilds.connect(code.code, guild_id=str(stage.elsewhere.id), name="E", user_id=ben)
    there = {"guild": stage.elsewhere}
    for deed in ("modkeep", "modtake", "modstrike"):
        await (await stage.press("ben", f"easel-{deed}:{report.id}", **there)).says("not known here")
    await (await stage.press("ben", custom_id(job.id, "delete_yes"), **there)).says("not known here")
    empty = await (await stage.slash("ben", "mod review", where=dict(there))).shows("Reports")
    assert "Nothing here" in empty.embed["description"]
    assert (await stage.house.job(job)).result.pictures
    assert (await community.reports.found(job.workspace_id, report.id)).settled is None
    assert (await community.cards.of(job.workspace_id, job.id)) == [card]


@pytest.mark.parametrize("rest", ["", "x", "-1", "1e9", "9" * 40, "１"])
async def test_a_number_that_nobody_wrote_is_refused(stage, rest):
    await (await stage.press("guard", f"easel-modtake:{rest}")).says("none of those")
    await untouched(stage)


async def test_suggestions_of_rules_are_for_moderators_alone(stage):
    await (await stage.slash("guard", "mod banword add", text="wolf")).says("Rule")
    found = await stage.complete("guard", "mod banword remove", "rule", rule="wo")
    assert len(found.choices) == 1
    assert (await stage.complete("ann", "mod banword remove", "rule", rule="wo")).choices == []


async def test_staff_commands_share_no_top_level_and_are_hidden_from_members(stage):
    payload = next(call.body for call in stage.calls if call.path.endswith("/commands"))
    told = {each["name"]: each for each in payload}
    staff = {name for name, each in told.items() if each["default_member_permissions"] is not None}
    assert staff == {"mod", "admin", *MENUS}
    for name in staff:
        assert told[name]["contexts"] == [0], name
        assert told[name]["integration_types"] == [0], name


async def test_what_runs_for_somebody_who_left_finishes_before_moderators_alone(stage):
    posted = stage.posted()
    answer = await stage.slash("ann", "imagine", prompt="a red fox")
    _, nonce = await stage.house.until_posted(posted + 1)
    await stage.bot.on_member_ban(stage.guild, stage.people["ann"])
    stage.house.shows_an_imagine(nonce, "11111111-1111-4111-8111-000000000001")
    done = await stage.house.until_state(stage.newest(), JobState.DONE)
    shown = await stage.card(lambda call: "not here any more" in str(call.embed) and answer.token in call.path)
    assert "image" not in shown.embed
    assert shown.custom_ids == []
    page = await (await stage.slash("guard", "mod review")).shows("Reports")
    assert "left or was banned" in page.embed["description"]
    opened = await stage.press("guard", page.custom_ids[0], private=True)
    await opened.shows("Imagine")
    assert not any(call.path == "/users/@me/channels" for call in stage.calls)
    assert (await stage.house.job(done)).result.pictures
