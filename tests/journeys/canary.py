"""Looks for any piece of a secret, in whatever was written or answered."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from pathlib import Path

PIECE = 12


def pieces_of(secret: str) -> set[bytes]:
    """Every 12 characters of the secret and of its base64 (at each of the three offsets a text can have in it)."""
    raw = secret.encode()
    forms = [raw]
    for padding in range(3):
        encoded = base64.b64encode(b"\0" * padding + raw)
        forms += [encoded[4:-4], encoded[4:-4].replace(b"+", b"-").replace(b"/", b"_")]
    return {form[i : i + PIECE] for form in forms for i in range(len(form) - PIECE + 1)}


def leaks(secret: str, places: Mapping[str, bytes]) -> list[str]:
    """The names of the places that hold a piece of the secret."""
    pieces = pieces_of(secret)
    return [name for name, content in places.items() if _any_piece(pieces, content)]


def _any_piece(pieces: set[bytes], content: bytes) -> bool:
    return any(content[i : i + PIECE] in pieces for i in range(len(content) - PIECE + 1))


def files_below(*folders: Path, leave_out: Iterable[str] = ()) -> dict[str, bytes]:
    """The content of every file, by path."""
    found = {}
    for folder in folders:
        for path in [folder] if folder.is_file() else sorted(folder.rglob("*")):
            if path.is_file() and not any(part in path.parts for part in leave_out):
                found[str(path)] = path.read_bytes()
    return found
