"""The native API: a job, and the stream of what happens to it, byte by byte."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, replace

import pytest

from engine.model.catalogue import action_named
from engine.model.details import Details
from engine.model.errors import Unavailable
from engine.model.jobs import Failure, FailureReason, JobState
from tests.api.fake_engine import KEY, OTHER_KEY, PARENT_UUID, PICTURE_KEY, grid_result, job


@dataclass
class Reader:
    """A raw socket on an event stream."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    head: str = ""
    unread: bytes = b""

    async def line(self) -> bytes:
        """One frame; nothing at the end of the chunked coding."""
        while not self.unread:
            size = int(await self.reader.readline(), 16)
            self.unread = await self.reader.readexactly(size)
            assert await self.reader.readexactly(2) == b"\r\n"
            if not size:
                return b""
            assert self.unread.endswith(b"\n\n")  # a chunk holds whole frames
        frame, end, self.unread = self.unread.partition(b"\n\n")
        return frame + end

    async def event(self) -> tuple[str, str | None, dict]:
        """Event name, id and data of the next frame; heartbeats are passed over."""
        while (chunk := await self.line()).startswith(b":"):
            pass
        fields = dict(row.split(": ", 1) for row in chunk.decode().strip().split("\n"))
        assert set(fields) <= {"id", "event", "data"}
        return fields["event"], fields.get("id"), json.loads(fields["data"])

    async def end(self) -> bool:
        return await self.line() == b""


