"""What moving pictures are as files: an animated WebP by Pillow, and an MP4 written here, bit by bit.

The MP4 holds H.264 in its plainest form: baseline profile, every frame an IDR picture, every macroblock sent as raw
samples (I_PCM). Nothing is compressed, so nothing needs a codec, and every player can show it.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence

FRAMES = 12
_FRAME_MS = 120
_BLOCK = 16
_NEXT_BLOCK = b"\x0d\x00"  # ue(25), mb_type I_PCM, then zeros up to the next whole byte


def drift(picture: Image.Image, number: int) -> Image.Image:
    """Frame `number` of FRAMES: the camera moves slowly into the picture."""
    width, height = picture.size
    inset = 0.12 * number / FRAMES
    left, top = width * inset * 0.7, height * inset * 0.4
    box = (left, top, left + width * (1 - inset), top + height * (1 - inset))
    return picture.resize((width, height), Image.Resampling.BILINEAR, box=box)


def webp(frames: Sequence[Image.Image], mark: str) -> bytes:
    """An animated WebP that names `mark` in its Exif."""
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = mark  # ImageDescription
    frames[0].save(
        file, "WEBP", save_all=True, append_images=frames[1:], duration=_FRAME_MS, loop=0, quality=60, method=0,
        exif=exif,
    )  # fmt: skip
    return file.getvalue()


def mp4(frames: Sequence[Image.Image], mark: str) -> bytes:
    """An MP4 of one video track that names `mark` in a free box. Width and height must be multiples of 16."""
    width, height = frames[0].size
    if width % _BLOCK or height % _BLOCK:
        raise ValueError(f"{width}x{height}: both must be multiples of {_BLOCK}")
    samples = [_sample(frame, number) for number, frame in enumerate(frames)]
    head = _box("ftyp", b"isom", _u32(512), b"isomiso2avc1mp41")
    moov = _moov(width, height, [len(sample) for sample in samples], len(head) + 8)
    return head + _box("mdat", *samples) + moov + _box("free", mark.encode())


# H.264


class _Bits:
    """Bits, most significant first, with the Exp-Golomb codes of the standard (9.1)."""

    def __init__(self) -> None:
        self._text = ""

    def u(self, value: int, width: int) -> _Bits:
        self._text += f"{value:0{width}b}"
        return self

    def ue(self, *values: int) -> _Bits:
        for value in values:
            code = f"{value + 1:b}"
            self._text += "0" * (len(code) - 1) + code
        return self

    def align(self) -> bytes:
        """All bits, zeros up to the next whole byte."""
        text = self._text + "0" * (-len(self._text) % 8)
        return int(text, 2).to_bytes(len(text) // 8, "big")

    def stop(self) -> bytes:
        """All bits with the stop bit that ends a parameter set."""
        return self.u(1, 1).align()


def _unit(kind: int, body: bytes) -> bytes:
    """A NAL unit: no three bytes in it look like a start code (7.4.1.1)."""
    return bytes([kind]) + re.sub(rb"\x00\x00(?=[\x00-\x03])", b"\x00\x00\x03", body)


def _sequence(width: int, height: int) -> bytes:
    bits = _Bits().u(66, 8).u(0b11000000, 8).u(40, 8)  # constrained baseline, level 4
    # id 0, frame numbers of 4 bits, output in order of decoding, no reference frames
    bits.ue(0, 0, 2, 0).u(0, 1).ue(width // _BLOCK - 1, height // _BLOCK - 1)
    return _unit(0x67, bits.u(1, 1).u(1, 1).u(0, 1).u(0, 1).stop())  # whole frames, no cropping, no usability part


def _picture() -> bytes:
    bits = _Bits().ue(0, 0).u(0, 2).ue(0, 0, 0).u(0, 3)  # CAVLC, one slice group, no weighting
    return _unit(0x68, bits.ue(0, 0, 0).u(0b100, 3).stop())  # the slices say that nothing is deblocked


def _sample(frame: Image.Image, number: int) -> bytes:
    """One frame as one IDR slice, with its length before it."""
    head = _Bits().ue(0, 7, 0).u(0, 4).ue(number % 2).u(0, 2).ue(0, 1)  # all I; no deblocking
    parts = [head.ue(25).align()]
    # video range; it also keeps zeros out of the samples
    luma, blue, red = (plane.point(lambda v: 16 + v * 219 // 255) for plane in frame.convert("YCbCr").split())
    half = (frame.width // 2, frame.height // 2)
    small = [plane.resize(half, Image.Resampling.BOX) for plane in (blue, red)]
    for top in range(0, frame.height, _BLOCK):
        for left in range(0, frame.width, _BLOCK):
            if top or left:
                parts.append(_NEXT_BLOCK)
            parts.append(luma.crop((left, top, left + _BLOCK, top + _BLOCK)).tobytes())
            x, y = left // 2, top // 2
            parts.extend(plane.crop((x, y, x + 8, y + 8)).tobytes() for plane in small)
    slice_ = _unit(0x65, b"".join(parts) + b"\x80")
    return _u32(len(slice_)) + slice_


# the container (ISO 14496-12 and -15)


def _u16(*values: int) -> bytes:
    return b"".join(value.to_bytes(2, "big") for value in values)


def _u32(*values: int) -> bytes:
    return b"".join(value.to_bytes(4, "big") for value in values)


def _box(kind: str, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return _u32(len(body) + 8) + kind.encode() + body


def _full(kind: str, *parts: bytes, flags: int = 0) -> bytes:
    return _box(kind, _u32(flags), *parts)


_MATRIX = _u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def _moov(width: int, height: int, sizes: list[int], offset: int) -> bytes:
    length = len(sizes) * _FRAME_MS
    movie = _full("mvhd", _u32(0, 0, 1000, length, 0x10000), _u16(0x100, 0), bytes(8), _MATRIX, bytes(24), _u32(2))
    track = _full(
        "tkhd", _u32(0, 0, 1, 0, length), bytes(16), _MATRIX, _u32(width << 16, height << 16), flags=3
    )  # fmt: skip
    times = _full("mdhd", _u32(0, 0, 1000, length), _u16(0x55C4, 0))
    kind = _full("hdlr", _u32(0), b"vide", bytes(12), b"Video\0")
    here = _box("dinf", _full("dref", _u32(1), _full("url ", flags=1)))
    inside = _box("minf", _full("vmhd", bytes(8), flags=1), here, _table(width, height, sizes, offset))
    return _box("moov", movie, _box("trak", track, _box("mdia", times, kind, inside)))


def _table(width: int, height: int, sizes: list[int], offset: int) -> bytes:
    first, second = _sequence(width, height), _picture()
    sets = b"\xe1" + _u16(len(first)) + first + b"\x01" + _u16(len(second)) + second
    setup = _box("avcC", b"\x01", first[1:4], b"\xff", sets)
    entry = _box(
        "avc1", bytes(6), _u16(1), bytes(16), _u16(width, height), _u32(0x480000, 0x480000, 0), _u16(1), bytes(32),
        _u16(24, 0xFFFF), setup,
    )  # fmt: skip
    return _box(
        "stbl",
        _full("stsd", _u32(1), entry),
        _full("stts", _u32(1, len(sizes), _FRAME_MS)),
        _full("stsc", _u32(1, 1, len(sizes), 1)),
        _full("stsz", _u32(0, len(sizes), *sizes)),
        _full("stco", _u32(1, offset)),
    )
