"""Forms: what they ask, and how one is read that was handed in, even when another process opened it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.texts import say

if TYPE_CHECKING:
    from bot.client import EaselBot

LONGEST = 4_000
_WORDS = "words"
_TITLE = 45
_SHAPE = re.compile(r"easelform:(?P<kind>[a-z]+):(?P<rest>.*):[0-9a-f]{8}")


class Form(ui.Modal):
    """A form. It is answered in `on_interaction`, since discord.py knows only those that its own process opened."""

    def __init__(self, title: str, kind: str, rest: str) -> None:
        # two people with the same custom id would lose one submission, so each opening has its own
        super().__init__(title=title[:_TITLE], timeout=900, custom_id=f"easelform:{kind}:{rest}:{secrets.token_hex(4)}")

    def field(self, name: str, label: str, component: ui.Item[Any], *, about: str | None = None) -> Form:
        """Add a field; `name` is what it is read by, `about` stands below the label in small print."""
        component.custom_id = name  # type: ignore[attr-defined]
        self.add_item(ui.Label(text=label[:_TITLE], component=component, description=about))
        return self

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        """Left to `on_interaction`."""


class Filled:
    """A form that was handed in."""

    def __init__(self, interaction: discord.Interaction[Any]) -> None:
        data: dict[str, Any] = dict(interaction.data or {})
        found = _SHAPE.fullmatch(str(data.get("custom_id")))
        self.kind = None if found is None else found["kind"]
        """None: no form of ours."""
        self.rest = "" if found is None else found["rest"]
        self._fields = {str(each["custom_id"]): each for each in _fields(data.get("components") or ())}
        self._files = (data.get("resolved") or {}).get("attachments") or {}
        self._state = interaction._state  # noqa: SLF001 - discord.py has no public way to make an attachment

    def text(self, name: str) -> str:
        """A text field, or the first value of a select."""
        field = self._fields.get(name, {})
        values = field.get("values") or ()
        return str(field.get("value") or (values[0] if values else "") or "")

    def file(self, name: str) -> discord.Attachment | None:
        """The first file of an upload field."""
        values = self._fields.get(name, {}).get("values") or ()
        found = self._files.get(values[0]) if values else None
        return None if found is None else discord.Attachment(data=found, state=self._state)


def _fields(components: Any) -> Iterator[dict[str, Any]]:
    for each in components:
        inner = each.get("component")
        if inner is not None:
            yield inner
        elif each.get("components"):
            yield from _fields(each["components"])
        elif "custom_id" in each:
            yield each


async def open_words(
    interaction: discord.Interaction[Any],
    job_id: str,
    deed: str,
    words: str,
    *,
    language: str,
    about: str | None = None,
) -> None:
    """Ask for a prompt, the old one filled in; `about`: what else is to be said in it."""
    form = Form(say(language, "form.words"), "words", f"{job_id}:{deed}")
    box: ui.TextInput[Any] = ui.TextInput(
        style=discord.TextStyle.paragraph, default=words[:LONGEST], max_length=LONGEST, required=True
    )
    form.field(_WORDS, say(language, "form.prompt"), box, about=about)
    await interaction.response.send_modal(form)


async def answer(bot: EaselBot, interaction: discord.Interaction[Any]) -> None:
    """A form was handed in."""
    filled = Filled(interaction)
    if filled.kind == "words":
        job_id, _, deed = filled.rest.partition(":")
        await bot.deeds.worded(interaction, job_id, deed, filled.text(_WORDS).strip())
    elif filled.kind is not None:
        await bot.tools.submitted(interaction, filled)
    else:
        await interaction.response.send_message(say(await bot.language(interaction), "error.old_form"), ephemeral=True)
