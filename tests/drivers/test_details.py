"""Answers in words that are results: what stands in them, written by hand from the wire files."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from engine.drivers.midjourney.details import info
from engine.drivers.midjourney.payloads import PrivateChannel
from engine.drivers.midjourney.wire import Reader
from engine.model.actions import Action, ActionKind
from engine.model.catalogue import CATALOGUE
from engine.model.details import Details, Setting, Usage
from engine.model.events import AnsweredUnknown, Finished
from engine.model.limits import Limits
from engine.model.reading import event_of
from engine.model.sightings import Stage
from tests.drivers.captures import CHANNEL, DIRECT, MIDJOURNEY, NOW, USER, CapturedSession, message, sighted, wire
from tests.model.jobs_at_hand import a_job

TEXTS = wire("describe-shorten-seed.synthetic.json")


def told(payload: dict, event: str = "MESSAGE_CREATE") -> tuple[str, Details]:
    seen = sighted(payload, event)
    assert seen.stage is Stage.FINAL
    assert seen.details is not None
    return seen.verb, seen.details


def test_describe_gives_its_four_prompts_and_the_picture():
    frame = TEXTS["describe_update"]
    verb, details = told(frame["d"], frame["t"])
    assert verb == "describe"
    assert details.texts == (
        "first prompt --ar 3:2",
        "second prompt --ar 3:2",
        "third prompt --ar 3:2",
        "fourth prompt --ar 3:2",
    )
    url = "https://cdn.discordapp.com/ephemeral-attachments/1092492867185950852/1496409600000000041/a.png"
    assert details.image_url == url
    names = [part.name for part in sighted(frame["d"], frame["t"]).components]
    assert names == ["1️⃣", "2️⃣", "3️⃣", "4️⃣", "🔄", "Imagine all"]


def test_shorten_gives_its_five_prompts_without_the_weighted_tokens():
    frame = TEXTS["shorten_update"]
    verb, details = told({**message(), **frame["d"]}, frame["t"])
    assert verb == "shorten"
    assert details.texts == ("a quiet harbor", "quiet harbor", "harbor, dusk", "harbor", "quiet")


def test_a_describe_without_numbered_prompts_has_no_texts():
    frame = TEXTS["describe_update"]
    embed = {"type": "rich", "description": "words of another form"}
    assert told({**frame["d"], "embeds": [embed]}, frame["t"]) == ("describe", Details())


def test_the_letter_with_a_seed_names_the_job_and_the_number():
    reader = Reader(CHANNEL, USER)
    reader.learn_direct([PrivateChannel(DIRECT, recipient_ids=[MIDJOURNEY])])
    seen = sighted(TEXTS["seed_dm"]["d"], reader=reader)
    assert (seen.stage, seen.verb, seen.details.seed) == (Stage.FINAL, "seed", "123456789")
    assert seen.uuids == {"11111111-1111-4111-8111-111111111111"}
    assert (seen.prompt, seen.user_id) == ("a quiet harbor --ar 16:9", USER)
    assert seen.attachments[0].filename.endswith("11111111-1111-4111-8111-111111111111.webp")


@pytest.mark.parametrize(
    ("name", "verb", "remix"),
    [
        ("remix_toggle_on", "remix mode", True),
        ("remix_toggle_off", "remix mode", False),
        ("relax_reply", "speed", None),
        ("fast_reply", "speed", None),
    ],
)
def test_the_reply_of_a_switch_is_its_notice(name, verb, remix):
    said = TEXTS[name]["content"]
    assert told(message(content=said, flags=64)) == (verb, Details(notice=said, remix=remix))


@pytest.mark.parametrize(
    ("command", "verb"),
    [
        ("prefer suffix", "suffix"),
        ("stealth", "visibility"),
        ("public", "visibility"),
        ("fast", "speed"),
        ("prefer remix", "remix mode"),
        ("prefer auto_dm", "auto dm"),
        ("prefer option set", "option"),
    ],
)
def test_replies_whose_words_no_source_knows_are_told_by_their_command(command, verb):
    meta = {"id": "1", "name": command, "user": {"id": USER}}
    seen = told(message(content="As you wish.", interaction_metadata=meta))
    assert seen == (verb, Details(notice="As you wish."))
    assert sighted(message(content="As you wish.")).stage is Stage.UNKNOWN


def test_the_command_says_what_was_done_before_the_words_do():
    done = "Done! Your jobs will now be in stealth mode."
    meta = {"id": "1", "name": "stealth", "user": {"id": USER}}
    assert told(message(content=done, interaction_metadata=meta)) == ("visibility", Details(notice=done))
    assert told(message(content=done, interaction=meta)) == ("visibility", Details(notice=done))


def test_a_refusal_that_is_known_is_no_notice_whatever_the_command():
    meta = {"id": "1", "name": "relax", "user": {"id": USER}}
    seen = sighted(message(content="Failed to process your command :c", interaction_metadata=meta))
    assert (seen.stage, seen.details) == (Stage.FAILED, None)


@pytest.mark.parametrize(
    ("said", "suffix"),
    [
        ("Done! Your new suffix is `--v 7 --ar 3:2`", "--v 7 --ar 3:2"),
        ("Your suffix has been removed.", ""),
        ("As you wish.", None),
    ],
)
def test_what_a_reply_says_plainly_of_the_suffix_is_taken(said, suffix):
    meta = {"id": "1", "name": "prefer suffix", "user": {"id": USER}}
    verb, details = told(message(content=said, interaction_metadata=meta))
    assert (verb, details.notice, details.suffix) == ("suffix", said, suffix)


def test_a_favourite_names_the_message_that_was_marked():
    (record,) = [one for one in CapturedSession().records if "successfully rated" in one["content"]]
    seen = sighted(CapturedSession().payload(record))
    link = re.search(r"channels/\d+/\d+/(\d+)", record["content"])
    assert (seen.stage, seen.verb, seen.clicked_id) == (Stage.FINAL, "rated", link[1])
    assert seen.details.notice == record["content"]


def test_settings_whose_ids_are_not_known_are_told_by_their_command():
    shown = wire("settings-message.synthetic.json")["d"]
    for row in shown["components"]:
        for part in row["components"]:
            part["custom_id"] = "elsewhere"
    verb, details = told({**shown, "content": "Voici vos préférences."})
    assert (verb, details.remix, details.suffix) == ("settings", False, None)


def test_an_edit_of_the_settings_without_words_tells_them_too():
    shown = wire("settings-message.synthetic.json")["d"]
    remix = next(p for row in shown["components"] for p in row["components"] if p.get("label") == "Remix mode")
    remix["style"] = 3
    edit = {key: value for key, value in shown.items() if key != "content"}
    seen = sighted(edit, "MESSAGE_UPDATE")
    assert (seen.stage, seen.verb, seen.details.remix) == (Stage.FINAL, "settings", True)


def test_a_seed_in_the_words_of_a_prompt_is_no_seed():
    line = f"**one\n**seed** 5\ntwo** - <@{USER}> (fast)"
    assert sighted(message(content=line, attachments=[])).details is None


def test_settings_tell_the_model_the_switches_and_the_suffix():
    verb, details = told(wire("settings-message.synthetic.json")["d"])
    assert verb == "settings"
    assert (details.version, details.remix, details.suffix) == ("Midjourney Model V7", False, "")
    on = [setting.name for setting in details.settings if setting.on]
    expected = ["Midjourney Model V7", "Stylize med", "Public mode", "High Variation Mode", "Fast mode"]
    assert on == expected
    assert len(details.settings) == 2 + 14
    assert Setting("Relax mode", "MJ::Settings::RelaxMode::on", on=False) in details.settings


def test_info_is_taken_apart():
    first, second = wire("info-embed.json")["message_sequence"]
    assert sighted(first["d"], first["t"]).stage is Stage.WAITING
    verb, details = told(second["d"], second["t"])
    assert verb == "info"
    account = details.info
    assert account.user_id == "00000000-0000-4000-8000-000000000000"
    assert (account.plan, account.plan_words) == ("Pro", "Pro (Active yearly, renews next on <t:1715321361>)")
    assert account.active_until == datetime(2024, 5, 10, 6, 9, 21, tzinfo=UTC)
    assert (account.mode, account.visibility) == ("fast", "stealth")
    assert (account.fast_seconds_left, account.fast_seconds_total) == (pytest.approx(29.57 * 3600), 30 * 3600)
    assert account.lifetime == Usage(102, pytest.approx(1.77 * 3600))
    assert account.relaxed == Usage(19, pytest.approx(0.29 * 3600))
    assert (account.fast, account.turbo) == (Usage(), Usage())
    assert (account.queued_fast, account.queued_relax, account.running_jobs) == (0, 0, ())
    assert len(account.lines) == 10


INFO_LINES = {
    "**Subscription**: Pro (Active yearly, renews next on <t:1715321361>)": ("plan", "Pro"),
    "**Subscription**: Mega (Active monthly, renews next on <t:1705181223>)": ("plan", "Mega"),
    "**Subscription**: None (Trial)": ("plan", "None"),
    "**Visibility Mode**: Stealth": ("visibility", "stealth"),
    "**Visibility Mode**: Public": ("visibility", "public"),
    "**Job Mode**: Fast": ("mode", "fast"),
    "**Fast Time Remaining**: 29.57/30.0 hours (98.58%)": ("fast_seconds_total", 108000.0),
    "**Fast Time Remaining**: 25.00 minutes": ("fast_seconds_left", 1500.0),
    "**Fast Time Remaining**: 60.0/60.0 hours (100.00%)": ("fast_seconds_left", 216000.0),
    "**Lifetime Usage**: 102 images (1.77 hours)": ("lifetime", Usage(102, 6372.0)),
    "**Relaxed Usage**: 19 images (0.29 hours)": ("relaxed", Usage(19, 1044.0)),
    "**Queued Jobs (fast)**: 0": ("queued_fast", 0),
    "**Queued Jobs (relax)**: 0": ("queued_relax", 0),
    "**Running Jobs**: None": ("running_jobs", ()),
}


def test_every_line_of_info_that_was_seen_is_expected_here():
    assert wire("info-embed.json")["lines_seen"] == list(INFO_LINES)


@pytest.mark.parametrize("line", INFO_LINES)
def test_each_line_of_info_is_understood(line):
    name, value = INFO_LINES[line]
    assert getattr(info(line), name) == value


def test_running_jobs_may_be_a_list():
    said = "**Running Jobs**:\n- https://midjourney.com/jobs/1\n- https://midjourney.com/jobs/2\n**Other**: 1"
    assert info(said).running_jobs == ("https://midjourney.com/jobs/1", "https://midjourney.com/jobs/2")


def test_a_line_of_info_that_is_not_understood_is_kept():
    account = info("**Fast Time Remaining**: plenty\n**New Thing**: 7")
    assert (account.fast_seconds_left, account.lines[1]) == (None, ("New Thing", "7"))


# --- what it does to a job ------------------------------------------------------------------------------------------


def happened(action: Action, payload: dict):
    seen = sighted(payload)
    return event_of(a_job(action=action), seen, account_id=1, limits=Limits(), now=NOW, new_key=lambda: "k")


def test_a_notice_finishes_the_job_that_asked_for_it():
    event = happened(Action(ActionKind.REMIX), message(**TEXTS["remix_toggle_on"]))
    assert isinstance(event, Finished)
    assert event.result.details.remix is True


def test_a_notice_is_no_result_of_a_picture_job():
    event = happened(Action(ActionKind.IMAGINE), message(**TEXTS["remix_toggle_on"]))
    assert isinstance(event, AnsweredUnknown)
    assert "Remix mode turned on" in event.detail


def test_every_verb_of_an_answer_in_words_is_some_actions():
    verbs = {"describe", "shorten", "seed", "rated", "remix mode", "speed", "suffix", "visibility", "settings", "info"}
    assert verbs <= {verb for entry in CATALOGUE for verb in entry.verbs}
