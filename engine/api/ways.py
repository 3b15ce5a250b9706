"""What a route is: one row, from which dispatch, document, body caps and the test of tenants are made.

An endpoint takes the request, the caller (None where no key is asked for) and the words of its path as text; it reads
the body by `bodies.read_fields`. Who may call it, how often, and how large its body may be is said here and nowhere
else. A route that has no row does not exist: `tests/api/test_ways.py` walks the application.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from engine.api.problems import Problem, answer, coded_answer
from engine.model.keys import Scope
from engine.model.rates import Rate

SMALL = 256 * 1024
"""The largest body, in bytes, of most routes."""
PICTURES = 16 * 1024 * 1024
"""Where a body may hold masks or pictures in base64 or as `data:` addresses."""
UPLOAD = 25 * 1024 * 1024
"""Where files are handed in."""

_NARROWER = {"enum", "format", "pattern", "minLength"}
_WORD = re.compile(r"\{([a-z_]+)\}")

Endpoint = Callable[..., Awaitable[Response]]


class Id(StrEnum):
    """What a word of a path or a field of a body names; each belongs to one workspace, or is a secret by itself."""

    JOB = "job"
    """A job's, or its request's, UUID."""
    ACCOUNT = "account"
    """A linked account's whole number."""
    ACCOUNT_HASH = "account hash"
    """A linked account's UUID."""
    KEY = "key"
    RULE = "rule"
    DELIVERY = "delivery"
    GUILD = "guild"
    """A server of Discord."""
    OPERATOR = "operator"
    MEMBER = "member"
    STRIKE = "strike"
    REPORT = "report"
    STYLE = "style"
    PICTURE = "picture"
    """32 hexadecimal digits that nobody guesses: who has them may see the picture."""
    NUMBER = "number"
    """No id: which one of several."""


class Credential(StrEnum):
    """Where a dialect's clients put their key."""

    BEARER = "authorization"
    API_KEY = "api-key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One HTTP vocabulary: where its clients put their key, and how it says that something is refused."""

    name: str
    title: str
    """Its heading in the document."""
    credentials: tuple[Credential, ...]
    prefixes: tuple[str, ...]
    """Paths that begin so and lead nowhere are refused in its words."""
    answer: Callable[[Problem], Response] = answer
    over_quota: HTTPStatus = HTTPStatus.TOO_MANY_REQUESTS
    """How it calls a quota that is used up."""
    webhook_field: str = "webhook_url"
    """What its clients call the address of a webhook."""


NATIVE = Dialect(
    name="native",
    title="Easel",
    credentials=(Credential.BEARER, Credential.API_KEY),
    prefixes=("/v1", "/status"),
    answer=coded_answer,
)
"""Easel's own; every path that is no other dialect's is refused in its words."""


def _may_be_empty(parameter: Mapping[str, Any]) -> bool:
    schema = parameter["schema"]
    return parameter["in"] != "query" or (schema["type"] == "string" and not _NARROWER & set(schema))


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A route: one method of one path."""

    method: str
    path: str
    """Each word in braces is one segment."""
    endpoint: Endpoint
    dialect: Dialect
    scope: Scope | None
    """What the caller's key must allow; None: no key is asked for."""
    anonymous: bool = False
    """The key may be left out (a wrong one is refused still)."""
    rate: Rate | None = None
    """None: GENERATE where the scope is, else READ; nothing is counted where no key is."""
    body: int = SMALL
    """The largest body, in bytes."""
    ids: Mapping[str, Id] = field(default_factory=dict)
    """Each word of the path and each field of query or body that names something of a workspace."""
    summary: str
    described: Mapping[str, Any] = field(default_factory=dict)
    """What FastAPI's `add_api_route` takes beside: `responses`, `openapi_extra`, `description`."""
    hidden: bool = False
    """Left out of the document, as the second spelling of another one."""
    never_empty: frozenset[str] = field(init=False)
    """Words of the query that are no text as the caller likes: an empty one is none of them."""

    def __post_init__(self) -> None:
        unknown = set(self.words) - set(self.ids)
        if unknown:
            raise ValueError(f"{self.method} {self.path}: what kind of id is {', '.join(sorted(unknown))}?")
        told = self.described.get("openapi_extra", {}).get("parameters", ())
        object.__setattr__(self, "never_empty", frozenset(each["name"] for each in told if not _may_be_empty(each)))

    @property
    def words(self) -> tuple[str, ...]:
        """The names of the path's words, in their order."""
        return tuple(_WORD.findall(self.path))

    @property
    def counted(self) -> Rate | None:
        """Which limit a call counts against."""
        if self.scope is None:
            return None
        return self.rate or (Rate.GENERATE if self.scope is Scope.GENERATE else Rate.READ)

    def spelled(self, **changes: Any) -> Way:
        """A second spelling of the same, which the document leaves out."""
        return replace(self, hidden=True, **changes)


