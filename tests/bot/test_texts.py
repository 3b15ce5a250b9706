"""Every text in every language: there, translated, with its placeholders, and within what Discord takes."""

from __future__ import annotations

import re
import string
from pathlib import Path

import discord
import pytest

import bot
from bot.texts import TEXTS, language_of, say
from bot.texts.translator import Translator
from engine import (
    LANGUAGES,
    AlertKind,
    Denial,
    FailureReason,
    Hindrance,
    Kind,
    Layout,
    Notice,
    NsfwRule,
    Presses,
    Ruling,
    Severity,
    Waiting,
)

OTHERS = [each for each in LANGUAGES if each != "en"]
KEPT = {
    "help.look_text": "commands' names",
    "form.prompt": "Midjourney's word",
    "error.code": "the same word",
    "card.seed": "Midjourney's word",
    "ask.no": "the same word",
    "admin.layout_components": "Discord's name",
    "mod.reported_by": "names and a moment",
    "mod.refused_of": "names and a moment",
}
"""Texts that may be as in English, and why."""
KEPT |= dict.fromkeys(
    ("option.prompt", "option.stylize", "option.discord", "option.spoiler"), "names and words of theirs"
)
KEPT |= dict.fromkeys(
    [
        f"option.{each}"
        for each in ("code", "image", "image1", "image2", "image3", "image4", "image5", "minutes", "name")
    ]
    + [f"option.{each}" for each in ("quota", "secret", "server", "style", "text", "version")],
    "the same word in one of them",
)
LONGEST = {
    "button.": 80,
    "ask.yes": 80,
    "ask.no": 80,
    "form.": 45,
    "menu.": 32,
    "list.more": 80,
    "list.first": 80,
    "region.draw": 80,
}
LONGEST |= {"region.upload": 80, "report.reason": 45, "me.delete_yes": 80, "card.by": 256, "blend.": 100, "zoom.": 100}
_FAMILIES = sorted({key.partition(".")[0] for key in TEXTS["en"]})
_KEY = re.compile(rf"""["']((?:{"|".join(_FAMILIES)})\.[a-z_0-9]+)["']""")


