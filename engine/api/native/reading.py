"""What several native routes read: lists of texts, words of a fixed set, moments, pages, and accounts by number."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from starlette.requests import Request

from engine.api.auth import Caller
from engine.api.bodies import Fields
from engine.api.native.document import LONGEST_CURSOR, MOST_PER_PAGE, USUAL_PER_PAGE
from engine.model.errors import InvalidInput, NotFound
from engine.model.jobs import JobState

Word = TypeVar("Word", bound=StrEnum)
Held = TypeVar("Held")

_NUMBER = re.compile(r"[0-9]{1,15}")
_SNOWFLAKE = re.compile(r"[0-9]{5,20}")
_MOMENT_ALLOWED = "as in 2026-01-15T12:00:00+00:00"


def texts(fields: Fields, name: str, most: int) -> list[str] | None:
    """A list of texts, each at most `most` characters long; a form has one a line.

    Raises:
        InvalidInput: it is none.
    """
    given = fields.lines(name)
    if given is None:
        return None
    if not isinstance(given, list):
        raise InvalidInput(name, "must be a list of texts", value=given, allowed='["...", "..."]')
    return [Fields({name: each}, spelled=False).required(name, most=most) for each in given]


def word(name: str, given: str | None, words: type[Word]) -> Word | None:
    """One of these words; None and empty: none was given.

    Raises:
        InvalidInput: it is another one.
    """
    if not given:
        return None
    try:
        return words(given)
    except ValueError:
        raise InvalidInput(name, "is not known", value=given, allowed=", ".join(words)) from None


def named(name: str, given: str | None, most: int) -> str | None:
    """A text that is looked for, of at most so many characters; None and empty: none was given.

    Raises:
        InvalidInput: it is longer, or holds NUL.
    """
    if given and ("\0" in given or len(given) > most):
        raise InvalidInput(name, "is no such text", allowed=f"at most {most} characters, no NUL")
    return given or None


def states_of(request: Request) -> tuple[JobState, ...]:
    """Every `state` of the query.

    Raises:
        InvalidInput: one is none.
    """
    given = (word("state", each, JobState) for each in request.query_params.getlist("state"))
    return tuple(state for state in given if state is not None)


def flag(name: str, given: str | None, *, usual: bool) -> bool:
    """True or false; None and empty: as usual.

    Raises:
        InvalidInput: it is neither.
    """
    said = (given or "").lower()
    if said not in {"", "true", "false", "1", "0"}:
        raise InvalidInput(name, "must be true or false", value=given, allowed="true, false")
    return said in {"true", "1"} if said else usual


def moment(name: str, given: str | None) -> datetime | None:
    """A moment with its offset, or UTC without one.

    Raises:
        InvalidInput: it is none.
    """
    if given is None:
        return None
    try:
        read = datetime.fromisoformat(given.replace(" ", "+"))
        return (read if read.tzinfo is not None else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(name, "is no moment", value=given, allowed=_MOMENT_ALLOWED) from None


def limit_of(request: Request) -> int:
    """How many rows of a list are wanted.

    Raises:
        InvalidInput: it is no number in range.
    """
    given = request.query_params.get("limit") or str(USUAL_PER_PAGE)
    if not _NUMBER.fullmatch(given) or not 1 <= int(given) <= MOST_PER_PAGE:
        raise InvalidInput("limit", "is no number in range", value=given, allowed=f"1 to {MOST_PER_PAGE}")
    return int(given)


def number_in(what: str, text: str) -> int:
    """The number of something in a path.

    Raises:
        NotFound: none has it.
    """
    if not _NUMBER.fullmatch(text):
        raise NotFound(f"no such {what}")
    return int(text)


def snowflake_in(what: str, text: str) -> str:
    """The id of something of Discord's in a path.

    Raises:
        NotFound: none has it.
    """
    if not _SNOWFLAKE.fullmatch(text):
        raise NotFound(f"no such {what}")
    return text


def number_of(parts: list[str]) -> int:
    """For `unsealed`: a number that a store can hold."""
    if not _NUMBER.fullmatch(parts[0]):
        raise ValueError(parts[0])
    return int(parts[0])


def snowflake_of(parts: list[str]) -> str:
    """For `unsealed`: an id of Discord's."""
    if not _SNOWFLAKE.fullmatch(parts[0]):
        raise ValueError(parts[0])
    return parts[0]


def sealed(*parts: str) -> str:
    """A cursor that holds these; it means nothing to a client."""
    return base64.urlsafe_b64encode("|".join(parts).encode()).decode().rstrip("=")


def unsealed(cursor: str, read: Callable[[list[str]], Held]) -> Held:
    """What a cursor of ours holds, as `read` makes it of the parts.

    Raises:
        InvalidInput: it is none of ours.
    """
    wrong = InvalidInput("cursor", "is none of ours", value=cursor, allowed="next_cursor of the page before")
    if len(cursor) > LONGEST_CURSOR:
        raise wrong
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        return read(text.split("|"))
    except (ValueError, binascii.Error, IndexError):
        raise wrong from None


def may_see(caller: Caller, account_id: int) -> bool:
    """Whether an account is one of those that the key is for."""
    return not caller.account_ids or account_id in caller.account_ids


def account_id_of(text: str, caller: Caller) -> int:
    """The number of an account in a path.

    Raises:
        NotFound: no account of the key can have it.
    """
    if not _NUMBER.fullmatch(text) or not may_see(caller, int(text)):
        raise NotFound("no such account")
    return int(text)
