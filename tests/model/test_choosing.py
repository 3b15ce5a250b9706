"""Which account a job goes to, and why it waits."""

import random
from dataclasses import replace

import pytest

from engine.model.accounts import Account, AccountState, Upstream
from engine.model.actions import Service
from engine.model.catalogue import action_named
from engine.model.choosing import Assignment, Standing, Standings, Waiting, choose, known_obstacle, slots_wanted
from engine.model.jobs import JobState
from tests.model.jobs_at_hand import NOW, a_job


def standing(number=1, *, state=AccountState.ACTIVE, live=True, taken=0, lane_free=True, idle=0.0, workspace="w"):
    account = Account(
        id=number,
        hash=f"account-{number}",
        workspace_id=workspace,
        name=f"account {number}",
        guild_id="g",
        channel_id="c",
        token_sealed="",
        token_mask="",
        upstream=Upstream("https://discord.example/api/v9"),
        concurrency=3,
        state=state,
        linked_at=NOW,
    )
    return Standing(account, live, taken, lane_free, idle)


QUEUED = a_job("q", JobState.QUEUED)
UPSCALE = a_job("q", JobState.QUEUED, action=action_named("upscale_2"))


@pytest.mark.parametrize(
    ("standings", "expected"),
    [
        ([], Waiting.NO_ACCOUNT),
        ([standing(workspace="other")], Waiting.NO_ACCOUNT),
        ([standing(state=AccountState.PAUSED)], Waiting.NOT_ACTIVE),
        ([standing(live=False)], Waiting.NOT_LIVE),
        ([standing(taken=3)], Waiting.NO_SLOT),
        ([replace(standing(taken=1), full=True)], Waiting.QUEUE_FULL),
        ([replace(standing(taken=1), slots=1)], Waiting.NO_SLOT),
        ([replace(standing(1), full=True), standing(2, taken=2)], Assignment("q", 2)),
        ([standing(lane_free=False)], Waiting.PACE),
        ([replace(standing(lane_free=False), unreachable=True)], Waiting.UNREACHABLE),
        ([standing(1, taken=2), standing(2, taken=1)], Assignment("q", 2)),
        ([standing(1, idle=9.0), standing(2, idle=1.0)], Assignment("q", 2)),
        ([standing(1, live=False), standing(2, taken=2)], Assignment("q", 2)),
        ([standing(1, live=False), standing(2, taken=3), standing(3, state=AccountState.PAUSED)], Waiting.NO_SLOT),
    ],
)
def test_a_job_goes_to_the_least_loaded_account_that_can_take_it_or_says_why_it_waits(standings, expected):
    assert choose(QUEUED, Standings(standings)) == expected


def test_a_button_runs_only_on_the_account_that_made_the_picture():
    bound = a_job("q", JobState.QUEUED, bound_account_id=1)
    assert choose(bound, Standings([standing(1, taken=2), standing(2)])) == Assignment("q", 1)
    stopped = Standings([standing(1, state=AccountState.STOPPED), standing(2)])
    assert choose(bound, stopped) is Waiting.BOUND_ACCOUNT
    assert choose(bound, Standings([standing(1, workspace="other"), standing(2)])) is Waiting.BOUND_ACCOUNT


def test_a_job_for_another_service_says_that_the_service_is_off_or_out_of_reach():
    bound = a_job("q", JobState.QUEUED, action=action_named("flux_imagine"), bound_account_id=1)

    def flux(**how):
        there = standing(1, **how)
        return replace(there, account=replace(there.account, service=Service.FLUX))

    assert choose(bound, Standings([flux(state=AccountState.PAUSED)])) is Waiting.SERVICE
    assert choose(bound, Standings([replace(flux(lane_free=False), unreachable=True)])) is Waiting.UNREACHABLE


def test_stored_accounts_alone_tell_some_of_why_a_job_waits():
    paused, active = standing(1, state=AccountState.PAUSED).account, standing(2).account
    bound = a_job("q", JobState.QUEUED, bound_account_id=1)
    assert known_obstacle(QUEUED, []) is Waiting.NO_ACCOUNT
    assert known_obstacle(QUEUED, [paused]) is Waiting.NOT_ACTIVE
    assert known_obstacle(bound, [paused, active]) is Waiting.BOUND_ACCOUNT
    assert known_obstacle(QUEUED, [paused, active]) is None


