"""Each body we post equals the one in tests/wire/."""

from __future__ import annotations

import msgspec
import pytest

from engine.drivers.midjourney.commands import BUILT_IN, Command, Place, encode, find
from engine.drivers.midjourney.payloads import CommandIndex
from engine.model.actions import MIDJOURNEY_APPLICATION, NIJI_APPLICATION, Click, ModalAnswer, Slash
from tests.drivers.captures import CHANNEL, DIRECT, GUILD, SESSION, wire

PLACE = Place(GUILD, CHANNEL)
SLASH = wire("requests-slash-commands.json")
OTHERS = wire("requests-components-and-modals.json")
MODALS = [name for name in OTHERS if name.startswith("modal_")]
CLICKS = [name for name in OTHERS if name.startswith("click_")]


def posted(submission, body, place=PLACE, command=None):
    return encode(submission, place, session_id=SESSION, nonce=body["nonce"], command=command)


@pytest.mark.parametrize("name", ["imagine", "niji_imagine"])
def test_imagine_is_posted_as_the_wire_shows(name):
    body = SLASH[name]
    submission = Slash(body["application_id"], "imagine", (("prompt", body["data"]["options"][0]["value"]),))
    assert posted(submission, body) == body


@pytest.mark.parametrize("name", CLICKS)
def test_a_click_is_posted_as_the_wire_shows(name):
    body = OTHERS[name]
    click = Click(body["application_id"], CHANNEL, body["message_id"], body["message_flags"], body["data"]["custom_id"])
    assert posted(click, body) == body


@pytest.mark.parametrize("name", MODALS)
def test_a_filled_in_form_is_posted_as_the_wire_shows(name):
    body = OTHERS[name]
    inputs = [row["components"][0] for row in body["data"]["components"]]
    fields = tuple((one["custom_id"], one["value"]) for one in inputs)
    answer = ModalAnswer(body["application_id"], body["data"]["id"], body["data"]["custom_id"], fields)
    assert posted(answer, body) == body


def test_a_click_in_direct_messages_carries_no_guild():
    body = wire("capture-2023-03-component-click.request.json")["body"]
    click = Click(MIDJOURNEY_APPLICATION, DIRECT, body["message_id"], 0, body["data"]["custom_id"])
    expected = {key: value for key, value in body.items() if key != "guild_id"}
    assert body["guild_id"] is None
    assert posted(click, body) == expected
    assert posted(click, body, Place("", DIRECT)) == expected


def index():
    return msgspec.convert(wire("rest-application-command-index.mj.json"), CommandIndex).application_commands


def test_the_command_is_found_by_application_name_and_type():
    found = find(index(), (MIDJOURNEY_APPLICATION, "imagine", 1))
    assert found == BUILT_IN[MIDJOURNEY_APPLICATION, "imagine", 1]
    assert find(index(), (NIJI_APPLICATION, "imagine", 1)) is None
    assert find(index(), (MIDJOURNEY_APPLICATION, "Cancel Job", 1)) is None
    assert find(index(), (MIDJOURNEY_APPLICATION, "Cancel Job", 3)) == Command(
        "987795925764280352", "1237876415790055477"
    )


def test_a_discovered_version_is_the_one_that_is_sent():
    body = posted(
        Slash(MIDJOURNEY_APPLICATION, "imagine", (("prompt", "x"),)),
        {"nonce": "1"},
        command=Command("938956540159881230", "99"),
    )
    assert body["data"]["version"] == "99"
