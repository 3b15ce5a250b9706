"""What the commands say and refuse of keys, their terms, and the terms of workspaces."""

from __future__ import annotations

import pytest


def test_a_new_key_may_read_and_generate_and_a_wider_one_is_asked_for(easel):
    assert easel("key", "create", "--json").json["scopes"] == ["generate", "read"]
    wide = easel("key", "make", "--scope", "read,manage", "--rates", "imaginepro", "--quota", "500/month", "--json")
    assert wide.json["scopes"] == ["manage", "read"]
    assert wide.json["rates"] == "generate=1/3s read=1/3s progress=10/s"
    assert wide.json["quota"] == "500/month"


def test_a_key_is_changed_and_what_is_not_said_stays(easel):
    easel("key", "create", "--name", "alice", "--rates", "off")
    changed = easel("key", "change", "1", "--scope", "read", "--scope", "manage", "--json")
    assert (changed.json["name"], changed.json["scopes"], changed.json["rates"]) == ("alice", ["manage", "read"], "off")
    usual = easel("key", "change", "1", "--rates", "usual", "--quota", "10/day", "--json").json
    assert (usual["rates"], usual["quota"]) == (None, "10/day")
    assert easel("key", "change", "1", "--quota", "none", "--json").json["quota"] is None
    assert "scopes manage read" in easel("key", "change", "1").out


@pytest.mark.parametrize(
    ("option", "word", "allowed"),
    [
        ("--scope", "write", "read, generate, manage"),
        ("--account", "mine", "numbers of `easel account list`"),
        ("--account", "7", "none is linked"),
        ("--rates", "fast", "imaginepro"),
        ("--quota", "500", "500/month"),
    ],
)
def test_a_wrong_term_is_refused_in_one_line_with_what_is_allowed(easel, option, word, allowed):
    easel("key", "create")
    refused = easel("key", "create", option, word)
    assert refused.code == 1
    assert refused.err.count("\n") == 1
    assert allowed in refused.err
    assert len(easel("key", "list", "--json").json) == 1


def test_a_workspace_has_a_quota_and_a_contact(easel):
    easel("key", "create")
    assert easel("workspace", "change", "--quota", "1000/week", "--contact", "ops@studio.test").code == 0
    (own,) = easel("workspace", "list", "--json").json
    assert (own["name"], own["quota"], own["contact"]) == ("default", "1000/week", "ops@studio.test")
    assert easel("workspace", "change", "--quota", "none", "--json").json["quota"] is None
    assert easel("workspace", "change", "--contact", "", "--json").json["contact"] == ""
    refused = easel("workspace", "change", "--contact", "nobody")
    assert "an e-mail address" in refused.err
    assert easel("workspace", "change", "--workspace", "elsewhere").code == 1
