"""What the Midjourney bot decides: run at once, queue, refuse, ask back with a modal, or cancel."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from engine.simulator import art, components, embeds, grammar, ids
from engine.simulator.clock import Clock
from engine.simulator.interaction import COMMAND, COMPONENT, SUBMIT, Interaction, Modal, Voice
from engine.simulator.jobs import Job, Recipe
from engine.simulator.messages import metadata
from engine.simulator.replies import Replies
from engine.simulator.script import Script

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from engine.simulator.gateway import Gateway
    from engine.simulator.ledger import Ledger
    from engine.simulator.messages import Post
    from engine.simulator.options import SimulatorOptions
    from engine.simulator.people import Account
    from engine.simulator.pictures import Pictures
    from engine.simulator.world import World

_INSTEAD = ("silence", "interaction_failure", "content", "queue_full", "embed")  # of a picture, as a fault
_MODAL_SECONDS = 15 * 60  # the interaction token's life, in real time


@dataclass(slots=True)
class _Desk:
    """An account's running jobs and those that wait for a slot."""

    running: set[str] = field(default_factory=set)
    waiting: deque[Job] = field(default_factory=deque)


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
    ) -> None:
        self.rng = Random(f"{options.seed}|{world.starts}")
        self.voice = Voice(options=options, world=world, gateway=gateway, post=post, clock=clock, rng=self.rng)
        self._options = options
        self._world = world
        self._ledger = ledger
        self._script = Script(
            options=options,
            world=world,
            post=post,
            pictures=pictures,
            ledger=ledger,
            clock=clock,
            rng=self.rng,
            voice=self.voice,
            finished=self._release,
        )
        self._replies = Replies(world, post, self.voice, clock, self.rng)
        self._modals: dict[str, Modal] = {}  # by the id of the interaction that opened them
        self._desks: dict[str, _Desk] = {}
        self._plays: dict[str, asyncio.Task[None]] = {}  # by job uuid
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    def take(self, asked: Interaction) -> asyncio.Task[None]:
        """Act on an interaction; the task is done when its last event was emitted."""
        if asked.kind == COMMAND and asked.name == "imagine":
            return self._spawn(self._imagine(asked))
        if asked.kind == COMMAND and asked.name == "Cancel Job":
            return self._spawn(self._cancel(asked, self._job_of(asked.message_id)))
        if asked.kind == COMMAND:
            return self._spawn(self._replies.command(asked))
        if asked.kind == COMPONENT:
            return self._spawn(self._click(asked))
        return self._spawn(self._submit(asked))

    def modal(self, opener: str, account: Account, custom_id: str) -> Modal | None:
        """The open form that a submit names, if it is this account's and has not expired."""
        modal = self._modals.get(opener)
        if modal is None or modal.opener.account is not account or modal.custom_id != custom_id:
            return None
        return modal if Clock.monotonic_us() - modal.opened_us < _MODAL_SECONDS * 1_000_000 else None

    # what is asked

    async def _imagine(self, asked: Interaction) -> None:
        echo = self._echo(asked.prompt)
        seed = echo.seed if echo.seed is not None else self.rng.getrandbits(32)
        cells = tuple((f"{echo.words} {n % 2}", f"{seed} {n}") for n in range(4))
        about = metadata(COMMAND, asked.id, asked.account, name="imagine")
        await self._begin(asked, "imagine", echo, (art.motif_of(echo.words), cells, seed), about)

    async def _click(self, asked: Interaction) -> None:
        action = components.action(asked.custom_id)
        if action is None:
            if not await self._replies.click(asked):
                await self.voice.failure(asked)  # buttons that this simulator does not serve yet
        elif action[0] == "cancel":
            await self._cancel(asked, action[2])
        elif asked.account.remix and action[0] in ("variation", "reroll"):
            await self._ask_back(asked, action)
        else:
            about = metadata(COMPONENT, asked.id, asked.account, interacted_message_id=asked.message_id)
            await self._derive(asked, action, about)

    async def _ask_back(self, asked: Interaction, action: tuple[str, int, str]) -> None:
        verb, index, parent = action
        origin = self._world.origin(parent)
        if verb == "reroll":
            title, family, custom_id = "Imagine", "ImagineModal", f"MJ::ImagineModal::{asked.message_id}"
        else:
            title, family = "Remix Prompt", "RemixModal"
            custom_id = f"MJ::RemixModal::{parent}::{index}::{int(asked.account.high_variation)}"
        modal = Modal(asked, custom_id, action, Clock.monotonic_us())
        self._modals[asked.id] = modal
        prompt = origin.prompt if origin is not None else ""
        await self.voice.ask_back(asked, modal, title, f"MJ::{family}::new_prompt", prompt)

    async def _submit(self, asked: Interaction) -> None:
        modal = asked.modal
        if modal is None:
            raise ValueError("a modal submit without its modal")
        opener = modal.opener
        self._modals.pop(opener.id, None)
        asked.message_id, asked.custom_id = opener.message_id, opener.custom_id
        opening = metadata(COMPONENT, opener.id, asked.account, interacted_message_id=opener.message_id)
        about = metadata(SUBMIT, asked.id, asked.account, triggering_interaction_metadata=opening)
        await self._derive(asked, modal.action, about)

    async def _derive(self, asked: Interaction, action: tuple[str, int, str], about: dict[str, Any]) -> None:
        """A job made from a finished grid; a submitted form brings its own prompt."""
        verb, index, parent = action
        origin = self._world.origin(parent)
        if origin is None:
            await self.voice.failure(asked)
            return
        form = asked.modal is not None
        asked.prompt = asked.prompt if form else origin.prompt
        echo = self._echo(asked.prompt)
        seed, recipe = self.rng.getrandbits(32), origin.recipe
        cells: tuple[tuple[str, str], ...]
        motif = recipe.motif if echo.prompt == origin.prompt else art.motif_of(echo.words)
        if verb == "upsample":
            name, cells = "upscale", (recipe.cells[index - 1],)
        elif verb == "variation":
            name = "variation_strong" if asked.account.high_variation else "variation_subtle"
            palette, shapes = recipe.cells[index - 1]
            cells = tuple((palette, f"{shapes} {seed} {n}") for n in range(4))
        else:
            name = "reroll"
            cells = tuple((f"{recipe.cells[0][0]} {n % 2}", f"{seed} {n}") for n in range(4))
        await self._begin(asked, f"{name}_remix" if form else name, echo, (motif, cells, seed), about, index=index)

    # slots

    async def _begin(
        self,
        asked: Interaction,
        verb: str,
        echo: grammar.Echo,
        drawn: tuple[str, tuple[tuple[str, str], ...], int],
        about: dict[str, Any],
        *,
        index: int = 0,
    ) -> None:
        """Give the job a slot, a place in the queue, or a refusal."""
        if await self._answered_otherwise(asked, echo, about):
            return
        job = self._job(asked, verb, echo, drawn=drawn, about=about, index=index)
        desk = self._desk(job.account)
        if not job.takes_slot or len(desk.running) < asked.account.concurrency:
            await self._run(job, asked)
            return
        if len(desk.waiting) >= asked.account.queue:
            self._ledger.write(
                "job", state="refused", decision="Queue full", account=job.account, nonce=job.nonce,
                interaction=job.interaction_id, prompt=job.prompt,
            )  # fmt: skip
            await self.voice.refuse(asked, embeds.embed(*embeds.QUEUE_FULL, asked.prompt), about)
            return
        job.late = True
        job.anonymous = self.rng.random() < self._options.anonymous_late_start
        desk.waiting.append(job)
        self._world.open_job(job)
        self._ledger.write(
            "job", state="queued", account=job.account, nonce=job.nonce, job=job.uuid,
            interaction=job.interaction_id, prompt=job.prompt,
        )  # fmt: skip
        await self.voice.refuse(asked, embeds.embed(*embeds.JOB_QUEUED, asked.prompt), about)
        self._next(desk, asked.account)

    async def _answered_otherwise(self, asked: Interaction, echo: grammar.Echo, about: dict[str, Any]) -> bool:
        """Whether something other than a picture is the answer: a bad prompt, or what was ordered."""
        faults = asked.faults
        ordered = next((kind for kind in _INSTEAD if kind in faults), None)
        if "silence" in faults:
            await self.voice.silence(asked)
        elif "interaction_failure" in faults:
            await self.voice.failure(asked)
        elif "content" in faults:
            await self.voice.plain(asked, faults["content"].get("text", "Failed to process your command :c"), about)
        elif "queue_full" in faults:
            await self.voice.refuse(asked, embeds.embed(*embeds.QUEUE_FULL, asked.prompt), about)
        elif faults.get("embed", {}).get("where", "create") == "create" and "embed" in faults:
            await self.voice.refuse(asked, self.voice.made_to_order(faults["embed"], asked.prompt), about)
        elif echo.complaint is not None:
            await self.voice.refuse(asked, embeds.embed(*echo.complaint, embeds.RED, asked.prompt), about)
        else:
            return False
        self._ledger.write(
            "job", state="refused", account=asked.account.id, nonce=asked.nonce, interaction=asked.id,
            prompt=asked.prompt, decision=ordered or (echo.complaint and echo.complaint[0]),
        )  # fmt: skip
        return True

    def _job(
        self,
        asked: Interaction,
        verb: str,
        echo: grammar.Echo,
        *,
        drawn: tuple[str, tuple[tuple[str, str], ...], int],
        about: dict[str, Any],
        index: int,
    ) -> Job:
        motif, cells, seed = drawn
        uuid = ids.job_uuid(self.rng)
        long_links = "http" in asked.prompt and "https://s.mj.run/" not in asked.prompt
        # the first message shows long links in half of the cases (protocol §3.4)
        shown = " ".join(asked.prompt.split()) if long_links and self.rng.random() < 0.5 else echo.prompt
        return Job(
            uuid=uuid,
            account=asked.account.id,
            channel_id=asked.channel.id,
            verb=verb,
            prompt=echo.prompt,
            words=echo.words,
            recipe=Recipe(motif, cells, echo.ratio, f"{uuid[:8]} · seed {seed} · {echo.words[:48]}"),
            mode=(echo.mode or asked.account.mode) + (", stealth" if asked.account.stealth else ""),
            index=index,
            nonce=asked.nonce,
            interaction_id=asked.id,
            about=about,
            first_prompt=shown,
            clicked=asked.message_id,
            custom_id=asked.custom_id or None,
            faults=asked.faults,
        )

    async def _run(self, job: Job, asked: Interaction | None) -> None:
        """Play a job and give its slot to the next; `asked` is None for a late start and after a restart."""
        desk = self._desk(job.account)
        if job.takes_slot:
            desk.running.add(job.uuid)
        self._world.open_job(job)
        play = asyncio.get_running_loop().create_task(self._script.play(job, asked))
        self._plays[job.uuid] = play
        await asyncio.wait({play})
        self._plays.pop(job.uuid, None)
        if self._closing:
            return
        if play.cancelled():
            self._script.stopped(job)
        self._release(job)
        if not play.cancelled():
            play.result()

    def _release(self, job: Job) -> None:
        """The job is over: the next one may start."""
        self._world.close_job(job)
        desk = self._desk(job.account)
        desk.running.discard(job.uuid)
        self._next(desk, self._world.accounts[job.account])

    def _desk(self, account: str) -> _Desk:
        return self._desks.setdefault(account, _Desk())

    def _next(self, desk: _Desk, account: Account) -> None:
        while desk.waiting and len(desk.running) < account.concurrency:
            job = desk.waiting.popleft()
            desk.running.add(job.uuid)
            self._spawn(self._run(job, None))

    def go_on(self) -> None:
        """After a restart: take up the jobs that were running, and queue those that waited."""
        for job in sorted(
            self._world.unfinished.values(), key=lambda j: (j.progress_id is None, int(j.interaction_id))
        ):
            desk = self._desk(job.account)
            if job.takes_slot:
                desk.waiting.append(job)
            else:
                self._spawn(self._run(job, None))
        for account, desk in self._desks.items():
            self._next(desk, self._world.accounts[account])

    # cancelling

    def _job_of(self, progress_id: str | None) -> str | None:
        found = (job.uuid for job in self._world.unfinished.values() if progress_id and job.progress_id == progress_id)
        return next(found, None)

    async def _cancel(self, asked: Interaction, uuid: str | None) -> None:
        await self.voice.silence(asked)
        job = self._world.unfinished.get(uuid or "")
        if job is None or job.account != asked.account.id:
            return
        desk = self._desk(job.account)
        if job in desk.waiting:
            desk.waiting.remove(job)
            self._world.close_job(job)
            self._ledger.write("job", state="cancelled", account=job.account, nonce=job.nonce, job=job.uuid)
        elif job.uuid in self._plays and job.final_id is None:
            self._plays[job.uuid].cancel()

    def _echo(self, prompt: str) -> grammar.Echo:
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
        return grammar.read(
            prompt,
            lambda url: url if "s.mj.run" in url else "https://s.mj.run/" + "".join(self.rng.choices(letters, k=11)),
        )

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Stop playing; what is unfinished goes on at the next start."""
        self._closing = True
        tasks = [*self._plays.values(), *self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
