"""The commands, one file for each family."""

from __future__ import annotations

from bot.cogs.connect import ConnectCog
from bot.cogs.imagine import ImagineCog

COGS = (ImagineCog, ConnectCog)
