"""Vary (Region): the mask that was painted reaches Midjourney's own page byte for byte, without Discord's token."""

from __future__ import annotations

import io

import httpx
import pytest
from PIL import Image, ImageDraw

from tests.journeys.studio import Studio

pytestmark = [pytest.mark.timeout(120)]

OLD, HAT = "a red fox", "a red fox with a hat"
REGION = "Vary (Region)"
SETTINGS = {"LIMIT_FIRST_EVENT": 1, "LIMIT_FIRST_MESSAGE": 2, "LIMIT_FAST": 5, "LIMIT_QUIET": 1}
"""Short enough to see a job's whole life; a submission's absence could be proven before its end."""


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    rooms = {"off": {}, "on": {"remix": True}, "troubled": {}}
    studio = Studio(
        tmp_path_factory.mktemp("regions"),
        rooms,
        LIMIT_FIRST_EVENT=1,
        LIMIT_FIRST_MESSAGE=1,
        LIMIT_FAST=3,
        LIMIT_QUIET=1,
    )
    yield studio
    studio.stop()


@pytest.fixture(scope="module")
def singles(studio):
    return {name: room.made(OLD, "U1") for name, room in studio.rooms.items()}


@pytest.fixture
def serve_only(studio):
    """Says which of the two forms the page serves; afterwards it is both again."""

    def serve(*forms: str) -> None:
        httpx.put(f"{studio.simulator.control_url}/activity", json={"forms": forms}).raise_for_status()

    yield serve
    serve("a", "b")


def painted(room, single: str, kind: str = "PNG") -> bytes:
    """A mask of the picture's size: black, with a white oval."""
    picture = room.job(single)["result"]["pictures"][0]
    size = picture["width"], picture["height"]
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).ellipse((size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2), fill=255)
    made = io.BytesIO()
    mask.save(made, kind, lossless=True)
    return made.getvalue()


def handed_in(studio, job_id: str) -> list[dict]:
    """The calls of the page for a job."""
    nonces = studio.ledger().nonces[job_id]
    return [row for row in studio.simulator.ledger("inpaint") if row.get("nonce") in nonces]


@pytest.mark.parametrize("served", ["ab", "b", "a"])
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_mask_arrives_byte_for_byte_by_whichever_form_is_served(served, kind, studio, singles, serve_only):
    room, single = studio["on"], singles["on"]
    serve_only(*served)
    mask = painted(room, single, kind)
    (job,) = room.done([room.press(single, REGION, prompt=HAT, mask=mask)])
    (call,) = [row for row in handed_in(studio, job["id"]) if row["decision"] == "accepted"]
    assert call["form"] in served
    assert (call["authorization"], call["prompt"]) == (False, HAT)
    arrived = httpx.get(f"{studio.simulator.control_url}/masks/{call['sha256']}").content
    assert arrived == mask
    ledger = studio.ledger()
    drawn, parent = ledger.drawn_for(job["id"]), ledger.drawn_for(single)
    assert (drawn["verb"], drawn["prompt"], drawn["remix"]) == ("variation_region_remix", HAT, HAT)
    assert drawn["clicked"] == parent["message"]
    assert drawn["custom_id"] == f"MJ::Inpaint::1::{parent['job']}::SOLO"
    assert (job["action"], job["parent_id"], job["prompt"]) == ("vary_region", single, HAT)
    assert job["root_id"] == room.job(single)["root_id"]
    assert room.shown(job) == drawn["picture"]


def test_without_words_the_region_is_made_anew_of_the_old_ones(studio, singles):
    room, single = studio["off"], singles["off"]
    (job,) = room.done([room.press(single, REGION, mask=painted(room, single))])
    (call,) = handed_in(studio, job["id"])
    assert call["prompt"] == OLD
    assert studio.ledger().drawn_for(job["id"])["verb"] == "variation_region"
    assert room.shown(job) == studio.ledger().drawn_for(job["id"])["picture"]


def test_only_the_painted_part_differs(studio, singles):
    room, single = studio["on"], singles["on"]
    (job,) = room.done([room.press(single, REGION, prompt="a blue owl", mask=painted(room, single))])
    (again,) = room.done([room.press(job["id"], "U1")])
    before, after = (
        Image.open(io.BytesIO(room.http.get(each["result"]["pictures"][0]["uri"]).content)).convert("RGB")
        for each in (room.job(single), again)
    )
    width, height = before.size
    untouched = (0, 0, width // 5, height)
    middle = (width * 5 // 16, height * 5 // 16, width * 7 // 16, height * 7 // 16)
    assert _distance(before.crop(untouched), after.crop(untouched)) < 16
    assert _distance(before.crop(middle), after.crop(middle)) > 16


def _distance(left: Image.Image, right: Image.Image) -> float:
    """How far two pictures are from each other: the mean of the differences of their bytes."""
    pairs = list(zip(left.tobytes(), right.tobytes(), strict=True))
    return sum(abs(a - b) for a, b in pairs) / len(pairs)


@pytest.mark.parametrize(
    ("mask", "words"),
    [({}, "mask"), ({"mask": "bm8gcGljdHVyZQ=="}, "mask"), ({"mask": "!"}, "mask")],
    ids=["none", "no picture", "no base64"],
)
def test_a_region_without_a_mask_is_refused_before_anything_is_pressed(mask, words, studio, singles):
    before = len(studio.simulator.ledger("request"))
    status, said = studio["off"].refused(singles["off"], REGION, prompt=HAT, **mask)
    assert status == 400
    assert words in said
    assert not [row for row in studio.simulator.ledger("request")[before:] if row.get("type") == 3]


def test_a_region_that_was_taken_though_the_page_broke_is_not_handed_in_again(studio, singles):
    room, single = studio["troubled"], singles["troubled"]
    studio.simulator.order("page_error", account=room.account["id"], params={"accepted": True})
    (job,) = room.done([room.press(single, REGION, prompt=HAT, mask=painted(room, single))])
    assert len(handed_in(studio, job["id"])) == 1
    assert room.shown(job) == studio.ledger().drawn_for(job["id"])["picture"]


def test_a_page_that_breaks_leaves_an_open_question_and_no_second_try(studio, singles):
    room, single = studio["troubled"], singles["troubled"]
    studio.simulator.order("page_error", account=room.account["id"])
    (job,) = room.over([room.press(single, REGION, prompt=HAT, mask=painted(room, single))])
    assert job["state"] == "NEEDS_ATTENTION"
    assert "Midjourney's site answered 502" in job["note"]
    (broken,) = handed_in(studio, job["id"])
    assert broken["decision"] == "refused 502: page_error"
    assert not studio.ledger().steps_of(job["id"], "started")


def test_a_page_that_is_not_there_at_all_fails_the_job(studio, singles, serve_only):
    room, single = studio["troubled"], singles["troubled"]
    serve_only()
    (job,) = room.over([room.press(single, REGION, prompt=HAT, mask=painted(room, single))])
    assert (job["state"], job["failure"]["reason"]) == ("FAILED", "refused")
    assert "404" in job["failure"]["detail"]
