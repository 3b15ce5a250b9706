"""Where webhooks of a request go and which changes they tell of: what was given, what the workspace has."""

from __future__ import annotations

from enum import StrEnum

from engine.model.values import value


class HookKind(StrEnum):
    """Which changes of a request are posted."""

    USUAL = "usual"
    """As the workspace has it: its end, and its progress if the workspace asks for that."""
    RESULT = "result"
    """Its end alone."""
    PROGRESS = "progress"
    """Every change of status and percent, and its end."""
    CHANGES = "changes"
    """Every change of status, and its end."""
    OFF = "off"
    """Nothing, whatever the workspace has."""


@value(frozen=True, slots=True)
class Hook:
    """An address and what is posted to it, in the words of `dialect` ("": the dialect of the request that gave it)."""

    url: str
    kind: HookKind = HookKind.USUAL
    dialect: str = ""


NO_HOOK = Hook("", HookKind.OFF)
"""Given by a request that wants no webhook."""


@value(frozen=True, slots=True)
class WorkspaceHook:
    """A workspace's default: for requests that give no address (None: there is none), and its wish for progress."""

    url: str | None
    dialect: str
    progress: bool = False


def in_force(given: Hook | None, default: WorkspaceHook | None, dialect: str) -> Hook | None:
    """What a request's jobs carry; None: nothing is posted.

    Args:
        given: the request's own; None when it gave none.
        default: its workspace's.
        dialect: the request's.
    """
    if given is None:
        if default is None or default.url is None:
            return None
        given = Hook(default.url, HookKind.USUAL, default.dialect)
    if given.kind is HookKind.OFF or not given.url:
        return None
    kind = given.kind
    if kind is HookKind.USUAL:
        kind = HookKind.PROGRESS if default is not None and default.progress else HookKind.RESULT
    return Hook(given.url, kind, given.dialect or dialect)
