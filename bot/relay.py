"""Keeps every card true: follows its job, edits the right message not too often, and brings the end to its requester.

Progress is coalesced (the newest wins, one edit in `PACE` seconds) and gives way to the end, which is tried until it
is there. A lost address is not tried again: the result then comes once by DM, else it waits in /jobs. Cards are
stored, so a restarted bot goes on where the last one stopped.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot import farewell
from bot.buttons import makes_words
from bot.live import Live, until_all_look
from bot.notices import Notices
from bot.posting import Body, Expired, File, Later, Lost, Postman, Rejected
from engine import Card, CardState, Job, JobState, JobUpdate, LostCard, NotFound, Progress, Unavailable

if TYPE_CHECKING:
    from bot.client import EaselBot

_LOG = logging.getLogger("bot")
PACE = 2.5
"""Seconds between two edits of one card."""
LOOK_AGAIN = 10.0
"""A waiting job's place in the queue is looked up again after so many seconds."""
SWEEP = 5.0
"""Cards that others opened, or that are to be erased, are looked for so often (seconds)."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
GRACE = 1.0
"""How long an edit that is under way may keep the end waiting."""
TOKEN_LIVES = timedelta(minutes=14, seconds=30)
"""An interaction's token is good for 15 minutes."""
BY_DM = ""
"""A card whose message id is this has lost its message: its end goes by DM."""


