"""What InsightFaceSwap's bot says, who looks at it, and what is posted to it."""

from __future__ import annotations

import msgspec
import pytest

from engine.drivers.midjourney.options import DriverOptions
from engine.drivers.midjourney.wire import Reader
from engine.model.actions import SWAP_APPLICATION
from engine.model.jobs import FailureReason
from engine.model.sightings import Channel, Stage
from tests.drivers.captures import CHANNEL, MIDJOURNEY, NOW, USER, message, sighted

PICTURE = {"id": "9", "filename": "a.png", "url": "https://cdn.example/a.png", "width": 64, "height": 32}
ON, OFF = DriverOptions(face_swap=True).applications, DriverOptions().applications


def a_reply(command: str | None = "saveid", **parts) -> dict:
    """A message of the bot that answers a command of the account's owner."""
    meta = {"id": "801", "name": command, "type": 2, "user": {"id": USER}}
    about = {"interaction_metadata": meta} if command is not None else {}
    author = {"author": {"id": SWAP_APPLICATION}, "application_id": SWAP_APPLICATION}
    return message(**{"content": "", "flags": 0, "attachments": [], "embeds": [], **author, **about, **parts})


def reader() -> Reader:
    return Reader(CHANNEL, USER, ON)


def seen(payload: dict, event: str = "MESSAGE_CREATE"):
    return sighted(payload, event, reader())


@pytest.mark.parametrize(
    "payload", [a_reply(content="idname easel3 created."), a_reply("swapid", attachments=[PICTURE])]
)
def test_with_face_swap_off_the_bot_is_not_looked_at(payload):
    assert Reader(CHANNEL, USER, OFF).read("MESSAGE_CREATE", msgspec.json.encode(payload), NOW) == []
    assert Reader(CHANNEL, USER).read("MESSAGE_CREATE", msgspec.json.encode(payload), NOW) == []


def test_its_interactions_are_looked_at_only_then_too():
    said = msgspec.json.encode({"id": "1", "application": {"id": SWAP_APPLICATION}, "custom_id": "x", "title": "t"})
    assert Reader(CHANNEL, USER).read("INTERACTION_MODAL_CREATE", said, NOW) == []
    assert len(reader().read("INTERACTION_MODAL_CREATE", said, NOW)) == 1


@pytest.mark.parametrize("channel", ["555", "300000000000000004"])
def test_other_channels_are_not_looked_at(channel):
    payload = a_reply(content="idname easel3 created.", channel_id=channel)
    assert reader().read("MESSAGE_CREATE", msgspec.json.encode(payload), NOW) == []


@pytest.mark.parametrize("command", ["listid", "delall", "INSwapper", "setid"])
def test_what_the_owner_asks_by_other_commands_is_not_looked_at(command):
    payload = a_reply(command, content="me, you", attachments=[PICTURE])
    assert reader().read("MESSAGE_CREATE", msgspec.json.encode(payload), NOW) == []


def test_midjourneys_messages_are_read_as_before():
    progress = message(author={"id": MIDJOURNEY}, content="**p** - <@300000000000000001> (31%) (fast)")
    assert seen(progress).stage is Stage.PROGRESS


@pytest.mark.parametrize(
    ("words", "stage"),
    [
        ("idname easel3 created.", Stage.ASKED),
        ("ID easel3 saved successfully", Stage.ASKED),
        ("Your identity `easel3` has been registered (credits: 42)", Stage.ASKED),
        ("command sent", Stage.WAITING),
        ("Your job is queued", Stage.WAITING),
        ("No face detected in the image.", Stage.FAILED),
        ("easel3 could not be saved: we can’t find a face", Stage.FAILED),
        ("You have used up your daily credits", Stage.FAILED),
        ("Hello there", Stage.UNKNOWN),
    ],
)
def test_the_reply_to_the_first_command_says_how_it_went(words, stage):
    in_content, in_an_embed = a_reply(content=words), a_reply(embeds=[{"type": "rich", "description": words}])
    for found in (seen(in_content), seen(in_an_embed)):
        assert (found.stage, found.words, found.verb) == (stage, words, "saveid")
        assert (found.modal is not None) is (stage is Stage.ASKED)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("No face detected in the image.", FailureReason.PROMPT),
        ("You have reached the daily limit", FailureReason.ACCOUNT),
        ("Not enough credits: insufficient", FailureReason.ACCOUNT),
        ("the command failed, try again", FailureReason.TRANSIENT),
    ],
)
def test_a_trouble_is_told_with_the_bots_words(words, reason):
    found = seen(a_reply("swapid", content=words))
    assert found.failure is not None
    assert (found.failure.reason, found.failure.detail) == (reason, f"InsightFaceSwap answered: {words}")
    assert found.trouble is None


def test_a_reply_names_its_command_its_asker_and_the_face():
    found = seen(a_reply(content="idname easel3 created.", nonce=123))
    assert (found.interaction_id, found.user_id, found.nonce, found.prompt) == ("801", USER, "123", "easel3")
    assert found.application_id == SWAP_APPLICATION
    assert found.modal is not None
    assert found.modal.interaction_id == "801"


def test_the_picture_is_the_end_and_has_no_buttons():
    row = {"type": 1, "components": [{"type": 2, "custom_id": "x", "label": "Upscale", "style": 1}]}
    found = seen(a_reply("swapid", content="done", attachments=[PICTURE], components=[row]), "MESSAGE_UPDATE")
    assert (found.stage, found.channel, found.components) == (Stage.FINAL, Channel.EDITED, ())
    assert [file.url for file in found.attachments] == [PICTURE["url"]]


def test_a_picture_beside_the_saved_face_is_not_the_end():
    assert seen(a_reply("saveid", content="easel3 created", attachments=[PICTURE])).stage is Stage.ASKED


def test_a_deferred_reply_waits_whatever_it_carries():
    assert seen(a_reply("swapid", flags=128)).stage is Stage.WAITING


@pytest.mark.parametrize("payload", [a_reply(None), a_reply("swapid", content=None)])
def test_a_message_that_says_nothing_is_passed_by(payload):
    assert reader().read("MESSAGE_CREATE", msgspec.json.encode(payload), NOW) == []
