"""Whatever a frame holds, the decoder answers for it: a sighting, something unrecognised, or a reason to drop it."""

from __future__ import annotations

import copy
import json

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.drivers.midjourney.wire import Reader
from engine.model.sightings import Sighting, Stage, Unrecognised
from tests.drivers.captures import (
    CHANNEL,
    DIRECT,
    MIDJOURNEY,
    NOW,
    USER,
    CapturedSession,
    a_direct_channel,
    every_frame,
    message,
)

FRAMES = every_frame()
MESSAGES = [(event, body) for event, body in FRAMES if event in ("MESSAGE_CREATE", "MESSAGE_UPDATE")]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)
odd_words = st.sampled_from(
    [
        "**",
        "** - ",
        "**p** - <@1> (Waiting to start)",
        "**p** - <@1> (400%)",
        "Failed to process your command :c",
        "<t:999999999999:R>",
        "<t:1:R>",
        "/imagine",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "99999999999999999999999",
        "-1",
        "٣٣٣",
        "",
    ]
)


def places(value: object, path: tuple = ()) -> list[tuple]:
    """The path of everything inside a JSON value."""
    found = [path] if path else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        found += places(each, (*path, key))
    return found


def changed(body: dict, path: tuple, value: object, *, drop: bool) -> dict:
    """The body with another value, or none, at this path."""
    body = copy.deepcopy(body)
    at = body
    for key in path[:-1]:
        at = at[key]
    if drop:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return body


@st.composite
def mutations(draw, frames):
    """A frame of the captures with one to three places changed."""
    event, body = draw(st.sampled_from(frames))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(body) or [("id",)]))
        body = changed(
            body, path, draw(json_values | odd_words), drop=draw(st.booleans()) and path[-1] in body_at(body, path)
        )
    return event, body


def body_at(body: object, path: tuple) -> object:
    for key in path[:-1]:
        body = body[key]
    return body if isinstance(body, dict) else range(len(body))


def reader() -> Reader:
    made = Reader(CHANNEL, USER)
    made.learn_direct([a_direct_channel()])
    return made


def findings(event: str, body: object) -> list[Sighting | Unrecognised]:
    return reader().read(event, msgspec.json.encode(body), NOW)


def is_midjourneys(body: dict) -> bool:
    author = body.get("author")
    said = [author.get("id") if isinstance(author, dict) else None, body.get("application_id")]
    return body.get("channel_id") in (CHANNEL, DIRECT) and MIDJOURNEY in said


def says_nothing_of_a_job(event: str, body: dict) -> bool:
    """An edit of buttons and the like: the one kind of message that may be passed over."""
    return (
        event == "MESSAGE_UPDATE" and "content" not in body and not body.get("embeds") and not body.get("attachments")
    )


@given(mutations(FRAMES))
def test_no_change_of_a_captured_frame_makes_the_decoder_fail(frame):
    for found in findings(*frame):
        assert isinstance(found, Sighting | Unrecognised)


@given(mutations(FRAMES))
def test_no_change_of_a_history_message_makes_the_decoder_fail(frame):
    _, body = frame
    reader().read_history(msgspec.json.encode(body), NOW)


@given(mutations(MESSAGES))
def test_no_message_by_midjourney_is_lost_silently(frame):
    event, body = frame
    found = findings(event, body)
    if is_midjourneys(body) and "id" in body and not isinstance(body["id"], bool) and isinstance(body["id"], str | int):
        assert found or says_nothing_of_a_job(event, body)


@given(st.sampled_from(["MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"]), json_values)
def test_no_json_at_all_makes_the_decoder_fail(event, body):
    findings(event, body)


@given(st.sampled_from(["MESSAGE_CREATE", "INTERACTION_CREATE", "MESSAGE_DELETE"]), st.binary(max_size=200))
@example("MESSAGE_CREATE", b"\xff\xfe")
@example("MESSAGE_CREATE", b"")
@example("INTERACTION_CREATE", b"{}")
def test_no_bytes_at_all_make_the_decoder_fail(event, body):
    for found in reader().read(event, body, NOW):
        assert isinstance(found, Sighting | Unrecognised)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
@example("Error: everything is broken")
@example("Invalid something, denied")
def test_unknown_words_are_quoted_and_never_a_failure(words):
    known = ("failed", "there was", "you have triggered", "you are blocked")
    text = f"Midjourney says {words}"
    if "verify" in text or text.lower().startswith(known):
        return
    (found,) = findings("MESSAGE_CREATE", message(content=text, nonce="7"))
    assert isinstance(found, Sighting)
    assert found.failure is None
    assert found.stage is Stage.UNKNOWN
    assert found.words


@pytest.mark.parametrize("depth", [200, 990, 5_000, 200_000])
def test_lists_within_lists_without_end_are_kept_as_evidence(depth):
    rows = '[{"type":1,"components":' * depth + "null" + "}]" * depth
    body = json.dumps(message(content="**p** - <@1> (5%)"))[:-1] + f', "components": {rows}}}'
    found = reader().read("MESSAGE_CREATE", body.encode(), NOW)
    assert len(found) <= 1
    assert all(isinstance(one, Sighting | Unrecognised) for one in found)


def test_every_frame_of_the_wire_files_is_answered_for():
    dropped = {event for event, body in FRAMES if not findings(event, body)}
    assert dropped == {"READY", "READY_SUPPLEMENTAL", "RESUMED", "INTERACTION_IFRAME_MODAL_CLOSE"}
    assert len(CapturedSession().frames()) == 86
