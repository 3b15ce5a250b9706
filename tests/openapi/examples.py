"""The examples of answers in the OpenAPI document: `python -m tests.openapi.examples > engine/api/examples.json`.

Each is what a started server answered to the Postman collection's request; ids, addresses, times and secrets, which
differ from run to run, are put into one form.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from engine.api.postman import of_this_version
from tests.openapi.sending import send
from tests.openapi.throwaway import Throwaway

LASTING = ("job", "single", "film", "account_hash", "picture", "guild", "operator", "member")
MOST_THINGS, MOST_WORDS = 4, 12
LONGEST_TEXT = 300
_PLACES = (
    (r"http://127\.0\.0\.1:(?!8000)\d+/media/", "https://media.discordapp.net/"),
    (r"http://127\.0\.0\.1:(?!8000)\d+/(?=attachments|ephemeral)", "https://cdn.discordapp.com/"),
    (r"127\.0\.0\.1:(?!8000)\d+", "example.com"),
)


class Plain:
    """Puts what differs from run to run into one form; within an example the same value always into the same."""

    def __init__(self, place: Throwaway) -> None:
        self._easel = place.url
        self._lasting: dict[str, str] = {}
        """What the workspace's own things are called in every example."""
        self._known: dict[str, str] = {}
        self._rules: tuple[tuple[re.Pattern[str], Callable[[int, str], str]], ...] = (
            (re.compile(r"easel_[A-Za-z0-9_-]{6,}"), lambda _, found: f"easel_{'0123456789abcdef' * 4}"[: len(found)]),
            (re.compile(r"[A-Za-z0-9]{3}\.{3}[\w-]{4}"), lambda _, __: "MTA...c312"),
            (re.compile(r"whsec_[A-Za-z0-9+/=_-]+"), lambda _, __: "whsec_c2VjcmV0IG9mIHRoZSB3b3Jrc3BhY2U="),
            (re.compile(r"(?<=[?&])(?:ex|is|hm)=[0-9a-f]+"), lambda _, found: f"{found[:2]}=0"),
            (re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"), lambda n, _: _uuid(n)),
            (re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{32})(?![0-9a-f])"), lambda n, was: _hex(n, len(was))),
            (re.compile(r"(?<!\d)\d{17,20}(?!\d)"), lambda n, _: str(10**18 + n)),
            (re.compile(r"20[23]\d-\d\d-\d\dT\d\d:\d\d:\d\d(?=[.+Z])"), lambda _, __: "2026-01-15T12:00:00"),
            (re.compile(r"(?<=00)\.\d{3,6}(?=[+Z])"), lambda _, __: ".250"),
        )

        for name in LASTING:
            self._text(place.variables()[name])
        self._lasting = dict(self._known)

    def __call__(self, answer: Any) -> Any:
        """An answer in plain form, its long lists and texts cut."""
        self._known = dict(self._lasting)
        return self._plain(answer)

    def _plain(self, value: Any) -> Any:
        match value:
            case dict():
                return {self._text(key): self._plain(each) for key, each in value.items()}
            case list():
                most = MOST_THINGS if any(isinstance(each, dict) for each in value) else MOST_WORDS
                return [self._plain(each) for each in value[:most]]
            case str():
                return self._text(value)
            case _:
                return value

    def _text(self, text: str) -> str:
        text = text.replace(self._easel, "http://127.0.0.1:8000")
        for place, named in _PLACES:
            text = re.sub(place, named, text)
        for pattern, form in self._rules:
            text = pattern.sub(lambda found, form=form: self._one(found[0], form), text)
        return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT]

    def _one(self, found: str, form: Callable[[int, str], str]) -> str:
        if found not in self._known:
            self._known[found] = form(len(self._known) + 1, found)
            self._known.setdefault(self._known[found], self._known[found])
        return self._known[found]


def _uuid(number: int) -> str:
    return str(uuid.UUID(bytes=hashlib.sha256(f"id {number}".encode()).digest()[:16], version=4))


def _hex(number: int, length: int) -> str:
    return hashlib.sha256(f"key {number}".encode()).hexdigest()[:length]


def main() -> int:
    """Write the examples; 1 if a request was not answered as it says."""
    found: dict[str, Any] = {}
    wrong = []
    with tempfile.TemporaryDirectory(prefix="easel-examples-") as folder, Throwaway(Path(folder)) as place:
        plain = Plain(place)
        with httpx.Client(timeout=60) as client:
            for item in (item for folder in of_this_version()["item"] for item in folder["item"]):
                place.restore()
                status, answer = send(item, place, client)
                place.changed = True
                if answer.status_code != status:
                    wrong.append(f"{item['name']}: {answer.status_code} {answer.text[:200]}")
                elif answer.is_success and answer.headers.get("content-type", "") == "application/json":
                    found[item["id"]] = plain(answer.json())
    sys.stderr.write("".join(f"{each}\n" for each in wrong))
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
