"""The commands, one file for each family."""

from __future__ import annotations

from bot.cogs.about import AboutCog
from bot.cogs.connect import ConnectCog
from bot.cogs.imagine import ImagineCog
from bot.cogs.jobs import JobsCog
from bot.cogs.me import MeCog
from bot.cogs.pictures import PicturesCog
from bot.cogs.services import FaceSwapCog, FluxCog
from bot.cogs.staff.admin import AdminCog
from bot.cogs.staff.menus import MenusCog
from bot.cogs.staff.mod import ModCog
from bot.cogs.styles import StylesCog
from engine import ActionKind

COGS = (ImagineCog, PicturesCog, JobsCog, StylesCog, MeCog, AboutCog, ConnectCog, ModCog, MenusCog, AdminCog)
OPTIONAL = {FaceSwapCog: ActionKind.FACE_SWAP, FluxCog: ActionKind.FLUX_IMAGINE}
"""Commands that are known to Discord only where their action is offered."""
