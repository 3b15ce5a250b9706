"""A member's job that waits is judged again as if it were asked for now; what was sent is nobody's to take back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.model.actions import Action, ActionKind
from engine.model.community.guilds import NsfwRule, Terms
from engine.model.community.people import Restraint
from engine.model.community.permission import Where
from engine.model.jobs import FailureReason, JobState, Mode
from engine.model.quotas import read_quota
from engine.model.reasons import Ruling
from tests.core.house import House
from tests.core.town import ANN, CHANNEL, GUARDS, SERVER, Town, asker

ELSEWHERE = "9" * 18


@pytest.fixture
async def town(house: House):
    opened = await Town(house).open()
    await opened.holds_the_queue()
    return opened


@pytest.mark.parametrize(
    ("settings", "ruling"),
    [
        ({"channels": (ELSEWHERE,)}, Ruling.WRONG_CHANNEL),
        ({"channels": (CHANNEL,)}, None),
        ({"nsfw": NsfwRule.AGE_CHANNELS}, Ruling.AGE_CHANNEL),
        ({"nsfw": NsfwRule.SPOILER}, None),
        ({"roles": (GUARDS,)}, Ruling.NO_ROLE),
        ({"usual": Terms(speeds=frozenset({Mode.RELAX}))}, Ruling.SPEED),
        ({"usual": Terms(speeds=frozenset({Mode.TURBO}))}, None),
        ({"usual": Terms(quota=read_quota("1/day"), cooldown=3600, most_queued=1)}, None),
    ],
    ids=["channels", "its channel", "age", "spoiler", "roles", "speeds", "its speed", "quota"],
)
async def test_what_the_settings_no_longer_allow_is_ended_and_nothing_else(town, settings, ruling):
    job = await town.imagine(prompt="a red fox --turbo")
    await town.settle(**settings)
    assert await town.community.rulings.judge(asker(), job) is ruling
    after = await town.house.job(job)
    if ruling is None:
        assert after.state is JobState.QUEUED
    else:
        assert (after.state, after.failure.reason, after.failure.detail) == (
            JobState.FAILED, FailureReason.BANNED, ruling.value,
        )  # fmt: skip


async def test_a_job_of_a_server_that_is_not_connected_any_more_is_ended(town):
    job = await town.imagine()
    await town.community.guilds.disconnect(town.place, SERVER, "test")
    assert await town.community.rulings.judge(asker(), job) is Ruling.NOT_CONNECTED


async def test_what_is_made_of_a_result_may_wait_where_results_go(town):
    await town.house.engine.queues.resume(town.place)
    grid = await town.drawn()
    await town.holds_the_queue()
    job = await town.community.requests.act(asker(), grid.id, Action(ActionKind.VARIATION, 1))
    await town.settle(channels=(ELSEWHERE,), results_channel=CHANNEL)
    assert await town.community.rulings.judge(asker(), job) is None
    await town.settle(channels=(ELSEWHERE,))
    assert await town.community.rulings.judge(asker(), job) is Ruling.WRONG_CHANNEL


async def test_restraints_are_no_settings_and_withdraw_by_themselves(town):
    job = await town.imagine()
    await town.community.members.restrain(town.place, ANN, Restraint.PAUSED, "test", "spam")
    assert await town.community.rulings.judge(asker(), job) is None
    assert (await town.house.job(job)).state is JobState.CANCELLED


async def test_what_was_sent_meanwhile_goes_on(town):
    job = await town.imagine()
    await town.house.engine.queues.resume(town.place)
    await town.house.until_posted(1)
    await town.settle(nsfw=NsfwRule.AGE_CHANNELS)
    assert await town.community.rulings.judge(asker(), job) is None
    assert (await town.house.job(job)).state not in {JobState.FAILED, JobState.CANCELLED}


async def test_an_age_restricted_channel_is_no_reason(town):
    job = await town.imagine()
    await town.settle(nsfw=NsfwRule.AGE_CHANNELS)
    there = replace(asker(), where=Where(guild_id=SERVER, channel_ids=(CHANNEL,), age_restricted=True))
    assert await town.community.rulings.judge(there, job) is None
