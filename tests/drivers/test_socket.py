"""The gateway's WebSocket hears what the library's own connection hears, however the bytes are cut."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from engine.drivers.midjourney.socket import Socket


class Wire(asyncio.Transport):
    """A transport to nowhere, which keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_paused = False

    def write(self, data):
        self.written += data

    def pause_reading(self):
        self.is_paused = True

    def resume_reading(self):
        self.is_paused = False

    def is_closing(self):
        return False

    def set_write_buffer_limits(self, high=None, low=None):
        pass

    def can_write_eof(self):
        return True

    def write_eof(self):
        pass

    def close(self):
        pass

    def abort(self):
        pass


def opened(kind, wire):
    connection = kind(ClientProtocol(parse_uri("ws://discord.invalid/"), state=State.OPEN))
    connection.connection_made(wire)
    connection.response = "101"  # the handshake is over
    return connection


async def heard(kind, pieces):
    """What is received, how it ends, and how many bytes are answered (they are masked at random)."""
    wire = Wire()
    connection = opened(kind, wire)
    for piece in pieces:
        connection.data_received(piece)
    connection.eof_received()
    connection.connection_lost(None)
    messages = []
    try:
        while True:
            messages.append(await connection.recv())
    except ConnectionClosed as closed:
        return messages, closed.rcvd, closed.sent, len(wire.written)


def sent(opcode, payload, *, fin=True, mask=False):
    return Frame(opcode, payload, fin).serialize(mask=mask, extensions=())


BINARY = st.one_of(
    st.binary(max_size=200),
    st.integers(120, 70_000).map(bytes),
    st.binary(max_size=9).map(lambda payload: b"\x82\x01" + payload),  # looks like a frame itself
)
WHOLE = BINARY.map(lambda payload: sent(Opcode.BINARY, payload))
PIECES = st.lists(st.binary(max_size=20), min_size=2, max_size=3).map(
    lambda parts: b"".join(
        sent(Opcode.BINARY if at == 0 else Opcode.CONT, part, fin=at == len(parts) - 1) for at, part in enumerate(parts)
    )
)
SELDOM = st.one_of(
    st.text(max_size=10).map(lambda words: sent(Opcode.TEXT, words.encode())),
    st.binary(max_size=10).map(lambda payload: sent(Opcode.PING, payload)),
    st.just(sent(Opcode.BINARY, b"masked", mask=True)),
    st.just(sent(Opcode.BINARY, b"begun", fin=False)),
    st.just(sent(Opcode.CLOSE, b"\x03\xe8")),
    st.just(b"\x83\x00"),
)


@given(st.lists(st.one_of(WHOLE, WHOLE, PIECES, SELDOM), max_size=8), st.data())
def test_it_hears_what_the_library_hears(frames, data):
    stream = b"".join(frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True) if b > a]
    ours, theirs = asyncio.run(heard(Socket, pieces)), asyncio.run(heard(ClientConnection, pieces))
    assert ours == theirs


@pytest.mark.parametrize("payload", [b"\x82\x01ab", b"\x82\x01" + b"x" * 300])
def test_a_message_cut_anywhere_is_heard_whole_even_if_its_words_look_like_a_frame(payload):
    stream = sent(Opcode.BINARY, payload) + sent(Opcode.BINARY, b"next")
    for cut in range(1, len(stream)):
        assert asyncio.run(heard(Socket, [stream[:cut], stream[cut:]]))[0] == [payload, b"next"]


async def test_what_arrives_whole_never_reaches_the_librarys_parser():
    connection = opened(Socket, Wire())
    connection.protocol.receive_data = None
    connection.data_received(sent(Opcode.BINARY, b"one") + sent(Opcode.BINARY, b"x" * 2000))
    assert [await connection.recv(), await connection.recv()] == [b"one", b"x" * 2000]


async def test_reading_pauses_while_too_much_waits():
    wire = Wire()
    connection = opened(Socket, wire)
    connection.data_received(sent(Opcode.BINARY, b"x") * 20)
    assert wire.is_paused
    for _ in range(20):
        await connection.recv()
    assert not wire.is_paused
