"""What a press on a card's button does. The right is looked up at the press, by the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot import buttons, forms, region
from bot.askers import asker_of, in_server, place_of
from bot.errors import Told
from bot.imagining import Wanted
from bot.posting import Body
from bot.texts import say
from bot.values import Button, Drawn, Look
from bot.views import JobButton, ToolView
from engine import Action, ActionKind, Asker, Asks, Deed, Job, NotOffered, Permit, entry_of, is_spoiler

if TYPE_CHECKING:
    from bot.client import EaselBot

DELETE_YES = "delete_yes"
_QUIET = frozenset({ActionKind.SEED, ActionKind.FAVOURITE})
"""Their answers are words for whoever pressed."""
_LONGEST_FORM = 4_000
_TOO_LARGE = 413


class Deeds:
    """Presses, and the forms that some of them open."""

    def __init__(self, bot: EaselBot) -> None:
        self._bot = bot

    async def press(self, interaction: discord.Interaction[Any], job_id: str, deed: str) -> None:
        """Do what a button says."""
        match deed:
            case buttons.CANCEL:
                await self._cancel(interaction, job_id)
            case buttons.DELETE:
                await self._ask_delete(interaction, job_id)
            case "delete_yes":
                await self._delete(interaction, job_id)
            case buttons.QUARTERS:
                await self._quarters(interaction, job_id)
            case buttons.UPSCALE_ALL:
                await self._upscale_all(interaction, job_id)
            case buttons.EDIT:
                await self._edit(interaction, job_id)
            case buttons.OPEN:
                await self.open(interaction, job_id)
            case _:
                await self._make(interaction, job_id, deed)

    # --- what makes something new

    async def _make(self, interaction: discord.Interaction[Any], job_id: str, deed: str) -> None:
        action = buttons.action_of(deed)
        if action is None or entry_of(action).asks is Asks.NEVER:
            await self._act(interaction, job_id, deed)
            return
        permit = await self._permit(interaction, Deed.PRESS, job_id)
        job = _job(permit)
        if action.kind is ActionKind.VARY_REGION:
            await region.offer(interaction, job, self._bot.language_for(interaction, permit.person))
        elif action.kind is ActionKind.CUSTOM_ZOOM or (
            entry_of(action).takes_prompt and await self._has_remix(permit, job)
        ):
            zooms = action.kind is ActionKind.CUSTOM_ZOOM
            language = self._bot.language_for(interaction, permit.person)
            words, about = (_zoomed(job.prompt), say(language, "zoom.about")) if zooms else (job.prompt, None)
            await forms.open_words(interaction, job_id, deed, words, language=language, about=about)
        else:
            await self._act(interaction, job_id, deed)

    async def _has_remix(self, permit: Permit, job: Job) -> bool:
        accounts = await self._bot.engine.linked.of(permit.workspace_id)
        return any(each.id == job.account_id and each.facts.remix is True for each in accounts)

    async def _act(
        self, interaction: discord.Interaction[Any], job_id: str, deed: str, words: str | None = None
    ) -> None:
        bot, action = self._bot, buttons.action_of(deed)
        quiet = action is not None and action.kind in _QUIET
        opened = await bot.counter.open(interaction, private=quiet or _is_private(interaction))
        asker = await asker_of(bot, interaction)
        job = await self.made(asker, job_id, deed, words=words)
        several = action is not None and action.choice == "all"
        shown = await bot.engine.jobs_of(job.workspace_id, job.request_id) if several else [job]
        await bot.counter.show(interaction, opened, shown)

    async def made(
        self, asker: Asker, job_id: str, deed: str, *, words: str | None = None, mask: str | None = None
    ) -> Job:
        """The job that a deed makes, or what it made before."""
        requests, action = self._bot.engine.community.requests, buttons.action_of(deed)
        wishes: Any = {name: given for name, given in (("words", words), ("mask", mask)) if given is not None}
        if action is not None:
            if action.kind is ActionKind.FAVOURITE:
                await self._bot.engine.community.permits.permit_for(asker, Deed.OWN, job_id)
            return await requests.act(asker, job_id, action, **wishes)
        permit = await self._bot.engine.community.permits.permit_for(asker, Deed.PRESS, job_id)
        component = buttons.component_of(_job(permit), deed)
        if component is None or component.name is None:
            raise NotOffered("the result carries no such button")
        return await requests.press(asker, job_id, component.name, **wishes)

    async def worded(self, interaction: discord.Interaction[Any], job_id: str, deed: str, words: str) -> None:
        """A form was handed in: the words for a button, or for a job anew."""
        if deed != buttons.EDIT:
            await self._act(interaction, job_id, deed, words)
            return
        bot = self._bot
        opened = await bot.counter.open(interaction, private=_is_private(interaction))
        asker = await asker_of(bot, interaction)
        old = _job(await bot.engine.community.permits.permit_for(asker, Deed.PRESS, job_id))
        if old.action.kind is ActionKind.IMAGINE:
            wanted = Wanted(asker=asker, prompt=words, private=old.private, plain=True, images=old.given.images)
            await bot.imagining.take(interaction, opened, wanted)
            return
        requests = bot.engine.community.requests
        job = await requests.service(asker, old.action, private=old.private, prompt=words)
        await bot.counter.show(interaction, opened, [job])

    async def masked(self, interaction: discord.Interaction[Any], job_id: str, mask: bytes, words: str | None) -> None:
        """A region was chosen: what it covers is drawn again."""
        bot = self._bot
        opened = await bot.counter.open(interaction, private=_is_private(interaction, picker=True))
        asker = await asker_of(bot, interaction)
        permit = await bot.engine.community.permits.permit_for(asker, Deed.PRESS, job_id)
        kept = await bot.engine.keep(mask, "mask")
        deed = Action(ActionKind.VARY_REGION).name
        job = await self.made(asker, job_id, deed, words=words or _job(permit).prompt, mask=kept)
        await bot.counter.show(interaction, opened, [job])

    async def _upscale_all(self, interaction: discord.Interaction[Any], job_id: str) -> None:
        bot = self._bot
        opened = await bot.counter.open(interaction, private=_is_private(interaction))
        asker = await asker_of(bot, interaction)
        every = [Action(ActionKind.UPSCALE, number) for number in range(1, 5)]
        jobs = await bot.engine.community.requests.act_all(asker, job_id, *every)
        await bot.counter.show(interaction, opened, jobs, more=len(jobs) < len(every))
        if len(jobs) < len(every):
            text = say(await bot.language(interaction), "said.not_all", made=len(jobs), wanted=len(every))
            await interaction.followup.send(text, ephemeral=True)

    async def _edit(self, interaction: discord.Interaction[Any], job_id: str) -> None:
        permit = await self._permit(interaction, Deed.PRESS, job_id)
        prompt = _job(permit).prompt
        if len(prompt) > _LONGEST_FORM:
            raise Told("error.form_too_long", length=len(prompt))
        language = self._bot.language_for(interaction, permit.person)
        await forms.open_words(interaction, job_id, buttons.EDIT, prompt, language=language)

    # --- what costs nothing

    async def open(self, interaction: discord.Interaction[Any], job_id: str) -> None:
        """Show a job's card again, for whoever asks."""
        opened = await self._bot.counter.open(interaction, private=True)
        job = _job(await self._permit(interaction, Deed.VIEW, job_id))
        await self._bot.counter.show(interaction, opened, [job])

    async def _cancel(self, interaction: discord.Interaction[Any], job_id: str) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        asker = await asker_of(self._bot, interaction)
        job = await self._bot.engine.community.requests.cancel(asker, job_id)
        key = "said.cancelled" if job.is_final else "said.cancelling"
        await interaction.followup.send(say(await self._bot.language(interaction), key), ephemeral=True)

    async def _ask_delete(self, interaction: discord.Interaction[Any], job_id: str) -> None:
        permit = await self._permit(interaction, Deed.OWN, job_id)
        language = self._bot.language_for(interaction, permit.person)
        yes = JobButton(job_id, Button(DELETE_YES, say(language, "button.delete_yes"), None, Look.DANGER))
        await interaction.response.send_message(
            say(language, "said.delete_sure"), view=ToolView((yes,)), ephemeral=True
        )

    async def _delete(self, interaction: discord.Interaction[Any], job_id: str) -> None:
        await interaction.response.defer()
        permit = await self._permit(interaction, Deed.OWN, job_id)
        asker = await asker_of(self._bot, interaction)
        await self._bot.engine.community.reports.remove(permit.workspace_id, job_id, asker.requester)
        self._bot.relay.sweep()
        text = say(await self._bot.language(interaction), "said.deleted")
        await interaction.edit_original_response(content=text, view=None)

    async def _quarters(self, interaction: discord.Interaction[Any], job_id: str) -> None:
        bot = self._bot
        await interaction.response.defer(ephemeral=True, thinking=True)
        job = _job(await self._permit(interaction, Deed.VIEW, job_id))
        if not buttons.has_quarters(job):
            raise NotOffered("the job has no grid of four pictures")
        spoiler = in_server(interaction) and is_spoiler(
            await bot.scenes.settings(str(interaction.guild_id)), place_of(interaction)
        )
        files = await bot.pictures.quarters(job, bot.most_bytes(str(interaction.guild_id or "")), spoiler=spoiler)
        if not files:
            raise Told("error.too_large")
        empty = Body(Drawn(title="", words=""), job_id, files=tuple(files))
        try:
            await interaction.followup.send(files=empty.attached(), ephemeral=True)
        except discord.HTTPException as error:
            if error.status == _TOO_LARGE:  # this server takes less than its level allows
                raise Told("error.too_large") from error
            raise

    async def _permit(self, interaction: discord.Interaction[Any], deed: Deed, job_id: str) -> Permit:
        asker = await asker_of(self._bot, interaction)
        return await self._bot.engine.community.permits.permit_for(asker, deed, job_id)


def _job(permit: Permit) -> Job:
    assert permit.job is not None
    return permit.job


def _is_private(interaction: discord.Interaction[Any], *, picker: bool = False) -> bool:
    """Whether the card that was pressed is for one person alone; the region's picker always is, whatever its card."""
    message = interaction.message
    return message is not None and message.flags.ephemeral and not picker


def _zoomed(prompt: str) -> str:
    return prompt if "--zoom" in prompt else f"{prompt} --zoom 2"
