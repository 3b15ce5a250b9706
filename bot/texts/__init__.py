"""What the bot says, in every language: one table each, with the same keys and the same placeholders."""

from __future__ import annotations

from typing import Any

from bot.texts import de, en, es, fr, ja, options, staff, zh

TEXTS: dict[str, dict[str, str]] = {
    "en": en.TEXTS | staff.en.TEXTS | options.TEXTS["en"],
    "de": de.TEXTS | staff.de.TEXTS | options.TEXTS["de"],
    "es": es.TEXTS | staff.es.TEXTS | options.TEXTS["es"],
    "fr": fr.TEXTS | staff.fr.TEXTS | options.TEXTS["fr"],
    "ja": ja.TEXTS | staff.ja.TEXTS | options.TEXTS["ja"],
    "zh": zh.TEXTS | staff.zh.TEXTS | options.TEXTS["zh"],
}


def language_of(*locales: object) -> str:
    """The first of these that is a language of ours (`de`, `zh-CN`); English when none is."""
    for locale in locales:
        begins = str(locale).partition("-")[0].lower() if locale else ""
        if begins in TEXTS:
            return begins
    return "en"


def say(language: str, key: str, /, **values: Any) -> str:
    """A text in that language, its placeholders filled in."""
    return TEXTS[language][key].format(**values)
