"""Which job a sighting belongs to: all links are read, and all must agree (midjourney-protocol §3.5)."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta

from engine.model.actions import ActionKind
from engine.model.catalogue import entry_of
from engine.model.entries import Makes
from engine.model.faceswap import SAVE, SWAP
from engine.model.jobs import Job, JobState
from engine.model.sightings import Channel, Sighting, Stage
from engine.model.snowflakes import time_of
from engine.model.values import value

CLOCK_TOLERANCE = timedelta(seconds=30)
"""How far our clock may be from Discord's when a message's time is held against our send time."""

FINISHED_REMEMBERED = 5000
BY_HAND_REMEMBERED = 5000


@value(frozen=True, slots=True)
class Bound:
    """The sighting belongs to this job; `by` names the strongest link."""

    job_id: str
    by: str


@value(frozen=True, slots=True)
class Finished:
    """An edit of a message whose job is finished: it changes nothing."""

    job_id: str


@value(frozen=True, slots=True)
class Disagreement:
    """Links name different jobs: nothing is bound, the frame is evidence, all of them are looked up."""

    job_ids: frozenset[str]


@value(frozen=True, slots=True)
class Ambiguous:
    """More than one job fits, and nothing tells them apart: nothing is bound."""

    job_ids: frozenset[str]


@value(frozen=True, slots=True)
class Foreign:
    """Somebody else's, or the owner's own work by hand."""

    own_user: bool


Match = Bound | Finished | Disagreement | Ambiguous | Foreign


@dataclass(slots=True)
class JobBook:
    """The open jobs of one account with every link that leads to them."""

    user_id: str | None = None
    jobs: dict[str, Job] = field(default_factory=dict)
    by_nonce: dict[str, str] = field(default_factory=dict)
    by_interaction: dict[str, str] = field(default_factory=dict)
    by_message: dict[str, str] = field(default_factory=dict)
    by_uuid: dict[str, str] = field(default_factory=dict)
    by_clicked: dict[str, set[str]] = field(default_factory=dict)
    by_seed: dict[str, str] = field(default_factory=dict)
    """Midjourney's job id -> the job that asked for its seed."""
    finished: OrderedDict[str, str] = field(default_factory=OrderedDict)
    """Message id -> job id of messages whose jobs ended, the oldest forgotten first."""
    by_hand: OrderedDict[str, None] = field(default_factory=OrderedDict)
    """Every id of work that began with a nonce which is none of ours, the oldest forgotten first."""

    def copy(self) -> JobBook:
        """The same knowledge, to be changed by itself."""
        return JobBook(
            user_id=self.user_id,
            jobs=dict(self.jobs),
            by_nonce=dict(self.by_nonce),
            by_interaction=dict(self.by_interaction),
            by_message=dict(self.by_message),
            by_uuid=dict(self.by_uuid),
            by_clicked={message_id: set(job_ids) for message_id, job_ids in self.by_clicked.items()},
            by_seed=dict(self.by_seed),
            finished=OrderedDict(self.finished),
            by_hand=OrderedDict(self.by_hand),
        )

    def put(self, job: Job) -> None:
        """Learn a job, or its newest value; links only ever grow."""
        self.jobs[job.id] = job
        for nonce in job.nonces:
            self.by_nonce[nonce] = job.id
        if job.links.interaction_id:
            self.by_interaction[job.links.interaction_id] = job.id
        if job.links.progress_message_id:
            self.by_message[job.links.progress_message_id] = job.id
        if job.links.uuid:
            self.by_uuid[job.links.uuid] = job.id
        if job.modal is not None:
            self.by_interaction[job.modal.interaction_id] = job.id
        if job.action.kind is ActionKind.SEED and job.given.value is not None:
            self.by_seed[job.given.value] = job.id
        if job.click is not None:
            self.by_clicked.setdefault(job.click.message_id, set()).add(job.id)

    def drop(self, job: Job) -> None:
        """Forget a job that ended, but remember its messages as finished."""
        self.jobs.pop(job.id, None)
        for index in (self.by_nonce, self.by_interaction, self.by_message, self.by_uuid, self.by_seed):
            for key in [key for key, job_id in index.items() if job_id == job.id]:
                del index[key]
        if job.click is not None:
            clicked = self.by_clicked.get(job.click.message_id, set())
            clicked.discard(job.id)
            if not clicked:
                self.by_clicked.pop(job.click.message_id, None)
        self.remember_finished(job)

    def remember_finished(self, job: Job) -> None:
        """Remember the messages of an ended job, so that their later edits change nothing."""
        ids = (job.links.progress_message_id, job.result.message_id if job.result else None)
        for message_id in ids:
            if message_id is not None:
                self.finished[message_id] = job.id
        while len(self.finished) > FINISHED_REMEMBERED:
            self.finished.popitem(last=False)

    def note_by_hand(self, sighting: Sighting) -> None:
        """Learn the ids of a foreign sighting that is surely somebody's own work: its nonce says so, or its other ids.

        What is foreign only because no link was seen proves nothing: it may be ours, found later in the history.
        """
        ids = _ids_of(sighting)
        if sighting.nonce is None and not any(each in self.by_hand for each in ids):
            return
        self.by_hand.update(dict.fromkeys(ids))
        while len(self.by_hand) > BY_HAND_REMEMBERED:
            self.by_hand.popitem(last=False)


