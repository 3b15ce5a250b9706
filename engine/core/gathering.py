"""The pictures that jobs name by an address: fetched before a job's turn, so that no other waits for a slow place.

A job whose pictures do not come is tried a few times, with growing pauses, and then ends unsent; others pass it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from engine.core.chores import Chores
from engine.core.ownpictures import OwnPictures
from engine.model.actions import ActionKind
from engine.model.addresses import is_at, is_inner
from engine.model.catalogue import entry_of
from engine.model.entries import Asks
from engine.model.errors import NotFound, Refused, Unavailable
from engine.model.inputs import ImageInput
from engine.model.jobs import Failure, FailureReason, Job
from engine.model.prompts import fetched_links, read_prompt
from engine.model.signatures import is_fresh
from engine.ports import Clock, Inputs

_LOG = logging.getLogger(__name__)

PAUSES = (2.0, 5.0, 10.0, 20.0, 30.0)
"""Seconds between two tries; one try more than there are pauses."""
AT_ONCE = 32
AT_ONE_PLACE = 4
REMEMBERED = 10_000
"""Addresses of jobs of which is known under which name their picture is kept."""
_BOTS_OWN = "/ephemeral-attachments/"


class Gatherer(Protocol):
    """Who is told how a gathering ended."""

    def gathered(self, job_id: str) -> None:
        """Everything is there."""
        ...

    async def unsendable(self, job_id: str, failure: Failure) -> None:
        """It will not come. Raises Unavailable."""
        ...


class Pictures:
    """The bytes behind what jobs name."""

    def __init__(self, inputs: Inputs, own: OwnPictures, clock: Clock, *, inside: bool = False) -> None:
        """`inside`: pictures in networks of ours are allowed, to which names may lead as well as numbers."""
        self._inputs = inputs
        self._own = own
        self._clock = clock
        self._inside = inside
        self._judged: OrderedDict[tuple[str, str], bool] = OrderedDict()
        """By job and address, whether its name leads inside."""
        self._names: OrderedDict[tuple[str, str], str] = OrderedDict()
        """By job and address, the name under which its picture is kept; another job's may have changed meanwhile."""

    def needs_upload(self, job_id: str, address: str) -> bool:
        """Whether Midjourney could not fetch it."""
        if self._judged.get((job_id, address)):
            return True
        if address.startswith("data:") or self._own.has(address):
            return True
        if _BOTS_OWN in urlsplit(address).path:
            return True
        return not is_at(address, self._own.hosts()) and is_inner(address)

    def is_expired(self, address: str, now: datetime) -> bool:
        """Whether it is a link of Discord's that no longer opens, or not for long; Discord gives a new one for it."""
        discord = "/attachments/" in address and is_at(address, self._own.hosts())
        return discord and not is_fresh(address, now)

    def missing(self, job: Job) -> list[str]:
        """The addresses that have to be fetched before a job can be sent, and are not here."""
        sent_on = job.action.kind in (ActionKind.IMAGINE, ActionKind.DESCRIBE)
        named = [each.address for each in job.given.images if each.address is not None]
        found = [each for each in named if not sent_on or self.needs_upload(job.id, each)]
        found += [each for each in links_of(job) if self.needs_upload(job.id, each)]
        now = self._clock.now()
        return [
            each for each in dict.fromkeys(found) if self._is_missing(job.id, each) and not self.is_expired(each, now)
        ]

    def unjudged(self, job: Job) -> list[str]:
        """The addresses that would be sent on, if their names do not lead inside."""
        if not self._inside:
            return []
        named = [each.address for each in job.given.images if each.address is not None and each.address[:5] != "data:"]
        found = dict.fromkeys([*named, *links_of(job)])
        return [each for each in found if (job.id, each) not in self._judged and not self.needs_upload(job.id, each)]

    async def judge(self, job_id: str, address: str) -> None:
        """Find out whether a name leads inside; one that cannot be looked up counts as not."""
        try:
            inside = not is_at(address, self._own.hosts()) and await self._inputs.leads_inside(address)
        except Unavailable as error:
            _LOG.warning("job %s: %s", job_id, error)
            inside = False
        self._judged[(job_id, address)] = inside
        if len(self._judged) > REMEMBERED:
            self._judged.popitem(last=False)

    def keeps(self, job_id: str, address: str) -> bool:
        """Whether its picture was fetched for this job and is kept."""
        return (job_id, address) in self._names

    def _is_missing(self, job_id: str, address: str) -> bool:
        return not address.startswith("data:") and not self.keeps(job_id, address)

    async def content(self, job_id: str, image: ImageInput, fresh: str | None = None) -> tuple[bytes, str]:
        """The bytes, and a file name whose ending tells what they are (a wrong one gives "Invalid link", §1.4).

        `fresh`: the address that opens in the place of its own.

        Raises:
            Refused: it is no picture, is gone, or may not be called.
            Unavailable: it did not come now.
        """
        if image.kept is not None:
            return await self._inputs.read(image.kept), image.kept
        assert image.address is not None
        place = (job_id, image.address)
        known = self._names.get(place)
        if known is not None:
            try:
                return await self._inputs.read(known), known
            except NotFound:
                del self._names[place]
        own = await self._own.read(image.address)
        content = own if own is not None else await self._inputs.fetch(fresh or image.address, self._own.hosts())
        kept = await self._inputs.keep(content)
        if not image.address.startswith("data:"):
            self._names[place] = kept
            if len(self._names) > REMEMBERED:
                self._names.popitem(last=False)
        return content, kept


