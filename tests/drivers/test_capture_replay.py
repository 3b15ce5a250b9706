"""The capture of June 2026, read as a recovery reads a history: what belongs to which job, and what it makes of it."""

from __future__ import annotations

import itertools
from dataclasses import replace

import msgspec
import pytest

from engine.drivers.midjourney.wire import Reader
from engine.model.correlation import Bound, Finished, Foreign, JobBook, match
from engine.model.jobs import Job, JobState
from engine.model.limits import Limits
from engine.model.reading import event_of
from engine.model.recovery import bind_history
from engine.model.sightings import Channel, Sighting, Stage
from engine.model.transitions import advance
from tests.drivers.captures import CHANNEL, NOW, USER, CapturedSession, LiveSession
from tests.drivers.june_session import (
    BIRD,
    BIRD_SINGLE,
    CHILDREN_OF_THE_BIRD,
    CLASSIC,
    DEEDS,
    EDITS_OF_FINISHED,
    Deed,
    seeded,
)

BY_NAME = {deed.name: deed for deed in DEEDS}
WITH_RESULT = [deed for deed in DEEDS if deed.done is not None]
OWNER = {record: deed.name for deed in DEEDS for record in deed.records}


def decoded(frames: list[tuple[str, dict]]) -> list[Sighting]:
    """Each frame as its one sighting."""
    reader = Reader(CHANNEL, USER)
    found = [reader.read(event, msgspec.json.encode(d), NOW) for event, d in frames]
    assert all(len(each) == 1 and isinstance(each[0], Sighting) for each in found)
    return [each[0] for each in found]


class Recovery:
    """The seeded jobs, and what became of them when these sightings were read."""

    def __init__(self, sightings: list[Sighting], jobs: list[Job]) -> None:
        book = JobBook(user_id=USER)
        for job in jobs:
            book.put(job)
        self.jobs = {job.id: job for job in jobs}
        self.bound: dict[int, str] = {}
        self.percents: dict[str, list[int]] = {job.id: [] for job in jobs}
        keys = itertools.count()
        positions = {id(sighting): position for position, sighting in enumerate(sightings)}
        for job_id, sighting in bind_history(book, sightings):
            self.bound[positions[id(sighting)]] = job_id
            job = self.jobs[job_id]
            event = event_of(
                job, sighting, account_id=1, limits=Limits(), now=sighting.at, new_key=lambda: f"{next(keys):032x}"
            )
            assert event is not None
            self.jobs[job_id] = advance(job, event)
            self.percents[job_id].append(self.jobs[job_id].percent)


@pytest.fixture(scope="module")
def sightings():
    return decoded(CapturedSession().frames())


@pytest.fixture(scope="module")
def recovery(sightings):
    return Recovery(sightings, [seeded(deed) for deed in DEEDS])


# --- the decoder's part ---------------------------------------------------------------------------------------------


def test_every_captured_message_is_recognised(sightings):
    assert len(sightings) == 86
    assert not [s for s in sightings if s.stage is Stage.UNKNOWN]
    assert all(s.user_id == USER for s in sightings if s.prompt is not None)


def test_the_captured_finals_say_what_they_are(sightings):
    finals = [s for s in sightings if s.channel is Channel.CREATED and s.stage is Stage.FINAL]
    assert [(s.verb, s.index) for s in finals] == [
        ("", None),
        ("", None),
        ("image", 1),
        ("image", 1),
        ("variations (strong)", None),
        ("animate", None),
        ("zoom out", None),
        ("pan right", None),
        ("upscaled", None),
        ("animate", None),
        ("rated", None),
    ]


def test_every_recorded_part_of_every_attachment_is_kept(sightings):
    records = CapturedSession().records
    assert sum(len(record["attachments"]) for record in records) == 90
    for record, sighting in zip(records, sightings, strict=True):
        for given, kept in zip(record["attachments"], sighting.attachments, strict=True):
            for name in ("filename", "url", "content_type", "width", "height", "size"):
                assert getattr(kept, name) == given[name]


