"""With REMIX_SWITCHING=yes Remix is turned on for one press and back, alone in its lane, and put back after a crash."""

from __future__ import annotations

import httpx
import pytest

from tests.journeys.studio import Studio

pytestmark = [pytest.mark.timeout(120)]

OLD, WORDS = "a red fox", "a blue owl"
TOGGLE = "prefer"


@pytest.fixture
def open_studio(tmp_path):
    opened: list[Studio] = []

    def begin(**account) -> Studio:
        opened.append(Studio(tmp_path, {"one": account}, REMIX_SWITCHING="yes"))
        return opened[0]

    yield begin
    opened[0].stop()


def has_remix(studio: Studio) -> bool:
    answer = httpx.get(f"{studio.simulator.control_url}/accounts").json()["accounts"]
    return answer[0]["remix"]


def test_remix_is_turned_on_for_the_words_and_off_again_and_nothing_is_sent_between(open_studio):
    studio = open_studio()
    room = studio["one"]
    grid = room.made(OLD)
    before = len(studio.ledger().posts)
    switched = room.press(grid, "V1", prompt=WORDS)
    others = [room.press(grid, label) for label in ("V2", "U1")] + [room.imagine(f"a fox {n}") for n in range(3)]
    room.done([switched, *others])
    ledger = studio.ledger()
    assert ledger.drawn_for(switched)["remix"] == WORDS
    posts = sorted(ledger.posts[before:], key=lambda row: row["arrived_us"])
    mine = [number for number, row in enumerate(posts) if row["nonce"] in ledger.nonces[switched]]
    toggles = [number for number, row in enumerate(posts) if row["name"] == TOGGLE]
    first, last = toggles
    # on, press, form, off: one after the other
    assert mine == [first + 1, first + 2]
    assert last == first + 3
    assert all(row["decision"] == "accepted" for row in posts)
    assert not has_remix(studio)
    assert studio.facts("one").get("remix_owed") is None
    assert [ledger.form_of(job_id) for job_id in others[:2]] == [None, None]


@pytest.mark.parametrize("label", ["V3", "🔄"])
def test_where_remix_is_on_already_it_is_left_alone(label, open_studio):
    studio = open_studio(remix=True)
    room = studio["one"]
    grid = room.made(OLD)
    room.done([room.press(grid, label, prompt=WORDS)])
    assert [row for row in studio.ledger().posts if row["name"] == TOGGLE] == []
    assert has_remix(studio)


def test_a_kill_9_in_the_middle_leaves_remix_as_it_was(open_studio):
    studio = open_studio()
    room = studio["one"]
    grid = room.made(OLD)
    # the press is slow to be answered: there is time to die between on and off
    studio.simulator.order("answer_late", match="variation::1", params={"delay_ms": 3000})
    job_id = room.press(grid, "V1", prompt=WORDS)
    studio.until(
        lambda: any("variation::1" in (row["custom_id"] or "") for row in studio.ledger().posts), "it is pressed"
    )
    assert has_remix(studio)
    assert studio.facts("one")["remix_owed"] is False
    studio.easel.kill()
    studio.easel.start()
    studio.wait_live("one")
    studio.until(lambda: not has_remix(studio), "Remix is as it was")
    studio.until(lambda: studio.facts("one").get("remix_owed") is None, "nothing is owed")
    toggles = [row for row in studio.ledger().posts if row["name"] == TOGGLE]
    assert len(toggles) == 2
    # the form that was open is filled in before Remix is turned back
    (job,) = room.done([job_id])
    ledger = studio.ledger()
    assert [(row["type"], row["name"]) for row in ledger.posts[-2:]] == [(5, None), (2, TOGGLE)]
    assert [row["type"] for row in ledger.posts_of(job_id)] == [3, 5]
    assert ledger.drawn_for(job_id)["remix"] == WORDS
    assert room.shown(job) == ledger.drawn_for(job_id)["picture"]
