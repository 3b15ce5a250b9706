"""In which order a job's events happen, and how long each takes (protocol §3.2, §10, CAP26)."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.simulator import components, results, standing, verbs
from engine.simulator.faults import ORDERS
from engine.simulator.ids import stamp
from engine.simulator.manner import manner_of
from engine.simulator.messages import EPHEMERAL, LOADING, bot_message

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from engine.simulator.clock import Clock
    from engine.simulator.interaction import Interaction, Voice
    from engine.simulator.jobs import Job, Picture
    from engine.simulator.ledger import Ledger
    from engine.simulator.manner import Manner
    from engine.simulator.messages import Post
    from engine.simulator.options import SimulatorOptions
    from engine.simulator.people import Account, Channel
    from engine.simulator.pictures import Pictures, Prints
    from engine.simulator.world import World

_MODE_FACTOR = {"turbo": 0.5, "relaxed": 6.0}
_TICK = 0.002  # real seconds


@dataclass(slots=True)
class _Scene:
    """One job being played: its places, its messages, and what was ordered for it."""

    job: Job
    account: Account
    channel: Channel
    only: str | None  # the account that alone sees the progress message
    verb: verbs.Verb
    manner: Manner
    order: str | None
    progress: dict[str, Any]
    facts: dict[str, Any]


class Script:
    """Plays jobs."""

    def __init__(
        self,
        *,
        options: SimulatorOptions,
        world: World,
        post: Post,
        pictures: Pictures,
        ledger: Ledger,
        clock: Clock,
        rng: Random,
        voice: Voice,
    ) -> None:
        self._options = options
        self._world = world
        self._post = post
        self._pictures = pictures
        self._ledger = ledger
        self._clock = clock
        self._rng = rng
        self._voice = voice
        self._orders = 0

    async def play(self, job: Job, asked: Interaction | None, free: Callable[[Job], None]) -> None:
        """From the first message to the last. `asked` is None for a late start and after a restart.

        `free` is told just before the final leaves: the slot is free then.
        """
        scene = self._scene(job)
        drawing = asyncio.ensure_future(self._pictures.prints(job))
        try:
            if asked is not None:
                await self._voice.open(asked, success_first=scene.order == "success_before_create")
                success_early = self._rng.random() < 0.5
                if success_early:
                    self._voice.success(asked)
                self._first(scene, nonce=job.nonce)
                if not success_early:
                    self._voice.success(asked)
            elif job.progress_id is None:
                await self._clock.pause(self._rng.uniform(0.2, 0.8))
                self._first(scene, nonce=None)
            # U has no progress edits: there the pressed message's edit is what can come after the final
            press_last = scene.order == "final_before_progress" and scene.verb.quick
            if not press_last:
                self._press(scene)
            held = await self._edits(scene, drawing)
            if held is None:
                return
            prints = await drawing
            await self._end(scene, prints.final, held, free)
            if press_last:
                self._press(scene)
        finally:
            drawing.cancel()

    def stopped(self, job: Job) -> None:
        """After a cancel: the progress message says so, or is gone (both were described)."""
        scene = self._scene(job)
        scene.progress.update(
            content=verbs.stopped_line(scene.verb, job.prompt, scene.account.user_id), components=[], attachments=[]
        )
        if job.progress_id is not None and "cancel_vanishes" in job.faults:
            self._delete(scene)
        elif job.progress_id is not None:
            self._post.edit(scene.progress, only=scene.only, **scene.facts)
        self._ledger.write("job", state="cancelled", **job.linked())

    def _scene(self, job: Job) -> _Scene:
        account, channel = self._world.accounts[job.account], self._world.channels[job.channel_id]
        order: str | None = None
        if "reordered" in job.faults:
            order = job.faults["reordered"].get("order")
            if order is None:
                order = ORDERS[self._orders % len(ORDERS)]
                self._orders += 1
                job.faults["reordered"]["order"] = order
        ephemeral = job.clicked is not None
        verb = verbs.VERBS[job.verb]
        start = verbs.start_line(verb, job.first_prompt, account.user_id, job.index)
        red = (ephemeral and verb.opening is None) or (not ephemeral and self._options.cancel_button_on_imagine)
        progress = bot_message(
            job.progress_id or job.interaction_id,
            channel.id,
            verb.opening or start,
            type=20 if job.about["type"] == 2 else 19 if job.clicked else 0,
            flags=EPHEMERAL if ephemeral else 0,
            mention=account,
            interaction=None if job.anonymous else job.about,
            reference=self._post.reference(channel, job.clicked) if job.clicked else None,
            components=components.cancel(job.uuid) if red else [],
            application=job.application,
        )
        return _Scene(
            job,
            account,
            channel,
            account.id if ephemeral else None,
            verb,
            manner_of(job.faults),
            order,
            progress,
            {"nonce": job.nonce, "job": job.uuid},
        )

    def _first(self, scene: _Scene, nonce: str | None) -> None:
        # a message's id is the moment it is posted, not the moment its job was taken
        identity = self._world.new_id()
        scene.progress.update(id=identity, timestamp=stamp(identity))
        scene.job.progress_id = identity
        self._world.note_job(scene.job)
        self._ledger.write("job", state="started", **scene.job.linked())
        deferred = scene.verb.opening == "" and not scene.job.late
        first = {**scene.progress, "content": "", "flags": LOADING} if deferred else scene.progress
        self._post.create(first, wire_nonce=nonce, only=scene.only, manner=scene.manner, **scene.facts)
        if scene.verb.opening or deferred:
            job = scene.job
            user = scene.account.user_id
            scene.progress["content"] = verbs.start_line(scene.verb, job.first_prompt, user, job.index)
            self._post.edit(scene.progress, only=scene.only, manner=scene.manner, **scene.facts)

    def _press(self, scene: _Scene) -> None:
        """The clicked button turns blue and its message is told again (CAP26)."""
        clicked, custom_id = scene.job.clicked, scene.job.custom_id
        message = self._world.messages.get(clicked or "")
        if message is None or custom_id is None:
            return
        body = message.read()
        components.press(body["components"], custom_id)
        self._post.edit(body, lasting=True, manner=scene.manner, **scene.facts)

    async def _edits(self, scene: _Scene, drawing: asyncio.Future[Prints]) -> list[dict[str, Any]] | None:
        """The progress edits; those that a fault holds back for after the final. None if the job failed."""
        job, timing = scene.job, self._options.timing
        percents = self._percents(scene.verb)
        whole = timing.upscale_ms if scene.verb.quick else timing.job_ms
        low, high = scene.verb.seconds
        seconds = self._rng.uniform(low, high) * _MODE_FACTOR.get(job.mode.split(",")[0], 1.0)
        gap = seconds / (len(percents) + 1)
        real = None if whole is None else max(0.0, whole - (timing.first_ms or 0)) / 1000 / (len(percents) + 1)
        broken = job.faults.get("embed", {}).get("where") in ("update", "reply")
        held: list[dict[str, Any]] = []
        due = asyncio.get_running_loop().time()
        for number, percent in enumerate(percents):
            due += real or 0
            await self._wait(scene, None if real is None else due, gap)
            self._paint(scene, percent, drawing)
            if broken and number == len(percents) // 2:
                self._fail(scene)
                return None
            if scene.order == "final_before_progress" and number == len(percents) - 1:
                held.append(dict(scene.progress))
                break
            self._post.edit(scene.progress, only=scene.only, manner=scene.manner, **scene.facts)
        if broken and not percents:
            self._fail(scene)
            return None
        await self._wait(scene, None if real is None else due + real, gap)
        return held

    async def _wait(self, scene: _Scene, due: float | None, simulated: float) -> None:
        if scene.order == "final_before_204":
            await asyncio.sleep(0)  # in a hurry: the answer is held until the end
        elif due is not None:
            # moments are shared: under load one turn of the loop then serves many jobs
            await asyncio.sleep(math.ceil(due / _TICK) * _TICK - asyncio.get_running_loop().time())
        else:
            await self._clock.pause(simulated * self._rng.uniform(0.8, 1.2))

    def _percents(self, verb: verbs.Verb) -> list[int]:
        wanted = self._options.timing.progress_events
        if verb.quick:
            return []
        count = wanted if wanted is not None else self._rng.randint(3, 10)
        if count <= 0:
            return []
        # from a first edit at up to 20 % (CAP26) to a last one below 97 %; a larger picture begins at 0
        first = self._rng.randint(0, 20) if verb.preview_from else 0
        return [first + round((96 - first) * n / max(1, count - 1)) for n in range(count)] if count > 1 else [50]

    def _paint(self, scene: _Scene, percent: int, drawing: asyncio.Future[Prints]) -> None:
        job = scene.job
        scene.progress["content"] = verbs.progress_line(
            scene.verb, job.prompt, scene.account.user_id, percent, job.mode
        )
        if percent < scene.verb.preview_from or not drawing.done() or drawing.exception() is not None:
            return
        # the steps of a film are counted (CAP26)
        step = max(0, (percent - scene.verb.preview_from) // 8)
        scene.progress["attachments"] = [
            self._post.attachment(
                preview,
                f"{job.uuid}_{cell}_step_{step}.jpeg" if scene.verb.result == verbs.FILM else f"{job.uuid}_grid_0.webp",
                job.channel_id,
                ephemeral=scene.only is not None,
                lasting=False,
            )
            for cell, preview in enumerate(drawing.result().preview(percent))
        ]

    async def _end(
        self, scene: _Scene, picture: Picture, held: list[dict[str, Any]], free: Callable[[Job], None]
    ) -> None:
        """The final, the end of the progress message, and what was held back."""
        job, faults = scene.job, scene.job.faults
        if "final_late" in faults:
            await asyncio.sleep(_delay(faults["final_late"]))
        # the ephemeral progress of a button job is left or taken away: both were described
        deletes = scene.only is None or self._rng.random() < 0.5
        ordered = scene.order == "delete_before_final" or "delete_first" in faults
        if ordered or (deletes and not held and scene.order is None and self._rng.random() < 0.3):
            self._delete(scene)
            deletes = False
            if "delete_first" in faults:
                await asyncio.sleep(_delay(faults["delete_first"]))
            elif not ordered:
                await self._moment()
        free(job)
        self._final(scene, picture)
        for body in held:
            self._post.edit(body, only=scene.only, manner=scene.manner, **scene.facts)
        if not deletes:
            return
        try:
            if scene.order is None:
                await self._moment()
        finally:
            self._delete(scene)

    async def _moment(self) -> None:
        """Between the final and the deletion lies up to 300 ms (protocol §3.2)."""
        if self._options.timing.job_ms is None:
            await self._clock.pause(self._rng.uniform(0, 0.3))
        else:
            await asyncio.sleep(self._rng.uniform(0, 0.02))

    def _final(self, scene: _Scene, picture: Picture) -> None:
        job, account, channel = scene.job, scene.account, scene.channel
        user = account.user_id
        attachment = self._post.final_attachment(picture, job, account)  # before its message, as in CAP26
        body = bot_message(
            self._world.new_id(),
            channel.id,
            verbs.final_line(scene.verb, job.prompt, user, uuid=job.uuid, mode=job.mode, index=job.index),
            type=19,
            mention=account,
            interaction=job.about if self._options.metadata_on_finals and not job.anonymous else None,
            reference=self._post.reference(channel, job.clicked or job.progress_id or ""),
            attachments=[attachment],
            components=results.finished(job, job.faults.get("unknown_button")),
            application=job.application,
        )
        job.final_id = body["id"]
        self._world.remember(job)
        standing.spend(account, job.mode, scene.verb.result)
        self._world.note_account(account)
        self._ledger.write("job", state="finished", picture=picture.sha256, **job.linked())
        if "missed_final" in job.faults:
            self._ledger.write(
                "frame", account=account.id, t="MESSAGE_CREATE", decision="dropped", message=body["id"], **scene.facts
            )
        nonce = job.nonce if self._options.nonce_on_finals and not job.late else None
        told = "missed_final" not in job.faults
        self._post.create(body, wire_nonce=nonce, told=told, manner=scene.manner, **scene.facts)

    def _delete(self, scene: _Scene) -> None:
        self._post.delete(scene.progress["id"], scene.channel, only=scene.only, manner=scene.manner, **scene.facts)

    def _fail(self, scene: _Scene) -> None:
        """The progress message turns into an error, or an error is said in reply to it (protocol §8.1 b, c)."""
        job = scene.job
        order = job.faults["embed"]
        embed = self._voice.made_to_order(order, job.prompt)
        if order.get("where") == "reply":
            source = job.clicked or job.progress_id or ""
            answer = bot_message(
                self._world.new_id(),
                scene.channel.id,
                "",
                type=19,
                flags=EPHEMERAL if scene.only else 0,
                reference=self._post.reference(scene.channel, source),
                embeds=[embed],
                application=job.application,
            )
            self._post.create(answer, only=scene.only, manner=scene.manner, **scene.facts)
        else:
            scene.progress.update(embeds=[embed], components=[], attachments=[], content="")
            self._post.edit(scene.progress, only=scene.only, lasting=True, manner=scene.manner, **scene.facts)
        self._ledger.write("job", state="failed", decision=order.get("title"), **job.linked())


def _delay(order: dict[str, Any]) -> float:
    return float(order.get("delay_ms", 2000)) / 1000
