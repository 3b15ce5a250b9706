"""Edits that only show a new percentage may wait: the newest is read, nothing else waits, and no place passes it."""

from __future__ import annotations

import asyncio
import copy
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.drivers.midjourney.edits import Edits
from engine.drivers.midjourney.wire import Reader
from engine.ports import Live
from tests.drivers.captures import CHANNEL, MIDJOURNEY, USER
from tests.drivers.test_gateway import percents, session_at
from tests.drivers.tiny_gateway import TinyGateway, said

LONG = 3600.0
UUID = "9b1ef5e7-d5f4-4e95-8f5c-171e56834264"
NOW = datetime(2026, 11, 21, tzinfo=UTC)


class Desk:
    """Reads edits as the gateway does, through `Edits`, and notes which were read and up to where that counts."""

    def __init__(self, period: float = LONG) -> None:
        self.edits = Edits(self._read, period)
        self.reader = Reader(CHANNEL, USER)
        self.read: list[tuple[int, int | None]] = []
        """(`s`, percent) of what was read, in order."""
        self.places: list[int] = []
        self.stirred = asyncio.Event()

    def _read(self, body, seq, event="MESSAGE_UPDATE"):
        findings = self.reader.read(event, body, NOW)
        self.edits.was_read(body, findings)
        self.read += [(seq, getattr(seen, "percent", None)) for seen in findings]
        self.places += [self.edits.so_far(seq) for _ in findings]
        self.stirred.set()

    def came(self, seq, message, event="MESSAGE_UPDATE"):
        body = msgspec.Raw(msgspec.json.encode(message))
        if event != "MESSAGE_UPDATE" or not self.edits.waits(body, seq):
            self._read(body, seq, event)


def picture(name=UUID, number=1):
    address = f"https://cdn.discordapp.com/attachments/1/{number}/{name}_grid_0.webp"
    return {"id": str(number), "filename": f"{name}_grid_0.webp", "url": address}


async def test_of_percentages_in_a_row_the_first_is_read_at_once_and_the_newest_when_its_time_is_over():
    desk = Desk(0.05)
    for seq, percent in enumerate((10, 20, 30, 40), 1):
        desk.came(seq, said(percent))
    assert (desk.read, desk.edits.any_waits) == ([(1, 10)], True)
    async with asyncio.timeout(5):
        desk.stirred.clear()
        await desk.stirred.wait()
    assert (desk.read, desk.edits.any_waits) == ([(1, 10), (4, 40)], False)


async def test_what_is_read_while_an_edit_waits_does_not_count_as_read_up_to_there():
    desk = Desk()
    other = {**said(5), "id": "1496409600000000021"}
    desk.came(1, said(10))
    desk.came(2, said(20))
    desk.came(3, other)
    desk.came(4, said(30))
    desk.came(5, {**other, "flags": 64})
    assert [seq for seq, _ in desk.read] == [1, 3, 5]
    assert desk.places == [1, 1, 3]
    assert desk.edits.so_far(6) == 3
    desk.edits.release()
    assert (desk.read[-1], desk.places[-1], desk.edits.so_far(6)) == ((4, 30), 4, 6)


async def test_an_edit_that_comes_late_takes_nothing_away_from_a_newer_one():
    desk = Desk()
    other = {**said(5), "id": "1496409600000000021"}
    desk.came(1, said(10))
    desk.came(2, other)
    desk.came(9, said(30))
    desk.came(8, said(20))
    desk.came(7, {**other, "content": other["content"].replace("5%", "6%")})
    assert desk.edits.so_far(10) == 6
    desk.edits.release()
    assert desk.read == [(1, 10), (2, 5), (7, 6), (9, 30)]


@pytest.mark.parametrize(
    "change",
    [
        {"content": f"**p** - <@{USER}> (Stopped)"},
        {"content": f"**p** - <@{USER}> (paused)"},
        {"content": f"**q** - <@{USER}> (30%) (fast)"},
        {"content": f"**p** - <@{USER}> (30%) (relaxed)"},
        {"content": f"**p** - <@{USER}> (fast)"},
        {"flags": 64},
        {"embeds": [{"title": "Banned prompt detected", "description": "no"}]},
        {"components": [{"type": 1, "components": [{"type": 2, "custom_id": f"MJ::CancelJob::ByJobid::{UUID}"}]}]},
        {"attachments": [picture()]},
        {"interaction_metadata": {"id": "7"}},
        {"message_reference": {"message_id": "8"}},
        {"nonce": "9"},
    ],
    ids="-".join,
)
async def test_an_edit_that_shows_anything_else_is_read_at_once(change):
    desk = Desk()
    desk.came(1, said(10))
    desk.came(2, said(20))
    desk.came(3, {**said(30), **change})
    assert [seq for seq, _ in desk.read] == [1, 3]
    assert not desk.edits.any_waits, "the one that waited is outdated"


async def test_a_new_address_of_the_same_picture_may_wait_and_another_picture_may_not():
    desk = Desk()
    desk.came(1, {**said(40), "attachments": [picture(number=1)]})
    desk.came(2, {**said(50), "attachments": [picture(number=2)]})
    assert [seq for seq, _ in desk.read] == [1]
    desk.came(3, {**said(60), "attachments": [picture(UUID.replace("9", "8"), 3)]})
    assert [seq for seq, _ in desk.read] == [1, 3]


