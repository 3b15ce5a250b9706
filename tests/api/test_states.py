"""The one table of states: what each dialect calls a job, and why it counts as failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.api.states import TABLE, Stage, reason_of, stage_of
from engine.model.jobs import Failure, FailureReason, JobState
from tests.api.fake_engine import job

REFUSED = Failure(FailureReason.CONTENT, "Banned prompt: gore")
LATE = "it did not finish within 60 seconds; it was sent, and if a picture comes it is kept here"

CASES = [
    ("a queued job", {"state": JobState.QUEUED}, "QUEUED", "sent", None),
    ("a sent job", {"state": JobState.SENT}, "PROCESSING", "sent", None),
    ("a job that was asked back", {"state": JobState.WAITING_MODAL}, "PROCESSING", "sent", None),
    ("queued upstream", {"state": JobState.SENT, "upstream_queued": True}, "PROCESSING", "waiting", None),
    ("running without a percentage", {"state": JobState.RUNNING}, "PROCESSING", "waiting", None),
    ("running with one", {"state": JobState.RUNNING, "percent": 1}, "PROCESSING", "progress", None),
    ("a finished job", {"state": JobState.DONE}, "DONE", "done", None),
    ("a failed job", {"state": JobState.FAILED, "failure": REFUSED}, "FAIL", "error", "Banned prompt: gore"),
    (
        "a failed job without words",
        {"state": JobState.FAILED, "failure": Failure(FailureReason.GONE, "")},
        "FAIL",
        "error",
        "gone",
    ),
    ("a failed job without a failure", {"state": JobState.FAILED}, "FAIL", "error", "failed"),
    ("a cancelled job", {"state": JobState.CANCELLED, "note": "by key:7"}, "FAIL", "error", "by key:7"),
    ("a cancelled job without words", {"state": JobState.CANCELLED}, "FAIL", "error", "cancelled"),
    ("an unknown outcome", {"state": JobState.NEEDS_ATTENTION}, "PROCESSING", "waiting", None),
    (
        "an unknown outcome that was given up",
        {"state": JobState.NEEDS_ATTENTION, "given_up": True},
        "FAIL",
        "error",
        "outcome unknown",
    ),
    (
        "one of which something is known",
        {"state": JobState.NEEDS_ATTENTION, "given_up": True, "note": "no answer"},
        "FAIL",
        "error",
        "outcome unknown: no answer",
    ),
    (
        "a job that runs longer than its own limit",
        {"state": JobState.RUNNING, "percent": 31, "given_up": True, "timeout_seconds": 60.0},
        "FAIL",
        "error",
        LATE,
    ),
    ("a late picture", {"state": JobState.DONE, "given_up": True}, "DONE", "done", None),
    (
        "a late refusal",
        {"state": JobState.FAILED, "failure": REFUSED, "given_up": True},
        "FAIL",
        "error",
        "Banned prompt: gore",
    ),
]


@pytest.mark.parametrize(
    ("changes", "imaginepro", "userapi", "reason"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_each_state_has_its_words(changes, imaginepro, userapi, reason):
    words = TABLE[stage_of(job(**changes))]
    assert (words.imaginepro, words.userapi, reason_of(job(**changes))) == (imaginepro, userapi, reason)


def test_every_state_and_every_stage_is_in_the_table():
    assert {row[1]["state"] for row in CASES} == set(JobState)
    assert {stage_of(job(**row[1])) for row in CASES} == set(Stage) == set(TABLE)


def test_the_page_of_states_has_every_row():
    page = (Path(__file__).parents[2] / "docs" / "api" / "states.md").read_text(encoding="utf-8")
    for stage, words in TABLE.items():
        assert f"| `{words.imaginepro}` | `{words.userapi}` |" in page, stage
