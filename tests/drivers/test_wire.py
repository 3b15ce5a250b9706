"""What frames say, and which are never looked at."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import msgspec
import pytest

from engine.drivers.midjourney import evidence
from engine.drivers.midjourney.payloads import PrivateChannel
from engine.drivers.midjourney.wire import Reader
from engine.model.jobs import FailureReason, Mode
from engine.model.sightings import Channel, Sighting, Stage, Trouble, Unrecognised
from engine.model.snowflakes import time_of
from tests.drivers.captures import CHANNEL, DIRECT, MIDJOURNEY, NOW, USER, message, read, sighted, wire

NIJI = "1022952195194359889"
PROGRESS = "**p** - <@300000000000000001> (31%) (fast)"
UUID = "3baac4ee-dadd-5929-a9e9-613fb47b039d"
META = {"id": "801", "user": {"id": "300000000000000001"}, "interacted_message_id": "500"}


# --- privacy --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("MESSAGE_CREATE", message(channel_id="555", content=PROGRESS)),
        ("MESSAGE_CREATE", message(author={"id": "777"}, content=PROGRESS)),
        ("MESSAGE_CREATE", message(author={"id": "777"}, application_id="888", content=PROGRESS)),
        ("MESSAGE_UPDATE", {"id": "1", "channel_id": CHANNEL, "content": PROGRESS}),
        ("MESSAGE_DELETE", {"id": "1", "channel_id": "555"}),
        ("MESSAGE_REACTION_ADD", {"message_id": "1", "channel_id": CHANNEL, "user_id": "777"}),
        ("TYPING_START", {"channel_id": CHANNEL, "user_id": "777"}),
        ("PRESENCE_UPDATE", {"user": {"id": "777"}}),
        ("READY_SUPPLEMENTAL", wire("gateway-frames.json")["ready_supplemental"]["d"]),
        ("INTERACTION_MODAL_CREATE", {"id": "1", "application": {"id": "888"}, "custom_id": "x", "title": "t"}),
        ("INTERACTION_PREMIUM_REQUIRED", {"id": "1", "application": {"id": "888"}}),
    ],
)
def test_what_is_not_midjourneys_is_dropped(event, payload):
    assert read(event, payload) == []


def test_a_foreign_message_is_not_even_decoded():
    """Its other fields could hold anything, even what no message holds."""
    broken = b'{"id":"1","channel_id":"%s","author":{"id":"777"},"content":{"a":[1]},"attachments":7}'
    reader = Reader(CHANNEL, USER)
    assert reader.read("MESSAGE_CREATE", broken % b"555", NOW) == []
    assert reader.read("MESSAGE_CREATE", broken % CHANNEL.encode(), NOW) == []


def test_midjourney_is_known_by_its_author_or_its_application():
    by_application = message(author={"id": "777"}, application_id=MIDJOURNEY, content=PROGRESS)
    assert sighted(by_application).application_id == MIDJOURNEY
    assert sighted(message(author={"id": NIJI}, content=PROGRESS)).application_id == NIJI


def test_direct_messages_are_read_only_with_midjourney():
    reader = Reader(CHANNEL, USER)
    moderation = message(channel_id=DIRECT, content="", embeds=[{"title": "Pending mod message", "description": "x"}])
    assert read("MESSAGE_CREATE", moderation, reader) == []
    reader.learn_direct(
        [
            PrivateChannel(DIRECT, recipient_ids=[MIDJOURNEY]),
            PrivateChannel("701", recipients=None, recipient_ids=["777"]),
            PrivateChannel("702", recipient_ids=[MIDJOURNEY, "777"]),
        ]
    )
    found = sighted(moderation, reader=reader)
    assert found.trouble is Trouble.MODERATION
    assert found.user_id == USER
    for other in ("701", "702"):
        assert read("MESSAGE_CREATE", {**moderation, "channel_id": other}, reader) == []


# --- messages -------------------------------------------------------------------------------------------------------


def test_a_message_keeps_every_link_that_it_offers():
    seen = sighted(
        message(
            nonce=1496400000000000000,
            flags=64,
            content="Upscaling image #2 with **p** - <@300000000000000001> (Waiting to start)",
            interaction_metadata=META,
            message_reference={"message_id": 500, "channel_id": CHANNEL},
            components=[
                {"type": 1, "components": [{"type": 2, "style": 4, "custom_id": f"MJ::CancelJob::ByJobid::{UUID}"}]}
            ],
        )
    )
    assert (seen.stage, seen.nonce, seen.interaction_id) == (Stage.WAITING, "1496400000000000000", "801")
    assert (seen.reference_id, seen.clicked_id, seen.user_id) == ("500", "500", USER)
    assert (seen.uuid, seen.index, seen.is_ephemeral) == (UUID, 2, True)
    assert seen.at == time_of("1496409600000000020")


def test_the_older_interaction_field_and_follow_ups_are_links_too():
    seen = sighted(message(content=PROGRESS, interaction={"id": "802", "name": "imagine", "user": {"id": "9"}}))
    assert (seen.interaction_id, seen.user_id) == ("802", "9")
    seen = sighted(message(content=PROGRESS, original_response_message_id="503", triggering_interaction_metadata=META))
    assert (seen.reference_id, seen.clicked_id) == ("503", "500")


def test_a_uuid_in_the_words_of_a_prompt_is_no_link():
    name = f"someone_{UUID}_in_words_77a5ea27-79b0-5e58-a9c5-e2a4f76856ab.webp"
    seen = sighted(
        message(
            content=f"**see https://midjourney.com/jobs/{UUID}** - Image #1 <@1>",
            attachments=[{"filename": name, "url": "u"}],
        )
    )
    assert seen.uuids == {"77a5ea27-79b0-5e58-a9c5-e2a4f76856ab"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (f"someone_a_red_fox_{UUID}.webp", "image/webp"),
        (f"someone_a_red_fox_{UUID}.png", "image/png"),
        (f"someone_a_red_fox_{UUID}.mp4", "video/mp4"),
        (f"{UUID}_grid_0.webp", "image/webp"),
        (f"{UUID}_0_step_3.jpeg", "image/jpeg"),
        (f"{UUID}_0_0.png", "image/png"),
        (f"{UUID}_0.mp4", "video/mp4"),
    ],
)
def test_every_form_of_a_file_keeps_all_that_discord_says_of_it_and_names_its_job(name, kind):
    sample = wire("requests-rest-misc.json")["create_message_with_upload"]["response_excerpt"]["attachments"][0]
    given = {**sample, "filename": name, "content_type": kind}
    seen = sighted(message(content=f"**p** - <@{USER}> (fast)", attachments=[given]))
    (kept,) = seen.attachments
    assert {key: getattr(kept, key) for key in given} == given
    assert kept.proxy_url == sample["proxy_url"]
    assert seen.uuid == UUID


GRID = {"type": 1, "components": [{"type": 2, "style": 2, "label": "U1", "custom_id": f"MJ::JOB::upsample::1::{UUID}"}]}
CANCEL = {"type": 1, "components": [{"type": 2, "style": 4, "custom_id": f"MJ::CancelJob::ByJobid::{UUID}"}]}
PICTURE = {"id": "9", "filename": f"someone_p_{UUID}.webp", "url": "https://cdn.example/x.webp"}
DONE = "**p** - <@300000000000000001> (fast)"


@pytest.mark.parametrize(
    ("parts", "stage"),
    [
        ({"content": DONE, "attachments": [PICTURE], "components": [GRID]}, Stage.FINAL),
        ({"content": "**p** - Image #1 <@1>", "attachments": [PICTURE]}, Stage.FINAL),
        ({"content": DONE, "attachments": [PICTURE]}, Stage.PROGRESS),
        ({"content": DONE, "attachments": [PICTURE], "components": [CANCEL]}, Stage.PROGRESS),
        ({"content": DONE, "components": [GRID]}, Stage.PROGRESS),
        ({"content": DONE, "attachments": [PICTURE], "components": [GRID], "flags": 64}, Stage.PROGRESS),
        ({"content": PROGRESS, "attachments": [PICTURE], "components": [GRID]}, Stage.PROGRESS),
        ({"content": "**p** - Zoom Out by <@1> (paused)", "attachments": [PICTURE]}, Stage.PROGRESS),
        ({"content": "**p** - <@1> (Stopped)", "attachments": [PICTURE]}, Stage.STOPPED),
        ({"content": "**p** - <@1> (Waiting to start)"}, Stage.WAITING),
        ({"content": "", "flags": 192, "embeds": []}, Stage.WAITING),
        ({"content": "Animating..."}, Stage.WAITING),
    ],
)
def test_a_final_is_public_has_a_picture_no_percentage_and_buttons_or_a_verb(parts, stage):
    assert sighted(message(**parts)).stage is stage


def test_speed_and_percentage_are_read():
    seen = sighted(message(content="**p** - <@1> (93%) (relaxed, stealth)"))
    assert (seen.percent, seen.mode) == (93, Mode.RELAX)


def test_a_history_message_is_told_by_its_content_and_dated_by_its_id():
    body = msgspec.json.encode(message(content=DONE, attachments=[PICTURE], components=[GRID]))
    (seen,) = Reader(CHANNEL, USER).read_history(body, datetime(2030, 1, 1, tzinfo=UTC))
    assert (seen.channel, seen.stage, seen.at) == (Channel.HISTORY, Stage.FINAL, time_of("1496409600000000020"))
    foreign = msgspec.json.encode(message(author={"id": "777"}, content="hello"))
    assert Reader(CHANNEL, USER).read_history(foreign, NOW) == []


def test_an_edit_of_parts_is_read_when_the_message_was_seen_before_as_midjourneys():
    reader = Reader(CHANNEL, USER)
    sighted(message(content="**p** - <@1> (Waiting to start)"), reader=reader)
    part = {"id": "1496409600000000020", "channel_id": CHANNEL, "content": PROGRESS, "edited_timestamp": None}
    seen = sighted(part, "MESSAGE_UPDATE", reader)
    assert (seen.stage, seen.percent, seen.application_id) == (Stage.PROGRESS, 31, MIDJOURNEY)
    assert seen.at == NOW


def test_missing_is_not_empty():
    edit = {"id": "1496409600000000020", "channel_id": CHANNEL, "author": {"id": MIDJOURNEY}}
    assert read("MESSAGE_UPDATE", edit) == []
    assert read("MESSAGE_UPDATE", {**edit, "components": [GRID]}) == []
    assert sighted({**edit, "attachments": [PICTURE]}, "MESSAGE_UPDATE").stage is Stage.PROGRESS
    failed = sighted({**edit, "embeds": [{"title": "Image denied"}]}, "MESSAGE_UPDATE")
    assert failed.stage is Stage.FAILED


def test_edits_are_dated_by_their_own_time():
    stamp = "2026-04-22T07:17:32.154902+00:00"
    assert sighted(message(content=PROGRESS, edited_timestamp=stamp), "MESSAGE_UPDATE").at.isoformat() == stamp


def test_deletions_carry_ids_only():
    (one,) = read("MESSAGE_DELETE", {"id": "5", "channel_id": CHANNEL, "guild_id": "2"})
    assert (one.channel, one.stage, one.message_id) == (Channel.DELETED, Stage.DELETED, "5")
    many = read("MESSAGE_DELETE_BULK", {"ids": ["5", "6"], "channel_id": CHANNEL})
    assert [s.message_id for s in many] == ["5", "6"]


# --- interactions ---------------------------------------------------------------------------------------------------

EVENTS = {name: frame for name, frame in wire("gateway-interaction-events.json").items() if isinstance(frame, dict)}


def interaction(name: str):
    return sighted(EVENTS[name]["d"], EVENTS[name]["t"])


@pytest.mark.parametrize("name", ["create", "success"])
def test_discord_shows_that_it_took_the_interaction(name):
    seen = interaction(name)
    assert (seen.channel, seen.stage) == (Channel.INTERACTION, Stage.ACKNOWLEDGED)
    assert (seen.nonce, seen.interaction_id) == ("1496400000000000000", "1496409600000000001")
    assert seen.at == time_of("1496409600000000001")


def test_a_failed_interaction_is_only_unanswered():
    assert interaction("failure").stage is Stage.UNANSWERED
    assert interaction("failure").failure is None


def test_a_modal_keeps_its_fields_with_what_is_in_them():
    seen = interaction("modal_create")
    assert seen.stage is Stage.ASKED
    assert seen.modal.interaction_id == "1496409600000000002"
    assert seen.modal.custom_id.startswith("MJ::OutpaintCustomZoomModal::")
    assert seen.modal.fields == (("MJ::OutpaintCustomZoomModal::prompt", "a quiet harbor --ar 16:9 --zoom 2"),)


def test_a_modal_of_the_newer_form_is_read_too():
    field = {"type": 18, "label": "Prompt", "component": {"type": 4, "custom_id": "f", "value": "v"}}
    payload = {"id": "5", "nonce": "6", "application": {"id": MIDJOURNEY}, "custom_id": "c", "components": [field]}
    assert sighted(payload, "INTERACTION_MODAL_CREATE").modal.fields == (("f", "v"),)


def test_a_captcha_fails_the_job_and_stops_the_account():
    seen = interaction("iframe_modal_create_captcha")
    assert (seen.stage, seen.trouble, seen.failure.reason) == (Stage.FAILED, Trouble.CAPTCHA, FailureReason.ACCOUNT)


def test_the_editor_of_vary_region_is_a_form_with_a_page():
    seen = interaction("iframe_modal_create_inpaint")
    assert (seen.stage, seen.trouble, seen.nonce) == (Stage.ASKED, None, "1496400000000000004")
    assert seen.modal.custom_id == "MJ::iframe::ExampleTokenExampleToken"
    assert (seen.modal.frame_path, seen.modal.fields) == ("inpaint/index.html", ())


def test_another_form_on_a_page_of_its_own_is_not_known():
    payload = {**EVENTS["iframe_modal_create_inpaint"]["d"], "title": "Something new", "iframe_path": "new/index.html"}
    seen = sighted(payload, "INTERACTION_IFRAME_MODAL_CREATE")
    assert (seen.stage, seen.trouble) == (Stage.UNKNOWN, None)
    assert "Something new" in seen.words


def test_a_closed_form_says_nothing():
    assert read(EVENTS["iframe_modal_close"]["t"], EVENTS["iframe_modal_close"]["d"]) == []


# --- evidence -------------------------------------------------------------------------------------------------------


def test_what_is_not_recognised_is_kept():
    (new,) = read("INTERACTION_SOMETHING_NEW", {"id": "1", "nonce": "2", "application": {"id": MIDJOURNEY}})
    assert isinstance(new, Unrecognised)
    assert new.kind == "INTERACTION_SOMETHING_NEW"
    (odd,) = read("MESSAGE_CREATE", message(content={"not": "text"}))
    assert odd.kind == "MESSAGE_CREATE:undecodable"
    (empty,) = read("MESSAGE_CREATE", message(content=""))
    assert empty.kind == "MESSAGE_CREATE:no words"
    (parts,) = read("MESSAGE_CREATE", message(content="", flags=32768, components=[{"type": 10}]))
    assert parts.kind == "MESSAGE_CREATE:components only"


LINE = "**p** - <@300000000000000001>"
NEW_ID = f"MJ::JOB::dream_deeper::1::{UUID}::SOLO"


def new_in(**parts):
    seen, *new = read("MESSAGE_CREATE", message(**parts))
    assert isinstance(seen, Sighting)
    assert all(isinstance(one, Unrecognised) and one.body for one in new)
    return [one.kind for one in new]


def a_row(*cells) -> list[dict]:
    return [{"type": 1, "components": list(cells)}]


@pytest.mark.parametrize(("ours", "told"), [(UUID, "uuid"), (UUID.replace("-", ""), "token"), ("1" * 12, "token")])
def test_a_new_button_on_a_result_is_kept_beside_the_result_whatever_its_id(ours, told):
    button = {"type": 2, "style": 2, "label": "Dream Deeper", "custom_id": NEW_ID.replace(UUID, ours)}
    kinds = new_in(content=f"{LINE} (fast)", attachments=[PICTURE], components=[GRID, *a_row(button)])
    assert kinds == [f"button MJ::JOB::dream_deeper::1::<{told}>::SOLO"]


def test_a_new_kind_of_component_is_kept_beside_the_message():
    parts = [GRID, {"type": 46, "components": [{"type": 47}]}]
    assert new_in(content=f"{LINE} (fast)", components=parts) == ["component type 46", "component type 47"]


@pytest.mark.parametrize("status", ["dreaming", "queued behind others"])
def test_a_new_status_is_kept_beside_the_message(status):
    assert new_in(content=f"{LINE} ({status})") == [f"status {status}"]


def test_new_flags_are_told():
    assert new_in(content=f"{LINE} (fast)", flags=64 | 1 << 15) == []
    assert new_in(content=f"{LINE} (fast)", flags=64 | 1 << 20 | 1 << 30) == ["flag 1048576", "flag 1073741824"]


def test_a_new_field_is_told_once_by_its_name_and_not_by_what_it_holds():
    reader = Reader(CHANNEL, USER)
    found = []
    for number in (1, 2):
        body = message(
            id=f"14964096000000000{number:02}", content="", embeds=[{"title": "Queue full"}], moon={"x": "new"}
        )
        found += reader.read("MESSAGE_CREATE", json.dumps(body).encode(), NOW)
    unknown = [each for each in found if isinstance(each, Unrecognised)]
    assert [(each.kind, each.body) for each in unknown] == [("field moon", "null")]
    assert len(found) == 3


def test_the_fields_of_progress_are_not_looked_at():
    assert new_in(content=f"{LINE} (31%) (fast)", moon="new") == []


@pytest.mark.parametrize("status", ["(Waiting to start)", "(31%) (fast)", "(Stopped)", "(paused)", "(fast)", ""])
def test_known_statuses_are_nothing_new(status):
    assert new_in(content=f"{LINE} {status}") == []


def test_what_is_new_in_a_message_is_told_once_however_often_it_is_edited():
    reader = Reader(CHANNEL, USER)
    parts = {"content": f"{LINE} (5%) (fast)", "components": a_row({"type": 2, "custom_id": NEW_ID})}
    assert [len(read("MESSAGE_UPDATE", message(**parts), reader)) for _ in range(3)] == [2, 1, 1]
    assert len(read("MESSAGE_UPDATE", message(**{**parts, "id": "1496409600000000099"}), reader)) == 2


def test_evidence_holds_no_signature_token_or_name():
    url = f"https://cdn.discordapp.com/attachments/1/2/jane_doe_a_fox_{UUID}.webp?ex=69e9c79f&is=69e8761f&hm=f067&"
    body = evidence.keep(
        msgspec.json.encode(
            message(
                author={"id": MIDJOURNEY, "username": "Jane Doe", "global_name": "Jane"},
                member={"nick": "Janie"},
                mentions=[{"username": "Jane Doe"}],
                content=f"look {url} MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.abcdefghijklmnopqrstuvwxyz0123456789",
                token="secret-of-the-interaction",
                components=[{"type": 2, "custom_id": "MJ::iframe::ExampleTokenExampleToken"}],
                attachments=[{"filename": f"jane_doe_a_fox_{UUID}.webp", "url": f"{url}format=webp&width=300"}],
            )
        )
    )
    for secret in ("ex=", "is=", "hm=", "Jane", "jane", "Janie", "MTIz", "secret", "ExampleToken"):
        assert secret not in body
    assert UUID in body
    assert "format=webp&width=300" in body
    assert MIDJOURNEY in body


def test_evidence_is_cut_at_16_kb():
    body = evidence.keep(msgspec.json.encode({"content": "ü" * 40_000}))
    assert 15_000 < len(body.encode()) <= 16_000


@pytest.mark.parametrize("text", ["ü" * 40_000, "a-" * 20_000, "_" * 40_000, f"_{UUID}.webp" * 900, "?ex=" * 10_000])
def test_no_text_makes_evidence_slow(text):
    begun = time.process_time()
    evidence.keep(msgspec.json.encode({"content": text}))
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize("text", ["**a" * 1300, "** - " * 800, "**p** - <@1> " + "[(" * 1900, "**" + "a ** - b " * 440])
def test_no_text_makes_reading_slow(text):
    begun = time.process_time()
    read("MESSAGE_CREATE", message(content=text))
    assert time.process_time() - begun < 0.2


def test_no_frame_of_the_wire_files_is_unrecognised_in_a_known_event():
    settings = wire("settings-message.synthetic.json")["d"]
    assert isinstance(sighted(settings), Sighting)
    describe = wire("describe-shorten-seed.synthetic.json")["describe_update"]
    assert isinstance(sighted(describe["d"], describe["t"]), Sighting)
