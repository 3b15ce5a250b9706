"""What a request's body says: JSON or a form, read into named fields; every fault of it is the caller's, none is a 500.

A body that begins with a brace is JSON whatever its Content-Type: `curl -d '{...}'` calls it a form.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.parse import parse_qsl, quote, urlsplit

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser

from engine.model.errors import InvalidInput
from engine.model.hooks import NO_HOOK, Hook

MOST_FIELDS = 100
MOST_IGNORED = 20
"""How many names of ignored fields are told."""
LONGEST_ADDRESS = 2_048

_JSON_TYPES = ("", "application/json", "text/json", "text/plain")
_SURROGATE = re.compile("[\ud800-\udfff]")
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_LINE_ENDS = dict.fromkeys(map(ord, "\r\n"))
_SPELLED_BOOLEANS = ("true", "false", "1", "0")


def _no_constant(name: str) -> object:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_constant=_no_constant)  # json.loads with an option makes one for each call


@contextmanager
def called(**names: str) -> Iterator[None]:
    """What the engine refuses, under the name that the caller gave the field."""
    try:
        yield
    except InvalidInput as error:
        if error.field not in names:
            raise
        named = names[error.field]
        raise InvalidInput(named, error.problem, value=error.value, allowed=error.allowed) from error


class Fields:
    """The named values of a body. Unknown ones are left alone; null and missing are the same."""

    def __init__(
        self,
        values: Mapping[str, object],
        *,
        spelled: bool,
        files: Mapping[str, bytes] | None = None,
        repeated: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Take the values; `spelled`: they come from a form, where numbers are text too, and files may be.

        `repeated`: all that a form says under one name, where `values` has the last.
        """
        self.values = values
        self.spelled = spelled
        self.files = files or {}
        self._repeated = repeated or {}
        self._known: set[str] = set()

    def knows(self, *names: str) -> None:
        """These are fields of the call, whether or not they are read."""
        self._known.update(names)

    @property
    def ignored(self) -> list[str]:
        """The names of what was sent and not read, in the order of the body."""
        return [name for name in self.values if name not in self._known]

    def text(self, name: str, *aliases: str, most: int | None = None) -> str | None:
        """A text field, under its first name that has a value; `most` characters long.

        Raises:
            InvalidInput: it is no text, too long, or holds what no text can hold (NUL, a lone surrogate).
        """
        self._known.update((name, *aliases))
        value = next((self.values[n] for n in (name, *aliases) if self.values.get(n) is not None), None)
        if value is None:
            return None
        if not isinstance(value, str):
            raise InvalidInput(name, "must be text", value=value, allowed="a string")
        if most is not None and len(value) > most:
            raise InvalidInput(name, f"is too long: {len(value)} characters", allowed=f"at most {most}")
        if "\0" in value or _SURROGATE.search(value):
            raise InvalidInput(name, "holds a character that is none", value=value, allowed="no NUL, no lone surrogate")
        return value

    def required(self, name: str, *aliases: str, most: int | None = None) -> str:
        """A text field that must be there and not empty."""
        value = self.text(name, *aliases, most=most)
        if value is None or not value.strip():
            raise InvalidInput(name, "is required")
        return value

    def listed(self, name: str) -> object:
        """What a field that is a list holds, unchecked; in a form, each time that it comes, one a line."""
        self._known.add(name)
        value = self.values.get(name)
        return "\n".join(self._repeated.get(name, (value,))) if self.spelled and isinstance(value, str) else value

    def lines(self, name: str) -> object:
        """As `listed`; of a form the lines, without empty ones."""
        value = self.listed(name)
        if self.spelled and isinstance(value, str):
            return [line for line in value.splitlines() if line.strip()]
        return value

    def whole(self, name: str, low: int, high: int) -> int | None:
        """A whole number from `low` to `high`."""
        self._known.add(name)
        value = self.values.get(name)
        if value is None or (self.spelled and value == ""):
            return None
        wrong = InvalidInput(name, "must be a whole number", value=value, allowed=f"{low} to {high}")
        if self.spelled and isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
            value = int(value.strip()[:20])
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise wrong
        if not low <= value <= high:
            raise InvalidInput(name, "is out of range", value=value, allowed=f"{low} to {high}")
        return value

    def yes_or_no(self, name: str) -> bool | None:
        """True or false; a form spells it out."""
        self._known.add(name)
        value = self.values.get(name)
        if value is None or (self.spelled and value == ""):
            return None
        if self.spelled and isinstance(value, str) and value.strip().lower() in _SPELLED_BOOLEANS:
            return value.strip().lower() in ("true", "1")
        if not isinstance(value, bool):
            raise InvalidInput(name, "must be true or false", value=value, allowed="true, false")
        return value

    def address(self, name: str) -> str | None:
        """An http or https address as far as its spelling goes; empty is none."""
        value = self.text(name, most=LONGEST_ADDRESS)
        if value is None or not value.strip():
            return None
        if not _is_address(value):
            shown = None if "@" in value else value  # a password may stand before it
            raise InvalidInput(name, "is no address", value=shown, allowed="http:// or https:// without user name")
        return value

    def file(self, name: str) -> bytes | None:
        """The content of a file that was handed in under this name; an empty one counts as none.

        Raises:
            InvalidInput: something else was.
        """
        self._known.add(name)
        if self.values.get(name) and name not in self.files:
            raise InvalidInput(name, "must be a file", value=self.values[name], allowed="a file in a multipart form")
        return self.files.get(name) or None

    def hook(self, name: str) -> Hook | None:
        """A webhook's address; empty is none given, and the word `none` switches webhooks off.

        Raises:
            InvalidInput: it is no address.
        """
        self._known.add(name)
        value = self.values.get(name)
        if isinstance(value, str) and value.strip().lower() == "none":
            return NO_HOOK
        address = self.address(name)
        return None if address is None else Hook(address)