def with_slash(ways: Iterable[Way]) -> Iterator[Way]:
    """Each way, and the same with a slash at its end (clients follow no redirect on POST)."""
    for way in ways:
        yield way
        yield way.spelled(path=way.path + "/")


@dataclass(slots=True)
class _Node:
    ways: dict[str, Way] = field(default_factory=dict)
    """By method."""
    fixed: dict[str, _Node] = field(default_factory=dict)
    word: _Node | None = None


class Ways:
    """Every way of an application, and how the one for a path is found: segment by segment, the fixed ones first."""

    def __init__(self, usual: Dialect) -> None:
        """`usual`: the dialect of paths that are nobody's."""
        self._usual = usual
        self._dialects: dict[str, Dialect] = {}
        self._listed: list[Way] = []
        self._exact: dict[tuple[str, str], Way] = {}
        self._root = _Node()

    def __iter__(self) -> Iterator[Way]:
        return iter(self._listed)

    def add(self, way: Way) -> None:
        """Add a way; no two have the same method and path."""
        node = self._root
        for segment in way.path.split("/"):
            if _WORD.fullmatch(segment):
                node.word = node.word or _Node()
                node = node.word
            else:
                assert "{" not in segment, f"{way.path}: a word is a whole segment"
                node = node.fixed.setdefault(segment, _Node())
        assert way.method not in node.ways, f"{way.method} {way.path} is there twice"
        node.ways[way.method] = way
        self._listed.append(way)
        self._dialects |= dict.fromkeys(way.dialect.prefixes, way.dialect)
        if not way.words:
            self._exact[way.method, way.path] = way

    def dialect_of(self, path: str) -> Dialect:
        """The dialect in which something on that path is refused."""
        begins = [prefix for prefix in self._dialects if path == prefix or path.startswith(prefix + "/")]
        return self._dialects[max(begins, key=len)] if begins else self._usual

    def methods(self, path: str) -> list[str]:
        """The methods of the way that stands for a path, the fixed ones first, in alphabetical order."""
        return sorted(_methods(self._root, path.split("/"), 0))

    def find(self, method: str, path: str) -> tuple[Way, dict[str, str]] | None:
        """The way of this method and path with the words of the path; None: there is none."""
        exact = self._exact.get((method, path))
        if exact is not None:
            return exact, {}
        said: list[str] = []
        way = _walk(self._root, path.split("/"), 0, method, said)
        return None if way is None else (way, dict(zip(way.words, said, strict=True)))


def _walk(node: _Node, segments: list[str], at: int, method: str, said: list[str]) -> Way | None:
    if at == len(segments):
        return node.ways.get(method)
    segment = segments[at]
    further = node.fixed.get(segment)
    if further is not None and (found := _walk(further, segments, at + 1, method, said)) is not None:
        return found
    if node.word is None or not segment:
        return None
    said.append(segment)
    found = _walk(node.word, segments, at + 1, method, said)
    if found is None:
        said.pop()
    return found


def _methods(node: _Node, segments: list[str], at: int) -> Iterable[str]:
    if at == len(segments):
        return node.ways
    further = node.fixed.get(segments[at])
    found = () if further is None else _methods(further, segments, at + 1)
    if found or node.word is None or not segments[at]:
        return found
    return _methods(node.word, segments, at + 1)
