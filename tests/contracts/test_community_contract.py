"""What every ports.Store promises about the people of Discord: servers, operators, members, cards, styles, alerts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model import errors
from engine.model.community.guilds import (
    ConnectCode,
    Guild,
    GuildSettings,
    NsfwRule,
    Operator,
    RoleTerms,
    Terms,
)
from engine.model.community.people import InDiscord, Notice, Person, Restrained, Restraint, Strike
from engine.model.community.reports import Alert, AlertKind, BotState
from engine.model.community.styles import Style
from engine.model.jobs import Mode
from engine.model.moderation.kept import AuditEntry
from engine.model.quotas import Period, Quota
from engine.ports import Footing, MemberLoad
from tests.contracts.store_examples import T0, after
from tests.contracts.store_kinds import STORES, opened

ANN, BEN = "111111111111111111", "222222222222222222"
GUILD, OTHER_GUILD = "333333333333333333", "444444444444444444"


@pytest.fixture(params=STORES)
async def store(request, tmp_path):
    async with opened(request.param, tmp_path, lambda: request.getfixturevalue("postgres")) as made:
        yield made


@pytest.fixture
async def place(store):
    return (await store.ensure_workspace("default", T0)).id


@pytest.fixture
async def other(store, place):
    return (await store.ensure_workspace("other", after(1))).id


def audit(workspace_id="", what="something", at=T0):
    return AuditEntry(workspace_id=workspace_id, who="discord:1", what=what, before=None, after="x", at=at)


def code(workspace_id, digest="d1", at=T0, lives=60):
    return ConnectCode(
        digest=digest, workspace_id=workspace_id, created_at=at, expires_at=at + timedelta(seconds=lives)
    )


def guild(guild_id=GUILD, user_id=ANN, **changes):
    values = {
        "guild_id": guild_id,
        "workspace_id": "",
        "name": "Fox “ü” 🦊",
        "connected_at": T0,
        "connected_by": user_id,
    }
    return Guild(**{**values, **changes})


async def bound(store, workspace_id, guild_id=GUILD, digest="d1"):
    await store.add_code(code(workspace_id, digest))
    return await store.connect_guild(digest, guild(guild_id), audit())


# --- servers and operators


async def test_a_code_binds_a_server_once_and_makes_whoever_used_it_an_operator(store, place):
    await store.add_code(code(place))
    found = await store.connect_guild("d1", guild(), audit())
    assert found == replace(guild(), workspace_id=place)
    assert await store.guild(GUILD) == found
    assert await store.connect_guild("d1", guild(OTHER_GUILD), audit()) is None
    assert await store.guild(OTHER_GUILD) is None
    assert [each.user_id for each in await store.operators(place)] == [ANN]
    assert [entry.workspace_id for entry in await store.audit(place, 10)] == [place]


async def test_a_code_that_is_over_or_unknown_binds_nothing(store, place):
    await store.add_code(code(place, lives=60))
    assert await store.connect_guild("d2", guild(), audit()) is None
    assert await store.connect_guild("d1", guild(), audit(at=after(60))) is None
    assert await store.guilds() == []
    assert await store.operators(place) == []


async def test_two_who_use_one_code_at_once_bind_one_server(store, place):
    await store.add_code(code(place))
    found = await asyncio.gather(
        *(store.connect_guild("d1", guild(each), audit()) for each in (GUILD, OTHER_GUILD)), return_exceptions=True
    )
    assert sum(isinstance(each, Guild) for each in found) == 1
    assert len(await store.guilds()) == 1


async def test_a_server_of_another_workspace_is_not_taken_and_the_code_stays_good(store, place, other):
    theirs = await bound(store, other)
    await store.add_code(code(place, "d2"))
    with pytest.raises(errors.Conflict):
        await store.connect_guild("d2", guild(), audit())
    assert await store.guild(GUILD) == theirs
    assert await store.operators(place) == []
    assert (await store.connect_guild("d2", guild(OTHER_GUILD), audit())).workspace_id == place


async def test_a_bound_server_keeps_its_settings_when_another_operator_uses_a_code(store, place):
    found = await bound(store, place)
    settled = replace(found, settings=GuildSettings(spoiler=True))
    assert await store.change_guild(settled, audit(place))
    await store.add_code(code(place, "d2"))
    assert await store.connect_guild("d2", guild(user_id=BEN), audit()) == settled
    assert {each.user_id for each in await store.operators(place)} == {ANN, BEN}


async def test_a_code_of_no_workspace_is_refused(store):
    with pytest.raises(errors.NotFound):
        await store.add_code(code("nowhere"))


async def test_settings_come_back_as_they_were_settled(store, place):
    found = await bound(store, place)
    settings = GuildSettings(
        channels=("1" * 18, "2" * 18),
        roles=("3" * 18,),
        moderator_roles=("4" * 18,),
        usual=Terms(quota=Quota(100, Period.WEEK), cooldown=30, most_queued=3),
        by_role=(RoleTerms("5" * 18, Terms(unlimited=True, speeds=frozenset({Mode.RELAX, Mode.TURBO}))),),
        nsfw=NsfwRule.SPOILER,
        results_channel="6" * 18,
        language="de",
        default_style=7,
        alerts_channel="8" * 18,
    )
    after_all = replace(found, name="New", settings=settings)
    assert await store.change_guild(after_all, audit(place))
    assert await store.guild(GUILD) == after_all
    assert await store.guilds(place) == [after_all]


async def test_only_the_workspace_of_a_server_changes_or_drops_it(store, place, other):
    found = await bound(store, place)
    assert not await store.change_guild(replace(found, workspace_id=other, name="stolen"), audit(other))
    assert not await store.drop_guild(other, GUILD, audit(other))
    assert await store.guild(GUILD) == found
    assert await store.guilds(other) == []
    assert await store.audit(other, 10) == []
    assert await store.drop_guild(place, GUILD, audit(place))
    assert not await store.drop_guild(place, GUILD, audit(place))
    assert await store.guild(GUILD) is None


async def test_operators_are_added_and_removed_once_each(store, place, other):
    ann = Operator(workspace_id=place, user_id=ANN, added_at=T0, added_by="the operator")
    assert await store.add_operator(ann, audit(place))
    assert not await store.add_operator(replace(ann, added_by="again"), audit(place))
    assert await store.operators(place) == [ann]
    assert await store.operators(other) == []
    assert not await store.remove_operator(other, ANN, audit(other))
    assert await store.remove_operator(place, ANN, audit(place))
    assert not await store.remove_operator(place, ANN, audit(place))
    assert len(await store.audit(place, 10)) == 2


# --- members


async def test_one_reading_says_how_somebody_stands_in_a_server(store, place):
    assert await store.footing(ANN, GUILD) == Footing(Person(user_id=ANN), None, operator=False, member=None)
    found = await bound(store, place)
    member = await store.see_member(place, BEN, "Ben", T0)
    assert await store.footing(BEN, GUILD) == Footing(Person(user_id=BEN), found, operator=False, member=member)
    standing = await store.footing(ANN, GUILD)
    assert (standing.operator, standing.member) == (True, None)
    assert (await store.footing(ANN, None, place)).operator
    assert not (await store.footing(ANN, None)).operator
    assert standing.quota is None
    await store.set_quota(place, Quota(7, Period.DAY))
    assert [(await store.footing(ANN, *there)).quota for there in ((GUILD,), (None, place), (None,))] == [
        Quota(7, Period.DAY), Quota(7, Period.DAY), None,
    ]  # fmt: skip
    assert await store.footing(ANN, None, "nowhere") == Footing(Person(user_id=ANN), None, operator=False, member=None)


async def test_what_somebody_chose_is_kept(store, place):
    chosen = Person(user_id=ANN, language="fr", notice=Notice.DM, home_workspace_id=place)
    await store.put_person(chosen)
    await store.put_person(replace(chosen, notice=Notice.OFF))
    assert (await store.footing(ANN, None)).person == replace(chosen, notice=Notice.OFF)


async def test_a_member_keeps_their_first_moment_and_their_latest_name(store, place, other):
    first = await store.see_member(place, ANN, "Ann", T0)
    assert (first.since, first.name, first.strikes, first.restrained, first.left_at) == (T0, "Ann", 0, None, None)
    await store.see_member(place, ANN, "Anna", after(5))
    await store.see_member(place, ANN, "", after(6))
    assert await store.member(place, ANN) == replace(first, name="Anna")
    assert await store.member(other, ANN) is None
    await store.see_member(place, BEN, "Ben", T0)
    assert [each.user_id for each in await store.members(place, 1)] == [ANN]
    assert [each.user_id for each in await store.members(place, 5, after=ANN)] == [BEN]
    assert [each.workspace_id for each in await store.memberships(ANN)] == [place]


async def test_a_restraint_is_laid_on_and_lifted(store, place, other):
    there = InDiscord(guild_id=GUILD, until=after(61))
    held = Restrained(
        kind=Restraint.TIMED_OUT, by="discord:9", reason="spam “ü”", at=T0, until=after(60), in_discord=there
    )
    assert not await store.restrain(place, ANN, held, audit(place))
    assert await store.audit(place, 10) == []
    await store.see_member(place, ANN, "Ann", T0)
    assert await store.restrain(place, ANN, held, audit(place))
    assert not await store.restrain(other, ANN, None, audit(other))
    assert (await store.member(place, ANN)).restrained == held
    assert await store.restrain(place, ANN, None, audit(place))
    assert (await store.member(place, ANN)).restrained is None


async def test_who_left_is_marked_until_they_are_there_again(store, place):
    assert not await store.mark_left(place, ANN, T0)
    await store.see_member(place, ANN, "Ann", T0)
    assert await store.mark_left(place, ANN, after(3))
    assert (await store.member(place, ANN)).left_at == after(3)
    assert await store.mark_left(place, ANN, None)
    assert (await store.member(place, ANN)).left_at is None


async def test_strikes_count_until_they_are_lifted(store, place, other):
    strike = Strike(workspace_id=place, user_id=ANN, job_id=None, reason="gore", by="discord:9", at=T0)
    assert await store.add_strike(strike, audit(place)) is None
    await store.see_member(place, ANN, "Ann", T0)
    first = await store.add_strike(strike, audit(place))
    second = await store.add_strike(replace(strike, at=after(1)), audit(place))
    assert replace(first, id=0) == strike
    assert await store.strikes(place, ANN) == [second, first]
    assert (await store.member(place, ANN)).strikes == 2
    assert not await store.lift_strike(other, first.id, "discord:9", after(2), audit(other))
    assert await store.lift_strike(place, first.id, "discord:9", after(2), audit(place))
    assert not await store.lift_strike(place, first.id, "discord:9", after(3), audit(place))
    assert (await store.member(place, ANN)).strikes == 1
    lifted = replace(first, lifted_at=after(2), lifted_by="discord:9")
    assert await store.strikes(place, ANN) == [second, lifted]


# --- styles


def style(workspace_id, name="Noir", user_id=ANN, **changes):
    values = {"words": "film noir --s 50", "created_at": T0, "updated_at": T0}
    return Style(workspace_id=workspace_id, user_id=user_id, name=name, **{**values, **changes})


async def test_a_style_of_the_same_name_takes_the_others_place(store, place):
    first = await store.save_style(style(place))
    again = await store.save_style(
        style(place, "NOIR", words="black and white", created_at=after(9), updated_at=after(9))
    )
    assert again == replace(first, name="NOIR", words="black and white", updated_at=after(9))
    assert await store.styles(place, ANN) == [again]


async def test_others_see_only_what_is_shared(store, place, other):
    own = await store.save_style(style(place))
    shared = await store.save_style(style(place, "bright", shared=True))
    theirs = await store.save_style(style(place, "Noir", user_id=BEN))
    assert await store.styles(place, ANN) == [shared, own]
    assert await store.styles(place, BEN) == [shared, theirs]
    assert await store.styles(place, None) == [shared, own, theirs]
    assert await store.styles(other, None) == []
    assert not await store.drop_style(other, own.id)
    assert await store.drop_style(place, own.id)
    assert not await store.drop_style(place, own.id)


# --- alerts and the bot


def alert(workspace_id, subject="1", said="account one: blocked", kind=AlertKind.ACCOUNT, at=T0):
    return Alert(workspace_id=workspace_id, kind=kind, subject=subject, said=said, at=at)


async def test_a_condition_is_told_until_it_changes_or_ends(store, place, other):
    first = alert(place)
    await store.put_alerts(place, [first])
    await store.put_alerts(other, [alert(other)])
    assert await store.alerts(place) == [(first, False)]
    await store.told_alert(first)
    await store.put_alerts(place, [alert(place, at=after(5))])
    assert await store.alerts(place) == [(first, True)]
    changed = alert(place, said="account one: captcha", at=after(6))
    await store.put_alerts(place, [changed])
    await store.told_alert(first)
    assert await store.alerts(place) == [(changed, False)]
    await store.put_alerts(place, [])
    assert await store.alerts() == [(alert(other), False)]


async def test_the_bots_last_word_counts(store):
    assert await store.noted_bot() is None
    await store.note_bot(BotState.CONNECTING, T0)
    await store.note_bot(BotState.CONNECTED, after(1))
    assert await store.noted_bot() == (BotState.CONNECTED, after(1))


async def test_the_load_of_somebody_who_never_asked_is_nothing(store, place):
    assert await store.member_load(place, f"discord:{ANN}") == MemberLoad(0, 0, None)
    assert await store.unfinished_of(place, f"discord:{ANN}") == []
