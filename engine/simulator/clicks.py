"""What each button does: a job made from a finished one, a form, a reply (protocol §5, §6)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.simulator import forms
from engine.simulator.buttons import press_of
from engine.simulator.clock import Clock
from engine.simulator.derived import JOBS, derived, painted
from engine.simulator.frames import Frames
from engine.simulator.interaction import Modal, about_of

if TYPE_CHECKING:
    from random import Random

    from engine.simulator.board import Board
    from engine.simulator.buttons import Press
    from engine.simulator.commissions import Commissions
    from engine.simulator.desks import Desks
    from engine.simulator.frames import Frame
    from engine.simulator.instead import Instead
    from engine.simulator.interaction import Interaction, Voice
    from engine.simulator.jobs import Origin
    from engine.simulator.options import SimulatorOptions
    from engine.simulator.people import Account
    from engine.simulator.suggestions import Suggestions
    from engine.simulator.world import World


class Clicks:
    """Serves component clicks and submitted forms."""

    def __init__(
        self,
        *,
        options: SimulatorOptions,
        world: World,
        rng: Random,
        voice: Voice,
        desks: Desks,
        commissions: Commissions,
        board: Board,
        suggestions: Suggestions,
        instead: Instead,
    ) -> None:
        self._options = options
        self._world = world
        self._rng = rng
        self._voice = voice
        self._desks = desks
        self._commissions = commissions
        self._board = board
        self._suggestions = suggestions
        self._instead = instead
        self.frames = Frames(voice, instead)
        self._open: dict[str, Modal] = {}  # by the id of the interaction that opened them
        self._quick: dict[tuple[str | None, str], int] = {}  # when each upscale button was last pressed

    async def click(self, asked: Interaction, about: dict[str, Any]) -> None:
        """A pressed component."""
        press = press_of(asked.custom_id)
        if press is None:
            if not await self._board.click(asked, about):
                await self._voice.failure(asked)  # a button that nobody serves
            return
        match press.kind:
            case "cancel":
                await self.cancel(asked, press.uuid)
            case "bookmark":
                await self._rated(asked, about)
            case "read_all":
                await self._suggestions.imagine_all(asked, about)
            case "read_again":
                await self._suggestions.describe_again(asked)
            case "appeal":
                await self._appeal(asked, press, about)
            case kind if kind in JOBS:
                await self._on_a_job(asked, press, about)
            case _:
                form = self._suggestions.form(asked, press.kind, press.index)
                if form is None:
                    await self._voice.failure(asked)
                else:
                    await self._ask_back(asked, press, form, about)

    async def _rated(self, asked: Interaction, about: dict[str, Any]) -> None:
        """❤️ under a picture: a reply to it (CAP26)."""
        channel, clicked = asked.channel, asked.message_id or ""
        where = f"{channel.guild_id or '@me'}/{channel.id}/{clicked}"
        words = f"You have successfully rated [this job](https://discord.com/channels/{where}) with 😍"
        await self._voice.plain(asked, words, about, reply=True)

    async def cancel(self, asked: Interaction, uuid: str | None) -> None:
        """End a job; the click itself is only acknowledged."""
        await self._voice.silence(asked)
        self._desks.cancel(uuid, asked.account)

    async def _appeal(self, asked: Interaction, press: Press, about: dict[str, Any]) -> None:
        """The refused prompt is taken after all: as a new message that carries the click's nonce (protocol §5.4)."""
        refused = self._instead.appealed(press.detail)
        if refused is None:
            await self._voice.failure(asked)
            return
        await self._suggestions.imagine(replace(asked, prompt=refused.prompt, message_id=None), about)

    async def _on_a_job(self, asked: Interaction, press: Press, about: dict[str, Any]) -> None:
        origin = self._world.origin(press.uuid)
        if origin is None or press.index > len(origin.recipe.cells):
            await self._voice.failure(asked)
        elif press.kind == "inpaint":
            await self.frames.open(asked, press)
        elif press.kind in forms.ALWAYS or (press.kind in forms.REMIXED and self._asks(asked)):
            form = forms.remix(press, origin, message_id=asked.message_id or "", strong=asked.account.high_variation)
            await self._ask_back(asked, press, form, about)
        elif self._too_soon(asked, press):
            await self._instead.slow_down(asked, about)
        else:
            await self._derive(asked, press, origin, about)

    @staticmethod
    def _asks(asked: Interaction) -> bool:
        """Whether a form comes back: with Remix on, or when that was ordered."""
        return asked.account.remix or "unexpected_modal" in asked.faults

    def _too_soon(self, asked: Interaction, press: Press) -> bool:
        """Whether the same upscale was pressed less than `again_ms` ago."""
        if press.kind not in ("upscale", "video_upscale") or not self._options.timing.again_ms:
            return False
        now, key = Clock.monotonic_us(), (asked.message_id, asked.custom_id)
        before = self._quick.get(key)
        self._quick[key] = now
        return before is not None and now - before < self._options.timing.again_ms * 1000

    # forms

    async def _ask_back(self, asked: Interaction, press: Press, form: forms.Form, about: dict[str, Any]) -> None:
        modal = Modal(asked, form.custom_id, form.field, press, form.title, form.value, Clock.monotonic_us())
        if "no_modal" in asked.faults:  # the result comes at once, of the words that the form would have shown
            asked.prompt = form.value
            await self._begin(asked, press, about, form=False)
            return
        self._open[asked.id] = modal
        await self._voice.ask_back(asked, modal)

    def open_form(self, opener: str, account: Account, custom_id: str) -> Modal | None:
        """The open form that a submit names, if it is this account's and has not expired."""
        modal = self._open.get(opener)
        if modal is None or modal.opener.account is not account or modal.custom_id != custom_id:
            return None
        age_ms = (Clock.monotonic_us() - modal.opened_us) / 1000
        return modal if age_ms < self._options.timing.form_ms else None

    async def submit(self, asked: Interaction, about: dict[str, Any]) -> None:
        """A filled form: the job starts as if its button had been pressed with these words."""
        modal = asked.modal
        if modal is None:
            raise ValueError("a modal submit without its modal")
        self._open.pop(modal.opener.id, None)
        asked.message_id, asked.custom_id = modal.opener.message_id, modal.opener.custom_id
        await self._begin(asked, modal.press, about, form=True)

    async def _begin(self, asked: Interaction, press: Press, about: dict[str, Any], *, form: bool) -> None:
        """Start what the button means, with the words that `asked` brings."""
        if press.kind in ("read", "analyze"):
            await self._suggestions.imagine(asked, about)
            return
        origin = self._world.origin(press.uuid)
        if origin is None:
            await self._voice.failure(asked)
            return
        await self._make(asked, press, origin, about, form=form)

    # jobs made from finished ones

    async def _derive(self, asked: Interaction, press: Press, origin: Origin, about: dict[str, Any]) -> None:
        """A job made from a finished one with its own words."""
        asked.prompt = origin.prompt
        await self._make(asked, press, origin, about, form=False)

    async def _make(
        self, asked: Interaction, press: Press, origin: Origin, about: dict[str, Any], *, form: bool,
        announced: bool = True, mask: str = "",
    ) -> None:  # fmt: skip
        echo = self._commissions.echo(asked.prompt)
        seed = self._rng.getrandbits(32)
        wanted = derived(press, origin, echo, seed, strong=asked.account.high_variation, form=form)
        if mask:
            wanted = painted(wanted, origin, mask)
        await self._commissions.begin(asked, wanted, about, announced=announced)

    async def paint(self, frame: Frame, prompt: str, mask: str) -> None:
        """A painted region was handed in: the result is bound by the id of the event that opened the frame."""
        asked, press = frame.opener, frame.press
        origin = self._world.origin(press.uuid)
        if origin is None:
            return
        form = asked.account.remix
        again = replace(asked, prompt=prompt if form else origin.prompt)
        await self._make(again, press, origin, about_of(asked), form=form, announced=False, mask=mask)
