"""/mod banword: the words that prompts may not have."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
from discord import app_commands

from bot.askers import asker_of
from bot.cards import quoted
from bot.cogs.completions import LONGEST, calm
from bot.errors import Told
from bot.staff import Leave, answer, begin, number_of, show
from bot.texts.translator import explained
from bot.texts.translator import words as t
from bot.values import Button, Look
from bot.views import ToolButton, ToolView
from engine import Deed, InvalidInput, Kind, Rule, RuleDraft, Severity, Unavailable, WordList

if TYPE_CHECKING:
    from bot.client import EaselBot

_MORE = "modrules"
_PAGE = 25
_MOST_RULES = 5_000
_MOST_BYTES = 1 << 20
_LONGEST_SHOWN = 130


@calm
async def complete_rule(interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
    """The rules whose text holds what was typed; for moderators alone."""
    bot: EaselBot = interaction.client
    permit = await bot.engine.community.permits.permit(await asker_of(bot, interaction), Deed.MODERATE)
    rules = await bot.engine.rules(permit.workspace_id, word_list=WordList.BLOCK, limit=_MOST_RULES)
    said = current.casefold().strip()
    return [
        app_commands.Choice(name=f"{rule.says.kind.value}: {rule.says.text}"[:LONGEST], value=str(rule.id))
        for rule in rules
        if said in rule.says.text.casefold()
    ]


class Banwords(app_commands.Group):
    """Every change goes to the audit log, and jobs that wait are judged anew before they are sent."""

    def __init__(self, bot: EaselBot) -> None:
        super().__init__(name="banword", description=t("mod.banword"))
        self._bot = bot
        bot.tools.on_press(_MORE, self._more)

    @app_commands.command(name="add", description=t("mod.add"))
    @explained(text=t("mod.text"), kind=t("mod.kind"), severity=t("mod.severity"), allow=t("mod.allow"))
    @app_commands.choices(
        kind=[app_commands.Choice(name=t(f"mod.{each.value}"), value=each.value) for each in Kind],
        severity=[app_commands.Choice(name=t(f"mod.{each.value}"), value=each.value) for each in Severity],
    )
    async def add(
        self,
        interaction: discord.Interaction[EaselBot],
        text: app_commands.Range[str, 1, 100],
        kind: str | None = None,
        severity: str = Severity.MEDIUM.value,
        allow: app_commands.Range[str, 1, 2000] = "",
    ) -> None:
        """Refuse a word; without a kind a word, or a phrase where there is a gap."""
        left = await begin(self._bot, interaction, Deed.MODERATE)
        usual = Kind.PHRASE if len(text.split()) > 1 else Kind.WORD
        draft = RuleDraft(
            text=text.strip(),
            kind=usual if kind is None else Kind(kind),
            severity=Severity(severity),
            allow=tuple(part.strip() for part in allow.split("|") if part.strip()),
        )
        rule = await self._bot.engine.add_rule(left.workspace_id, draft, left.who)
        await answer(interaction, left.say("mod.added", id=rule.id, rule=_line(rule, left)))

    @app_commands.command(name="remove", description=t("mod.remove"))
    @explained(rule=t("mod.rule"))
    @app_commands.autocomplete(rule=complete_rule)
    async def remove(self, interaction: discord.Interaction[EaselBot], rule: app_commands.Range[str, 1, 100]) -> None:
        """By the rule's number, which the list shows and the suggestions fill in."""
        left = await begin(self._bot, interaction, Deed.MODERATE)
        gone = await self._bot.engine.remove_rule(left.workspace_id, number_of(rule), left.who)
        await answer(interaction, left.say("mod.removed", rule=_line(gone, left)))

    @app_commands.command(name="list", description=t("mod.list"))
    async def list_(self, interaction: discord.Interaction[EaselBot]) -> None:
        """All of them, a page at a time."""
        await self._show(interaction, 0)

    async def _more(self, interaction: discord.Interaction[Any], rest: str) -> None:
        await self._show(interaction, number_of(rest))

    async def _show(self, interaction: discord.Interaction[Any], after: int) -> None:
        left = await begin(self._bot, interaction, Deed.MODERATE)
        rules = await self._bot.engine.rules(left.workspace_id, word_list=WordList.BLOCK, after=after, limit=_PAGE + 1)
        lines = [f"`{rule.id}` {_line(rule, left)}" for rule in rules[:_PAGE]] or [left.say("mod.no_rules")]
        rows: list[tuple[ToolButton, ...]] = []
        if len(rules) > _PAGE:
            more = Button("", left.say("list.more"), "▶️", Look.PRIMARY)
            rows.append((ToolButton(_MORE, str(rules[_PAGE - 1].id), more),))
        await show(interaction, left.say("mod.rules"), lines, view=ToolView(*rows))

    @app_commands.command(name="test", description=t("mod.test"))
    @explained(prompt=t("mod.prompt"))
    async def test(self, interaction: discord.Interaction[EaselBot], prompt: app_commands.Range[str, 1, 6000]) -> None:
        """What would be refused, and by which rule; nothing is kept."""
        left = await begin(self._bot, interaction, Deed.MODERATE)
        found = (await self._bot.engine.test_rules(left.workspace_id, prompt)).block
        if not found.hits:
            await answer(interaction, left.say("mod.passes"))
            return
        lines = [f"**{quoted(hit.words)}** ← `{hit.rule.id}` {_line(hit.rule, left)}" for hit in found.hits]
        await answer(interaction, "\n".join([left.say("mod.hits"), *lines]))

    @app_commands.command(name="import", description=t("mod.import"))
    @explained(file=t("mod.file"), replace=t("mod.replace"))
    async def import_(
        self,
        interaction: discord.Interaction[EaselBot],
        file: discord.Attachment,
        replace: bool = False,  # noqa: FBT001, FBT002 - an option of the command
    ) -> None:
        """All rules of a sheet, or none: a wrong line is named."""
        left = await begin(self._bot, interaction, Deed.MODERATE)
        text = await _read(file)
        if replace and not text.strip():
            raise InvalidInput("file", "holds no rule, and would remove them all", allowed="at least one rule")
        done = await self._bot.engine.import_rules(left.workspace_id, text, left.who, replace_all=replace)
        said = left.say(
            "mod.imported", added=done.added, changed=done.changed, removed=done.removed, unchanged=done.unchanged
        )
        await answer(interaction, said)

    @app_commands.command(name="export", description=t("mod.export"))
    async def export(self, interaction: discord.Interaction[EaselBot]) -> None:
        """A sheet that the import takes."""
        left = await begin(self._bot, interaction, Deed.MODERATE)
        sheet = await self._bot.engine.export_rules(left.workspace_id)
        text = left.say("mod.exported", count=len(sheet.splitlines()))
        file = discord.File(io.BytesIO(sheet.encode()), "banwords.txt")
        await interaction.followup.send(text, file=file, ephemeral=True)


async def _read(file: discord.Attachment) -> str:
    if file.size > _MOST_BYTES:
        raise Told("mod.not_text", most=_MOST_BYTES)
    try:
        return (await file.read()).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Told("mod.not_text", most=_MOST_BYTES) from None
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
        raise Unavailable("the attachment cannot be read now") from error


def _line(rule: Rule, left: Leave) -> str:
    """A rule in words: its text, where it has to stand, how grave it is, where it is allowed."""
    says = rule.says
    parts = [quoted(says.text), left.say(f"mod.{says.kind.value}"), left.say(f"mod.{says.severity.value}")]
    if says.allow:
        parts.append("✓ " + quoted(" | ".join(says.allow)[:_LONGEST_SHOWN]))
    return " · ".join(parts)