@contextlib.asynccontextmanager
async def stream(port, job_id, key=KEY, *, path=None, **headers):
    """An open event stream: a job's, or that of another path."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"GET {path or f'/v1/jobs/{job_id}/events'} HTTP/1.1", "Host: easel", f"Authorization: Bearer {key}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    try:
        async with asyncio.timeout(10):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            yield Reader(reader, writer, head)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def until(condition):
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the fake has no event for it
            await asyncio.sleep(0.01)


async def test_a_job_is_shown_whole(client, engine):
    done = engine.put(job(state=JobState.DONE, result=grid_result(), ref="r", finished_at=engine.at))
    body = (await client.get(f"/v1/jobs/{done.id}")).json()
    assert body["id"] == body["request_id"] == done.id
    assert (body["action"], body["state"], body["version"]) == ("imagine", "DONE", 1)
    assert body["created_at"] == "2026-01-15T12:00:00.250+00:00"
    assert body["failure"] is None
    assert body["appeal"] is False
    assert body["result"]["pictures"][0] == {
        "uri": f"http://easel.test/pictures/{PICTURE_KEY}.webp",
        "original_url": "https://cdn.discordapp.com/attachments/1/2/someone_a_red_fox.webp?ex=1&is=2&hm=3",
        "proxy_url": None,
        "filename": "someone_a_red_fox.webp",
        "content_type": "image/webp",
        "width": 2048,
        "height": 2048,
        "size": 1000,
        "quarters": [f"http://easel.test/pictures/{PICTURE_KEY}/{number}.webp" for number in (1, 2, 3, 4)],
    }
    assert (body["result"]["uuid"], body["result"]["seed"]) == (PARENT_UUID, None)
    assert [row["label"] for row in body["result"]["buttons"]] == ["U1", "U2", "U3", "U4", "🔄", "V1", "V2", "V3", "V4"]


@pytest.mark.parametrize("place", ["/v1/jobs/{}", "/api/v1/message/fetch/{}"])
async def test_discords_own_link_opens_at_the_time_of_the_answer(client, engine, place):
    done = engine.put(job(state=JobState.DONE, result=grid_result()))
    old = done.result.pictures[0].attachment.url
    assert old in (await client.get(place.format(done.id))).text
    engine.links.renewed[old] = "https://cdn.discordapp.com/signed-anew"
    answer = (await client.get(place.format(done.id))).text
    assert "https://cdn.discordapp.com/signed-anew" in answer
    assert old not in answer


@pytest.mark.parametrize(
    ("action", "filename", "has_them"),
    [
        ("imagine", "fox.webp", True),
        ("imagine", "fox.png", True),
        ("imagine", "fox.mp4", False),
        ("zoom_out_2x", "fox.png", True),
        ("reroll", "fox.webp", True),
        ("upscale_1", "fox.webp", False),
        ("upsample_v7_2x_subtle", "fox.png", False),
        ("animate_high", "fox.webp", False),
    ],
)
async def test_grids_have_four_single_images(client, engine, action, filename, has_them):
    result = grid_result(filename=filename)
    done = engine.put(job(state=JobState.DONE, action=action_named(action), result=result))
    (picture,) = (await client.get(f"/v1/jobs/{done.id}")).json()["result"]["pictures"]
    ending = filename.partition(".")[2]
    expected = [f"http://easel.test/pictures/{PICTURE_KEY}/{number}.{ending}" for number in (1, 2, 3, 4)]
    assert picture["quarters"] == (expected if has_them else None)


async def test_a_queued_job_tells_why_it_waits(client, engine):
    queued = engine.put(job())
    assert (await client.get(f"/v1/jobs/{queued.id}")).json()["waits_because"] is None
    engine.waits[queued.id] = "all slots are taken"
    assert (await client.get(f"/v1/jobs/{queued.id}")).json()["waits_because"] == "all slots are taken"


async def test_a_job_tells_who_asked_and_which_account_runs_it(client, engine):
    named = {"Easel-Requester": "alice"}
    asked = (await client.post("/api/v1/nova/imagine", json={"prompt": "a fox"}, headers=named)).json()["messageId"]
    body = (await client.get(f"/v1/jobs/{asked}")).json()
    assert (body["requester"], body["account_id"]) == ("alice", None)
    engine.move(asked, bound_account_id=3)
    assert (await client.get(f"/v1/jobs/{asked}")).json()["account_id"] == 3
    engine.move(asked, account_id=4)
    assert (await client.get(f"/v1/jobs/{asked}")).json()["account_id"] == 4


async def test_a_child_names_its_parent_its_root_and_the_seed(client, engine):
    result = replace(grid_result(), details=Details(seed="984073766"))
    done = engine.put(job(state=JobState.DONE, parent_id="parent", root_id="root", result=result))
    body = (await client.get(f"/v1/jobs/{done.id}")).json()
    assert (body["parent_id"], body["root_id"], body["result"]["seed"]) == ("parent", "root", "984073766")
    assert body["result"]["details"]["seed"] == "984073766"
    assert (body["prompt_ignored"], body["cancel_asked"], body["sent_prompt"]) == (False, False, None)


@pytest.mark.parametrize("suffix", ["", "/events"])
async def test_another_workspaces_job_is_unknown(client, engine, suffix):
    mine = engine.put(job())
    for headers in ({"Authorization": f"Bearer {OTHER_KEY}"}, {}):
        job_id = mine.id if headers else "d15c1541-229a-442b-9873-d3494dede12a"
        answer = await client.get(f"/v1/jobs/{job_id}{suffix}", headers=headers)
        assert (answer.status_code, answer.json()["error"]["message"]) == (404, "no such job")


async def test_the_stream_tells_the_present_state_then_what_happens_and_ends(serve, engine):
    server = await serve()
    mine = engine.put(job())
    engine.move(mine.id, state=JobState.SENT)
    async with stream(server.port, mine.id) as told:
        assert told.head.startswith("http/1.1 200 ok")
        assert "content-type: text/event-stream; charset=utf-8" in told.head
        assert "cache-control: no-store" in told.head
        assert "x-accel-buffering: no" in told.head
        assert "content-length" not in told.head
        name, version, data = await told.event()
        assert (name, version, data["state"], data["version"]) == ("update", "2", "SENT", 2)
        await until(lambda: engine.watchers(mine.id) == 1)
        engine.move(mine.id, state=JobState.RUNNING)
        engine.tell(mine.id, 31, "https://cdn.discordapp.com/preview.webp")
        engine.move(mine.id, state=JobState.DONE, result=grid_result(), percent=100)
        assert (await told.event())[:2] == ("update", "3")
        assert await told.event() == (
            "progress",
            None,
            {"job_id": mine.id, "percent": 31, "preview_url": "https://cdn.discordapp.com/preview.webp"},
        )
        name, version, data = await told.event()
        assert (name, version, data["percent"]) == ("update", "4", 100)
        assert set(data) == {"job_id", "version", "state", "at", "percent", "failure", "note", "result"}
        assert data["result"]["pictures"][0]["uri"].endswith(f"/pictures/{PICTURE_KEY}.webp")
        assert await told.end()
    assert engine.watchers(mine.id) == 0


async def test_a_finished_job_is_told_once(serve, engine):
    server = await serve()
    failed = engine.put(job(state=JobState.FAILED, failure=Failure(FailureReason.CONTENT, "Banned\nprompt")))
    async with stream(server.port, failed.id) as told:
        name, version, data = await told.event()
        assert (name, version) == ("update", "1")
        assert data["failure"] == {"reason": "content", "detail": "Banned\nprompt"}
        assert await told.end()


async def test_a_returning_reader_gets_what_was_missed(serve, engine):
    server = await serve()
    mine = engine.put(job())
    for state in (JobState.SENT, JobState.RUNNING, JobState.DONE):
        engine.move(mine.id, state=state)
    async with stream(server.port, mine.id, Last_Event_ID="2") as told:
        assert [(await told.event())[1] for _ in range(2)] == ["3", "4"]
        assert await told.end()
    async with stream(server.port, mine.id, Last_Event_ID="4") as told:
        assert told.head.startswith("http/1.1 204")


@pytest.mark.parametrize("header", ["soon", "-1", "99", "9" * 6000, "1.5", "", "\xb2"])
async def test_a_last_event_id_that_never_was_is_a_new_readers(serve, engine, header):
    server = await serve()
    mine = engine.put(job())
    async with stream(server.port, mine.id, Last_Event_ID=header) as told:
        assert (await told.event())[1] == "1"


async def test_silence_is_broken_by_a_comment(serve, engine):
    server = await serve(heartbeat_seconds=0.05)
    mine = engine.put(job())
    async with stream(server.port, mine.id) as told:
        await told.event()
        assert await told.line() == b": still here\n\n"
        assert await told.line() == b": still here\n\n"
        engine.move(mine.id, state=JobState.SENT)
        assert (await told.event())[1] == "2"


async def test_a_stream_ends_when_its_key_is_revoked_and_tells_nothing_more(serve, engine):
    server = await serve()
    mine = engine.put(job())
    async with stream(server.port, mine.id) as told:
        await told.event()
        await until(lambda: engine.watchers(mine.id) == 1)
        del engine.keys[KEY]
        engine.move(mine.id, state=JobState.SENT)
        assert await told.end()
    assert engine.watchers(mine.id) == 0


async def test_when_the_reader_is_gone_nobody_watches(serve, engine):
    server = await serve()
    mine = engine.put(job())
    async with stream(server.port, mine.id) as told:
        await told.event()
        await until(lambda: engine.watchers(mine.id) == 1)
    await until(lambda: engine.watchers(mine.id) == 0)


async def test_a_closing_server_ends_its_streams_at_once(serve, engine):
    server = await serve()
    mine = engine.put(job())
    async with stream(server.port, mine.id) as told:
        await told.event()
        async with asyncio.timeout(1.5):
            await server.stop()
        assert await told.end()
    assert engine.watchers(mine.id) == 0


async def test_a_stream_that_fails_is_broken_off_not_ended(serve, engine, caplog):
    server = await serve()
    mine = engine.put(job())
    async with stream(server.port, mine.id) as told:
        await told.event()
        await until(lambda: engine.watchers(mine.id) == 1)
        engine.failure = Unavailable("the database is locked")
        engine.move(mine.id, state=JobState.DONE)
        with pytest.raises((asyncio.IncompleteReadError, ValueError)):
            await told.event()
    assert engine.watchers(mine.id) == 0
