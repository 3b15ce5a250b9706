"""How what somebody asks for becomes stored jobs: checked first, whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from weakref import WeakValueDictionary

from engine.core.arguments import SWAPPED, check_command, check_images, check_mask, check_words, stand_in
from engine.core.faceswap import FaceSwap
from engine.core.filing import Filing
from engine.core.gathering import links_of, words_of
from engine.core.judging import Judging, Taken
from engine.core.ownpictures import PATH, OwnPictures
from engine.core.parents import Parents, click_on, largest_plan
from engine.core.services import Services
from engine.model.actions import APPLICATIONS, MIDJOURNEY_APPLICATION, SWAP_APPLICATION, Action, ActionKind
from engine.model.addresses import Reach
from engine.model.catalogue import entry_of
from engine.model.chance import new_uuid
from engine.model.entries import Makes
from engine.model.errors import Conflict, InvalidInput, NotOffered
from engine.model.events import Finished
from engine.model.hooks import Hook
from engine.model.inputs import NOTHING, Given, ImageInput
from engine.model.jobs import Component, Job, JobState, Links, Mode, Origin
from engine.model.prompts import (
    Terms,
    check_pieces,
    with_fields,
)
from engine.model.prompts.text import check_text
from engine.model.transitions import advance, update_of
from engine.ports import Clock, Inputs, Store

_ONCE = frozenset({ActionKind.UPSCALE, ActionKind.VIDEO_UPSCALE, ActionKind.SEED})
"""Pressed again they show what is there: one cell of a grid has one picture, a picture one seed."""
_WITHOUT_PRICE = frozenset({JobState.FAILED, JobState.CANCELLED})


class Asking:
    """The desk where requests are taken.

    `plans` are those of a workspace's accounts, None for one that is not known; `reach` says which addresses are
    taken; `hook_of` where a request is posted.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        inputs: Inputs,
        own: OwnPictures,
        parents: Parents,
        plans: Callable[[str], Iterable[str | None]],
        reach: Callable[[], Reach],
        judging: Judging,
        services: Services,
        face_swap: FaceSwap,
        hook_of: Callable[[Origin], Hook | None],
        filing: Filing,
    ) -> None:
        self._store = store
        self._clock = clock
        self._inputs = inputs
        self._own = own
        self._parents = parents
        self._plans = plans
        self._reach = reach
        self._judging = judging
        self._services = services
        self._face_swap = face_swap
        self._hook_of = hook_of
        self._filing = filing
        self._newest = clock.now()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def imagine(
        self,
        origin: Origin,
        prompt: str,
        *,
        images: Sequence[ImageInput] = (),
        mode: Mode | None = None,
        aspect: str | None = None,
        application_id: str = MIDJOURNEY_APPLICATION,
        account_id: int | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the job's limit, not this call's
        alone_unless: str | None = None,
    ) -> Job:
        """Take a prompt; permutations and --repeat make several jobs of one request. Returns the first.

        Raises:
            InvalidInput: the prompt, or one piece of it, cannot be sent.
            NotFound, Conflict: no such account, or it cannot work.
            Unavailable: it cannot be stored now; nothing was.
        """
        if (known := await self._filing.known(origin)) is not None:
            return known
        words = with_fields(prompt, mode=mode, aspect=aspect)
        pieces = await self.pieces(origin.workspace_id, words, images, account_id)
        if alone_unless is not None and len(pieces) > 1:
            raise InvalidInput("prompt", f"makes {len(pieces)} jobs", allowed=f"one; more with {alone_unless}")
        jobs = [
            self._new(origin, Action(ActionKind.IMAGINE), piece, application_id, timeout).but(
                sent_prompt=piece if piece != words else None,
                given=Given(images=tuple(images)) if images else NOTHING,
                bound_account_id=account_id,
            )
            for piece in pieces
        ]
        return await self._submit(origin, jobs, words)

    async def pieces(
        self, workspace_id: str, words: str, images: Sequence[ImageInput] = (), account_id: int | None = None
    ) -> list[str]:
        """The prompts of the jobs that an imagine of these words comes to.

        Raises:
            InvalidInput: the prompt, or one piece of it, cannot be sent.
            NotFound, Conflict: no such account, or it cannot work.
        """
        terms = await self.terms(workspace_id, account_id)
        check_images(images, terms.reach)
        stand_ins = "".join(stand_in(n, image) + " " for n, image in enumerate(images))
        return [whole.removeprefix(stand_ins) for whole in check_pieces(stand_ins + words, terms)]

    async def command(
        self,
        origin: Origin,
        action: Action,
        *,
        prompt: str = "",
        given: Given = NOTHING,
        application_id: str = MIDJOURNEY_APPLICATION,
        account_id: int | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the job's limit, not this call's
    ) -> Job:
        """Take a slash command other than imagine.

        Raises:
            InvalidInput: an argument is missing or wrong.
            NotConfigured: it is a face swap, and that is off.
            NotFound, Conflict: no such account, or it cannot work.
            Unavailable: it cannot be stored now; nothing was.
        """
        if (known := await self._filing.known(origin)) is not None:
            return known
        if action.kind is ActionKind.FACE_SWAP:
            given, application_id = self._face_swap.given(given), SWAP_APPLICATION
        if action.kind is ActionKind.SHOW:
            origin, given, account_id = await self._shown(origin, given, account_id)
        check_command(action, prompt, given, await self.terms(origin.workspace_id, account_id))
        job = self._new(origin, action, prompt, application_id, timeout)
        job = job.but(given=given, bound_account_id=account_id)
        return await self._submit(origin, [job], prompt)

    async def _shown(self, origin: Origin, given: Given, account_id: int | None) -> tuple[Origin, Given, int | None]:
        """What to show, and where: one of our own jobs by Midjourney's id of it, on the account that made it.

        Raises:
            InvalidInput: another account is named, which could not show it.
            Conflict: that account cannot work, or Midjourney's id of it is not known.
        """
        made = None if given.value is None else await self._store.job(origin.workspace_id, given.value.strip().lower())
        if made is None:
            return origin, given, account_id
        if made.result is None or made.result.uuid is None:
            raise Conflict(f"job {made.id} is {made.state}, and Midjourney's id of it is not known")
        account = await self._parents.account_of(made)
        if account_id not in (None, account.id):
            raise InvalidInput("account_id", f"is {account_id}", allowed=f"{account.id}, which made job {made.id}")
        origin = replace(origin, private=True) if made.private else origin
        return origin, replace(given, value=made.result.uuid), account.id

    async def terms(self, workspace_id: str, account_id: int | None) -> Terms:
        """What the account, or whichever of the workspace's, can do.

        Raises:
            NotFound, Conflict: no such account, or it cannot work.
        """
        if account_id is None:
            plans: Iterable[str | None] = self._plans(workspace_id)
        else:
            plans = [(await self._parents.account(workspace_id, account_id)).facts.plan]
        return Terms(plan=largest_plan(plans), reach=self._reach())

    async def service(
        self,
        origin: Origin,
        action: Action,
        *,
        prompt: str = "",
        image: ImageInput | None = None,
        options: tuple[tuple[str, str], ...] = (),
        timeout: float | None = None,  # noqa: ASYNC109 - the job's limit, not this call's
    ) -> Job:
        """Take what another service than Midjourney is to do.

        Raises:
            InvalidInput: the prompt or the picture cannot be sent.
            NotConfigured: there is no such service.
            Unavailable: it cannot be stored now; nothing was.
        """
        service, images = entry_of(action).service, () if image is None else (image,)
        if entry_of(action).takes_prompt:
            check_text(prompt)
        check_images(images, self._reach())
        job = self._new(origin, action, prompt, service.value, timeout).but(
            given=Given(images=images, options=options),
            bound_account_id=await self._services.account_for(origin.workspace_id, service),
        )
        return await self._submit(origin, [job], prompt)

    async def follow(
        self,
        origin: Origin,
        parent: Job,
        action: Action,
        component: Component | None,
        *,
        words: str | None = None,
        mask: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the job's limit, not this call's
        anew: bool = False,
        early: bool = False,
    ) -> Job:
        """Take what is to be made of a finished job by pressing `component` of its result (None: by no button).

        `early`: a parent that is not finished is waited for, and the button taken from it then.

        Raises:
            InvalidInput: words or a mask that the action does not take, or that cannot be sent.
            Conflict: the account that made the parent cannot work, or its Remix is off and words were given.
            Unavailable: it cannot be stored now; nothing was.
        """
        if (known := await self._filing.known(origin)) is not None:
            return known
        account = await self._parents.account_of(parent)
        if parent.private:
            origin = replace(origin, private=True)
        if words is not None:
            self._parents.check_remix(account, action)
            check_words(action, words, Terms(plan=largest_plan([account.facts.plan]), reach=self._reach()))
        await check_mask(self._inputs, parent, action, mask)
        if action == Action(ActionKind.DESCRIBE_IMAGINE, None, "all"):
            return await self._describe_all(origin, parent, timeout)
        job = self._child(origin, parent, action, component, timeout)
        awaits_parent = early and not parent.is_final
        given = Given(words=words, mask=mask, awaits_parent=awaits_parent)
        if action.kind is ActionKind.SEED:
            given = _seed_of(parent)
        job = job.but(given=given, prompt=words if words is not None else job.prompt)
        if action.kind in _ONCE:
            return await self._once(origin, job, parent.id, anew=anew)
        return await self._submit(origin, [job], job.prompt)

    async def _once(self, origin: Origin, job: Job, parent_id: str, *, anew: bool) -> Job:
        """What was made of the parent by this action already, or this job; two presses at the same moment are one."""
        turn = self._turns.get(parent_id)
        if turn is None:
            turn = self._turns[parent_id] = asyncio.Lock()
        async with turn:
            known = await self._made(job.workspace_id, parent_id, job.action)
            if known is None:
                return await self._submit(origin, [job], job.prompt)
            return await self._repeated(origin, job, known) if anew and known.result is not None else known

    async def made_before(self, parent: Job, action: Action) -> Job | None:
        """What a press that is done once only made already, which a second one would show."""
        return await self._made(parent.workspace_id, parent.id, action) if action.kind in _ONCE else None

    async def _made(self, workspace_id: str, parent_id: str, action: Action) -> Job | None:
        known = await self._store.children(workspace_id, parent_id, action)
        return next((job for job in known if job.state not in _WITHOUT_PRICE), None)

    async def _repeated(self, origin: Origin, job: Job, known: Job) -> Job:
        """The job with what the known one came to; it is never queued, and nothing is sent."""
        assert known.result is not None
        assert known.account_id is not None
        told = Finished(at=job.created_at, account_id=known.account_id, links=Links(), result=known.result)
        done = advance(job, told)
        taken = Taken((done,), (update_of(job, None), update_of(done, told)))
        return (await self._filing.file(origin, job.prompt, taken)).jobs[0]

    async def _describe_all(self, origin: Origin, parent: Job, timeout: float | None) -> Job:  # noqa: ASYNC109 - likewise
        """All four descriptions at once, each as a job of its own: a raw batch would answer without nonces."""
        jobs = []
        for action, component in self._parents.offered(parent):
            if action.kind is ActionKind.DESCRIBE_IMAGINE and action.index is not None:
                jobs.append(self._child(origin, parent, action, component, timeout))
        if not jobs:
            raise InvalidInput("button", "cannot be pressed: the description carries none of the four buttons")
        return await self._submit(origin, jobs, parent.prompt)

    def _child(
        self, origin: Origin, parent: Job, action: Action, component: Component | None, timeout: float | None
    ) -> Job:
        details = parent.result.details if parent.result is not None else None
        texts = details.texts if details is not None else ()
        chosen = action.index if entry_of(action).makes is Makes.GRID and texts else None
        prompt = texts[chosen - 1] if chosen is not None and chosen <= len(texts) else parent.prompt
        return self._new(origin, action, prompt, parent.application_id, timeout).but(
            parent_id=parent.id,
            root_id=parent.root_id or parent.id,
            click=None if component is None or component.custom_id is None else click_on(parent, component),
            bound_account_id=parent.bound_account_id if parent.account_id is None else parent.account_id,
        )

    def _new(self, origin: Origin, action: Action, prompt: str, application_id: str, timeout: float | None) -> Job:
        known = {SWAP_APPLICATION} if action.kind is ActionKind.FACE_SWAP else APPLICATIONS
        if application_id not in known and application_id != entry_of(action).service:
            raise InvalidInput("application_id", f"is {application_id}", allowed=" or ".join(sorted(known)))
        # strictly rising, so that first come is first served even within one tick of the clock
        now = self._newest = max(self._clock.now(), self._newest + timedelta(microseconds=1))
        job_id = new_uuid()
        until = None if timeout is None else now + timedelta(seconds=timeout)
        return Job(
            id=job_id,
            request_id=job_id,
            workspace_id=origin.workspace_id,
            application_id=application_id,
            action=action,
            prompt=prompt,
            ref=origin.ref,
            hook=self._hook_of(origin),
            created_at=now,
            updated_at=now,
            only_accounts=origin.only_accounts,
            source_links=origin.source_links,
            private=origin.private,
            boosted_by=origin.requester if origin.boost else None,
            timeout_seconds=timeout,
            deadline_at=until,
            gives_up_at=until,
        )

    async def _submit(self, origin: Origin, jobs: list[Job], prompt: str) -> Job:
        await self._check_own(jobs)
        made = tuple(job.but(request_id=jobs[0].id) for job in jobs)
        taken = await self._filing.file(origin, prompt, await self._judging.taken(origin, made, prompt))
        return taken.jobs[0]

    async def _check_own(self, jobs: Sequence[Job]) -> None:
        """See that pictures of ours that are named are there. Raises InvalidInput, Unavailable."""
        for job in jobs:
            swaps = job.action.kind is ActionKind.FACE_SWAP
            for n, image in enumerate(job.given.images):
                if image.address is not None:
                    await self._own.check(image.address, SWAPPED[n] if swaps else "image")
            if PATH in (words_of(job) or ""):
                for address in links_of(job):
                    await self._own.check(address, "prompt")


def _seed_of(parent: Job) -> Given:
    result = parent.result
    if result is None or result.uuid is None:
        raise NotOffered("the job's picture has no job id of Midjourney's, and without it its seed cannot be told")
    return Given(value=result.uuid, message=(result.channel_id, result.message_id))
