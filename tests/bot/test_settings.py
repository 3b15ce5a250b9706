"""/admin settings: each is kept, counts at once, and is in the log."""

from __future__ import annotations

import pytest

from engine import Layout, Mode, NsfwRule, Period, Presses, Quota, RoleTerms, Terms
from engine.model.prices import GENERATION


async def settled(stage):
    return (await stage.house.engine.community.guilds.guild(str(stage.guild.id))).settings


async def noted(stage, name, /, **options):
    await (await stage.slash("owner", f"admin settings {name}", **options)).says("Noted")
    return await settled(stage)


async def test_channels_are_allowed_and_no_more(stage):
    here, other = stage.guild.text_channels
    assert (await noted(stage, "channel", channel=other, allowed=True)).channels == (str(other.id),)
    await (await stage.slash("ann", "imagine", prompt="x")).says(f"<#{other.id}>")
    await noted(stage, "channel", channel=here, allowed=True)
    assert (await noted(stage, "channel", channel=other, allowed=False)).channels == (str(here.id),)
    log = await stage.house.engine.audit(stage.house.origin.workspace_id)
    assert log[0].what == "server settings changed"


async def test_a_role_says_who_makes_who_moderates_and_how_much(stage):
    role = stage.guards
    found = await noted(
        stage, "role", role=role, makes=True, quota="500/month", speeds="relax, fast", cooldown=30, queued=3
    )
    terms = Terms(quota=Quota(500, Period.MONTH), speeds=frozenset({Mode.RELAX, Mode.FAST}), cooldown=30, most_queued=3)
    assert found.roles == (str(role.id),)
    assert found.by_role == (RoleTerms(str(role.id), terms),)
    await (await stage.slash("ann", "imagine", prompt="x")).says("You need one of these roles")
    kept = await noted(stage, "role", role=role, moderates=False)
    assert kept.by_role == found.by_role
    assert kept.moderator_roles == ()
    await (await stage.slash("guard", "mod log")).says("Only moderators")
    free = await noted(stage, "role", role=role, quota="unlimited", speeds="none", cooldown=0, queued=0)
    assert free.by_role == (RoleTerms(str(role.id), Terms(unlimited=True)),)
    assert (await noted(stage, "role", role=role, quota="none", makes=False)).by_role == ()


@pytest.mark.parametrize(("option", "value"), [("quota", "much"), ("quota", "1/year"), ("speeds", "warp")])
async def test_what_is_not_known_is_refused(stage, option, value):
    before = await settled(stage)
    answer = await stage.slash("owner", "admin settings everyone", **{option: value})
    await answer.says("cannot be sent")
    assert await settled(stage) == before


async def test_everybody_has_usual_terms(stage):
    found = await noted(stage, "everyone", quota=f"{GENERATION}/day", cooldown=60)
    assert found.usual == Terms(quota=Quota(GENERATION, Period.DAY), cooldown=60)
    await stage.slash("ann", "imagine", prompt="x")
    await stage.until(lambda: stage.stored() == 1)
    await (await stage.slash("ann", "imagine", prompt="y")).says("may ask again")
    await noted(stage, "everyone", cooldown=0)
    await (await stage.slash("ann", "imagine", prompt="y")).says("not so many are left")


async def test_every_other_setting_is_kept_and_shown(stage):
    other = stage.guild.text_channels[1]
    styles = stage.house.engine.community.styles
    style = await styles.save(stage.house.origin.workspace_id, "12345", "Ink", "in ink", shared=True)
    await styles.save(stage.house.origin.workspace_id, "12345", "Own", "own")
    await noted(stage, "nsfw", rule="spoiler")
    await noted(stage, "results", channel=other)
    await noted(stage, "language", which="de")
    await noted(stage, "presses", who="requester")
    await noted(stage, "layout", which="components")
    assert (await stage.complete("owner", "admin settings style", "name", name="")).choices == ["Ink"]
    assert (await stage.complete("guard", "admin settings style", "name", name="")).choices == []
    found = await noted(stage, "style", name="ink")
    assert (found.nsfw, found.results_channel, found.language) == (NsfwRule.SPOILER, str(other.id), "de")
    assert (found.presses, found.layout, found.default_style) == (Presses.REQUESTER, Layout.COMPONENTS, style.id)
    shown = await (await stage.slash("owner", "admin settings show")).shows("Settings")
    for part in ("Pictures are spoilers", f"<#{other.id}>", "de", "Only who asked", "Components V2", "Ink"):
        assert part in shown.embed["description"]
    await (await stage.slash("owner", "admin settings style", name="Own")).says("none of those")
    await noted(stage, "results")
    await noted(stage, "language", which="server")
    assert (await noted(stage, "style")) == (await settled(stage))
    last = await settled(stage)
    assert (last.results_channel, last.language, last.default_style) == (None, None, None)