def _ids_of(sighting: Sighting) -> list[str]:
    ids = (sighting.interaction_id, sighting.message_id, *sorted(sighting.uuids))
    return [each for each in ids if each is not None]


def match(book: JobBook, sighting: Sighting) -> Match:
    """Whose sighting this is. For a message of a history, `model.recovery` goes on where this finds no link."""
    message_id = sighting.message_id
    if sighting.details is not None:
        answered = _answered_in_words(book, sighting)
        if answered is not None:
            return answered
    if message_id is not None and message_id in book.finished and message_id not in book.by_message:
        return Finished(book.finished[message_id])
    strong = _strong_links(book, sighting)
    named = {job_id for _, job_id in strong}
    if len(named) > 1:
        return Disagreement(frozenset(named))
    if named:
        by, job_id = strong[0]
        return Bound(job_id, by)
    if sighting.channel is Channel.EDITED:
        # an unknown message that is edited is an older one: its reference proves nothing about a pending click
        return _foreign(book, sighting)
    by_click = _clicked_candidates(book, sighting)
    if by_click:
        return _one_of(by_click, "clicked message")
    by_words = [job for job in _may_match_by_words(book, sighting) if fits_by_words(book, job, sighting)]
    if len(by_words) == 1:
        return Bound(by_words[0].id, "words")
    if by_words:
        return Ambiguous(frozenset(job.id for job in by_words))
    return _foreign(book, sighting)


def _answered_in_words(book: JobBook, sighting: Sighting) -> Match | None:
    """Answers that come another way than results do: a seed by direct message, new descriptions in the old message."""
    details = sighting.details
    assert details is not None
    if details.seed is not None:
        asked = {book.by_seed[uuid] for uuid in sighting.uuids if uuid in book.by_seed}
        # a letter that nobody asked for (/prefer auto_dm) may come before the final of the job it is about
        return Bound(asked.pop(), "seed") if len(asked) == 1 else _foreign(book, sighting)
    if sighting.channel is Channel.EDITED and sighting.message_id is not None:
        for job_id in sorted(book.by_clicked.get(sighting.message_id, ())):
            if book.jobs[job_id].action.kind is ActionKind.DESCRIBE_AGAIN:
                return Bound(job_id, "clicked message")
    return None


def _may_match_by_words(book: JobBook, sighting: Sighting) -> list[Job]:
    """Live, words may bind an error's footer, and the start of a job that Midjourney queued (it has no nonce)."""
    if sighting.channel is Channel.HISTORY or sighting.nonce is not None:
        return []
    if sighting.stage in (Stage.FAILED, Stage.FULL, Stage.QUEUED):
        return [job for job in book.jobs.values() if job.state is JobState.SENT]
    return [job for job in book.jobs.values() if job.upstream_queued]


def _strong_links(book: JobBook, sighting: Sighting) -> list[tuple[str, str]]:
    found: list[tuple[str, str | None]] = []
    if sighting.nonce is not None:
        found.append(("nonce", book.by_nonce.get(sighting.nonce)))
    if sighting.message_id is not None:
        found.append(("message", book.by_message.get(sighting.message_id)))
    if sighting.interaction_id is not None:
        found.append(("interaction", book.by_interaction.get(sighting.interaction_id)))
    found.extend(("uuid", book.by_uuid.get(uuid)) for uuid in sorted(sighting.uuids))
    if sighting.reference_id is not None:
        found.append(("reference", book.by_message.get(sighting.reference_id)))
    return [(by, job_id) for by, job_id in found if job_id is not None]


def _clicked_candidates(book: JobBook, sighting: Sighting) -> list[Job]:
    candidates: set[str] = set()
    for clicked in (sighting.clicked_id, sighting.reference_id):
        if clicked is not None:
            candidates |= book.by_clicked.get(clicked, set())
    return [book.jobs[job_id] for job_id in sorted(candidates) if _verb_fits(book.jobs[job_id], sighting)]


