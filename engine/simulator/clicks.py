"""What each button does: a job made from a finished one, a form, a reply (protocol §5, §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.simulator import forms
from engine.simulator.buttons import press_of
from engine.simulator.clock import Clock
from engine.simulator.derived import JOBS, derived
from engine.simulator.interaction import Modal

if TYPE_CHECKING:
    from random import Random

    from engine.simulator.buttons import Press
    from engine.simulator.commissions import Commissions
    from engine.simulator.desks import Desks
    from engine.simulator.interaction import Interaction, Voice
    from engine.simulator.jobs import Origin
    from engine.simulator.options import SimulatorOptions
    from engine.simulator.people import Account
    from engine.simulator.replies import Replies
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
        replies: Replies,
    ) -> None:
        self._options = options
        self._world = world
        self._rng = rng
        self._voice = voice
        self._desks = desks
        self._commissions = commissions
        self._replies = replies
        self._open: dict[str, Modal] = {}  # by the id of the interaction that opened them

    async def click(self, asked: Interaction, about: dict[str, Any]) -> None:
        """A pressed component."""
        press = press_of(asked.custom_id)
        if press is None:
            if not await self._replies.click(asked):
                await self._voice.failure(asked)  # a button that nobody serves
        elif press.kind == "cancel":
            await self.cancel(asked, press.uuid)
        elif press.kind in JOBS:
            await self._on_a_job(asked, press, about)
        else:
            await self._voice.failure(asked)

    async def cancel(self, asked: Interaction, uuid: str | None) -> None:
        """End a job; the click itself is only acknowledged."""
        await self._voice.silence(asked)
        self._desks.cancel(uuid, asked.account)

    async def _on_a_job(self, asked: Interaction, press: Press, about: dict[str, Any]) -> None:
        origin = self._world.origin(press.uuid)
        if origin is None or press.index > len(origin.recipe.cells):
            await self._voice.failure(asked)
        elif press.kind in forms.ALWAYS or (asked.account.remix and press.kind in forms.REMIXED):
            form = forms.remix(press, origin, message_id=asked.message_id or "", strong=asked.account.high_variation)
            await self._ask_back(asked, press, form)
        else:
            await self._derive(asked, press, origin, about)

    # forms

    async def _ask_back(self, asked: Interaction, press: Press, form: forms.Form) -> None:
        modal = Modal(asked, form.custom_id, form.field, press, form.title, form.value, Clock.monotonic_us())
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
        origin = self._world.origin(modal.press.uuid)
        if origin is None:
            await self._voice.failure(asked)
            return
        await self._derive(asked, modal.press, origin, about)

    # jobs made from finished ones

    async def _derive(self, asked: Interaction, press: Press, origin: Origin, about: dict[str, Any]) -> None:
        """A job made from a finished one; a submitted form brings its own prompt."""
        if asked.modal is None:
            asked.prompt = origin.prompt
        echo = self._commissions.echo(asked.prompt)
        seed = self._rng.getrandbits(32)
        wanted = derived(press, origin, echo, seed, strong=asked.account.high_variation, form=asked.modal is not None)
        await self._commissions.begin(asked, wanted, about)
