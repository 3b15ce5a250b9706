"""zlib-stream: pieces become frames, and none may become too large."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.drivers.midjourney.inflate import Inflater, TooLarge


def deflated(*frames: bytes) -> list[bytes]:
    stream = zlib.compressobj()
    return [stream.compress(frame) + stream.flush(zlib.Z_SYNC_FLUSH) for frame in frames]


def inflated(pieces: list[bytes], limit: int = 10_000_000) -> list[bytes]:
    inflater = Inflater(limit)
    return [inflater.inflate(whole) for piece in pieces if (whole := inflater.add(piece)) is not None]


@given(st.lists(st.binary(min_size=1, max_size=2000), min_size=1, max_size=5), st.integers(1, 50))
def test_frames_are_whole_however_they_are_cut(frames, size):
    pieces = [whole[at : at + size] for whole in deflated(*frames) for at in range(0, len(whole), size)]
    assert b"".join(inflated(pieces)) == b"".join(frames)


def test_one_context_serves_the_whole_connection():
    frames = [b'{"op":10}', b'{"op":0,"t":"READY"}', b'{"op":11}']
    assert inflated(deflated(*frames)) == frames


def test_a_frame_that_inflates_to_more_than_the_limit_is_refused():
    (bomb,) = deflated(b"\0" * 5_000_000)
    assert len(bomb) < 10_000
    with pytest.raises(TooLarge):
        inflated([bomb], limit=1_000_000)


def test_pieces_without_an_end_are_refused_at_the_limit():
    inflater = Inflater(1000)
    for _ in range(10):
        inflater.add(b"x" * 100)
    with pytest.raises(TooLarge):
        inflater.add(b"x")
