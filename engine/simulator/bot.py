"""What the Midjourney bot decides: run at once, queue, refuse, ask back with a modal, or cancel."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from engine.simulator.blend import Blend
from engine.simulator.board import Board
from engine.simulator.clicks import Clicks
from engine.simulator.commanding import Commanding
from engine.simulator.commissions import Commissions
from engine.simulator.describe import Describe
from engine.simulator.desks import Desks
from engine.simulator.faceswap import FaceSwap
from engine.simulator.instead import Instead
from engine.simulator.interaction import COMPONENT, SUBMIT, Interaction, Modal, Voice, about_of
from engine.simulator.letters import Letters
from engine.simulator.profile import Profile
from engine.simulator.reactions import Reactions
from engine.simulator.script import Script
from engine.simulator.shorten import Shorten
from engine.simulator.show import Show
from engine.simulator.suggestions import Suggestions
from engine.simulator.switches import Switches
from engine.simulator.tasks import Tasks

if TYPE_CHECKING:
    import asyncio

    from engine.simulator.clock import Clock
    from engine.simulator.fetching import Fetching
    from engine.simulator.frames import Frame, Frames
    from engine.simulator.gateway import Gateway
    from engine.simulator.ledger import Ledger
    from engine.simulator.messages import Post
    from engine.simulator.options import SimulatorOptions
    from engine.simulator.people import Account
    from engine.simulator.pictures import Pictures
    from engine.simulator.shelf import Shelf
    from engine.simulator.world import World


class Midjourney:
    """The bot: one instance serves all accounts."""

    def __init__(
        self,
        *,
        options: SimulatorOptions,
        world: World,
        gateway: Gateway,
        post: Post,
        pictures: Pictures,
        ledger: Ledger,
        clock: Clock,
        fetching: Fetching,
        shelf: Shelf,
    ) -> None:
        self.rng = rng = Random(f"{options.seed}|{world.starts}")
        self.voice = voice = Voice(options=options, world=world, gateway=gateway, post=post, clock=clock, rng=rng)
        script = Script(
            options=options, world=world, post=post, pictures=pictures, ledger=ledger, clock=clock, rng=rng, voice=voice
        )
        self._tasks = Tasks()
        self._letters = Letters(
            world=world, gateway=gateway, post=post, pictures=pictures, ledger=ledger, clock=clock, rng=rng, voice=voice
        )
        self._desks = Desks(
            options=options,
            world=world,
            ledger=ledger,
            rng=rng,
            voice=voice,
            script=script,
            tasks=self._tasks,
            letters=self._letters,
        )
        self._instead = Instead(ledger=ledger, rng=rng, voice=voice, clock=clock)
        commissions = Commissions(rng=rng, voice=voice, desks=self._desks, instead=self._instead, fetching=fetching)
        board = Board(world, post, voice)
        self.reactions = Reactions(
            world=world, gateway=gateway, post=post, ledger=ledger, desks=self._desks, letters=self._letters,
            tasks=self._tasks,
        )  # fmt: skip
        self._suggestions = Suggestions(
            world=world, rng=rng, voice=voice, post=post, clock=clock, commissions=commissions, tasks=self._tasks
        )
        self._clicks = Clicks(
            options=options,
            world=world,
            rng=rng,
            voice=voice,
            desks=self._desks,
            commissions=commissions,
            board=board,
            suggestions=self._suggestions,
            instead=self._instead,
        )

        self._commanding = Commanding(
            voice=voice,
            ledger=ledger,
            tables=[
                {"imagine": self._suggestions.imagine, "Cancel Job": self._cancel, "DM Results": self._letters.results},
                Switches(world, voice).table(),
                board.table(),
                Blend(voice=voice, clock=clock, rng=rng, commissions=commissions).table(),
                Describe(post=post, voice=voice, clock=clock, rng=rng, fetching=fetching, shelf=shelf).table(),
                Shorten(voice=voice, clock=clock, rng=rng, commissions=commissions).table(),
                Show(options=options, world=world, post=post, voice=voice, clock=clock, rng=rng).table(),
                FaceSwap(world=world, post=post, voice=voice, clock=clock, rng=rng, shelf=shelf).table(),
                Profile(world=world, post=post, voice=voice, clock=clock, rng=rng, desks=self._desks).table(),
            ],
        )

    def take(self, asked: Interaction) -> asyncio.Task[None]:
        """Act on an interaction; the task is done when its last event was emitted."""
        return self._tasks.spawn(self._answer(asked))

    def modal(self, opener: str, account: Account, custom_id: str) -> Modal | None:
        """The open form that a submit names, if it is this account's and has not expired."""
        return self._clicks.open_form(opener, account, custom_id)

    async def _answer(self, asked: Interaction) -> None:
        about = about_of(asked)
        if await self._instead.answered(asked, about):
            return
        if asked.kind == SUBMIT:
            await self._clicks.submit(asked, about)
        elif asked.kind == COMPONENT:
            await self._clicks.click(asked, about)
        else:
            await self._commanding.answer(asked, about)

    async def _cancel(self, asked: Interaction, _about: dict[str, Any]) -> None:
        await self._clicks.cancel(asked, self._desks.of(asked.message_id))

    @property
    def frames(self) -> Frames:
        """The pages that are open inside clients."""
        return self._clicks.frames

    def paint(self, frame: Frame, prompt: str, mask: str) -> None:
        """Make what a painted region asks for."""
        self._tasks.spawn(self._clicks.paint(frame, prompt, mask))

    def go_on(self) -> None:
        """After a restart: take up the jobs that were running, and queue those that waited."""
        self._desks.go_on()

    async def close(self) -> None:
        """Stop playing; what is unfinished goes on at the next start."""
        await self._desks.close()
        await self._tasks.close()