def test_a_grid_offers_its_nine_buttons_in_two_rows(sightings):
    names = [(c.label, c.row, c.column) for c in sightings[12].components if c.custom_id]
    assert names[:4] == [("U1", 0, 0), ("U2", 0, 1), ("U3", 0, 2), ("U4", 0, 3)]
    assert names[5:] == [("V1", 1, 0), ("V2", 1, 1), ("V3", 1, 2), ("V4", 1, 3)]
    assert len(sightings[12].components) == 10


# --- whose it is ----------------------------------------------------------------------------------------------------


def test_the_expectations_cover_the_whole_file():
    assert len(DEEDS) == 11
    assert len(WITH_RESULT) == 10
    assert sorted([*OWNER, *EDITS_OF_FINISHED]) == list(range(86))
    assert not any(seeded(deed).nonces for deed in DEEDS)


def test_each_record_belongs_to_the_job_that_the_file_shows(recovery):
    assert recovery.bound == OWNER


def test_edits_of_finished_messages_change_nothing(recovery):
    assert len(EDITS_OF_FINISHED) == 8
    assert not set(EDITS_OF_FINISHED) & set(recovery.bound)


def test_the_creative_upscale_is_not_taken_for_the_u1_whose_first_words_are_the_same(recovery, sightings):
    first, later = sightings[16], sightings[61]
    assert (first.content, first.verb, first.index) == (later.content, later.verb, later.index)
    assert recovery.bound[16] == "U1 of the bird"
    assert recovery.bound[61] == "creative upscale of the bird"


def test_nor_when_the_u1_is_still_open_because_its_own_messages_were_missed(sightings):
    kept = [s for position, s in enumerate(sightings) if position not in BY_NAME["U1 of the bird"].records]
    jobs = Recovery(kept, [replace_deadline(seeded(deed)) for deed in DEEDS]).jobs
    assert jobs["U1 of the bird"].state is JobState.SENT
    check_results(jobs, [BY_NAME["creative upscale of the bird"]])
    assert (
        jobs["creative upscale of the bird"].result.message_id
        == BY_NAME["creative upscale of the bird"].done.message_id
    )


def replace_deadline(job: Job) -> Job:
    """The same job with a deadline behind the whole capture, so that time alone tells nothing apart."""
    return job.but(deadline_at=seeded(DEEDS[-1]).deadline_at)


# --- what becomes of it ---------------------------------------------------------------------------------------------


def check_results(jobs: dict[str, Job], deeds: list[Deed]) -> None:
    """Each of these jobs is done, with the message that carried its result, its picture and its buttons."""
    for deed in deeds:
        job, done = jobs[deed.name], deed.done
        assert (job.state, job.percent, job.links.uuid) == (JobState.DONE, 100, done.uuid)
        result = job.result
        assert (result.message_id, result.channel_id, result.uuid) == (done.message_id, CHANNEL, done.uuid)
        (picture,) = result.pictures
        file = picture.attachment
        assert (file.content_type, (file.width, file.height), file.size) == (done.content_type, done.side, done.size)
        assert done.uuid in file.filename
        assert done.uuid in file.url
        assert len(result.components) == done.components


def test_the_ten_results_are_the_ones_of_the_file(recovery):
    check_results(recovery.jobs, WITH_RESULT)
    assert len({deed.done.uuid for deed in WITH_RESULT}) == 10
    keys = [picture.key for job in recovery.jobs.values() for picture in job.result.pictures]
    assert len(set(keys)) == len(keys) == 10


def test_the_bookmark_is_done_with_its_reply_and_has_no_picture(recovery):
    job = recovery.jobs["bookmark the bird"]
    assert (job.state, job.result.message_id, job.result.pictures) == (JobState.DONE, "1496412304810299145", ())
    assert job.result.content.startswith("You have successfully rated [this job]")


def test_the_five_children_of_the_single_bird_are_told_apart(recovery):
    children = [recovery.jobs[name] for name in CHILDREN_OF_THE_BIRD]
    assert {child.click.message_id for child in children} == {BIRD_SINGLE}
    assert len({child.result.uuid for child in children}) == 5


def test_progress_never_falls_and_its_preview_is_of_the_job_itself(recovery, sightings):
    for deed in WITH_RESULT:
        steps = recovery.percents[deed.name]
        assert steps == sorted(steps)
        previews = {uuid for position in deed.records for uuid in sightings[position].uuids}
        assert previews == {deed.done.uuid}


