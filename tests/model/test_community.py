"""The values of the people of Discord: terms of roles, checked settings, styles joined with prompts, choices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.model.community.guilds import GuildSettings, RoleTerms, Terms, checked, terms_for
from engine.model.community.people import Member, Restrained, Restraint, requester_of, user_of
from engine.model.community.styles import checked_name, checked_words, sense_of, styled
from engine.model.errors import InvalidInput
from engine.model.jobs import Mode
from engine.model.prompts.choices import aspects, stylize_range, version_flag, versions
from engine.model.quotas import Period, Quota

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ARTIST, PATRON = "1" * 18, "2" * 18
USUAL = Terms(quota=Quota(10, Period.DAY), speeds=frozenset({Mode.RELAX}), cooldown=60, most_queued=2)


def settings(**by_role):
    names = {"artist": ARTIST, "patron": PATRON}
    return GuildSettings(usual=USUAL, by_role=tuple(RoleTerms(names[role], terms) for role, terms in by_role.items()))


@pytest.mark.parametrize(
    ("by_role", "roles", "terms"),
    [
        ({}, (ARTIST,), USUAL),
        ({"artist": Terms(cooldown=5)}, (), USUAL),
        (
            {"artist": Terms(cooldown=5)},
            (ARTIST,),
            Terms(quota=USUAL.quota, speeds=USUAL.speeds, cooldown=5, most_queued=2),
        ),
        (
            {"artist": Terms(quota=Quota(60, Period.WEEK)), "patron": Terms(quota=Quota(5, Period.DAY))},
            (ARTIST, PATRON),
            Terms(quota=Quota(60, Period.WEEK), speeds=USUAL.speeds, cooldown=60, most_queued=2),
        ),
        (
            {
                "artist": Terms(unlimited=True, speeds=frozenset({Mode.FAST})),
                "patron": Terms(speeds=frozenset({Mode.TURBO}), cooldown=0, most_queued=9),
            },
            (ARTIST, PATRON),
            Terms(unlimited=True, speeds=frozenset({Mode.FAST, Mode.TURBO}), cooldown=0, most_queued=9),
        ),
    ],
    ids=["nothing said", "not theirs", "one word", "the larger a day", "the most generous of several"],
)
def test_of_several_roles_the_most_generous_word_counts(by_role, roles, terms):
    assert terms_for(settings(**by_role), roles) == terms


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"channels": ("general",)}, "channels"),
        ({"results_channel": "x"}, "results_channel"),
        ({"language": "xx"}, "language"),
        ({"usual": Terms(cooldown=-1)}, "cooldown"),
        ({"usual": Terms(most_queued=0)}, "most_queued"),
        ({"usual": Terms(quota=Quota(1, Period.DAY), unlimited=True)}, "quota"),
        ({"by_role": (RoleTerms(ARTIST, Terms()), RoleTerms(ARTIST, Terms()))}, "by_role"),
        ({"roles": tuple(str(10**17 + n) for n in range(201))}, "roles"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(wrong, field):
    with pytest.raises(InvalidInput) as caught:
        checked(GuildSettings(**wrong))
    assert caught.value.field == field


def test_a_channel_that_is_named_twice_counts_once():
    assert checked(GuildSettings(channels=(ARTIST, ARTIST))).channels == (ARTIST,)


def test_a_requester_is_told_from_its_user():
    assert user_of(requester_of(ARTIST)) == ARTIST
    assert [user_of(each) for each in ("key:7", "discord:", "discord:erased", ARTIST)] == [None] * 4


def test_what_runs_for_somebody_who_left_or_is_banned_is_for_moderators():
    def member(**changes):
        return Member(workspace_id="w", user_id=ARTIST, since=NOW, **changes)

    def held(kind, until=None):
        return Restrained(kind=kind, by="", reason="", at=NOW, until=until)

    assert not member().is_away(NOW)
    assert member(left_at=NOW).is_away(NOW)
    assert member(restrained=held(Restraint.BANNED)).is_away(NOW)
    assert not member(restrained=held(Restraint.PAUSED)).is_away(NOW)
    assert not member(restrained=held(Restraint.BANNED, NOW)).is_away(NOW + timedelta(seconds=1))


# --- styles


@pytest.mark.parametrize(
    ("prompt", "style", "joined"),
    [
        ("a fox", "film noir", "a fox, film noir"),
        ("a fox --ar 16:9", "film noir --s 50", "a fox, film noir --ar 16:9 --s 50"),
        ("a fox --s 900", "--s 50 --chaos 3", "a fox --s 900 --chaos 3"),
        ("a fox --stylize 900", "noir --s 50", "a fox, noir --stylize 900"),
        ("https://a.example/a.png a fox", "noir,", "https://a.example/a.png a fox, noir"),
        ("a {red, blue} fox --v 7", "noir --no text, signs", "a {red, blue} fox, noir --v 7 --no text, signs"),
    ],
)
def test_a_style_stands_between_the_words_and_the_parameters(prompt, style, joined):
    assert styled(prompt, style) == joined


@pytest.mark.parametrize("words", ["", "x" * 1001, "noir --nonsense 3", "noir {a, b}", "noir --ar 1.5:1"])
def test_words_that_would_spoil_any_prompt_are_no_style(words):
    with pytest.raises(InvalidInput) as caught:
        checked_words(words)
    assert caught.value.field == "words"


def test_names_of_styles_are_compared_without_case_and_gaps():
    assert checked_name("  film   noir ") == "film noir"
    assert sense_of("Film  NOIR") == sense_of("film noir")
    for wrong in ("", "x" * 33, "a\nb\0"):
        with pytest.raises(InvalidInput):
            checked_name(wrong)


# --- choices


def test_usual_aspects_come_first_and_any_other_as_it_is_typed():
    assert aspects()[:3] == ["1:1", "16:9", "9:16"]
    assert aspects("16") == ["16:9"]
    assert aspects("139:100") == ["139:100"]
    assert aspects("9999:1") == []
    assert len(aspects()) <= 25


def test_models_come_newest_first_and_lead_to_their_parameter():
    assert versions()[0] == "V8.1"
    assert versions("niji")[0] == "niji 7"
    assert [version_flag(each) for each in ("V7", "7", "niji 6", "8.1", "V99")] == [
        "--v 7", "--v 7", "--niji 6", "--v 8.1", None,
    ]  # fmt: skip
    assert stylize_range() == (0, 1000)
