"""A capture in which something was changed or lost may leave a job open, but never gives it another job's message."""

from __future__ import annotations

import copy
import re

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from engine.drivers.midjourney.wire import Reader
from engine.model.correlation import Bound, JobBook, match
from engine.model.limits import Limits
from engine.model.reading import event_of
from engine.model.recovery import bind_history
from engine.model.sightings import Sighting
from engine.model.snowflakes import time_of
from engine.model.transitions import advance
from tests.drivers.captures import CHANNEL, NOW, USER, CapturedSession
from tests.drivers.june_session import DEEDS, seeded

FRAMES = CapturedSession().frames()
OWNER = {record: deed.name for deed in DEEDS for record in deed.records}
WHOSE = OWNER | {
    17: "imagine bird",
    20: "imagine classic",
    24: "U1 of the bird",
    26: "U1 of the classic",
    46: "U1 of the bird",
    54: "U1 of the bird",
    62: "U1 of the bird",
    73: "U1 of the bird",
}
"""The edits of finished messages too: the final itself may have been missed."""
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
FRESH_UUID = "99999999-9999-4999-8999-999999999999"


def decoded(event: str, body: dict) -> list[Sighting]:
    found = Reader(CHANNEL, USER).read(event, msgspec.json.encode(body), NOW)
    return [one for one in found if isinstance(one, Sighting)]


def books() -> list[JobBook]:
    """What was known before each record, when everything so far was bound as the file shows."""
    book, known = JobBook(user_id=USER), []
    waiting = [seeded(deed) for deed in DEEDS]
    for position, (event, body) in enumerate(FRAMES):
        (sighting,) = decoded(event, body)
        for job in [job for job in waiting if job.sent_at <= sighting.at]:
            book.put(job)
            waiting.remove(job)
        known.append(book.copy())
        if position in OWNER:
            job = book.jobs[OWNER[position]]
            happened = event_of(job, sighting, account_id=1, limits=Limits(), now=sighting.at, new_key=lambda: "k")
            after = advance(job, happened)
            book.put(after)
            if after.is_final:
                book.drop(after)
    return known


BOOKS = books()
UNCHANGED = [decoded(event, body)[0] for event, body in FRAMES]


def places(value: object, path: tuple = ()) -> list[tuple]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [(*path, key) for key, _ in inner]
    for key, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        found += places(each, (*path, key))
    return found


def other(draw, value: object) -> object:
    """A value that nothing else in the capture has: another id of that time, another uuid, other words, nothing."""
    ways = [None, "", 0, [], {}]
    if isinstance(value, str):
        ways += [value[: len(value) // 2], value.upper(), "words that nobody said", UUID.sub(FRESH_UUID, value)]
        ways += [re.sub(r"\*\*.*\*\*", "**another prompt**", value, flags=re.DOTALL), value.replace(" - ", " ")]
    if isinstance(value, str) and value.isdecimal():
        ways += [str(int(value) + draw(st.integers(1, 10**6))), "99", "x"]
    return draw(st.sampled_from(ways))


@st.composite
def changed_records(draw):
    """A position in the file and its record with one to four places changed or dropped."""
    position = draw(st.integers(0, len(FRAMES) - 1))
    body = copy.deepcopy(FRAMES[position][1])
    for _ in range(draw(st.integers(1, 4))):
        *path, last = draw(st.sampled_from(places(body)))
        at = body
        for key in path:
            at = at[key]
        if draw(st.booleans()):
            del at[last]
        else:
            at[last] = other(draw, at[last])
        if not body:
            break
    return position, body


@given(changed_records())
def test_live_a_changed_record_never_binds_to_another_job(case):
    position, body = case
    for sighting in decoded(FRAMES[position][0], body):
        found = match(BOOKS[position], sighting)
        assert not isinstance(found, Bound) or found.job_id == WHOSE[position], found


@given(st.lists(changed_records(), min_size=1, max_size=5, unique_by=lambda case: case[0]))
def test_in_a_history_no_record_binds_to_another_job_whatever_was_changed(cases):
    seen = dict(enumerate([sighting] for sighting in UNCHANGED))
    seen |= {position: decoded(FRAMES[position][0], body) for position, body in cases}
    check_history(seen)


@given(st.sets(st.integers(0, len(FRAMES) - 1)))
def test_in_a_history_no_record_binds_to_another_job_whatever_was_lost(lost):
    check_history({position: [sighting] for position, sighting in enumerate(UNCHANGED) if position not in lost})


def check_history(seen: dict[int, list[Sighting]]) -> None:
    """Position -> what was made of its record: whatever is bound is bound to the job that the file shows."""
    book = JobBook(user_id=USER)
    for deed in DEEDS:
        book.put(seeded(deed))
    true = {id(sighting): WHOSE[position] for position, each in seen.items() for sighting in each}
    history = [sighting for _, each in sorted(seen.items()) for sighting in each]
    for job_id, sighting in bind_history(book, history):
        assert job_id == true[id(sighting)], sighting


def known_links(position: int) -> dict[str, str]:
    """The links of this record that its book knows: name -> value."""
    book, (_, body) = BOOKS[position], FRAMES[position]
    links = {}
    if body["id"] in book.by_message:
        links["id"] = body["id"]
    for uuid in UUID.findall(str([body["attachments"], body["components"]])):
        if uuid in book.by_uuid:
            links["uuid"] = uuid
    reference = body.get("message_reference", {}).get("message_id")
    if reference in book.by_message:
        links["reference"] = reference
    return links


WITH_TWO_LINKS = [position for position in OWNER if len(known_links(position)) > 1]


@given(st.sampled_from(WITH_TWO_LINKS), st.data())
def test_one_link_that_names_another_job_binds_nothing_while_another_names_the_true_one(position, data):
    book, (event, body) = BOOKS[position], FRAMES[position]
    which, value = data.draw(st.sampled_from(sorted(known_links(position).items())))
    index = book.by_uuid if which == "uuid" else book.by_message
    others = [key for key, job_id in index.items() if job_id != OWNER[position]]
    if not others:
        return
    swapped = msgspec.json.encode(body).replace(value.encode(), data.draw(st.sampled_from(sorted(others))).encode())
    for sighting in decoded(event, msgspec.json.decode(swapped)):
        found = match(book, sighting)
        assert not isinstance(found, Bound) or found.job_id == OWNER[position], found


def test_the_swaps_have_something_to_swap():
    assert len(WITH_TWO_LINKS) > 20
    assert time_of(FRAMES[0][1]["id"]) < time_of(FRAMES[-1][1]["id"])
