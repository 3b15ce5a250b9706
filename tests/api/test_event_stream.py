"""A stream whose reader takes nothing is given up."""

from __future__ import annotations

import asyncio

from engine.api.native import stream
from engine.api.options import Closing


async def test_a_reader_who_takes_nothing_is_given_up_and_the_source_closed(monkeypatch):
    monkeypatch.setattr(stream, "STUCK_SECONDS", 0.05)
    closed = asyncio.Event()

    async def frames():
        try:
            while True:
                yield stream.frame("progress", {"percent": 1})
        finally:
            closed.set()

    async def receive():
        await asyncio.sleep(3600)

    async def send(message):
        if message["type"] == "http.response.body":
            await asyncio.sleep(3600)

    told = stream.EventStream(frames(), heartbeat_seconds=15, closing=Closing())
    async with asyncio.timeout(5):
        await told({"type": "http"}, receive, send)
    assert closed.is_set()


def test_a_frame_is_one_event_whatever_its_words_hold():
    sent = stream.frame("update", {"note": "two\nlines\r\n\u2028 and \ud800"}, event_id=7)
    assert sent.count(b"\n") == 4
    assert sent.startswith(b"id: 7\nevent: update\ndata: {")
    assert sent.endswith(b"}\n\n")
    assert b"\r" not in sent
