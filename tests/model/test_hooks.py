"""Which webhooks are in force, which posts a change makes due, and when a post is tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.model.deliveries import DeliveryKind, due, next_try, place_of, webhook_id
from engine.model.hooks import NO_HOOK, Hook, HookKind, WorkspaceHook, in_force
from engine.model.jobs import JobState
from tests.api.fake_engine import job

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
FINAL, PROGRESS = DeliveryKind.FINAL, DeliveryKind.PROGRESS
HOUSE = WorkspaceHook("https://house.example/hook", "userapi")


@pytest.mark.parametrize(
    ("given", "default", "expected"),
    [
        (None, None, None),
        (None, WorkspaceHook(None, "imaginepro", progress=True), None),
        (None, HOUSE, Hook("https://house.example/hook", HookKind.RESULT, "userapi")),
        (Hook("https://a.example"), None, Hook("https://a.example", HookKind.RESULT, "imaginepro")),
        (Hook("https://a.example"), HOUSE, Hook("https://a.example", HookKind.RESULT, "imaginepro")),
        (
            Hook("https://a.example"),
            WorkspaceHook(None, "userapi", progress=True),
            Hook("https://a.example", HookKind.PROGRESS, "imaginepro"),
        ),
        (
            Hook("https://a.example", HookKind.RESULT),
            WorkspaceHook(None, "userapi", progress=True),
            Hook("https://a.example", HookKind.RESULT, "imaginepro"),
        ),
        (NO_HOOK, HOUSE, None),
    ],
)
def test_a_requests_own_webhook_wins_over_the_workspaces(given, default, expected):
    assert in_force(given, default, "imaginepro") == expected


def at(kind, **changes):
    return job(hook=Hook("https://a.example", kind, "imaginepro"), **changes)


QUEUED, SENT, RUNNING, DONE, FAILED = (
    JobState.QUEUED,
    JobState.SENT,
    JobState.RUNNING,
    JobState.DONE,
    JobState.FAILED,
)


@pytest.mark.parametrize(
    ("kind", "before", "after", "expected"),
    [
        (HookKind.RESULT, None, {"state": QUEUED}, None),
        (HookKind.RESULT, {"state": SENT}, {"state": RUNNING}, None),
        (HookKind.RESULT, {"state": RUNNING}, {"state": DONE}, FINAL),
        (HookKind.RESULT, {"state": RUNNING}, {"state": FAILED}, FINAL),
        (HookKind.RESULT, {"state": QUEUED}, {"state": JobState.CANCELLED}, FINAL),
        (HookKind.RESULT, None, {"state": FAILED}, FINAL),
        (HookKind.RESULT, {"state": RUNNING}, {"state": JobState.NEEDS_ATTENTION}, None),
        (HookKind.RESULT, {"state": JobState.NEEDS_ATTENTION}, {"state": DONE}, FINAL),
        (HookKind.PROGRESS, None, {"state": QUEUED}, PROGRESS),
        (HookKind.PROGRESS, {"state": QUEUED}, {"state": SENT}, PROGRESS),
        (HookKind.PROGRESS, {"state": SENT}, {"state": SENT, "accepted": True}, None),
        (HookKind.PROGRESS, {"state": SENT}, {"state": SENT, "upstream_queued": True}, PROGRESS),
        (HookKind.PROGRESS, {"state": RUNNING}, {"state": DONE}, FINAL),
        (HookKind.CHANGES, {"state": SENT}, {"state": RUNNING}, PROGRESS),
        (HookKind.CHANGES, {"state": RUNNING}, {"state": FAILED}, FINAL),
    ],
)
def test_a_change_makes_due_what_its_hook_asks_for(kind, before, after, expected):
    was = None if before is None else at(kind, **before)
    assert due(was, at(kind, **after)) is expected


@pytest.mark.parametrize("state", JobState)
def test_a_job_without_a_hook_makes_nothing_due(state):
    assert due(None, job(state=state)) is None
    assert due(job(), job(state=state)) is None


def test_pauses_between_tries_grow_and_end_after_three_days():
    now, tries, pauses = NOW, 1, []
    while (then := next_try(tries, NOW, now)) is not None:
        pauses.append((then - now).total_seconds())
        now, tries = then, tries + 1
    *growing, last = pauses
    assert growing == sorted(growing)
    assert pauses[0] == 5.0
    assert last <= growing[-1]
    assert now == NOW + timedelta(days=3)


def test_a_receiver_may_ask_for_a_longer_pause_but_not_for_a_shorter_one():
    assert next_try(1, NOW, NOW, asked=60) == NOW + timedelta(seconds=60)
    assert next_try(1, NOW, NOW, asked=1) == NOW + timedelta(seconds=5)
    assert next_try(1, NOW, NOW, asked=10**9) == NOW + timedelta(hours=12)


def test_an_id_names_the_job_and_the_step():
    assert webhook_id("d15c1541-229a-442b-9873-d3494dede12a", 7) == "msg_d15c1541229a442b9873d3494dede12a_7"


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://Example.com/a?b", "example.com"),
        ("http://10.0.0.1:8080/x", "10.0.0.1:8080"),
        ("http://[::1]:9/", "[::1]:9"),
    ],
)
def test_a_place_is_host_and_port(url, place):
    assert place_of(url) == place
