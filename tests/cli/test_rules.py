"""Rules of words from the command line."""

import json

import pytest

DEFAULT = "word: blood | blood orange\nprefix high: nud\nprefilter PROFANITY word: damn\n"


@pytest.fixture
def rule(easel):
    """Run `easel rule` in a workspace that begins without words."""
    easel("key", "create")
    return lambda *arguments, **more: easel("rule", *arguments, PREFILTER_WORDS="none", **more)


def test_a_rule_is_added_listed_tried_and_removed(rule):
    added = rule("add", "blood", "--allow", "blood orange", "--severity", "high", "--json")
    assert (added.code, added.json["id"], added.json["allow"]) == (0, 1, ["blood orange"])
    assert [each["text"] for each in rule("list", "--json").json] == ["blood"]
    lines = rule("list").out.splitlines()
    assert lines[0].split()[:4] == ["id", "list", "kind", "text"]
    assert "blood orange" in lines[1]
    found = rule("test", "BLOOD on snow")
    assert (found.code, found.out) == (1, 'block: "BLOOD" by rule 1 (word, blood, high)\n')
    assert (rule("test", "a blood orange").code, rule("test", "a blood orange").out) == (0, "Nothing is found.\n")
    assert rule("remove", "1").out == "Rule 1 is removed: word high: blood | blood orange\n"
    assert rule("list").out.startswith("No rules.")


def test_a_prefilter_rule_has_a_label_and_does_not_refuse(rule):
    assert rule("add", "damn", "--list", "prefilter").err.startswith("easel: label is required")
    assert rule("add", "damn", "--list", "prefilter", "--label", "PROFANITY").code == 0
    tried = rule("test", "damn", "--json")
    assert (tried.code, tried.json["block"], tried.json["prefilter"][0]["words"]) == (0, [], "damn")
    assert rule("list", "--list", "block", "--json").json == []


def test_what_is_exported_can_be_imported(rule, tmp_path):
    file = tmp_path / "rules.txt"
    file.write_text(DEFAULT, encoding="utf-8")
    assert rule("import", file).out == "3 added, 0 changed, 0 removed, 0 unchanged\n"
    assert rule("export").out == DEFAULT
    done = rule("import", "-", "--replace", "--json", given="blood\n")
    assert json.loads(done.out) == {"added": 0, "changed": 1, "removed": 2, "unchanged": 0}
    assert rule("export").out == "word: blood\n"


def test_a_bad_line_is_named_and_nothing_is_taken(rule):
    refused = rule("import", "-", given="fine\nword: a b\n")
    assert (refused.code, refused.out) == (1, "")
    assert "line 2" in refused.err
    assert rule("export").out == ""
    assert rule("import", "nowhere.txt").code == 1


def test_a_new_workspace_begins_with_the_default_prefilter(easel):
    easel("key", "create")
    listed = easel("rule", "list", "--json").json
    assert {each["list"] for each in listed} == {"prefilter"}
    assert len({each["label"] for each in listed}) == 8
    easel("rule", "import", "-", "--replace", given="")
    assert easel("rule", "list", "--json").json == []