async def test_what_waits_of_a_message_that_is_deleted_is_never_read():
    desk = Desk()
    desk.came(1, said(10))
    desk.came(2, said(20))
    desk.came(3, {"id": said(1)["id"], "channel_id": CHANNEL}, "MESSAGE_DELETE")
    assert ([seq for seq, _ in desk.read], desk.places, desk.edits.any_waits) == ([1, 3], [1, 3], False)


async def test_of_very_many_messages_the_oldest_is_read_and_forgotten():
    desk = Desk()
    desk.came(1, said(10))
    desk.came(2, said(20))
    for number in range(100):
        desk.came(3 + number, {**said(10), "id": str(1496409600000001000 + number)})
    assert (2, 20) in desk.read
    assert not desk.edits.any_waits


CHANGES = st.sampled_from([
    {},
    {"content": f"**p (50%)** - <@{USER}> (30%) (fast)"},
    {"content": f"**p (60%)** - <@{USER}> (40%) (fast)"},
    {"content": f"**p** - <@{USER}> (100%) (turbo, stealth)"},
    {"content": f"**p** - Variations by <@{USER}> (7%) (fast)"},
    {"content": None},
    {"attachments": []},
    {"attachments": None},
    {"attachments": [picture(number=1)]},
    {"attachments": [picture(number=2)]},
    {"attachments": [picture(number=1), picture(number=2)]},
    {"flags": 0},
    {"flags": 128},
    {"embeds": []},
    {"components": []},
    {"components": [{"type": 2, "custom_id": f"MJ::CancelJob::ByJobid::{UUID}"}]},
    {"edited_timestamp": "2026-11-21T16:39:16.263000+00:00"},
    {"interaction": {"id": "7", "user": {"id": USER}}},
    {"original_response_message_id": "8"},
    {"author": {"id": "1"}, "application_id": MIDJOURNEY},
    {"author": {"id": "1"}},
])  # fmt: skip


def without_progress(seen):
    """A finding but for what may wait: percentage, time, the words around the percentage, where pictures lie."""
    names = tuple(file.filename for file in seen.attachments)
    return replace(seen, percent=0, at=NOW, content="", attachments=(), prompt=None), names


@given(st.lists(st.tuples(st.integers(0, 100), CHANGES, CHANGES), min_size=2, max_size=6))
def test_whatever_waits_says_what_was_read_before_it_but_for_its_progress(edits):
    async def scene():
        desk = Desk()
        last = None
        for seq, (percent, one, two) in enumerate(edits, 1):
            message = {**copy.deepcopy(said(percent)), **one, **two}
            before = len(desk.read)
            desk.came(seq, message)
            (*_, seen) = [None, *Reader(CHANNEL, USER).read("MESSAGE_UPDATE", msgspec.json.encode(message), NOW)]
            if len(desk.read) == before and seen is not None:
                assert without_progress(seen) == without_progress(last)
                assert seen.percent is not None
            if len(desk.read) > before:
                last = seen

    asyncio.run(scene())


# --- in a session ---------------------------------------------------------------------------------------------------


async def test_a_session_tells_the_newest_and_no_place_passes_it_before():
    enough = asyncio.Event()

    async def first(connection):
        await connection.identified()
        for seq, percent in enumerate((10, 20, 30), 2):
            await connection.dispatch("MESSAGE_UPDATE", said(percent), seq)
        await connection.dispatch("MESSAGE_CREATE", {**said(50), "id": "1496409600000000021"}, 5)
        await enough.wait()
        await connection.send(7)
        await connection.gone()

    async def second(connection):
        await connection.resumed(s=6)
        await connection.gone()

    async with TinyGateway(first, second) as gateway, session_at(gateway, edits_wait_seconds=LONG) as (session, ears):
        await ears.until(lambda _: len(ears.seen) == 2)
        assert (percents(ears), [seen.seq for seen in ears.seen]) == ([10, 50], [2, 3])
        assert session.passed_seq is None
        enough.set()
        await ears.lives(2)
        assert (percents(ears), ears.seen[-1].seq) == ([10, 50, 30], 4)


async def test_what_waits_is_told_before_a_new_session_and_before_the_end():
    async def first(connection):
        await connection.identified()
        for seq, percent in enumerate((10, 20), 40):
            await connection.dispatch("MESSAGE_UPDATE", said(percent), seq)
        await connection.send(9, d=False)
        await connection.gone()

    async def second(connection):
        await connection.identified()
        for seq, percent in enumerate((30, 40), 2):
            await connection.dispatch("MESSAGE_UPDATE", said(percent), seq)
        await connection.gone()

    async with TinyGateway(first, second) as gateway, session_at(gateway, edits_wait_seconds=LONG) as (_, listener):
        await listener.lives(2)
        heard = [news for news in listener.heard if isinstance(news, Live) or hasattr(news, "seq")]
        assert [getattr(news, "seq", "live") for news in heard] == ["live", 40, 41, "live"]
    assert [seen.seq for seen in listener.seen][:2] == [40, 41]