def placeholders(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


def test_there_is_a_table_for_each_language():
    assert set(TEXTS) == set(LANGUAGES)


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_there_translated_and_keeps_its_placeholders(language):
    table, english = TEXTS[language], TEXTS["en"]
    assert table.keys() == english.keys()
    assert [key for key in english if table[key] == english[key] and key not in KEPT] == []
    assert [key for key in english if placeholders(table[key]) != placeholders(english[key])] == []
    code = re.compile(r"`[^`]+`")
    assert [key for key in english if sorted(code.findall(table[key])) != sorted(code.findall(english[key]))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_fits_where_it_stands(language):
    wrong = []
    for key, text in TEXTS[language].items():
        most = next((length for begins, length in LONGEST.items() if key.startswith(begins)), 1_000)
        if not text.strip() or len(text) > most:
            wrong.append((key, len(text), most))
    assert wrong == []


_NAME = re.compile(r"[-_'\w]{1,32}")


async def test_every_option_has_a_name_of_its_own_in_every_language_as_discord_wants_it(stage):
    """Letters of any script, digits, `-` and `_`; small; at most 32; none twice within a command, in any language."""
    named = set()

    def walk(node):
        options = [each for each in node.get("options", ()) if each["type"] > 2]
        for option in options:
            own = option["name_localizations"]
            assert {language_of(locale) for locale in own} == set(OTHERS), option["name"]
            for name in own.values():
                assert _NAME.fullmatch(name), name
                assert name == name.lower()
            assert own["de"] == TEXTS["de"][f"option.{option['name']}"]
            named.add(f"option.{option['name']}")
        for language in OTHERS:
            shown = [TEXTS[language][f"option.{each['name']}"] for each in options]
            assert len(set(shown)) == len(shown), (node["name"], language, shown)
        for child in node.get("options", ()):
            walk(child)

    for command in stage.bot.tree._get_all_commands():
        walk(await command.get_translated_payload(stage.bot.tree, Translator()))
    assert named == {key for key in TEXTS["en"] if key.startswith("option.")}


async def test_commands_and_their_subcommands_are_called_the_same_in_every_language(stage):
    def walk(node):
        assert not node.get("name_localizations"), node["name"]
        for child in node.get("options", ()):
            if child["type"] < 3:
                walk(child)

    for command in stage.bot.tree._get_all_commands():
        if isinstance(command, discord.app_commands.ContextMenu):
            continue
        walk(await command.get_translated_payload(stage.bot.tree, Translator()))


async def test_the_commands_fit_in_every_language(stage):
    """Discord: names 32, descriptions 100, choices 100, a whole command 8000 of its longest language."""
    tree = stage.bot.tree

    def walk(node, total):
        for field in ("name", "description"):
            every = [node.get(field) or "", *(node.get(f"{field}_localizations") or {}).values()]
            choice = "value" in node
            most = 100 if field == "description" or choice else 32
            assert max(map(len, every)) <= most, (node["name"], field)
            total[0] += max(map(len, every))
        total[0] += len(str(node.get("value", "")))
        for child in [*node.get("options", ()), *node.get("choices", ())]:
            walk(child, total)

    for command in tree._get_all_commands():
        payload = await command.get_translated_payload(tree, Translator())
        total = [0]
        walk(payload, total)
        assert total[0] <= 8000, command.name
        assert len(payload.get("options", ())) <= 25


async def test_descriptions_are_told_to_discord_in_five_more_languages(stage):
    command = stage.bot.tree.get_command("imagine")
    told = (await command.get_translated_payload(stage.bot.tree, Translator()))["description_localizations"]
    assert {language_of(locale) for locale in told} == set(OTHERS)
    assert told["de"] == TEXTS["de"]["imagine.description"]


def test_every_key_that_is_said_is_there_and_every_text_is_said():
    root = Path(bot.__file__).parent
    source = "\n".join(path.read_text() for path in root.rglob("*.py") if "texts" not in path.parts)
    said = set(_KEY.findall(source))
    made = {f"failed.{each.value}" for each in FailureReason} | {f"denied.{each.value}" for each in Denial}
    made |= {f"waiting.{each.name.lower()}" for each in Waiting} | {f"hindered.{each.value}" for each in Hindrance}
    made |= {f"ruled.{each.name.lower()}" for each in Ruling}
    made |= {f"me.{each.value}" for each in Notice} | {f"status.{each}" for each in ("ok", "degraded", "stopping")}
    made |= {f"help.{each}{more}" for each in ("look", "mine", "buttons") for more in ("", "_text")}
    made |= {f"mod.{each.value}" for each in (*Kind, *Severity)} | {"mod.reports", "mod.refusals"}
    made |= {f"admin.nsfw_{each.value}" for each in NsfwRule} | {f"alert.{each.value}" for each in AlertKind}
    made |= {f"admin.presses_{each.value}" for each in Presses} | {f"admin.layout_{each.value}" for each in Layout}
    made |= {f"blend.{each}" for each in ("portrait", "square", "landscape")}
    assert said - TEXTS["en"].keys() == set()
    assert made - TEXTS["en"].keys() == set()
    made |= {key for key in TEXTS["en"] if key.startswith("option.")}  # these are held against the commands above
    assert TEXTS["en"].keys() - said - made == set()


@pytest.mark.parametrize(
    ("locales", "language"),
    [(("de",), "de"), (("zh-TW",), "zh"), (("es-419",), "es"), (("tlh",), "en"), ((None, "ja"), "ja"), ((), "en")],
)
def test_the_first_known_locale_counts(locales, language):
    assert language_of(*locales) == language


def test_a_placeholder_is_filled_and_words_of_others_are_left_alone():
    assert say("en", "error.invalid", problem="{x}") == "This cannot be sent: {x}"


async def test_a_member_is_answered_in_their_discords_language_or_the_one_they_chose(stage):
    answer = await stage.slash("ann", "me language", which="discord", where={"locale": "fr"})
    await answer.says(TEXTS["fr"]["me.chosen"])
    chosen = await stage.slash("ann", "me language", which="ja", where={"locale": "fr"})
    await chosen.says(TEXTS["ja"]["me.chosen"])
    refused = await stage.slash("ann", "describe", where={"locale": discord.Locale.french.value})
    await refused.says(TEXTS["ja"]["describe.one"])


async def test_a_card_speaks_the_servers_language(stage):
    await stage.settle(language="de")
    answer = await stage.slash("ann", "imagine", prompt="a fox")
    card = await answer.shows("Imagine")
    assert TEXTS["de"]["button.cancel"] in str(card.body["components"])


async def test_a_private_card_speaks_its_readers_discord_after_a_restart_too_or_what_they_chose(stage):
    await stage.settle(language="de")
    await stage.house.engine.queues.pause(stage.house.origin.workspace_id)
    answer = await stage.slash("ann", "imagine", prompt="a fox", private=True, where={"locale": "fr"})
    card = await answer.shows("Imagine")
    assert TEXTS["fr"]["button.cancel"] in str(card.body["components"])
    await stage.restart()
    stage.calls.clear()
    again = await answer.shows("Imagine")
    assert TEXTS["fr"]["button.cancel"] in str(again.body["components"])
    await stage.slash("ann", "me language", which="ja")
    chosen = await (await stage.slash("ann", "job", id=stage.newest().id, where={"locale": "fr"})).shows("Imagine")
    assert TEXTS["ja"]["button.cancel"] in str(chosen.body["components"])


async def test_a_card_in_a_dm_speaks_its_readers_discord(stage):
    stage.members[stage.guild.id, str(stage.people["ann"].id)] = []
    answer = await stage.slash("ann", "imagine", prompt="a fox", where={"guild": None, "locale": "zh-CN"})
    card = await answer.shows("Imagine")
    assert TEXTS["zh"]["button.cancel"] in str(card.body["components"])
