"""How members' requests are taken: judged by who they are and where, charged to them, and spread in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Protocol, Unpack
from weakref import WeakValueDictionary

from engine.core.community.members import Members, Usage
from engine.core.community.permits import Asker, Permit, Permits, refusal_of
from engine.core.wishes import CommandWishes, ImagineWishes, PressWishes, ServiceWishes
from engine.model.actions import Action
from engine.model.community.people import DIALECT
from engine.model.community.permission import Deed, Denial, Denied, speed_for
from engine.model.community.styles import styled
from engine.model.errors import InvalidInput, NotAllowed, Refused
from engine.model.inputs import ImageInput
from engine.model.jobs import Job, Mode, Origin
from engine.model.limits import mode_asked
from engine.model.prices import GENERATION, RELAXED
from engine.model.prompts import count, expand, with_fields
from engine.ports import Store


class Taking(Protocol):
    """What of the engine takes requests."""

    async def imagine(self, origin: Origin, prompt: str, **wishes: Unpack[ImagineWishes]) -> Job:
        """Take a prompt."""
        ...

    async def command(self, origin: Origin, action: Action, **wishes: Unpack[CommandWishes]) -> Job:
        """Take another command."""
        ...

    async def service(self, origin: Origin, action: Action, **wishes: Unpack[ServiceWishes]) -> Job:
        """Take what another service is to do."""
        ...

    async def press(self, origin: Origin, job_id: str, label: str, **wishes: Unpack[PressWishes]) -> Job:
        """Press a button by its label."""
        ...

    async def act(self, origin: Origin, job_id: str, *actions: Action, **wishes: Unpack[PressWishes]) -> Job:
        """Press a button by what it does."""
        ...

    async def cancel(self, origin: Origin, job_id: str) -> Job:
        """Take a job back."""
        ...

    async def pieces(self, workspace_id: str, words: str, images: Sequence[ImageInput] = ()) -> list[str]:
        """The prompts of the jobs that `imagine` would make of these words."""
        ...

    async def made_before(self, parent: Job, *actions: Action, label: str | None = None) -> Job | None:
        """What a second press would show instead of costing anything."""
        ...


@dataclass(frozen=True, slots=True)
class Preview:
    """What a prompt would come to, before anything is stored."""

    prompt: str
    """With style and speed, as it would be asked for."""
    jobs: int
    credits: int
    usage: Usage


class Requests:
    """The desk of members. Everything is `discord:<user id>`'s, through the dialect `discord`.

    Raises (every method): NotAllowed with a `Denial` as its code; OverQuota with `frees_at`; what the engine's own
    methods of the same name raise.
    """

    def __init__(self, store: Store, permits: Permits, members: Members, engine: Taking) -> None:
        self._store = store
        self._permits = permits
        self._members = members
        self._engine = engine
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def imagine(
        self,
        asker: Asker,
        prompt: str,
        *,
        private: bool = False,
        style: int | None = None,
        plain: bool = False,
        **wishes: Unpack[ImagineWishes],
    ) -> Job:
        """Take a prompt. `style`: a saved one; without it the server's own, unless it is to be `plain`."""
        permit = await self._permits.permit(asker, Deed.GENERATE)
        words, speed = await self._words(permit, prompt, style=style, plain=plain, mode=wishes.get("mode"))
        return await self._imagine(asker, permit, words, speed, private=private, wishes=wishes)

    async def imagine_one(
        self,
        asker: Asker,
        prompt: str,
        *,
        private: bool = False,
        style: int | None = None,
        plain: bool = False,
        **wishes: Unpack[ImagineWishes],
    ) -> Job | Preview:
        """As `imagine`; words that make several jobs are not taken, and it is told what they would come to.

        Raises:
            InvalidInput: the prompt, or one piece of it, cannot be sent.
        """
        permit = await self._permits.permit(asker, Deed.GENERATE)
        words, speed = await self._words(permit, prompt, style=style, plain=plain, mode=wishes.get("mode"))
        if count(words) > 1:
            return await self._preview(asker, permit, words, speed, wishes.get("images", ()))
        return await self._imagine(asker, permit, words, speed, private=private, wishes=wishes)

    async def _preview(
        self, asker: Asker, permit: Permit, words: str, speed: Mode | None, images: Sequence[ImageInput]
    ) -> Preview:
        asked = with_fields(words, mode=speed)
        pieces = await self._engine.pieces(permit.workspace_id, asked, images)
        cost = sum(RELAXED if mode_asked(piece) is Mode.RELAX else GENERATION for piece in pieces)
        usage = await self._members.usage(permit.workspace_id, asker.user_id, permit.terms)
        return Preview(asked, len(pieces), cost, usage)

    async def _imagine(
        self, asker: Asker, permit: Permit, words: str, speed: Mode | None, *, private: bool, wishes: ImagineWishes
    ) -> Job:
        if speed is not None:
            wishes["mode"] = speed
        async with self._turn(asker, permit, count(words)) as origin:
            return await self._engine.imagine(_private(origin, on=private), words, **wishes)

    async def command(
        self, asker: Asker, action: Action, *, private: bool = False, **wishes: Unpack[CommandWishes]
    ) -> Job:
        """Take another command: blend, describe, shorten, show, face swap."""
        permit = await self._permits.permit(asker, Deed.GENERATE)
        async with self._turn(asker, permit, 1) as origin:
            return await self._engine.command(_private(origin, on=private), action, **wishes)

    async def service(
        self, asker: Asker, action: Action, *, private: bool = False, **wishes: Unpack[ServiceWishes]
    ) -> Job:
        """Ask another service than Midjourney."""
        permit = await self._permits.permit(asker, Deed.GENERATE)
        async with self._turn(asker, permit, 1) as origin:
            return await self._engine.service(_private(origin, on=private), action, **wishes)

    async def press(self, asker: Asker, job_id: str, label: str, **wishes: Unpack[PressWishes]) -> Job:
        """Press a button of a finished job, by its label; what is there already is shown and costs nothing."""
        permit = await self._permits.permit_for(asker, Deed.PRESS, job_id)
        assert permit.job is not None
        if (known := await self._engine.made_before(permit.job, label=label)) is not None:
            return known
        _check_pressed(permit, permit.job, wishes.get("words"))
        async with self._turn(asker, permit, 1) as origin:
            return await self._engine.press(origin, job_id, label, **wishes)

    async def act(self, asker: Asker, job_id: str, *actions: Action, **wishes: Unpack[PressWishes]) -> Job:
        """As `press`, by what is to be done."""
        permit = await self._permits.permit_for(asker, Deed.PRESS, job_id)
        assert permit.job is not None
        if (known := await self._engine.made_before(permit.job, *actions)) is not None:
            return known
        _check_pressed(permit, permit.job, wishes.get("words"))
        async with self._turn(asker, permit, 1) as origin:
            return await self._engine.act(origin, job_id, *actions, **wishes)

    async def act_all(self, asker: Asker, job_id: str, *actions: Action) -> list[Job]:
        """Press several buttons of a finished job as one request, as "Upscale all" does; what is there is shown.

        All together count as one for the pause between two requests, and each for what may wait. When one is refused
        (a quota ends, a button is not there), those before it stand and are returned; when the first is, it raises.
        """
        permit = await self._permits.permit_for(asker, Deed.PRESS, job_id)
        assert permit.job is not None
        made: dict[Action, Job] = {}
        for action in actions:
            if (known := await self._engine.made_before(permit.job, action)) is not None:
                made[action] = known
        wanted = [action for action in actions if action not in made]
        if wanted:
            _check_pressed(permit, permit.job, None)
            async with self._turn(asker, permit, len(wanted)) as origin:
                for action in wanted:
                    try:
                        made[action] = await self._engine.act(origin, job_id, action)
                    except Refused:
                        if not made:
                            raise
                        break
        return [made[action] for action in actions if action in made]

    async def cancel(self, asker: Asker, job_id: str) -> Job:
        """Take a job back; a requester's own, or any as a moderator."""
        permit = await self._permits.permit_for(asker, Deed.OWN, job_id)
        return await self._engine.cancel(_origin(asker, permit), job_id)

    async def _words(
        self, permit: Permit, prompt: str, *, style: int | None, plain: bool, mode: Mode | None
    ) -> tuple[str, Mode | None]:
        """The prompt with its style, and the speed to be named; None: the prompt says it, or none has to be named."""
        chosen = style if style is not None or plain else permit.guild.settings.default_style
        words = prompt
        if chosen is not None:
            known = {each.id: each for each in await self._store.styles(permit.workspace_id, permit.actor.user_id)}
            found = known.get(chosen)
            if found is not None:
                words = styled(prompt, found.words)
            elif style is not None:
                raise InvalidInput("style", "is not known", value=style, allowed="one of your own, or a shared one")
        asked = {mode_asked(piece) or mode for piece in expand(words)}
        named = {_check_speed(permit, each) for each in (asked if mode is None else {*asked, mode})}
        # where pieces name speeds and others do not, the prompt's own are left to count
        return words, mode or (named.pop() if len(named) == 1 else None)

    @asynccontextmanager
    async def _turn(self, asker: Asker, permit: Permit, jobs: int) -> AsyncIterator[Origin]:
        """One request of a member at a time, so that two at once cannot both be the last one that may wait."""
        key = (permit.workspace_id, asker.user_id)
        turn = self._turns.get(key)
        if turn is None:
            turn = self._turns[key] = asyncio.Lock()
        async with turn:
            await self._members.seen(permit.workspace_id, asker.user_id, asker.name)
            if permit.actor.member is not None and permit.actor.member.left_at is not None:
                await self._members.returned(permit.workspace_id, asker.user_id)
            await self._check_pace(asker, permit, jobs)
            yield _origin(asker, permit)

    async def _check_pace(self, asker: Asker, permit: Permit, jobs: int) -> None:
        if not permit.terms.cooldown and permit.terms.most_queued is None:
            return  # there is nothing to be looked up
        usage = await self._members.usage(permit.workspace_id, asker.user_id, permit.terms)
        if usage.free_again_at is not None:
            raise NotAllowed(Denial.COOLDOWN, until=usage.free_again_at)
        if usage.most_queued is not None and usage.queued + jobs > usage.most_queued:
            raise NotAllowed(Denial.TOO_MANY_QUEUED, allowed=(str(usage.most_queued),))


def _check_pressed(permit: Permit, parent: Job, words: str | None) -> None:
    """A button's job runs at the speed that its form's words name or, without a form, those of its parent.

    Raises:
        NotAllowed: that speed is not theirs.
    """
    asked = mode_asked(parent.prompt if words is None else words)
    if asked is not None:
        _check_speed(permit, asked)


def _check_speed(permit: Permit, asked: Mode | None) -> Mode | None:
    """The speed to be named in the place of none.

    Raises:
        NotAllowed: the one that is asked for is not theirs.
    """
    found = speed_for(permit.terms, asked)
    if isinstance(found, Denied):
        raise refusal_of(found)
    return found


def _private(origin: Origin, *, on: bool) -> Origin:
    return replace(origin, private=True) if on else origin


def _origin(asker: Asker, permit: Permit) -> Origin:
    return Origin(
        workspace_id=permit.workspace_id,
        requester=asker.requester,
        dialect=DIALECT,
        budget=permit.budget,
        private=asker.where.direct,
    )
