"""The capture of June 2026, through the decoder and the correlation, as one session."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from engine.drivers.midjourney.wire import Reader
from engine.model.actions import MIDJOURNEY_APPLICATION, Action, ActionKind, Click
from engine.model.correlation import Bound, Finished, Foreign, JobBook, match
from engine.model.jobs import Job, JobState, Links
from engine.model.sightings import Channel, Sighting, Stage
from engine.model.snowflakes import time_of
from tests.drivers.captures import CHANNEL, NOW, USER, CapturedSession

CLASSIC, BIRD = "1496409581318550796", "1496409613014411016"
CLASSIC_GRID, BIRD_GRID = "1496409686311937475", "1496409725082868895"
BIRD_SINGLE, VARY = "1496409731661448689", None


def seen(session: CapturedSession) -> list[Sighting]:
    reader = Reader(CHANNEL, USER)
    found = [s for event, d in session.frames() for s in reader.read(event, msgspec.json.encode(d), NOW)]
    assert all(isinstance(one, Sighting) for one in found)
    return found


@pytest.fixture(scope="module")
def sightings():
    return seen(CapturedSession())


def created(sightings, stage) -> list[Sighting]:
    return [s for s in sightings if s.channel is Channel.CREATED and s.stage is stage]


def test_every_captured_message_is_recognised(sightings):
    assert len(sightings) == 86
    unknown = [s for s in sightings if s.stage is Stage.UNKNOWN]
    assert [s.words.split(" [")[0] for s in unknown] == ["You have successfully rated"]


def test_the_captured_finals_are_the_ten_results(sightings):
    finals = created(sightings, Stage.FINAL)
    assert [(s.verb, s.other_verb, s.index) for s in finals] == [
        (None, None, None),
        (None, None, None),
        (ActionKind.UPSCALE, None, 1),
        (ActionKind.UPSCALE, None, 1),
        (ActionKind.VARIATION, None, None),
        (None, "Animate", None),
        (None, "Zoom Out", None),
        (None, "Pan Right", None),
        (None, "Upscaled", None),
        (None, "Animate", None),
    ]
    assert all(s.uuid for s in finals)
    assert all(s.user_id == USER for s in finals)


def test_progress_rises_and_its_preview_names_the_job_that_the_final_names(sightings):
    for start, grid in ((CLASSIC, CLASSIC_GRID), (BIRD, BIRD_GRID)):
        steps = [s for s in sightings if s.message_id == start]
        assert steps[0].stage is Stage.WAITING
        percents = [s.percent for s in steps if s.stage is Stage.PROGRESS]
        assert percents == sorted(percents)
        final = next(s for s in sightings if s.message_id == grid)
        previews = {uuid for s in steps for uuid in s.uuids}
        assert previews == {final.uuid}
        assert final.reference_id == start


def test_a_grid_offers_its_nine_buttons_in_two_rows(sightings):
    grid = created(sightings, Stage.FINAL)[0]
    names = [(c.label, c.row, c.column) for c in grid.components if c.custom_id]
    assert names[:4] == [("U1", 0, 0), ("U2", 0, 1), ("U3", 0, 2), ("U4", 0, 3)]
    assert names[5:] == [("V1", 1, 0), ("V2", 1, 1), ("V3", 1, 2), ("V4", 1, 3)]
    assert len(grid.components) == 10


def a_job(name, action, nonce, around, *, prompt="", click=None):
    at = time_of(around)
    return Job(
        id=name,
        request_id=name,
        workspace_id="w",
        application_id=MIDJOURNEY_APPLICATION,
        action=action,
        prompt=prompt,
        click=click,
        state=JobState.SENT,
        created_at=at,
        updated_at=at,
        account_id=1,
        nonces=(nonce,),
        sent_at=at - timedelta(seconds=2),
        deadline_at=at + timedelta(minutes=10),
    )


def clicked(message_id, custom_id):
    return Click(MIDJOURNEY_APPLICATION, CHANNEL, message_id, 0, custom_id)


def starts(sightings) -> dict[str, str]:
    """Our jobs' first messages."""
    waiting = created(sightings, Stage.WAITING)
    upscales = [s for s in waiting if s.verb is ActionKind.UPSCALE]
    vary = next(s for s in waiting if s.verb is ActionKind.VARIATION)
    return {"bird U1": upscales[0].message_id, "classic U1": upscales[1].message_id, "vary": vary.message_id}


