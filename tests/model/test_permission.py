"""Who may do what, as a table: deed, person, place, settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from engine.model.community.guilds import Guild, GuildSettings, NsfwRule, Presses, Terms
from engine.model.community.people import Member, Restrained, Restraint
from engine.model.community.permission import (
    Actor,
    Deed,
    Denial,
    Denied,
    Target,
    Where,
    is_spoiler,
    speed_for,
    who_may,
)
from engine.model.jobs import Mode

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ANN, BEN = "111111111111111111", "222222222222222222"
SERVER, CHANNEL, ELSEWHERE, RESULTS = "3" * 18, "4" * 18, "5" * 18, "6" * 18
ARTIST, GUARD = "7" * 18, "8" * 18
HERE = Where(guild_id=SERVER, channel_ids=(CHANNEL,))
DM = Where(guild_id=None)
MINE, THEIRS = Target(requester=f"discord:{ANN}"), Target(requester=f"discord:{BEN}")
SECRET = replace(THEIRS, private=True)

member = Actor(user_id=ANN, role_ids=frozenset({ARTIST}))
guard = replace(member, role_ids=frozenset({GUARD}))
operator = replace(member, role_ids=frozenset(), operator=True)
stranger = replace(member, role_ids=frozenset())

SOMETHING = (Deed.GENERATE, Deed.PRESS)
ALL = tuple(Deed)


def server(**settings) -> Guild:
    wanted = GuildSettings(**{"moderator_roles": (GUARD,), **settings})
    return Guild(guild_id=SERVER, workspace_id="w", name="s", connected_at=NOW, connected_by=BEN, settings=wanted)


def held(kind: Restraint, until: datetime | None = None, actor: Actor = member) -> Actor:
    known = Restrained(kind=kind, by="discord:9", reason="", at=NOW, until=until)
    return replace(actor, member=Member(workspace_id="w", user_id=ANN, since=NOW, restrained=known))


def asked(deed, actor=member, where=HERE, guild=None, target=None):
    denied = who_may(deed, actor, where, guild or server(), NOW, target=target)
    return None if denied is None else denied.code


@pytest.mark.parametrize("deed", ALL)
def test_nobody_may_do_anything_in_a_server_that_no_operator_connected(deed):
    assert who_may(deed, operator, HERE, None, NOW).code is Denial.NOT_CONNECTED
    assert who_may(deed, operator, DM, None, NOW).code is Denial.NO_WORKSPACE


@pytest.mark.parametrize(
    ("deed", "actor", "code"),
    [
        (Deed.OPERATE, operator, None),
        (Deed.OPERATE, guard, Denial.NOT_OPERATOR),
        (Deed.OPERATE, member, Denial.NOT_OPERATOR),
        (Deed.MODERATE, operator, None),
        (Deed.MODERATE, guard, None),
        (Deed.MODERATE, member, Denial.NOT_MODERATOR),
        (Deed.MODERATE, held(Restraint.PAUSED, actor=guard), Denial.PAUSED),
        (Deed.OPERATE, held(Restraint.BANNED, actor=operator), None),
    ],
)
def test_operators_do_all_and_moderators_are_those_with_the_role(deed, actor, code):
    assert asked(deed, actor) is code


@pytest.mark.parametrize("deed", SOMETHING)
def test_a_server_without_roles_and_channels_is_open_to_all(deed):
    assert asked(deed, stranger) is None


@pytest.mark.parametrize("deed", SOMETHING)
@pytest.mark.parametrize(
    ("roles", "actor", "code"),
    [
        ((ARTIST,), member, None),
        ((ARTIST,), stranger, Denial.NO_ROLE),
        ((ARTIST,), operator, None),
        ((ARTIST,), guard, Denial.NO_ROLE),
        ((SERVER,), stranger, None),
    ],
)
def test_where_roles_are_named_one_of_them_is_needed(deed, roles, actor, code):
    assert asked(deed, actor, guild=server(roles=roles)) is code
    assert asked(deed, actor, where=DM, guild=server(roles=roles)) is code


@pytest.mark.parametrize(
    ("deed", "channels", "code"),
    [
        (Deed.GENERATE, (CHANNEL,), None),
        (Deed.GENERATE, (ELSEWHERE,), Denial.WRONG_CHANNEL),
        (Deed.GENERATE, (RESULTS,), Denial.WRONG_CHANNEL),
        (Deed.PRESS, (ELSEWHERE,), Denial.WRONG_CHANNEL),
    ],
)
def test_where_channels_are_named_it_happens_there(deed, channels, code):
    guild = server(channels=channels, results_channel=RESULTS)
    assert asked(deed, guild=guild) is code
    assert asked(deed, where=DM, guild=guild) is None


def test_a_thread_counts_as_the_channel_it_lies_in_and_results_may_be_pressed_where_they_are_shown():
    guild = server(channels=(CHANNEL,), results_channel=RESULTS)
    assert asked(Deed.GENERATE, where=replace(HERE, channel_ids=("9" * 18, CHANNEL)), guild=guild) is None
    there = replace(HERE, channel_ids=(RESULTS,))
    assert asked(Deed.PRESS, where=there, guild=guild) is None
    assert asked(Deed.GENERATE, where=there, guild=guild) is Denial.WRONG_CHANNEL


@pytest.mark.parametrize("deed", SOMETHING)
def test_a_server_may_keep_to_age_restricted_channels(deed):
    guild = server(nsfw=NsfwRule.AGE_CHANNELS)
    assert asked(deed, guild=guild) is Denial.AGE_CHANNEL
    assert asked(deed, where=replace(HERE, age_restricted=True), guild=guild) is None


@pytest.mark.parametrize(
    ("kind", "code"),
    [(Restraint.BANNED, Denial.BANNED), (Restraint.PAUSED, Denial.PAUSED), (Restraint.TIMED_OUT, Denial.TIMED_OUT)],
)
def test_a_restrained_member_makes_nothing_new_but_keeps_what_is_theirs(kind, code):
    actor = held(kind, NOW + timedelta(hours=1))
    for deed in (*SOMETHING, Deed.REPORT, Deed.SHARE):
        denied = who_may(deed, actor, HERE, server(), NOW, target=MINE)
        assert denied == Denied(code=code, until=NOW + timedelta(hours=1))
    assert asked(Deed.OWN, actor, target=MINE) is None
    assert asked(Deed.VIEW, actor, target=MINE) is None


def test_a_time_out_ends_by_itself():
    assert asked(Deed.GENERATE, held(Restraint.TIMED_OUT, NOW)) is None


@pytest.mark.parametrize(
    ("deed", "actor", "target", "code"),
    [
        (Deed.PRESS, member, THEIRS, None),
        (Deed.PRESS, member, SECRET, Denial.PRIVATE),
        (Deed.PRESS, guard, SECRET, Denial.PRIVATE),
        (Deed.PRESS, member, replace(MINE, private=True), None),
        (Deed.VIEW, member, THEIRS, None),
        (Deed.VIEW, member, SECRET, Denial.PRIVATE),
        (Deed.VIEW, guard, SECRET, None),
        (Deed.OWN, member, MINE, None),
        (Deed.OWN, member, THEIRS, Denial.NOT_YOURS),
        (Deed.OWN, guard, THEIRS, None),
        (Deed.OWN, operator, THEIRS, None),
        (Deed.OWN, guard, SECRET, Denial.PRIVATE),
        (Deed.MODERATE, guard, SECRET, None),
        (Deed.OWN, member, Target(requester="key:7"), Denial.NOT_YOURS),
    ],
)
def test_what_is_somebodys_own(deed, actor, target, code):
    assert asked(deed, actor, target=target) is code


def test_a_server_may_leave_presses_to_the_requester():
    guild = server(presses=Presses.REQUESTER)
    assert asked(Deed.PRESS, target=THEIRS, guild=guild) is Denial.REQUESTER_ONLY
    assert asked(Deed.PRESS, target=MINE, guild=guild) is None
    assert asked(Deed.VIEW, target=THEIRS, guild=guild) is None


@pytest.mark.parametrize(
    ("speeds", "said", "found"),
    [
        ((), Mode.TURBO, None),
        ((), None, None),
        ((Mode.FAST, Mode.RELAX), None, None),
        ((Mode.RELAX,), None, Mode.RELAX),
        ((Mode.TURBO, Mode.RELAX), None, Mode.RELAX),
        ((Mode.RELAX,), Mode.RELAX, None),
        ((Mode.RELAX, Mode.FAST), Mode.TURBO, Denied(code=Denial.SPEED, allowed=("fast", "relax"))),
    ],
)
def test_the_speed_that_is_named_or_refused(speeds, said, found):
    assert speed_for(Terms(speeds=frozenset(speeds)), said) == found


@pytest.mark.parametrize(
    ("settings", "age_restricted", "hidden"),
    [
        ({}, False, False),
        ({"spoiler": True}, True, True),
        ({"nsfw": NsfwRule.SPOILER}, False, True),
        ({"nsfw": NsfwRule.SPOILER}, True, False),
    ],
)
def test_pictures_that_are_spoilers(settings, age_restricted, hidden):
    assert is_spoiler(GuildSettings(**settings), replace(HERE, age_restricted=age_restricted)) is hidden