def test_an_upscale_needs_no_slot():
    assert choose(UPSCALE, Standings([standing(taken=3)])) == Assignment("q", 1)
    assert choose(UPSCALE, Standings([replace(standing(), full=True)])) is Waiting.QUEUE_FULL


def test_a_job_that_waits_wants_a_slot_of_every_account_that_would_take_it():
    standings = Standings(
        [
            standing(1, taken=3),
            standing(2, taken=3),
            standing(3, live=False),
            standing(4, state=AccountState.PAUSED),
            standing(5, workspace="other"),
        ]
    )
    assert slots_wanted(QUEUED, standings) == [1, 2]
    assert slots_wanted(a_job("q", JobState.QUEUED, bound_account_id=2), standings) == [2]


def test_an_account_that_is_not_there_any_more_is_chosen_no_more():
    standings = Standings([standing(1)])
    standings.drop(1)
    standings.drop(2)
    assert choose(QUEUED, standings) is Waiting.NO_ACCOUNT


def test_only_what_differs_is_news():
    standings = Standings([standing(1)])
    assert not standings.put(standing(1))
    assert standings.put(standing(1, taken=1))


def by_the_plain_rule(job, standings):
    """The same choice, made by going through all accounts."""
    own = [s for s in standings if s.account.workspace_id == job.workspace_id]
    if not own:
        return Waiting.NO_ACCOUNT
    if job.bound_account_id is not None:
        own = [s for s in own if s.account.id == job.bound_account_id]
        if not own or own[0].account.state is not AccountState.ACTIVE:
            return Waiting.BOUND_ACCOUNT
    takes_slot = job is not UPSCALE
    for reason, passes in (
        (Waiting.NOT_ACTIVE, lambda s: s.account.state is AccountState.ACTIVE),
        (Waiting.NOT_LIVE, lambda s: s.live),
        (Waiting.QUEUE_FULL, lambda s: not s.full),
        (Waiting.NO_SLOT, lambda s: not takes_slot or s.taken < (3 if s.slots is None else s.slots)),
        (Waiting.PACE, lambda s: s.lane_free),
    ):
        own = [s for s in own if passes(s)]
        if not own:
            return reason
    return Assignment(job.id, min(own, key=lambda s: (s.taken / 3, s.idle_since, s.account.id)).account.id)


@pytest.mark.parametrize("seed", range(20))
def test_however_the_accounts_change_the_choice_is_that_of_going_through_them_all(seed):
    dice = random.Random(seed)
    standings, all_of_them = Standings(), {}
    jobs = [QUEUED, UPSCALE, *(a_job("q", JobState.QUEUED, bound_account_id=number) for number in (1, 5))]
    for _ in range(400):
        number = dice.randint(1, 8)
        if dice.random() < 0.1:
            standings.drop(number)
            all_of_them.pop(number, None)
        else:
            now = standing(
                number,
                state=dice.choice([AccountState.ACTIVE] * 4 + [AccountState.PAUSED]),
                live=dice.random() < 0.7,
                taken=dice.randint(0, 3),
                lane_free=dice.random() < 0.6,
                idle=dice.choice([0.0, 1.0, 2.0]),
                workspace=dice.choice(["w", "w", "other"]),
            )
            now = replace(now, slots=dice.choice([None, 1]), full=dice.random() < 0.2)
            standings.put(now)
            all_of_them[number] = now
        for job in jobs:
            assert choose(job, standings) == by_the_plain_rule(job, all_of_them.values())


def test_a_job_for_named_accounts_goes_to_the_least_loaded_of_them_or_says_why_it_waits():
    standings = Standings([standing(1), standing(2, taken=1), standing(3, taken=2), standing(4, workspace="other")])
    named = a_job("q", JobState.QUEUED, only_accounts=(2, 3, 4))
    assert choose(named, standings) == Assignment("q", 2)
    standings.put(standing(2, state=AccountState.PAUSED))
    assert choose(named, standings) == Assignment("q", 3)
    assert slots_wanted(named, standings) == [3]
    standings.put(standing(3, taken=3))
    assert choose(named, standings) is Waiting.NO_SLOT
    assert choose(a_job("q", JobState.QUEUED, only_accounts=(4, 5)), standings) is Waiting.NO_ACCOUNT


def test_a_button_of_an_account_that_is_not_among_the_named_waits():
    bound = a_job("q", JobState.QUEUED, bound_account_id=1, only_accounts=(2,))
    assert choose(bound, Standings([standing(1), standing(2)])) is Waiting.BOUND_ACCOUNT