def jobs(sightings) -> list[Job]:
    start = starts(sightings)
    upscale, imagine = Action(ActionKind.UPSCALE, 1), Action(ActionKind.IMAGINE)
    bird = "77a5ea27-79b0-5e58-a9c5-e2a4f76856ab"
    classic = "3baac4ee-dadd-5929-a9e9-613fb47b039d"
    return [
        a_job("classic", imagine, "1", CLASSIC, prompt="a classic 2000s mobile game scene come alive as 3D sprites"),
        a_job("bird", imagine, "2", BIRD, prompt="a small bird pixel-art sprite, --v 7 --style raw"),
        a_job("bird U1", upscale, "3", start["bird U1"], click=clicked(BIRD_GRID, f"MJ::JOB::upsample::1::{bird}")),
        a_job(
            "classic U1",
            upscale,
            "4",
            start["classic U1"],
            click=clicked(CLASSIC_GRID, f"MJ::JOB::upsample::1::{classic}"),
        ),
        a_job(
            "vary",
            Action(ActionKind.VARIATION, 1),
            "5",
            start["vary"],
            click=clicked(BIRD_SINGLE, "MJ::JOB::high_variation::1::31279917-a442-57f8-965f-ea60fdd8bc34::SOLO"),
        ),
    ]


def follow(sightings: list[Sighting], open_jobs: list[Job]) -> tuple[dict[str, Sighting], list[Sighting]]:
    """What a keeper does: bind, learn links, and forget a job with its final. A job is known from its send time on."""
    book, results, foreign = JobBook(user_id=USER), {}, []
    waiting = list(open_jobs)
    for sighting in sightings:
        for job in [j for j in waiting if j.sent_at <= sighting.at]:
            book.put(job)
            waiting.remove(job)
        found = match(book, sighting)
        if isinstance(found, Foreign):
            foreign.append(sighting)
        elif isinstance(found, Bound):
            job = book.jobs[found.job_id]
            if sighting.stage is Stage.FINAL:
                assert job.id not in results
                results[job.id] = sighting
                book.drop(job)
                book.finished[sighting.message_id] = job.id
                continue
            links = Links(
                job.links.interaction_id or sighting.interaction_id,
                job.links.progress_message_id or sighting.message_id,
                job.links.uuid or sighting.uuid,
            )
            book.put(replace(job, links=links))
        else:
            assert isinstance(found, Finished), found
    return results, foreign


def check(results, foreign):
    grids = {"classic": CLASSIC_GRID, "bird": BIRD_GRID, "bird U1": BIRD_SINGLE, "classic U1": "1496409981508124493"}
    assert {name: results[name].message_id for name in grids} == grids
    assert results["vary"].verb is ActionKind.VARIATION
    assert set(results) == {*grids, "vary"}
    assert {s.other_verb for s in foreign if s.stage is Stage.FINAL} == {"Zoom Out", "Pan Right", "Upscaled", "Animate"}


def test_imagines_upscales_and_vary_find_their_jobs_and_the_owners_other_work_stays_foreign(sightings):
    start = starts(sightings)
    nonces = {CLASSIC: "1", BIRD: "2", start["bird U1"]: "3", start["classic U1"]: "4", start["vary"]: "5"}
    session = CapturedSession(nonces, ephemeral=frozenset(start.values()))
    check(*follow(seen(session), jobs(sightings)))


def test_button_jobs_are_found_by_the_clicked_message_when_no_nonce_comes(sightings):
    session = CapturedSession({CLASSIC: "1", BIRD: "2"})
    check(*follow(seen(session), jobs(sightings)))
