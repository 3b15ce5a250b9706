"""How Discord is told the commands' words in other languages."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.texts import TEXTS, language_of


def words(key: str) -> locale_str:
    """The English text of a key, which Discord shows in the reader's own language."""
    return locale_str(TEXTS["en"][key], key=key)


class Translator(app_commands.Translator):
    """Answers from the tables."""

    async def translate(
        self,
        string: locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,  # noqa: ARG002 - a key is one text wherever it stands
    ) -> str | None:
        """The text in that language; None: English will do."""
        language = language_of(locale.value)
        key = string.extras.get("key")
        return None if language == "en" or key is None else TEXTS[language].get(key)
