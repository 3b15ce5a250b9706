"""Frames are taken where they arrive, and still each once and in order."""

from __future__ import annotations

import asyncio
import json
import random
import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from engine.drivers.midjourney.frames import Frames
from engine.drivers.midjourney.socket import Socket
from tests.drivers.test_inflate import deflated
from tests.drivers.test_socket import Wire, opened, sent


def written(*frames):
    """Each frame as the bytes of its message."""
    return [sent(Opcode.BINARY, whole) for whole in deflated(*(json.dumps(frame).encode() for frame in frames))]


class Reader:
    """Reads a connection as the gateway does: dispatches where they arrive, the rest in turn."""

    def __init__(self, socket) -> None:
        self.frames = Frames(socket)
        self.taken: list[int] = []
        self.in_turn: list[int] = []
        self.order: list[int] = []
        self._news = asyncio.Event()
        self.frames.give(self._take)

    def _take(self, frame):
        if frame.op != 0:
            return False
        self.taken.append(frame.s)
        self._note(frame)
        return True

    def _note(self, frame):
        self.order.append(frame.s)
        self._news.set()

    async def has_read(self, count):
        while len(self.order) < count:
            self._news.clear()
            await self._news.wait()

    async def run(self):
        while True:
            frame = await self.frames.next()
            self.in_turn.append(frame.s)
            self._note(frame)


@pytest.fixture
async def socket():
    return opened(Socket, Wire())


async def test_a_frame_is_taken_before_the_loop_turns(socket):
    reader = Reader(socket)
    running = asyncio.create_task(reader.run())
    await asyncio.sleep(0)
    for message in written({"op": 0, "s": 1}, {"op": 0, "s": 2}):
        socket.data_received(message)
    assert reader.taken == [1, 2]
    running.cancel()


async def test_what_is_left_comes_in_turn_and_nothing_overtakes_it(socket):
    reader = Reader(socket)
    running = asyncio.create_task(reader.run())
    await asyncio.sleep(0)
    for message in written({"op": 11, "s": 1}, {"op": 0, "s": 2}):
        socket.data_received(message)
    assert reader.order == []
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert reader.order == [1, 2]
    assert reader.in_turn == [1, 2]
    running.cancel()


async def test_nothing_is_taken_while_an_earlier_frame_is_dealt_with(socket):
    frames, taken = Frames(socket), []
    frames.give(lambda frame: taken.append(frame.s) is None)
    first, second = written({"op": 0, "s": 1}, {"op": 0, "s": 2})
    socket.data_received(first)
    assert (await frames.next()).s == 1  # whoever asked is at work now
    socket.data_received(second)
    assert taken == []
    assert (await frames.next()).s == 2


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (b"no zlib\x00\x00\xff\xff", zlib.error),
        (deflated(b'{"op":')[0], msgspec.DecodeError),
    ],
)
async def test_what_cannot_be_read_is_told_to_whoever_waits(socket, message, error):
    frames = Frames(socket)
    frames.give(lambda _: True)
    waiting = asyncio.create_task(frames.next())
    await asyncio.sleep(0)
    socket.data_received(sent(Opcode.BINARY, message))
    with pytest.raises(error):
        await waiting


async def test_an_error_of_whoever_takes_is_told_to_whoever_waits(socket):
    def take(_):
        raise LookupError("a bug of ours")

    frames = Frames(socket)
    frames.give(take)
    waiting = asyncio.create_task(frames.next())
    await asyncio.sleep(0)
    socket.data_received(written({"op": 0, "s": 1})[0])
    with pytest.raises(LookupError):
        await waiting


def message_of(whole: bytes, pieces: int) -> bytes:
    """A compressed frame as one message, or as several that end with it."""
    size = max(1, -(-len(whole) // pieces))
    return b"".join(sent(Opcode.BINARY, whole[at : at + size]) for at in range(0, len(whole), size))


@given(
    st.lists(st.tuples(st.sampled_from([0, 0, 0, 11]), st.sampled_from([0, 0, 100, 90_000]), st.integers(1, 3))),
    st.data(),
)
def test_every_frame_is_read_once_and_in_order_however_it_arrives(plan, data):
    noise = random.Random(7)  # what does not compress
    bodies = [
        json.dumps({"op": op, "s": at, "d": noise.randbytes(size).hex()}).encode()
        for at, (op, size, _) in enumerate(plan)
    ]
    stream = b"".join(message_of(whole, pieces) for whole, (*_, pieces) in zip(deflated(*bodies), plan, strict=True))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    turns = data.draw(st.lists(st.integers(0, 2), min_size=len(cuts) + 1, max_size=len(cuts) + 1))

    async def read():
        socket = opened(Socket, Wire())
        reader = Reader(socket)
        running = asyncio.create_task(reader.run())
        for begins, ends, turn in zip([0, *cuts], [*cuts, len(stream)], turns, strict=True):
            if ends > begins:
                socket.data_received(stream[begins:ends])
            for _ in range(turn):
                await asyncio.sleep(0)
        await asyncio.wait_for(reader.has_read(len(plan)), 20)
        running.cancel()
        return reader

    reader = asyncio.run(read())
    assert reader.order == list(range(len(plan)))


def test_text_goes_the_usual_way():
    async def read():
        socket = opened(Socket, Wire())
        reader = Reader(socket)
        running = asyncio.create_task(reader.run())
        await asyncio.sleep(0)
        socket.data_received(Frame(Opcode.TEXT, b'{"op":0,"s":5}').serialize(mask=False, extensions=()))
        for _ in range(3):
            await asyncio.sleep(0)
        running.cancel()
        return reader

    reader = asyncio.run(read())
    assert (reader.taken, reader.in_turn) == ([], [5])
