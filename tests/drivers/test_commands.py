"""Each body we post equals the one in tests/wire/."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.drivers.midjourney.commands import Command, Place, command_of, encode, find
from engine.drivers.midjourney.payloads import CommandIndex
from engine.drivers.midjourney.registry import BUILT_IN
from engine.model.actions import (
    MIDJOURNEY_APPLICATION,
    NIJI_APPLICATION,
    SWAP_APPLICATION,
    Click,
    MessageCommand,
    ModalAnswer,
    Slash,
    Uploaded,
)
from engine.model.catalogue import CATALOGUE
from tests.drivers.captures import CHANNEL, DIRECT, GUILD, SESSION, wire

PLACE = Place(GUILD, CHANNEL)
SLASH = wire("requests-slash-commands.json")
OTHERS = wire("requests-components-and-modals.json")
UUID = "11111111-1111-4111-8111-111111111111"
A = Uploaded("a.png", "00000000-0000-4000-8000-000000000000/a.png")
B = Uploaded("b.png", "00000000-0000-4000-8000-000000000001/b.png")
FACE = Uploaded("face.png", "00000000-0000-4000-8000-000000000000/face.png")
TARGET = Uploaded("target.png", "00000000-0000-4000-8000-000000000000/target.png")
MODALS = [name for name in OTHERS if name.startswith("modal_")]
CLICKS = [name for name in OTHERS if name.startswith("click_")]


def posted(submission, body, place=PLACE, command=None):
    command = command or BUILT_IN.get(command_of(submission))
    return encode(submission, place, session_id=SESSION, nonce=body["nonce"], command=command)


COMMANDS = {
    "imagine": ("imagine", [("prompt", "a quiet harbor --ar 16:9")]),
    "niji_imagine": ("imagine", [("prompt", "a quiet harbor")]),
    "blend": ("blend", [("image1", A), ("image2", B), ("dimensions", "--ar 3:2")]),
    "describe_upload": ("describe", [("image", A)]),
    "describe_link": ("describe", [("link", "https://example.com/a.png")]),
    "shorten": ("shorten", [("prompt", "a long prompt")]),
    "show": ("show", [("job_id", UUID)]),
    "show_in_bot_dm_for_seed": ("show", [("job_id", UUID)]),
    "info": ("info", []),
    "settings": ("settings", []),
    "fast": ("fast", []),
    "relax": ("relax", []),
    "turbo": ("turbo", []),
    "prefer_remix": ("prefer remix", []),
    "prefer_suffix_clear": ("prefer suffix", []),
    "prefer_suffix_set": ("prefer suffix", [("new_value", "--v 7")]),
    "insightface_saveid": ("saveid", [("idname", "face1"), ("image", FACE)]),
    "insightface_swapid": ("swapid", [("idname", "face1"), ("image", TARGET)]),
    "prefer_option_set": ("prefer option set", [("option", "mine"), ("value", "--ar 16:9")]),
}
NOT_OURS = {"_provenance"}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_posted_as_the_wire_shows_with_the_version_that_was_current(name):
    body = SLASH[name]
    said, options = COMMANDS[name]
    elsewhere = body["channel_id"] if body["channel_id"] != CHANNEL else None
    assert posted(Slash(body["application_id"], said, tuple(options), elsewhere), body) == body


def test_cancel_job_is_a_command_of_the_message():
    body = SLASH["message_command_cancel_job"]
    cancel = MessageCommand(body["application_id"], "Cancel Job", CHANNEL, body["data"]["target_id"])
    expected = {**body, "data": {**body["data"], "version": "1237876415790055477"}}
    assert posted(cancel, body) == expected


def test_no_command_of_the_wire_file_is_left_out():
    assert set(SLASH) == set(COMMANDS) | NOT_OURS | {"message_command_cancel_job"}
    assert set(OTHERS) == {*CLICKS, *MODALS, "_provenance", "select_setting_version"}


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


def test_every_command_of_the_catalogue_is_known_without_the_index():
    named = {(entry.command or "").partition(" ")[0] for entry in CATALOGUE if not entry.alone} - {""}
    assert {(MIDJOURNEY_APPLICATION, name, 1) for name in named} <= BUILT_IN.keys()
    assert {(SWAP_APPLICATION, name, 1) for name in ("saveid", "swapid")} <= BUILT_IN.keys()


def test_the_built_in_ids_are_those_of_the_captured_index_and_its_versions_unless_newer_ones_were_seen():
    newer = {"shorten", "show", "settings"}  # requests-slash-commands.json, mid-2026
    for (application_id, name, kind), known in BUILT_IN.items():
        if application_id == MIDJOURNEY_APPLICATION:
            listed = find(index(), (application_id, name, kind))
            assert known.id == listed.id
            assert (known.version != listed.version) is (name in newer)


# --- what was encoded can be read back ------------------------------------------------------------------------------

snowflakes = st.integers(1, 2**63 - 1).map(str)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
names = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=10)
applications = st.sampled_from([MIDJOURNEY_APPLICATION, NIJI_APPLICATION])
channels = st.sampled_from([CHANNEL, DIRECT])
files = st.builds(Uploaded, texts, texts)
slashes = st.builds(
    Slash,
    applications,
    st.lists(names, min_size=1, max_size=3).map(" ".join),
    st.lists(st.tuples(names, texts | files), max_size=6).map(tuple),
    channels,
)
submissions = st.one_of(
    slashes,
    st.builds(MessageCommand, applications, names, channels, snowflakes),
    st.builds(Click, applications, channels, snowflakes, st.sampled_from([0, 64]), texts),
    st.builds(ModalAnswer, applications, snowflakes, texts, st.lists(st.tuples(texts, texts), max_size=4).map(tuple)),
)


def read_back(body: dict):
    """The submission that a body stands for, by the protocol page's §1.2 alone."""
    application, channel, data = body["application_id"], body["channel_id"], body["data"]
    if body["type"] == 5:
        cells = [cell for row in data["components"] for cell in row["components"]]
        fields = tuple((cell["custom_id"], cell["value"]) for cell in cells)
        return ModalAnswer(application, data["id"], data["custom_id"], fields)
    if body["type"] == 3:
        return Click(application, channel, body["message_id"], body["message_flags"], data["custom_id"])
    if data["type"] == 3:
        return MessageCommand(application, data["name"], channel, data["target_id"])
    words, options = [data["name"]], data["options"]
    while options and options[0]["type"] in (1, 2):
        words.append(options[0]["name"])
        options = options[0]["options"]
    kept = {file["id"]: Uploaded(file["filename"], file["uploaded_filename"]) for file in data["attachments"]}
    values = [kept[str(each["value"])] if each["type"] == 11 else each["value"] for each in options]
    said = tuple((each["name"], value) for each, value in zip(options, values, strict=True))
    return Slash(application, " ".join(words), said, channel)


@given(submissions, snowflakes, st.sampled_from([PLACE, Place("", DIRECT)]))
def test_what_is_posted_can_be_read_back_whole(submission, nonce, place):
    made = encode(submission, place, session_id=SESSION, nonce=nonce, command=Command("1", "2"))
    body = msgspec.json.decode(msgspec.json.encode(made))
    assert read_back(body) == submission
    assert (body["nonce"], body["session_id"]) == (nonce, SESSION)
    assert ("guild_id" in body) == (place.guild_id != "" and body["channel_id"] == CHANNEL)
