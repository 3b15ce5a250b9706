"""The smaller rules: prompts, nonces, limits, names, masks."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.model.accounts import AccountState, mask, mask_email, wants_session
from engine.model.actions import ActionKind
from engine.model.catalogue import CATALOGUE, action_named, action_of_custom_id, entry_of, same_label
from engine.model.errors import InvalidInput
from engine.model.jobs import Component, Mode, Result
from engine.model.limits import Limits, mode_asked
from engine.model.prompts import check_prompt
from engine.model.snowflakes import Nonces, next_nonce, snowflake_at, time_of
from tests.model.jobs_at_hand import NOW, UUID


@pytest.mark.parametrize("prompt", [None, "", "   ", "\u200b\u2060", 5, "x" * 6001, "fox \ud800", "fox\0"])
def test_a_prompt_that_cannot_be_sent_is_refused_by_name(prompt):
    with pytest.raises(InvalidInput, match="prompt"):
        check_prompt(prompt)


@pytest.mark.parametrize("prompt", ["fox", "x" * 6000, "🦊", " a  fox \n--ar 16:9 "])
def test_a_prompt_that_can_be_sent_is_not_changed(prompt):
    assert check_prompt(prompt) == prompt


def test_nonces_rise_even_when_the_clock_stands_still_or_goes_back():
    first = next_nonce(NOW, 0)
    second = next_nonce(NOW, first)
    third = next_nonce(NOW - timedelta(hours=1), second)
    assert first < second < third
    assert next_nonce(NOW + timedelta(seconds=1), third) == int(snowflake_at(NOW + timedelta(seconds=1)))


def test_no_two_nonces_of_a_process_are_alike():
    nonces = Nonces()
    nonces.above(int(snowflake_at(NOW + timedelta(days=1))))
    made = [int(nonces.next(NOW)) for _ in range(100)]
    assert made == sorted(set(made))
    assert made[0] > int(snowflake_at(NOW + timedelta(days=1)))


def test_a_snowflake_carries_its_time():
    # the capture of June 2026 shows this message with this timestamp
    assert time_of("1496409581318550796") == datetime(2026, 4, 22, 7, 17, 26, 131000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("prompt", "mode"),
    [
        ("fox", None),
        ("fox --relax", Mode.RELAX),
        ("fox --fast --TURBO", Mode.TURBO),
        ("fox --relaxing", None),
        ("the--fast fox", None),
    ],
)
def test_the_last_speed_flag_of_a_prompt_counts(prompt, mode):
    assert mode_asked(prompt) is mode


def test_a_relaxed_job_may_take_an_hour():
    limits = Limits()
    assert limits.until_started("fox --relax", NOW) - NOW == timedelta(seconds=3660)
    assert limits.until_started("fox", NOW) - NOW == timedelta(seconds=660)


def test_names_labels_and_custom_ids_are_unambiguous():
    names = [entry.action.name for entry in CATALOGUE]
    custom_ids = [entry.custom_id for entry in CATALOGUE if entry.custom_id]
    assert len(set(names)) == len(names)
    assert len(set(custom_ids)) == len(custom_ids)
    assert all(action_named(name) == entry.action for name, entry in zip(names, CATALOGUE, strict=True))


@pytest.mark.parametrize(
    ("custom_id", "name"),
    [
        (f"MJ::JOB::upsample::3::{UUID}", "upscale_3"),
        (f"MJ::JOB::variation::1::{UUID}", "variation_1"),
        (f"MJ::JOB::reroll::0::{UUID}::SOLO", "reroll"),
        (f"MJ::JOB::variation::1::{UUID}::SOLO", "variation_solo"),
        (f"MJ::JOB::upsample_v7_2x_subtle::1::{UUID}::SOLO", "upsample_v7_2x_subtle"),
        (f"MJ::JOB::high_variation::1::{UUID}::SOLO", "vary_strong"),
        (f"MJ::Inpaint::1::{UUID}::SOLO", "vary_region"),
        (f"MJ::Outpaint::75::1::{UUID}::SOLO", "zoom_out_1.5x"),
        (f"MJ::Outpaint::100::1::{UUID}::SOLO", "make_square"),
        (f"MJ::CustomZoom::{UUID}", "custom_zoom"),
        (f"MJ::JOB::pan_left::1::{UUID}::SOLO", "pan_left"),
        (f"MJ::JOB::animate_high::1::{UUID}::SOLO", "animate_high"),
        (f"MJ::JOB::animate_low_extend::2::{UUID}", "extend_low_2"),
        (f"MJ::JOB::video_virtual_upscale::4::{UUID}", "video_upscale_4"),
        (f"MJ::BOOKMARK::{UUID}", "favourite"),
        ("MJ::Job::PicReader::3", "describe_imagine_3"),
        ("MJ::Job::PicReader::all", "describe_imagine_all"),
        ("MJ::Picread::Retry", "describe_again"),
        ("MJ::Job::PromptAnalyzer::5", "shorten_imagine_5"),
        (f"MJ::JOB::something_new::1::{UUID}::SOLO", None),
        (f"MJ::JOB::upsample::5::{UUID}", None),
        ("MJ::JOB::upsample::1::not-a-uuid", None),
    ],
)
def test_a_custom_id_names_its_action(custom_id, name):
    action = action_of_custom_id(custom_id)
    assert (action and action.name) == name


def test_of_the_buttons_only_upscales_and_words_take_no_slot():
    slotless = {entry.action.kind for entry in CATALOGUE if entry.is_button and not entry.takes_slot}
    assert slotless == {
        ActionKind.UPSCALE,
        ActionKind.VIDEO_UPSCALE,
        ActionKind.FAVOURITE,
        ActionKind.DESCRIBE_AGAIN,
    }
    assert entry_of(action_named("imagine")).takes_slot


@pytest.mark.parametrize("asked", ["⬅", "⬅\ufe0f", " ⬅\ufe0f "])
def test_a_label_matches_with_and_without_its_variation_selector(asked):
    arrow = Component(2, "MJ::JOB::pan_left::1::x::SOLO", None, "⬅\ufe0f", 2, None, 0, 0)
    result = Result("m", "c", 0, "", (), (arrow,))
    assert result.button(asked) is arrow
    assert same_label(asked, "⬅\ufe0f")


def test_a_link_button_cannot_be_pressed():
    link = Component(2, None, "\u200b", None, 5, "https://example.com", 0, 0)
    assert link.name is None


@pytest.mark.parametrize(("secret", "shown"), [("MTA" + "x" * 50 + "c312", "MTA...c312"), ("short", "...")])
def test_a_secret_is_shown_by_its_ends_only(secret, shown):
    assert mask(secret) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("nina@lists.ru", "n****@l****.ru"),
        ("a@b.co.uk", "a****@b****.uk"),
        ("odd@name@mail.example.org", "o****@m****.org"),
        ("nobody", None),
        ("@lists.ru", None),
        ("nina@host", None),
        ("", None),
        (None, None),
    ],
)
def test_a_mail_address_is_shown_by_two_letters_and_its_ending(address, shown):
    assert mask_email(address) == shown


@pytest.mark.parametrize(
    ("state", "runs", "barred", "wanted"),
    [
        (AccountState.ACTIVE, False, False, True),
        (AccountState.PAUSED, False, False, True),
        (AccountState.STOPPED, True, False, True),
        (AccountState.STOPPED, False, False, False),
        (AccountState.STOPPED, True, True, False),
        (AccountState.UNLINKED, True, False, False),
    ],
)
def test_an_account_is_connected_while_it_takes_jobs_or_what_runs_there_can_be_followed(state, runs, barred, wanted):
    assert wants_session(state, runs=runs, barred=barred) is wanted
