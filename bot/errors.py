"""The one error door: what a person reads when something is refused or breaks, with a code to quote that is logged."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.texts import say
from engine import (
    AccountStopped,
    Banned,
    Conflict,
    Hindrance,
    InvalidInput,
    NotAllowed,
    NotConfigured,
    NotFound,
    NotOffered,
    OverQuota,
    Refused,
    Unavailable,
    UnknownJob,
)

_LOG = logging.getLogger("bot")
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 5
_LONGEST = 1_500
_ROLES = frozenset({"no_role"})
_CHANNELS = frozenset({"wrong_channel"})


class Told(Exception):
    """A refusal of the bot's own: the key of its text, and what stands in it."""

    def __init__(self, key: str, **values: Any) -> None:
        self.key = key
        self.values = values
        super().__init__(key)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is said, and the kind of error as a code that never changes."""

    kind: str
    text: str
    broken: bool = False
    """Something of ours is wrong, not what was asked."""


def spoken(error: BaseException, language: str) -> Spoken:  # noqa: C901, PLR0912 - one line for each kind
    """The sentence for an error."""
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    match error:
        case Told():
            return Spoken(error.key.rpartition(".")[2].upper(), say(language, error.key, **error.values))
        case NotAllowed():
            code = str(error.code)
            values = {"until": when(error.until), "allowed": _allowed(code, error.allowed)}
            return Spoken(code.upper(), say(language, f"denied.{code}", **values))
        case Banned():
            return Spoken("BANNED_WORDS", say(language, "error.banned", words=", ".join(error.words)))
        case InvalidInput():
            return Spoken("INVALID", say(language, "error.invalid", problem=str(error)))
        case OverQuota():
            key = "error.over_quota" if error.price <= error.credits else "error.beyond_quota"
            until = when(error.frees_at)
            return Spoken("OVER_QUOTA", say(language, key, price=error.price, credits=error.credits, until=until))
        case NotOffered():
            return Spoken("NOT_OFFERED", say(language, "error.not_offered", problem=str(error)))
        case NotConfigured():
            return Spoken("NOT_CONFIGURED", say(language, "error.not_configured", problem=str(error)))
        case AccountStopped():
            return Spoken("ACCOUNT_STOPPED", say(language, "error.account_stopped", problem=str(error)))
        case Conflict(code=Hindrance() as code):
            said = say(language, f"hindered.{code.value}")
            return Spoken("CONFLICT", f"{said}\n-# {error.detail}" if error.detail else said)
        case Conflict():
            return Spoken("CONFLICT", say(language, "error.conflict", problem=str(error)))
        case UnknownJob():
            return Spoken("NOT_FOUND", say(language, "error.not_found"))
        case NotFound():
            return Spoken("NOT_FOUND", say(language, "error.unknown", problem=str(error)))
        case Refused():
            return Spoken("REFUSED", say(language, "error.conflict", problem=str(error)))
        case Unavailable():
            return Spoken("UNAVAILABLE", say(language, "error.unavailable"), broken=True)
        case app_commands.CommandNotFound() | app_commands.CommandSignatureMismatch():
            return Spoken("OLD_COMMAND", say(language, "error.old_command"))
        case app_commands.TransformerError():
            return Spoken("INVALID", say(language, "error.invalid", problem=str(error)))
        case app_commands.CheckFailure():
            return Spoken("NOT_YOURS", say(language, "denied.not_operator"))
        case _:
            return Spoken("BROKEN", say(language, "error.broken"), broken=True)


def when(moment: datetime | None) -> str:
    """A moment as Discord shows it to each reader."""
    return "" if moment is None else f"<t:{int(moment.timestamp())}:R>"


def code_of(kind: str, number: int) -> str:
    """The code to quote: the kind, and which case it was."""
    said = ""
    while len(said) < _CODE_LENGTH:
        number, rest = divmod(number, len(_DIGITS))
        said += _DIGITS[rest]
    return f"{kind}-{said}"


async def tell(interaction: discord.Interaction[Any], error: BaseException, language: str) -> None:
    """Answer privately with the sentence and its code, and log both."""
    text = _logged(interaction, error, language)
    try:
        await _answer(interaction, text)
    except (
        discord.DiscordException,
        aiohttp.ClientError,
        OSError,
        TimeoutError,
    ) as unheard:  # the token is over, or Discord does not answer
        _LOG.warning("%s could not be told: %s", text, unheard)


def _logged(interaction: discord.Interaction[Any], error: BaseException, language: str) -> str:
    found = spoken(error, language)
    code = code_of(found.kind, interaction.id >> 12)
    if found.broken:
        _LOG.error("%s: %s", code, error, exc_info=error)
    else:
        _LOG.info("%s: %s", code, error)
    return f"{found.text[:_LONGEST]}\n-# {say(language, 'error.code', code=code)}"


async def _answer(interaction: discord.Interaction[Any], text: str) -> None:
    response = interaction.response
    if not response.is_done():
        await response.send_message(text, ephemeral=True)
        return
    if response.type is discord.InteractionResponseType.deferred_channel_message:
        # a public "is thinking" would make the answer public too
        await interaction.delete_original_response()
    await interaction.followup.send(text, ephemeral=True)


def _allowed(code: str, allowed: tuple[str, ...]) -> str:
    if code in _ROLES:
        return ", ".join(f"<@&{each}>" for each in allowed)
    if code in _CHANNELS:
        return ", ".join(f"<#{each}>" for each in allowed)
    return ", ".join(allowed)
