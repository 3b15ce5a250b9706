"""Vary (Region): a person chooses cells of a 3x3 grid, or hands in a mask; white is drawn again, black stays."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.forms import Filled, Form
from bot.texts import say
from bot.values import Button, Look
from bot.views import ToolButton, ToolView
from engine import Deed, InvalidInput, Job

if TYPE_CHECKING:
    from bot.client import EaselBot

SIDE = 3
CELLS = SIDE * SIDE
TOOL = "region"
_DONE, _UPLOAD = "done", "upload"
_MOST_MASK = 8 << 20


async def offer(interaction: discord.Interaction[Any], job: Job, language: str) -> None:
    """Show the grid, privately."""
    await interaction.response.send_message(
        say(language, "region.choose"), view=picker(job.id, 0, language), ephemeral=True
    )


def picker(job_id: str, chosen: int, language: str) -> ToolView:
    """Nine cells and what to do with them; `chosen` is a bit for each, the first one the top left."""
    rows = []
    for row in range(SIDE):
        cells = []
        for column in range(SIDE):
            cell = row * SIDE + column
            on = bool(chosen >> cell & 1)
            shown = Button("", None, "🟩" if on else "⬛", Look.SUCCESS if on else Look.SECONDARY)
            cells.append(ToolButton(TOOL, f"{job_id}:{chosen ^ (1 << cell)}:c{cell}", shown))
        rows.append(tuple(cells))
    done = Button("", say(language, "region.draw"), "🖌️", Look.PRIMARY)
    upload = Button("", say(language, "region.upload"), "📎")
    rows.append(
        (
            ToolButton(TOOL, f"{job_id}:{chosen}:{_DONE}", done, disabled=not chosen),
            ToolButton(TOOL, f"{job_id}:{chosen}:{_UPLOAD}", upload),
        )
    )
    return ToolView(*rows)


async def pressed(bot: EaselBot, interaction: discord.Interaction[Any], rest: str) -> None:
    """A cell was turned over, or the choice is made."""
    job_id, chosen, what = _read(rest)
    if what not in {_DONE, _UPLOAD}:
        await interaction.response.edit_message(view=picker(job_id, chosen, await bot.language(interaction)))
        return
    permit = await bot.permit_for(interaction, Deed.PRESS, job_id)
    job, language = permit.job, bot.language_for(interaction, permit.person)
    assert job is not None
    form = Form(say(language, "form.region"), "region", f"{job_id}:{chosen}:{what}")
    words: ui.TextInput[Any] = ui.TextInput(
        style=discord.TextStyle.paragraph, default=job.prompt[:4000], max_length=4000, required=False
    )
    form.field("words", say(language, "form.prompt"), words)
    if what == _UPLOAD:
        form.field("mask", say(language, "form.mask"), ui.FileUpload(required=True, max_values=1))
    await interaction.response.send_modal(form)


async def submitted(bot: EaselBot, interaction: discord.Interaction[Any], filled: Filled) -> None:
    """Words, and the mask or the cells."""
    job_id, chosen, what = _read(filled.rest)
    given = filled.file("mask") if what == _UPLOAD else None
    if given is not None and given.size > _MOST_MASK:
        raise InvalidInput("mask", f"has {given.size} bytes", allowed=f"at most {_MOST_MASK}")
    if given is not None:
        mask = await given.read()
    else:
        job = (await bot.permit_for(interaction, Deed.PRESS, job_id)).job
        assert job is not None
        width, height = _size(job)
        mask = mask_of(width, height, chosen)
    await bot.deeds.masked(interaction, job_id, mask, filled.text("words").strip() or None)


def mask_of(width: int, height: int, chosen: int) -> bytes:
    """A grey PNG of that size: white in the chosen cells, black elsewhere."""
    rows = bytearray()
    for row in range(SIDE):
        line = bytearray(b"\0")  # no filter
        for column in range(SIDE):
            wide = _edge(width, column + 1) - _edge(width, column)
            line += (b"\xff" if chosen >> (row * SIDE + column) & 1 else b"\0") * wide
        rows += bytes(line) * (_edge(height, row + 1) - _edge(height, row))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in chunks)


def _edge(length: int, number: int) -> int:
    return length * number // SIDE


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _read(rest: str) -> tuple[str, int, str]:
    job_id, _, behind = rest.partition(":")
    chosen, _, what = behind.partition(":")
    if not chosen.isdecimal() or not 0 <= int(chosen) < 1 << CELLS:
        raise InvalidInput("region", "cannot be read", value=chosen, allowed="cells of the grid")
    return job_id, int(chosen), what


def _size(job: Job) -> tuple[int, int]:
    attachment = job.result.pictures[0].attachment if job.result is not None and job.result.pictures else None
    if attachment is None or not attachment.width or not attachment.height:
        raise InvalidInput("region", "cannot be marked: the picture's size is not known", allowed="a mask of your own")
    return attachment.width, attachment.height
