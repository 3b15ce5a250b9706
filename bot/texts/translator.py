"""How Discord is told the commands' words in other languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.texts import TEXTS, language_of

CALLED = {"in_discord": "discord", "job_id": "id"}
"""Parameters whose own names are Python's affair, and their options."""
_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])


def words(key: str) -> locale_str:
    """The English text of a key, which Discord shows in the reader's own language."""
    return locale_str(TEXTS["en"][key], key=key)


def explained(**texts: locale_str) -> Callable[[_Decorated], _Decorated]:
    """For a command's options, by parameter: what each is for; each is named in the reader's language too.

    A parameter is called as its option, but for those of `CALLED`.
    """

    def decorate(command: _Decorated) -> _Decorated:
        names = {name: words(f"option.{CALLED.get(name, name)}") for name in texts}
        return app_commands.rename(**names)(app_commands.describe(**texts)(command))

    return decorate


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