def _is_address(value: str) -> bool:
    if any(ord(char) <= 0x20 or ord(char) == 0x7F for char in value) or "\\" in value:  # noqa: PLR2004 - controls
        return False
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and "@" not in parts.netloc


def ignored_header(fields: Fields) -> bytes | None:
    """The names of the body's ignored fields as a header; None when there are none."""
    names = fields.ignored
    if not names:
        return None
    told = [quote(name[:60], safe=" !#$&'()*+-./:;<=>?@[]^_`{|}~").strip() or "''" for name in names[:MOST_IGNORED]]
    return ", ".join([*told, *(["..."] if len(names) > MOST_IGNORED else [])]).encode("ascii")


READ_FIELDS = "easel.fields"
"""Where in an ASGI scope the fields of the body are remembered, for `Easel-Ignored`."""


async def read_fields(request: Request) -> Fields:
    """The fields of a request's body.

    Raises:
        InvalidInput: it is neither JSON nor a form, or a broken one.
    """
    fields = await _read(request)
    request.scope[READ_FIELDS] = fields
    return fields


async def _read(request: Request) -> Fields:
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise HTTPException(415, "a compressed body is not read")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == _MULTIPART:
        return await _multipart(request)
    body = (await request.body()).removeprefix(b"\xef\xbb\xbf")
    looks_like_json = body.lstrip()[:1] in (b"{", b"[")
    if kind == _FORM and not looks_like_json:
        return _form(body)
    if kind not in _JSON_TYPES and kind != _FORM and not kind.endswith("+json"):
        raise HTTPException(415, f"a body of type {kind[:60]!a} is not read; send JSON or a form")
    return _json(body)


def _json(body: bytes) -> Fields:
    if not body.strip():
        return Fields({}, spelled=False)
    try:
        value = _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InvalidInput("body", "is not UTF-8", allowed="JSON in UTF-8") from error
    except RecursionError as error:
        raise InvalidInput("body", "is nested too deeply", allowed="a JSON object") from error
    except json.JSONDecodeError as error:
        raise InvalidInput(
            "body", f"is not valid JSON: {error.msg.lower()} at character {error.pos}", allowed="a JSON object"
        ) from error
    except ValueError as error:  # a number of thousands of digits, NaN
        raise InvalidInput("body", "holds a number that is none", allowed="a JSON object") from error
    if not isinstance(value, dict):
        raise InvalidInput("body", "must be a JSON object", value=value, allowed='{"prompt": "..."} and the like')
    return Fields(value, spelled=False)


def _form(body: bytes) -> Fields:
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS, encoding="utf-8", errors="strict"
        )
    except UnicodeDecodeError as error:
        raise InvalidInput("body", "is not UTF-8", allowed="a form in UTF-8") from error
    except ValueError as error:
        raise InvalidInput("body", "has too many fields", allowed=f"at most {MOST_FIELDS}") from error
    return _of_pairs(pairs)


def _of_pairs(pairs: Iterable[tuple[str, str]], files: Mapping[str, bytes] | None = None) -> Fields:
    """A form's fields: of a name that comes several times the last counts, but for lists (`Fields.listed`)."""
    texts: dict[str, list[str]] = {}
    for name, text in pairs:
        texts.setdefault(name, []).append(text)
    last = {name: each[-1] for name, each in texts.items()}
    # a file under the name of a text field is refused where that field is read
    return Fields({**last, **{name: [] for name in files or ()}}, spelled=True, files=files, repeated=texts)


class _Parts(MultiPartParser):
    """The framework's reader, which would take a text that is not UTF-8 for Latin-1."""

    def on_part_end(self) -> None:
        """Take in a part."""
        if self._current_part.file is None:
            self._current_part.data.decode("utf-8")
        super().on_part_end()


async def _multipart(request: Request) -> Fields:
    parts = _Parts(request.headers, request.stream(), max_files=MOST_FIELDS, max_fields=MOST_FIELDS)
    try:
        form = await parts.parse()
        try:
            files = {name: await value.read() for name, value in form.items() if not isinstance(value, str)}
            pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
        finally:
            await form.close()
        return _of_pairs(pairs, files)
    except MultiPartException as error:
        raise InvalidInput("body", f"is not a valid form: {error.message.lower()}") from error
    except UnicodeDecodeError as error:
        raise InvalidInput("body", "is not UTF-8", allowed="a form in UTF-8") from error
    except (ValueError, LookupError, KeyError) as error:
        raise InvalidInput("body", "is not a valid form") from error


def from_json(text: str) -> object:
    """What a text in JSON says; the text itself if it is none."""
    try:
        return _DECODER.decode(text.strip())
    except (ValueError, RecursionError):
        return text


def read_base64(name: str, text: str | None) -> bytes | None:
    """The bytes of a field in base64, with or without line ends in it and a `data:` address around it.

    Raises:
        InvalidInput: it is no base64.
    """
    if not text:
        return None
    head, comma, rest = text.partition(",")
    content = rest if comma and head.startswith("data:") else text
    try:
        return base64.b64decode(content.translate(_LINE_ENDS), validate=True)
    except ValueError:
        raise InvalidInput(name, "is no base64", allowed="a picture in base64") from None