class Relay:
    """All live cards of this bot."""

    def __init__(self, bot: EaselBot, post: Postman) -> None:
        self._bot = bot
        self._post = post
        self._notices = Notices(bot, post)
        self._cards: dict[int, Live] = {}
        self._jobs: dict[str, set[int]] = {}
        self._feed = bot.engine.feed()
        self._tasks: list[asyncio.Task[None]] = []
        self._sweep_now = asyncio.Event()

    def start(self) -> None:
        """Begin, with what an earlier process left open."""
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._sweep())]

    async def stop(self) -> None:
        """Leave every card as it is; the next process goes on."""
        every = [*self._tasks, *(live.task for live in self._cards.values() if live.task is not None)]
        for task in every:
            task.cancel()
        await asyncio.gather(*every, return_exceptions=True)
        await self._feed.aclose()
        self._cards.clear()

    def follow(self, card: Card, job: Job | None = None, token: str | None = None) -> None:
        """Keep a card true from now on. `job`: as it is at this moment; `token`: of the card's interaction."""
        if card.id in self._cards:
            return
        if job is None:
            self._feed.follow(card.job_id, card.delivered_version)
        else:
            job = self._bot.engine.newest(job)
            self._feed.follow(card.job_id, job.version, behind=False)
        live = Live(card, job, token)
        self._cards[card.id] = live
        self._jobs.setdefault(card.job_id, set()).add(card.id)
        live.task = asyncio.create_task(self._keep(live))

    def sweep(self) -> None:
        """Look now for cards that are to be erased."""
        self._sweep_now.set()

    async def lost_in(self, place_id: str, why: LostCard) -> None:
        """A channel or the server is gone: what went there goes by DM."""
        for live in list(self._cards.values()):
            if place_id in {live.card.channel_id, live.card.guild_id}:
                await self._went(live, why)

    # --- what happens

    async def _read(self) -> None:
        while True:
            for item in await self._feed.batch():
                for card_id in self._jobs.get(item.job_id, ()):
                    self._heard(self._cards[card_id], item)
            await asyncio.sleep(until_all_look())

    def _heard(self, live: Live, item: JobUpdate | Progress) -> None:
        """What this process stored a moment ago needs not be read."""
        if isinstance(item, Progress):
            live.moves()
            return
        job = None if live.job is None else self._bot.engine.newest(live.job)
        live.read(job if job is not None and job.version >= item.version else None)
        live.news(final=item.state in _FINAL)

    async def _sweep(self) -> None:
        cards = self._bot.engine.community.cards
        while True:
            self._sweep_now.clear()
            try:
                for card in await cards.open():
                    if card.state is CardState.ERASE:
                        await self._erase(card)
                    else:
                        self.follow(card)
            except Unavailable as error:
                _LOG.warning("open cards could not be read: %s", error)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._sweep_now.wait(), SWEEP)

    async def _erase(self, card: Card) -> None:
        live = self._cards.get(card.id)
        if live is not None:
            self._drop(live)
        cards = self._bot.engine.community.cards
        if card.message_id:
            try:
                await self._delete(card, cards.token(card))
            except Later:
                return  # the next sweep finds it again
            except (Lost, Expired, Rejected) as error:
                _LOG.info("card %s could not be deleted: %r", card.id, error)
        await cards.lost(card, LostCard.REMOVED)

    async def _delete(self, card: Card, token: str | None) -> None:
        """By the token while that leads to the message (nothing else reaches a private one), else in the channel."""
        assert card.message_id
        if token is not None:
            with suppress(Lost, Expired, Rejected):  # a message that came later, in a DM say, is not the token's
                await self._post.delete_by_token(card.application_id, token, card.message_id)
                return
        await self._post.delete(card.channel_id, card.message_id)

    # --- one card

    async def _keep(self, live: Live) -> None:
        try:
            while True:
                job = await self._job(live)
                if job.is_final:
                    await self._finish(live, job)
                    return
                await self._progress(live, job)
                if self._bot.engine.runs_elsewhere(job):  # of its percent nothing is heard here
                    live.read(None)
                    await live.pause(PACE, 0)
                else:
                    await live.pause(PACE, LOOK_AGAIN)
        except NotFound:
            await self._bot.engine.community.cards.lost(live.card, LostCard.REMOVED)
        except Unavailable as error:
            _LOG.warning("card %s waits for the store: %s", live.card.id, error)
            await asyncio.sleep(LONGEST_PAUSE / 10)
        except Exception:  # noqa: BLE001 - one card's trouble is no other's
            _LOG.exception("card %s could not be kept up to date", live.card.id)
            await asyncio.sleep(LONGEST_PAUSE)
        finally:
            self._drop(live)  # while it is open, the next sweep takes it up again

    async def _job(self, live: Live) -> Job:
        engine, card = self._bot.engine, live.card
        known = live.job
        if known is not None:
            return engine.newest(known)
        job = await engine.job(card.workspace_id, card.job_id)
        live.read(job)
        return job

    def _drop(self, live: Live) -> None:
        if self._cards.get(live.card.id) is live:
            del self._cards[live.card.id]
            others = self._jobs.get(live.card.job_id, set())
            others.discard(live.card.id)
            if not others:
                self._jobs.pop(live.card.job_id, None)
                self._feed.leave(live.card.job_id)

    async def _progress(self, live: Live, job: Job) -> None:
        """One edit, which gives way to the end."""
        if live.card.message_id == BY_DM:
            return
        scenes = self._bot.scenes
        drawn = self._bot.draw(job, await scenes.showing(live.card, job))
        if drawn == live.drawn:
            return
        body = Body(drawn, job.id, await scenes.is_layout(live.card))
        try:
            async with live.giving_way(GRACE):
                await self._edit(live, body)
            live.drawn = drawn
        except Expired:
            return  # private, and its token is over: nothing but the end can be brought
        except Lost as lost:
            await self._went(live, lost.why)
        except TimeoutError:
            return  # its end is to be shown now
        except (Later, Rejected) as error:
            _LOG.info("an edit of card %s was left out: %s", live.card.id, error)

    async def _edit(self, live: Live, body: Body) -> None:
        """By the interaction's token while it is good, then as the bot in the channel."""
        card = live.card
        assert card.message_id
        token = self._token(live)
        if token is not None:
            with suppress(Expired):
                await self._post.edit_by_token(card.application_id, token, card.message_id, body)
                return
        if card.private or card.abroad:
            raise Expired
        await self._bot.pacer.turn(card.channel_id, urgent=body.files is not None)
        await self._post.edit_in_channel(card.channel_id, card.message_id, body)

    def _token(self, live: Live) -> str | None:
        """The token of a card's interaction while it is good; it is unsealed once."""
        until = live.card.token_until
        if until is None or until <= self._bot.engine.now():
            return None
        if live.token is None:
            live.token = self._bot.engine.community.cards.token(live.card)
        return live.token

    async def _went(self, live: Live, why: LostCard) -> None:
        """Its address is gone: remembered with the card, so that no process tries it again."""
        _LOG.info("card %s lost its message (%s); the result goes by DM", live.card.id, why)
        live.card = await self._bot.engine.community.cards.placed(live.card, live.card.channel_id, BY_DM)

    async def _finish(self, live: Live, job: Job) -> None:
        cards, card = self._bot.engine.community.cards, live.card
        away = await farewell.body(self._bot, card, job)
        body = away or await self._end(card, job)
        sent_by_dm = card.message_id == BY_DM
        if not sent_by_dm:
            try:
                await self._insist(lambda: self._or_smaller(live, job, body, lambda said: self._edit(live, said)))
            except (Lost, Expired, Rejected) as error:  # an archived thread, say, rejects
                if not isinstance(error, Expired) or not await self._here_anew(live, job, body):
                    await self._went(live, _why(error))
                    sent_by_dm = True
        if sent_by_dm and away is None:
            try:
                await self._by_dm(live, job, body)
            except (Lost, Expired, Rejected) as error:
                _LOG.info("card %s reaches nobody: %r; its job is found in /jobs", card.id, error)
                await cards.lost(live.card, _why(error))
                return
        live.card = await cards.shows(live.card, job.version, final=True)
        if not sent_by_dm and away is None:
            await self._notices.tell(live.card, job)

    async def _end(self, card: Card, job: Job, *, small: bool = False) -> Body:
        scenes, pictures = self._bot.scenes, self._bot.pictures
        layout, spoiler = await scenes.is_layout(card), await scenes.spoiler(card)
        files: tuple[File, ...] = ()
        link = None
        if job.result is not None and job.result.pictures and not makes_words(job):
            files, short = await pictures.files(job, self._bot.most_bytes(card.guild_id), spoiler=spoiler, small=small)
            link = pictures.link(job.result.pictures[0]) if short else None
        shown = next((each for each in files if not each.name.endswith(".mp4")), None)
        address = None if shown is None else f"attachment://{'SPOILER_' if spoiler else ''}{shown.name}"
        drawn = self._bot.draw(job, await scenes.showing(card, job, picture=address, link=link))
        return Body(drawn, job.id, layout, files)

    async def _or_smaller(self, live: Live, job: Job, body: Body, send: Callable[[Body], Awaitable[None]]) -> None:
        """Send an end; what is too large for this place after all goes as a preview, else in words, with its link."""
        try:
            await send(body)
        except Rejected as error:
            if not body.files:
                raise
            _LOG.warning("the end of card %s was not taken as it is: %s", live.card.id, error)
        else:
            return
        smaller = await self._end(live.card, job, small=True)
        try:
            await send(smaller)
        except Rejected:
            await send(Body(replace(smaller.card, picture=None), smaller.job_id, smaller.layout, ()))

    async def _here_anew(self, live: Live, job: Job, body: Body) -> bool:
        """As a new message, where the bot itself is in the channel and the card is nobody's secret."""
        if live.card.private or not self._bot.scenes.is_present(live.card):
            return False
        try:
            await self._insist(
                lambda: self._or_smaller(live, job, body, lambda said: self._send(live, live.card.channel_id, said))
            )
        except (Lost, Expired, Rejected) as error:
            _LOG.info("card %s could not be posted anew in its channel: %r", live.card.id, error)
            return False
        return True

    async def _by_dm(self, live: Live, job: Job, body: Body) -> None:
        async def send() -> None:
            channel_id = await self._post.dm(live.card.user_id)
            await self._or_smaller(live, job, body, lambda said: self._send(live, channel_id, said))

        await self._insist(send)

    async def _send(self, live: Live, channel_id: str, body: Body) -> None:
        message_id = await self._post.send(channel_id, body, f"easel-{live.card.id}")
        live.card = await self._bot.engine.community.cards.placed(live.card, channel_id, message_id)

    async def _insist(self, work: Callable[[], Awaitable[None]]) -> None:
        """Until it is there: a dropped connection is not tried again by discord.py."""
        pause = FIRST_PAUSE
        while True:
            try:
                await work()
            except Later as error:
                _LOG.info("tried again in %.0f s: %s", pause, error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                return


_FINAL = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


def _why(error: Lost | Expired | Rejected) -> LostCard:
    if isinstance(error, Lost):
        return error.why
    return LostCard.TOKEN_OVER if isinstance(error, Expired) else LostCard.NO_PERMISSION