class Gathering(Chores):
    """Which queued jobs have pictures to come."""

    def __init__(self, pictures: Pictures, clock: Clock) -> None:
        super().__init__()
        self._pictures = pictures
        self._clock = clock
        self._room = asyncio.Semaphore(AT_ONCE)
        self._places: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        """By host, while somebody fetches from it or waits to."""

    def begin(self, job: Job, gatherer: Gatherer) -> bool:
        """Fetch what a job needs; False: nothing has to be fetched, and `gatherer` hears nothing."""
        if job.id in self._tasks:
            return True
        if not self._pictures.unjudged(job) and not self._pictures.missing(job):
            return False
        self._tasks[job.id] = asyncio.create_task(self._all(job, gatherer))
        return True

    async def _all(self, job: Job, gatherer: Gatherer) -> None:
        job_id = job.id
        try:
            for address in self._pictures.unjudged(job):
                await self._pictures.judge(job_id, address)
            for address in self._pictures.missing(job):
                failure = await self._one(job_id, address)
                if failure is not None:
                    await self._lost(job_id, failure, gatherer)
                    return
        except Exception:  # noqa: BLE001 - a fault of ours: this job ends with it, and stands in nobody's way
            _LOG.exception("job %s: its pictures could not be gathered", job_id)
            words = "its pictures could not be gathered; the log of this moment says why"
            await self._lost(job_id, Failure(FailureReason.NOT_SENT, words), gatherer)
            return
        del self._tasks[job_id]
        gatherer.gathered(job_id)

    async def _one(self, job_id: str, address: str) -> Failure | None:
        place = urlsplit(address).netloc
        told = ""
        for pause in (*PAUSES, None):
            try:
                async with self._places.setdefault(place, asyncio.Semaphore(AT_ONE_PLACE)), self._room:
                    await self._pictures.content(job_id, ImageInput(address))
            except Refused as wrong:
                return Failure(FailureReason.PROMPT, str(wrong))
            except Unavailable as error:
                told = str(error)
            else:
                return None
            if pause is not None:
                _LOG.info("a picture did not come, again in %g s: %s", pause, told)
                await self._clock.sleep(pause)
        tries = len(PAUSES) + 1
        return Failure(FailureReason.NOT_SENT, f"it was never sent: {told} (tried {tries} times)")

    async def _lost(self, job_id: str, failure: Failure, gatherer: Gatherer) -> None:
        while job_id in self._tasks:
            try:
                await gatherer.unsendable(job_id, failure)
            except Unavailable as error:
                _LOG.warning("job %s stays queued: %s", job_id, error)
                await self._clock.sleep(PAUSES[0])
            else:
                self._tasks.pop(job_id, None)


def links_of(job: Job) -> list[str]:
    """The addresses of pictures in the words that leave with a job."""
    words = words_of(job)
    return [] if words is None or "://" not in words else [link.url for link in fetched_links(read_prompt(words))]


def words_of(job: Job) -> str | None:
    """The words that leave with a job and may hold links; a form's own, and in the region editor the parent's."""
    if job.click is not None:
        region = entry_of(job.action).asks is Asks.REGION
        return job.prompt if job.given.words is None and region else job.given.words
    match job.action.kind:
        case ActionKind.IMAGINE | ActionKind.SHORTEN:
            return job.prompt
        case ActionKind.SUFFIX:
            return job.given.value or None
        case _:
            return None