def _verb_fits(job: Job, sighting: Sighting) -> bool:
    if not _same_application(job, sighting) or not _in_time(job, sighting):
        return False
    if job.links.uuid and sighting.uuids and job.links.uuid not in sighting.uuids:
        return False
    if sighting.stage in (Stage.FAILED, Stage.FULL, Stage.UNKNOWN):
        return True  # a refusal carries no verb; it answers whatever is pending on the message it replies to
    if sighting.stage is Stage.FINAL and (sighting.details is not None) is not entry_of(job.action).makes.in_words:
        return False
    if None not in (sighting.index, job.action.index) and sighting.index != job.action.index:
        return False
    return _may_say(job, sighting)


def _may_say(job: Job, sighting: Sighting) -> bool:
    """Whether a message with this verb can be the job's (an imagine whose own words ask for a video animates too)."""
    entry, verb = entry_of(job.action), sighting.verb
    if verb is None or entry.makes is Makes.ANY:
        return True
    if verb == "" and sighting.stage is Stage.WAITING and entry.begins_without_verb:
        return True
    if verb == "animate" and job.action.kind is ActionKind.IMAGINE:
        return "--video" in job.prompt
    return verb in entry.verbs


def _same_application(job: Job, sighting: Sighting) -> bool:
    return sighting.application_id in (None, job.application_id)


def _in_time(job: Job, sighting: Sighting) -> bool:
    """Whether the message was made after the job was sent and before its deadline."""
    if sighting.message_id is None or job.sent_at is None:
        return False
    made = time_of(sighting.message_id)
    late = job.deadline_at is not None and made > job.deadline_at + CLOCK_TOLERANCE
    return job.sent_at - CLOCK_TOLERANCE <= made and not late


def _one_of(jobs: list[Job], by: str) -> Match:
    """One candidate, or the oldest of several that are identical in every argument."""
    if len({(job.action, job.prompt, job.click and job.click.custom_id) for job in jobs}) > 1:
        return Ambiguous(frozenset(job.id for job in jobs))
    oldest = min(jobs, key=lambda job: (job.sent_at or job.created_at, job.nonce or ""))
    return Bound(oldest.id, by)


def _foreign(book: JobBook, sighting: Sighting) -> Foreign:
    return Foreign(own_user=sighting.user_id is not None and sighting.user_id == book.user_id)


def same_words_in_time(job: Job, sighting: Sighting) -> bool:
    """Whether a message carries the words of an imagine in its time window, whoever wrote them."""
    pressed = job.click is not None and job.action.kind is not ActionKind.IMAGINE  # an appeal begins an imagine anew
    if sighting.prompt is None or pressed or not _may_say(job, sighting):
        return False
    if not _same_application(job, sighting) or not _in_time(job, sighting):
        return False
    if job.action.kind is ActionKind.FACE_SWAP:  # the reply to its first command repeats the name
        return not job.form_answered and sighting.prompt == job.given.value
    return same_words(job.prompt, sighting.prompt)


def could_be_swap(job: Job, sighting: Sighting) -> bool:
    """Whether a message may answer the face swap's present command, as far as kind and time tell."""
    if job.action.kind is not ActionKind.FACE_SWAP or sighting.application_id != job.application_id:
        return False
    return sighting.verb in (None, SWAP if job.form_answered else SAVE) and _in_time(job, sighting)


def fits_by_words(book: JobBook, job: Job, sighting: Sighting) -> bool:
    """Whether words can bind this message to this job: same user too, and no uuid that says otherwise."""
    if book.user_id is not None and sighting.user_id not in (None, book.user_id):
        return False
    if job.links.uuid and sighting.uuids and job.links.uuid not in sighting.uuids:
        return False
    ours, theirs = job.links.interaction_id, sighting.interaction_id
    if ours is not None and theirs is not None and ours != theirs:
        return False  # the same words, and Discord says that they were asked for another time
    return not is_by_hand(book, sighting) and same_words_in_time(job, sighting)


def is_by_hand(book: JobBook, sighting: Sighting) -> bool:
    """Whether it, or what it refers to, is known as the owner's own work."""
    return any(each in book.by_hand for each in (*_ids_of(sighting), sighting.reference_id))


_LINK = re.compile(r"<?https?://\S+>?")
_FLAG = re.compile(r"\s(?:--|—)\S.*$", re.DOTALL)
_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-"})


def plain_words(prompt: str) -> str:
    """A prompt without what Midjourney rewrites: links, flags, quotes, dashes, white space, case (§3.4)."""
    words = _LINK.sub(" ", " " + prompt)
    words = _FLAG.sub("", words)
    return " ".join(words.translate(_QUOTES).split()).casefold()


def same_words(sent: str, echoed: str) -> bool:
    """Whether an echo can be of these words; a long echo may be cut (§3.5), so its length decides."""
    ours, theirs = plain_words(sent), plain_words(echoed)
    if ours == theirs:
        return True
    cut_at = 1500
    return len(theirs) >= cut_at and ours.startswith(theirs.removesuffix("...").removesuffix("…"))
