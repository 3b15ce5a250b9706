"""What an account's session shows, made to happen: whose sighting it is, and what it means there."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection

from engine.core.attention import Attention
from engine.core.bookmark import Bookmark
from engine.core.casebook import Casebook
from engine.core.errands import Errands
from engine.core.facts import Facts
from engine.core.foreign import ForeignJobs
from engine.core.replies import Replies
from engine.core.strange import Strange, kind_of
from engine.model import events as ev
from engine.model.chance import new_key
from engine.model.correlation import Ambiguous, Bound, Disagreement, Finished, Foreign, match
from engine.model.jobs import Job, JobState
from engine.model.limits import Limits
from engine.model.reading import event_of
from engine.model.sightings import Sighting, Stage, Trouble, Unrecognised
from engine.ports import Clock, Evidence, KeepEvidence, SaveCheckpoint

_LOG = logging.getLogger(__name__)

EVIDENCE_BYTES = 16_000


class Listener:
    """The ear of one keeper, which gives it its voices: trouble, a form to answer, jobs to look up."""

    def __init__(
        self,
        account_id: int,
        *,
        casebook: Casebook,
        bookmark: Bookmark,
        attention: Attention,
        foreign: ForeignJobs,
        strange: Strange,
        clock: Clock,
        limits: Limits,
        facts: Facts,
        replies: Replies,
        errands: Errands,
        in_trouble: Callable[[Trouble, str], None],
        asked: Callable[[Job], None],
        look_up: Callable[[Collection[str]], None],
        slot_freed: Callable[[], None],
        turned_away: Callable[[], None],
    ) -> None:
        self._account_id = account_id
        self._casebook = casebook
        self._bookmark = bookmark
        self._attention = attention
        self._foreign = foreign
        self._clock = clock
        self._limits = limits
        self._facts = facts
        self._replies = replies
        self._errands = errands
        self._strange = strange
        self._in_trouble = in_trouble
        self._asked = asked
        self._look_up = look_up
        self._slot_freed = slot_freed
        self._turned_away = turned_away

    async def saw(self, seq: int, what: Sighting | Unrecognised) -> None:
        """A frame, in its order; when this returns its effects are stored, and only then is it counted as read."""
        if isinstance(what, Unrecognised):
            await self._keep(Evidence(self._account_id, what.kind, what.at, what.body), seq)
        else:
            await self._sighted(seq, what)
        self._bookmark.processed(seq)

    async def _sighted(self, seq: int, sighting: Sighting) -> None:
        if self._replies.takes(sighting):
            return
        matched = match(self._casebook.book, sighting)
        match matched:
            case Bound(job_id):
                await self.bound(job_id, sighting, seq)
            case Disagreement(job_ids) | Ambiguous(job_ids):
                kind = "disagreement" if isinstance(matched, Disagreement) else "ambiguous"
                await self._keep(self._evidence(f"{kind}:{sighting.stage}", sighting, job_ids), seq)
                self._look_up(job_ids)
            case Finished():
                pass
            case Foreign(own_user):
                await self._not_ours(seq, sighting, own_user=own_user)

    async def bound(self, job_id: str, sighting: Sighting, seq: int | None = None) -> None:
        """A sighting that belongs to this job: the frame `seq`, or a message of the history."""
        job = self._casebook.job(job_id)
        if job is None:
            return
        self._attention.heard(job_id)
        if sighting.stage is Stage.DELETED:
            self._attention.progress_deleted(job_id)
            return
        event = event_of(
            job,
            sighting,
            account_id=self._account_id,
            limits=self._limits,
            now=self._clock.now(),
            new_key=new_key,
        )
        if event is None:
            return
        evidence = []
        if isinstance(event, ev.AnsweredUnknown):
            evidence.append(self._evidence(f"answer:{kind_of(sighting.words or '')}", sighting, [job_id]))
        if sighting.details is not None:
            # before its job is DONE: whoever sees that may count on them, and a crash between the two loses nothing
            await self._facts.told(sighting.details, job.action)
        place = self._bookmark.at(seq, job_id)
        after = await self._casebook.happened(job_id, event, seq=seq, checkpoint=place, evidence=evidence)
        if isinstance(event, ev.TurnedAway) and after is not None and after.state in (JobState.QUEUED, JobState.FAILED):
            self._turned_away()
        if sighting.trouble is not None:
            self._in_trouble(sighting.trouble, sighting.words or sighting.content)
        if after is not None:
            await self._learnt(after)

    async def _learnt(self, job: Job) -> None:
        """What a bound sighting tells beside its event."""
        self._errands.heard(job)
        await self._facts.behaved(job)
        if job.state is JobState.WAITING_MODAL:
            self._asked(job)
        if job.appeal is not None:
            _LOG.warning("job %s was refused, and Midjourney offers an appeal: easel job appeal %s", job.id, job.id)

    async def _not_ours(self, seq: int, sighting: Sighting, *, own_user: bool) -> None:
        addressed = own_user or sighting.user_id is None
        self._casebook.book.note_by_hand(sighting)
        if sighting.trouble is not None and addressed:
            self._in_trouble(sighting.trouble, sighting.words or sighting.content)
        before = self._foreign.running
        self._foreign.sighted(sighting, own_user=own_user)
        if self._foreign.running < before:
            self._slot_freed()
        if addressed and sighting.stage is Stage.UNKNOWN:
            kind = f"unbound:{kind_of(sighting.words or '')}"
            self._strange.seen(self._account_id, kind)
            await self._keep(self._evidence(kind, sighting, []), seq)

    async def _keep(self, evidence: Evidence, seq: int) -> None:
        lease = self._casebook.lease()
        checkpoint = self._bookmark.at(seq)
        place = [] if checkpoint is None else [SaveCheckpoint(checkpoint, lease)]
        await self._casebook.store([KeepEvidence(evidence, lease), *place])

    def _evidence(self, kind: str, sighting: Sighting, job_ids: Collection[str]) -> Evidence:
        body = {
            "stage": sighting.stage,
            "message_id": sighting.message_id,
            "nonce": sighting.nonce,
            "interaction_id": sighting.interaction_id,
            "reference_id": sighting.reference_id,
            "uuids": sorted(sighting.uuids),
            "words": sighting.words or sighting.content,
            "jobs": sorted(job_ids),
        }
        text = json.dumps(body, ensure_ascii=False).encode()[:EVIDENCE_BYTES].decode(errors="ignore")
        job_id = next(iter(job_ids)) if len(job_ids) == 1 else None
        return Evidence(self._account_id, kind, sighting.at, text, job_id)
