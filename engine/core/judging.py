"""Whether the words that somebody brings may be sent: judged before anything is stored, queued or charged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.core.rulebook import Rulebook
from engine.model.actions import ActionKind
from engine.model.errors import Banned, InvalidInput
from engine.model.events import Prefiltered
from engine.model.jobs import Failure, FailureReason, Job, JobUpdate, Origin, Request
from engine.model.moderation import NOTHING_FOUND, Verdict, WordList, told
from engine.model.moderation.kept import KeptHit, Refusal, kept
from engine.model.prompts import MAX_PROMPT, Terms, check_pieces
from engine.model.transitions import advance, update_of
from engine.ports import KeepRefusal, Objection, Prefilter, Store


class WordPrefilter:
    """The prefilter that Easel ships: the workspace's second list of words."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook

    async def objection(self, workspace_id: str, texts: tuple[str, ...]) -> Objection | None:
        """What the list finds in the texts."""
        rules = self._rulebook.of(workspace_id)
        verdict = NOTHING_FOUND if rules is None else rules.judged(WordList.PREFILTER, texts)
        return Objection(verdict.labels, kept(verdict)) if verdict.hits else None


@dataclass(frozen=True, slots=True)
class Taken:
    """What is stored of a new request: its jobs, what watchers are told of each, and what is kept beside them."""

    jobs: tuple[Job, ...]
    updates: tuple[JobUpdate, ...]
    beside: tuple[KeepRefusal, ...] = ()


class Judging:
    """Judges requests before they are stored; a scoring model may stand as `prefilter`."""

    def __init__(self, store: Store, rulebook: Rulebook, prefilter: Prefilter | None = None) -> None:
        self._store = store
        self._rulebook = rulebook
        self._prefilter = prefilter or WordPrefilter(rulebook)

    async def taken(self, origin: Origin, jobs: tuple[Job, ...], prompt: str) -> Taken:
        """The jobs of a new request as they are to be stored: as they are, or failed where the prefilter objects.

        Raises:
            Banned: the block list refuses the words; the refusal is kept.
            Unavailable: it cannot be judged or kept now.
        """
        objected = await self._objected(origin, jobs, prompt)
        if objected is None:
            return Taken(jobs, tuple(update_of(job, None) for job in jobs))
        event, refusal = objected
        failed = tuple(advance(job.but(version=0), event) for job in jobs)  # nothing of them was stored before
        return Taken(failed, tuple(update_of(job, event) for job in failed), (refusal,))

    async def check_prompt(self, workspace_id: str, prompt: str, terms: Terms) -> list[InvalidInput]:
        """What of a prompt for imagine would be refused; nothing is kept."""
        problems: list[InvalidInput] = []
        try:
            texts = check_pieces(prompt, terms)
        except InvalidInput as error:
            problems = [error]
            texts = [prompt[:MAX_PROMPT]]
        verdict = self._verdict(workspace_id, texts)
        return [Banned(verdict.words, told(verdict.words)), *problems] if verdict.hits else problems

    async def check_words(self, origin: Origin, action: str, words: str, at: datetime) -> None:
        """Judge words of which no job is made; `action`: what is asked of them.

        Raises:
            Banned: the block list refuses them; the refusal is kept.
            Unavailable: it cannot be kept now.
        """
        verdict = self._verdict(origin.workspace_id, (words,))
        if verdict.hits:
            await self._store.apply([KeepRefusal(_refusal(origin, action, words, kept(verdict), at))])
            raise Banned(verdict.words, told(verdict.words))

    def check_shown(self, workspace_id: str, texts: Sequence[str]) -> None:
        """Judge words that others are to read, and that are no prompt; nothing is kept.

        Raises:
            Banned: the block list refuses them.
        """
        verdict = self._verdict(workspace_id, texts)
        if verdict.hits:
            raise Banned(verdict.words, told(verdict.words))

    def objects_to(self, job: Job) -> Verdict | None:
        """What the block list, as it is now, finds in the words of a job that waits; None: nothing."""
        if self._rulebook.of(job.workspace_id) is None:
            return None
        verdict = self._verdict(job.workspace_id, brought((job,), job.prompt))
        return verdict if verdict.hits else None

    def refusal_of(self, request: Request, job: Job, verdict: Verdict, at: datetime) -> Refusal:
        """What is kept of a job that is refused while it waits."""
        refusal = _refusal(request.origin, job.action.name, job.prompt, kept(verdict), at)
        return replace(refusal, job_id=job.id)

    def _verdict(self, workspace_id: str, texts: Sequence[str]) -> Verdict:
        rules = self._rulebook.of(workspace_id)
        return NOTHING_FOUND if rules is None else rules.judged(WordList.BLOCK, texts)

    async def _objected(
        self, origin: Origin, jobs: Sequence[Job], prompt: str
    ) -> tuple[Prefiltered, KeepRefusal] | None:
        if not origin.prefilter and self._rulebook.of(origin.workspace_id) is None:
            return None
        texts = brought(jobs, prompt)
        if not texts:
            return None
        verdict = self._verdict(origin.workspace_id, texts)
        if verdict.hits:
            refusal = _refusal(origin, jobs[0].action.name, prompt or texts[0], kept(verdict), jobs[0].created_at)
            await self._store.apply([KeepRefusal(refusal)])
            raise Banned(verdict.words, told(verdict.words))
        objection = await self._prefilter.objection(origin.workspace_id, texts) if origin.prefilter else None
        if objection is None:
            return None
        labels, words = ", ".join(objection.labels), told([hit.words for hit in objection.hits])
        failure = Failure(FailureReason.PREFILTERED, f"the prefilter objects to {words}: {labels}")
        event = Prefiltered(at=jobs[-1].created_at, failure=failure, labels=objection.labels)
        refusal = _refusal(origin, jobs[0].action.name, prompt or texts[0], objection.hits, jobs[0].created_at)
        return event, KeepRefusal(replace(refusal, word_list=WordList.PREFILTER, job_id=jobs[0].id))


def _refusal(origin: Origin, action: str, prompt: str, hits: tuple[KeptHit, ...], at: datetime) -> Refusal:
    """What is kept of a request that the block list refused."""
    return Refusal(
        workspace_id=origin.workspace_id,
        requester=origin.requester,
        key_id=origin.key_id,
        dialect=origin.dialect,
        ref=origin.ref,
        action=action,
        prompt=prompt,
        word_list=WordList.BLOCK,
        hits=hits,
        at=at,
    )


def brought(jobs: Sequence[Job], prompt: str) -> tuple[str, ...]:
    """The words that a request brings itself; a press without words repeats those of its parent, judged before."""
    first = jobs[0]
    if first.action.kind is ActionKind.IMAGINE:
        texts = [job.sent_prompt or prompt for job in jobs]  # with braces, the pieces: words may be put together there
    elif first.action.kind is ActionKind.SUFFIX:
        texts = [first.given.value or ""]
    elif first.parent_id is None:  # a command, or what another service is to draw
        texts = [prompt, *(job.given.words or "" for job in jobs)]
    else:
        texts = [job.given.words or "" for job in jobs]
    return tuple(dict.fromkeys(text for text in texts if text))
