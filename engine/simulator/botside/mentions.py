"""Whom a message calls: the mentions in its words, and what `allowed_mentions` leaves of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.simulator.botside.problems import Problems

_PERSON, _ROLE, _ALL = re.compile(r"<@!?(\d{5,20})>"), re.compile(r"<@&(\d{5,20})>"), re.compile(r"@(everyone|here)")
_KINDS = {"users", "roles", "everyone"}


@dataclass(frozen=True, slots=True)
class Called:
    """Ids of people and roles, and whether everybody is meant."""

    people: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    everyone: bool = False


def check_allowed(allowed: Any, problems: Problems) -> None:
    """Write down what is wrong with `allowed_mentions`."""
    if allowed is None or not problems.table(allowed):
        return
    parse = allowed.get("parse") or []
    for number, kind in enumerate(parse):
        if kind not in _KINDS:
            problems.at("parse", number).choices("('users', 'roles', 'everyone')")
    for kind in ("users", "roles"):
        listed = allowed.get(kind) or []
        problems.at(kind).listed(listed, 0, 100)
        if listed and kind in parse:
            words = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            problems.add("MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", words)


def called(text: str, allowed: dict[str, Any] | None, replied: str | None, *, everyone: bool) -> Called:
    """Whom these words call; `replied` is the author of the message that is answered.

    `everyone`: whether the sender may call everybody. Without `allowed` all mentions count.
    """
    parse = _KINDS if allowed is None else set(allowed.get("parse") or ())
    rules = allowed or {}
    people = [
        person for person in dict.fromkeys(_PERSON.findall(text))
        if "users" in parse or person in map(str, rules.get("users") or ())
    ]  # fmt: skip
    if replied is not None and (allowed is None or rules.get("replied_user")) and replied not in people:
        people.append(replied)
    roles = [
        role for role in dict.fromkeys(_ROLE.findall(text))
        if "roles" in parse or role in map(str, rules.get("roles") or ())
    ]  # fmt: skip
    return Called(people, roles, everyone and "everyone" in parse and _ALL.search(text) is not None)
