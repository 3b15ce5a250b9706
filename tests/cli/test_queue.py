"""`easel queue`, `easel account change|restart` and the lists of `easel job`: what they print and store."""

from __future__ import annotations

import base64

import pytest

TOKEN = f"{base64.b64encode(b'123456789012345678').decode()}.G1abcd.{'x' * 38}"
LINK = ("account", "link", "--token-stdin", "--accept-terms", "--server", 662267976984297473, "--channel", 10**18 + 1)


@pytest.fixture
def account(easel):
    linked = easel(*LINK, "--json", given=TOKEN + "\n")
    assert linked.code == 0, linked.err
    return linked.json["account"]["id"]


def test_a_queue_is_counted_paused_rebooted_and_goes_on(easel):
    easel("key", "create")
    assert easel("queue", "count", "--json").json == {"count": 0, "running": 0, "pausedAt": None}
    paused = easel("queue", "pause", "--json").json["pausedAt"]
    assert paused is not None
    assert easel("queue", "reboot", "--json").json["pausedAt"] == paused
    assert f"paused since {paused}" in easel("queue", "count").out
    assert "going on" in easel("queue", "resume").out
    assert easel("queue", "pause", "--workspace", "none").code == 1


def test_an_account_is_renamed_resized_and_begins_a_new_session(easel, account):
    changed = easel("account", "change", account, "--name", "studio", "--concurrency", 9, "--json").json
    assert (changed["name"], changed["concurrency"]) == ("studio", 9)
    assert easel("account", "change", account, "--json").json == changed
    assert "concurrency is out of range" in easel("account", "change", account, "--concurrency", 51).err
    assert "begins a new session" in easel("account", "restart", account).out
    assert easel("account", "restart", 99).code == 1


def test_jobs_are_listed_by_ref_requester_and_parent(easel):
    easel("key", "create")
    for option in ("--ref", "--requester", "--parent"):
        assert easel("job", "list", option, "nobody").out == "No such jobs.\n"
