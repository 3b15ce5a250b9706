"""The door's deeds: what may be asked of Easel, checked and stored before it is promised."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Iterator
from typing import Unpack

from engine.core.asking import Asking
from engine.core.awaiting import Awaiting
from engine.core.cancelling import Cancelling
from engine.core.community.desks import open_community, open_rolls
from engine.core.credit import Credit
from engine.core.desks import open_desks
from engine.core.dispatcher import Dispatcher
from engine.core.elsewhere import Elsewhere
from engine.core.faceswap import FaceSwap
from engine.core.filing import Filing
from engine.core.gathering import Gathering, Pictures
from engine.core.givingup import GivingUp
from engine.core.insisting import Insisting, Work
from engine.core.journal import Journal
from engine.core.judging import Judging
from engine.core.keepers import Keepers
from engine.core.keys import Keys
from engine.core.knowing import Knowing
from engine.core.leases import Leases
from engine.core.linked import Linked
from engine.core.links import Links
from engine.core.mailroom import Mailroom
from engine.core.mirroring import Mirroring
from engine.core.moderating import Moderating
from engine.core.options import EngineOptions
from engine.core.outlook import Outlooks
from engine.core.ownpictures import OwnPictures
from engine.core.parents import Parents
from engine.core.parts import Parts
from engine.core.picturing import Picturing
from engine.core.queues import Queues
from engine.core.recent import Recent
from engine.core.rejudging import Rejudging
from engine.core.repeats import Repeats
from engine.core.reporting import Reporting
from engine.core.rulebook import Rulebook
from engine.core.rulemaking import Rulemaking
from engine.core.services import Services
from engine.core.sharing import Sharing
from engine.core.sweeping import sweep
from engine.core.switches import Switches
from engine.core.updates import Updates
from engine.core.wishes import CommandWishes, ImagineWishes, PressWishes, ServiceWishes
from engine.model.actions import Action
from engine.model.addresses import Reach
from engine.model.errors import Unavailable
from engine.model.jobs import Job, JobState, JobUpdate, Origin
from engine.model.snowflakes import Nonces
from engine.ports import (
    ApiKey,
    Bodies,
    Clock,
    Courier,
    Driver,
    Extender,
    Images,
    Inputs,
    Prefilter,
    Secrets,
    Store,
)

_LOG = logging.getLogger(__name__)


class Engine(Knowing, Moderating, Picturing):
    """One process's engine."""

    def __init__(
        self,
        *,
        store: Store,
        driver: Driver,
        secrets: Secrets,
        clock: Clock,
        images: Images,
        inputs: Inputs,
        courier: Courier,
        bodies: Bodies,
        options: EngineOptions,
        prefilter: Prefilter | None = None,
        extender: Extender | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._images = images
        self._inputs = inputs
        self._options = options
        self._updates = Updates(clock)
        self._leases = Leases(
            store, clock, owner=str(uuid.uuid4()), seconds=options.lease_seconds, sole_owner=options.sole_owner
        )
        self._elsewhere = Elsewhere(clock, self._leases)
        self._own_pictures = OwnPictures(store, images, options.public_url, self._hosts)
        parts = Parts(
            store=store,
            driver=driver,
            secrets=secrets,
            inputs=inputs,
            own_pictures=self._own_pictures,
            pictures=Pictures(inputs, self._own_pictures, clock, inside=bool(options.allow_networks)),
            clock=clock,
            leases=self._leases,
            updates=self._updates,
            nonces=Nonces(),
            limits=options.limits,
            pace_seconds=options.pace_seconds,
            post_timeout=options.post_timeout_seconds,
            switches_remix=options.switches_remix,
        )
        self._keepers = Keepers(parts, moved=self._moved, wake=self._wake)
        self._parents = Parents(store, switches_remix=options.switches_remix)
        self._dispatcher = Dispatcher(
            store=store,
            clock=clock,
            limits=options.limits,
            ended=self._withdrawn,
            keepers=self._keepers,
            elsewhere=self._elsewhere,
            gathering=Gathering(parts.pictures, clock),
            awaiting=Awaiting(store, self._parents, clock),
        )
        self._mirroring = Mirroring(
            store=store, images=images, clock=clock, concurrency=options.picture_concurrency, hosts=self._hosts
        )
        self._insisting = Insisting(clock)
        self._reporting = Reporting(
            store, clock, self._keepers, self._elsewhere, self._insisting, version=options.version
        )
        self._tasks: list[asyncio.Task[None]] = []
        self._keys = Keys(store, clock)
        self._recent = Recent(store, clock)
        self._journal = Journal(store, self._updates, clock, self._recent, self._open_jobs)
        self._rulebook = Rulebook(store, clock, self._begin_rules if options.default_rules else None)
        self._rulemaking = Rulemaking(store, clock, options.default_rules, self._rulebook.learn)
        self._judging = Judging(store, self._rulebook, prefilter)
        self._services = Services(store, secrets, clock, options.services, judging=self._judging, extender=extender)
        self._mailroom = Mailroom(
            store=store,
            secrets=secrets,
            clock=clock,
            courier=courier,
            bodies=bodies,
            options=options,
            open_jobs=self._open_jobs,
            learn=self._recent.learn,
        )
        self.webhooks = self._mailroom.desk
        self._asking = Asking(
            store=store,
            clock=clock,
            inputs=inputs,
            own=self._own_pictures,
            parents=self._parents,
            plans=self._keepers.plans,
            reach=self._reach,
            judging=self._judging,
            services=self._services,
            face_swap=FaceSwap(on=options.face_swap),
            hook_of=self._mailroom.hook_of,
            filing=Filing(store, clock, filed=self._recent.filed, stored=self._taken, depart=self._dispatcher.depart),
        )
        self._cancelling = Cancelling(
            store=store,
            clock=clock,
            recent=self._recent,
            keepers=self._keepers,
            elsewhere=self._elsewhere,
            withdrawn=self._withdrawn,
        )
        self.links = Links(self._keepers, inputs, parts.own_pictures, clock, lambda: parts.nonces.next(clock.now()))
        self.linked = Linked(store, self._keepers, self._elsewhere)
        self._switches = Switches(store, clock, self._dispatcher, self._keepers, self._elsewhere)
        self._sharing = Sharing(store, clock, self._leases, self._keepers)
        self._giving_up = GivingUp(store, clock, self._recent, self._updates)
        self.repeats = Repeats(store, clock, sole_owner=options.sole_owner)
        self.desks = open_desks(store, driver, secrets, clock, options.linking)
        self.credits, self.offers = Credit(store, clock).of, options.offers
        self.queues = Queues(store, clock, self._switches)
        self.outlooks = Outlooks(self._dispatcher, self._keepers, self._elsewhere)
        judge, forget = self._judging.check_shown, self._recent.forget
        rolls = open_rolls(store, clock, self._discard, told=self._withdrawn, forget=forget, judge=judge)
        self.community = open_community(
            store,
            secrets,
            clock,
            rolls=rolls,
            engine=self,
            recent=self._recent,
            room=images.free,
            little_room=options.little_room,
            sole_owner=options.sole_owner,
        )
        self._rejudging = Rejudging(
            judging=self._judging,
            recent=self._recent,
            withdrawing=rolls.withdrawing,
            clock=clock,
            waiting=lambda: self._dispatcher.queued,
            leave=self._dispatcher.remove,
        )
        self._rulebook.changed, self._dispatcher.fits = self._rejudging.changed, self._rejudging.fits

    async def start(self) -> None:
        """Take the accounts and begin; what an earlier process left open is recovered."""
        await self._rulebook.refresh()
        await self._services.refresh()
        await self._mailroom.open()
        await self._keepers.refresh()
        await self._switches.look()
        works: dict[str, Work] = {
            "keepers": self._keepers.run,
            "dispatcher": self._dispatcher.run,
            "switches": self._switches.run,
            "giving up": self._giving_up.run,
            "leases": lambda: self._leases.keep(self._keepers.lease_lost),
            **self._mailroom.works(),
            "updates": self._flush,
            "journal": self._journal.run,
            "sweeping": lambda: sweep(
                self._inputs, self._clock, lambda: (*self._dispatcher.queued, *self._open_jobs())
            ),
            "rulebook": self._rulebook.run,
            "rejudging": self._rejudging.run,
            "bot": self.community.bot.keep_telling,
            "repeats": self.repeats.run,
        }
        if self._options.copy_pictures:
            works["mirroring"] = self._mirroring.run
        if not self._options.sole_owner:
            works["sharing"] = self._sharing.run
        self._tasks = [asyncio.create_task(self._insisting.keep(part, work)) for part, work in works.items()]

    async def stop(self) -> None:
        """Stop taking, let open POSTs answer, save, leave each session resumable."""
        self._reporting.stopping = True
        self._dispatcher.stop_taking()
        following, *others = self._tasks
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await self._keepers.stop()
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _begin_rules(self, workspace_id: str) -> None:
        await self._rulemaking.book(workspace_id)

    async def _flush(self) -> None:
        while True:
            await self._clock.sleep(0.1)
            self._updates.flush()

    def _open_jobs(self) -> Iterator[Job]:
        return (job for keeper in self._keepers.values() for job in keeper.open_jobs)

    def _wake(self, account_id: int) -> None:
        self._dispatcher.account_changed(account_id)

    def _moved(self, job: Job) -> None:
        self._recent.learn(job)
        if job.nonces[:-1]:  # it was put back once: only who sent it last still waits for it
            self._keepers.forget(job)
        self._dispatcher.moved(job)
        if job.state is JobState.DONE:
            self._mirroring.wake()
        self._mailroom.moved(job)

    async def authenticate(self, key: str) -> ApiKey:
        """The stored key.

        Raises:
            Unauthenticated: unknown or revoked.
            Unavailable: the store cannot be read.
        """
        return await self._keys.authenticate(key)

    # --- what is asked ---

    async def imagine(self, origin: Origin, prompt: str, **wishes: Unpack[ImagineWishes]) -> Job:
        """Take a prompt; its request, with one job for each permutation and repeat, is stored when this returns.

        Raises:
            InvalidInput: the prompt cannot be sent.
            NotFound, AccountStopped: no such account, or it is stopped.
            Unavailable: it cannot be stored now; nothing was.
        """
        return await self._asking.imagine(origin, prompt, **wishes)

    async def command(self, origin: Origin, action: Action, **wishes: Unpack[CommandWishes]) -> Job:
        """Take another slash command: blend, describe, shorten, show, face swap, info, settings, switches.

        Raises:
            InvalidInput: an argument is missing or wrong.
            NotConfigured: it is a face swap, and that is off.
            NotFound, AccountStopped: no such account, or it is stopped.
            Unavailable: it cannot be stored now; nothing was.
        """
        return await self._asking.command(origin, action, **wishes)

    async def service(self, origin: Origin, action: Action, **wishes: Unpack[ServiceWishes]) -> Job:
        """Ask another service than Midjourney: Flux, an upscaler, a background remover.

        Raises:
            InvalidInput: the prompt or the picture cannot be sent.
            NotConfigured: there is no such service.
            Unavailable: it cannot be stored now; nothing was.
        """
        return await self._asking.service(origin, action, **wishes)

    async def extended(self, origin: Origin, prompt: str) -> str:
        """A longer prompt with the same meaning; see `Services.extended`."""
        return await self._services.extended(origin, prompt)

    async def press(self, origin: Origin, job_id: str, label: str, **wishes: Unpack[PressWishes]) -> Job:
        """Press a button of a finished job, by its label or emoji; the new job is stored when this returns.

        A second press for the same single picture, video or seed returns what is there.

        Raises:
            NotFound: no such job in the workspace.
            InvalidInput: words or a mask that cannot be sent, or that the action does not take.
            Conflict: it is not finished, or its account is not there any more, or its Remix is off.
            NotOffered: the result carries no such button.
            Unavailable: it cannot be stored now; nothing was.
        """
        parent = await self.job(origin.workspace_id, job_id)
        return await self._asking.follow(origin, parent, *self._parents.by_label(parent, label), **wishes)

    async def act(self, origin: Origin, job_id: str, *actions: Action, **wishes: Unpack[PressWishes]) -> Job:
        """As `press`, by what is to be done instead of the button's label: whichever the job offers; the seed too."""
        parent = await self.job(origin.workspace_id, job_id)
        found = self._parents.by_action(parent, *actions, early=wishes.get("early", False))
        return await self._asking.follow(origin, parent, *found, **wishes)

    async def keep(self, content: bytes, field: str) -> str:
        """Keep a picture for a job to come; returns its name.

        Raises:
            InvalidInput: it is no picture; the error calls it `field`.
            Unavailable: it cannot be written now.
        """
        return await self._inputs.keep(content, field=field)

    async def cancel(self, origin: Origin, job_id: str) -> Job:
        """Take a job back: at once where it was not sent, else Midjourney is asked to stop it.

        Raises:
            NotFound: no such job in the workspace.
            Conflict: it is finished, or its account cannot speak to Midjourney now.
            Unavailable: it cannot be stored now; nothing was.
        """
        job = await self._cancelling.cancel(origin, job_id)
        self._mailroom.moved(job)
        return job

    async def cancel_on(self, origin: Origin, account_id: int) -> list[Job]:
        """Take back what of the same key is bound to that account or runs there; returns it. Raises Unavailable."""
        return await self._cancelling.cancel_on(origin, account_id)

    def _taken(self, job: Job, update: JobUpdate, leaves: bool) -> None:  # noqa: FBT001 - a callback's word
        self._recent.learn(job)
        self._updates.stored(update)
        if not job.is_final and not leaves:
            self._dispatcher.add(job)
        self._mailroom.moved(job)

    def _withdrawn(self, job: Job, update: JobUpdate) -> None:
        self._recent.learn(job)
        self._keepers.forget(job)
        self._dispatcher.remove(job.id)
        self._updates.stored(update)
        self._mailroom.moved(job)

    async def _discard(self, filenames: tuple[str, ...]) -> None:
        for filename in filenames:
            try:
                await self._images.discard(filename)
            except Unavailable as error:  # it is served no more; the file alone is left
                _LOG.warning("the file %s of a removed picture is still there: %s", filename, error)

    def _hosts(self) -> frozenset[str]:
        return self._options.upstream_hosts | self._keepers.hosts()

    def _reach(self) -> Reach:
        return Reach(networks=self._options.allow_networks, places=self._hosts() | self._own_pictures.places)