def test_with_every_second_progress_missing_the_results_are_the_same(sightings):
    steps = itertools.count()
    kept = [s for s in sightings if s.stage is not Stage.PROGRESS or next(steps) % 2 == 0]
    assert len(kept) == 86 - 27
    check_results(Recovery(kept, [seeded(deed) for deed in DEEDS]).jobs, WITH_RESULT)


IMAGINES = ("imagine classic", "imagine bird")


def twins() -> tuple[list[Sighting], list[Job]]:
    """The same with two imagines of equal words."""
    echo = next(d["content"] for _, d in CapturedSession().frames() if d["id"] == "1496409613014411016")
    echo = echo.split("**")[1]
    frames = [(event, {**d, "content": d["content"].replace(CLASSIC, echo)}) for event, d in CapturedSession().frames()]
    return decoded(frames), [seeded(replace(deed, prompt=BIRD) if deed.prompt else deed) for deed in DEEDS]


def test_two_imagines_of_equal_words_are_never_swapped_but_stay_open():
    seen, jobs = twins()
    found = Recovery(seen, jobs)
    assert [found.jobs[name] for name in IMAGINES] == [job for job in jobs if job.id in IMAGINES]
    assert found.bound == {record: name for record, name in OWNER.items() if name not in IMAGINES}
    check_results(found.jobs, [deed for deed in WITH_RESULT if deed.name not in IMAGINES])


@pytest.mark.parametrize("missed", IMAGINES)
def test_nor_is_the_older_one_guessed_when_only_one_of_them_is_seen(missed):
    seen, jobs = twins()
    its = {seen[position].message_id for position in BY_NAME[missed].records}  # edits of its end come later
    found = Recovery([sighting for sighting in seen if sighting.message_id not in its], jobs)
    assert [found.jobs[name] for name in IMAGINES] == [job for job in jobs if job.id in IMAGINES]
    check_results(found.jobs, [deed for deed in WITH_RESULT if deed.name not in IMAGINES])


@pytest.mark.parametrize("asked", IMAGINES)
def test_nor_is_the_older_of_two_that_are_seen_taken_for_the_only_one_that_was_asked_for(asked):
    seen, jobs = twins()
    found = Recovery(seen, [job for job in jobs if job.id not in IMAGINES or job.id == asked])
    assert found.jobs[asked].state is JobState.SENT
    assert asked not in found.bound.values()


# --- the same, live -------------------------------------------------------------------------------------------------


def follow_live(session: LiveSession, jobs: list[Job]) -> tuple[dict[str, Job], dict[int, str]]:
    """What a keeper does: each job is known from its send time on, each frame is bound by its links alone."""
    book, bound, done = JobBook(user_id=USER), {}, {}
    waiting = list(jobs)
    for position, sighting in enumerate(decoded(session.frames())):
        for job in [job for job in waiting if job.sent_at <= sighting.at]:
            book.put(job)
            waiting.remove(job)
        found = match(book, sighting)
        if isinstance(found, Bound):
            bound[position] = found.job_id
            job = book.jobs[found.job_id]
            event = event_of(job, sighting, account_id=1, limits=Limits(), now=sighting.at, new_key=lambda: "k")
            after = advance(job, event)
            book.put(after)
            if after.is_final:
                book.drop(after)
                done[after.id] = after
        else:
            assert isinstance(found, Finished | Foreign), found
    return done, bound


@pytest.mark.parametrize("of_buttons", [True, False], ids=["nonces for all", "only for imagines"])
def test_live_each_record_belongs_to_the_same_jobs(of_buttons):
    first = {deed.name: CapturedSession().records[deed.records[0]]["id"] for deed in DEEDS}
    told = [deed for deed in DEEDS if of_buttons or deed.click is None]
    nonces = {first[deed.name]: str(number) for number, deed in enumerate(DEEDS) if deed in told}
    private = frozenset(first[deed.name] for deed in DEEDS if deed.click is not None and deed.done is not None)
    jobs = [seeded(deed).but(nonces=(str(number),)) for number, deed in enumerate(DEEDS)]
    done, bound = follow_live(LiveSession(nonces, ephemeral=private), jobs)
    assert bound == OWNER
    check_results(done, WITH_RESULT)
