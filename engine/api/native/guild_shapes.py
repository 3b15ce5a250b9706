"""How the people of Discord look in the native API: shapes, and what a body says of a server's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

from engine.api.bodies import Fields
from engine.api.native.document import Schema, array, fields, moment, nullable, number, shape, text, words, yes_or_no
from engine.api.native.reading import texts, word
from engine.api.times import to_milliseconds
from engine.model.community.guilds import (
    LANGUAGES,
    LONGEST_COOLDOWN,
    MOST_QUEUED,
    Guild,
    GuildSettings,
    Layout,
    NsfwRule,
    Operator,
    Presses,
    RoleTerms,
    Terms,
)
from engine.model.community.people import Member, Restraint, Strike
from engine.model.community.reports import Report, Settled
from engine.model.community.styles import Style
from engine.model.errors import InvalidInput
from engine.model.jobs import Mode
from engine.model.quotas import read_quota

Word = TypeVar("Word", bound=StrEnum)

NONE = "none"
_LONGEST = 100
_MOST_STYLE = 10**12
_IDS = array(text(pattern="^[0-9]{5,20}$"))
_TERMS: dict[str, Schema] = {
    "quota": text(null=True, description="As in `20/day`; `none`."),
    "unlimited": yes_or_no(),
    "speeds": array(words(Mode)),
    "cooldown": number(null=True, minimum=0, maximum=LONGEST_COOLDOWN, description="Seconds between two requests."),
    "most_queued": number(null=True, minimum=1, maximum=MOST_QUEUED),
}
_SETTINGS: dict[str, Schema] = {
    "channels": _IDS,
    "roles": _IDS,
    "moderator_roles": _IDS,
    "usual": shape(**_TERMS),
    "by_role": array(shape(role=text(), **_TERMS)),
    "nsfw": words(NsfwRule),
    "spoiler": yes_or_no(),
    "results_channel": text(null=True),
    "language": words(LANGUAGES, null=True),
    "default_style": number(null=True),
    "presses": words(Presses),
    "alerts_channel": text(null=True),
    "layout": words(Layout),
}
GUILD = shape(id=text(), name=text(), connected_at=moment(), connected_by=text(), settings=shape(**_SETTINGS))
OPERATOR = shape(user=text(), added_at=moment(), added_by=text())
_RESTRAINT = shape(kind=words(Restraint), reason=text(), by=text(), at=moment(), until=moment(null=True))
MEMBER = shape(
    user=text(),
    name=text(),
    since=moment(),
    left_at=moment(null=True),
    restraint=nullable(_RESTRAINT),
    strikes=number(),
)
STRIKE = shape(
    id=number(), job_id=text(null=True), reason=text(), by=text(), at=moment(), lifted_at=moment(null=True),
    lifted_by=text(null=True),
)  # fmt: skip
REPORT = shape(
    id=number(), job_id=text(), reporter=text(), reason=text(), guild=text(null=True), channel=text(null=True),
    message=text(null=True), at=moment(), settled=words(Settled, null=True), settled_at=moment(null=True),
    settled_by=text(null=True),
)  # fmt: skip
STYLE = shape(
    id=number(), owner=text(), name=text(), words=text(), shared=yes_or_no(), created_at=moment(), updated_at=moment()
)
CHANGE = fields(**{
    name: {**kind, "description": "`none` takes it away."} if name.endswith("channel") else kind
    for name, kind in _SETTINGS.items()
    if name not in {"language", "usual", "by_role", "default_style"}
} | {
    "language": words((*LANGUAGES, NONE)),
    "default_style": number(minimum=0, description="Id of a shared style; 0 takes it away."),
    "usual": fields(**_TERMS),
    "by_role": array(fields(["role"], role=text(), **_TERMS)),
})  # fmt: skip
EXAMPLE = {"channels": ["100000000000000001"], "usual": {"quota": "20/day", "cooldown": 10}, "spoiler": False}


def _at(moment_: Any) -> str | None:
    return None if moment_ is None else to_milliseconds(moment_)


def _terms_body(terms: Terms) -> dict[str, object]:
    return {
        "quota": None if terms.quota is None else str(terms.quota),
        "unlimited": terms.unlimited,
        "speeds": [mode.value for mode in Mode if mode in terms.speeds],
        "cooldown": terms.cooldown,
        "most_queued": terms.most_queued,
    }


def guild_body(guild: Guild) -> dict[str, object]:
    """A server with its settings."""
    settings = guild.settings
    return {
        "id": guild.guild_id,
        "name": guild.name,
        "connected_at": _at(guild.connected_at),
        "connected_by": guild.connected_by,
        "settings": {
            "channels": list(settings.channels),
            "roles": list(settings.roles),
            "moderator_roles": list(settings.moderator_roles),
            "usual": _terms_body(settings.usual),
            "by_role": [{"role": each.role_id, **_terms_body(each.terms)} for each in settings.by_role],
            "nsfw": settings.nsfw.value,
            "spoiler": settings.spoiler,
            "results_channel": settings.results_channel,
            "language": settings.language,
            "default_style": settings.default_style,
            "presses": settings.presses.value,
            "alerts_channel": settings.alerts_channel,
            "layout": settings.layout.value,
        },
    }


def operator_body(operator: Operator) -> dict[str, object]:
    """An operator."""
    return {"user": operator.user_id, "added_at": _at(operator.added_at), "added_by": operator.added_by}


def member_body(member: Member) -> dict[str, object]:
    """A member as the workspace knows them."""
    held = member.restrained
    return {
        "user": member.user_id,
        "name": member.name,
        "since": _at(member.since),
        "left_at": _at(member.left_at),
        "restraint": None
        if held is None
        else {
            "kind": held.kind.value, "reason": held.reason, "by": held.by, "at": _at(held.at), "until": _at(held.until),
        },
        "strikes": member.strikes,
    }  # fmt: skip


def strike_body(strike: Strike) -> dict[str, object]:
    """A strike."""
    return {
        "id": strike.id,
        "job_id": strike.job_id,
        "reason": strike.reason,
        "by": strike.by,
        "at": _at(strike.at),
        "lifted_at": _at(strike.lifted_at),
        "lifted_by": strike.lifted_by,
    }


def report_body(report: Report) -> dict[str, object]:
    """A report."""
    return {
        "id": report.id,
        "job_id": report.job_id,
        "reporter": report.reporter,
        "reason": report.reason,
        "guild": report.guild_id,
        "channel": report.channel_id,
        "message": report.message_id,
        "at": _at(report.at),
        "settled": report.settled,
        "settled_at": _at(report.settled_at),
        "settled_by": report.settled_by,
    }


def style_body(style: Style) -> dict[str, object]:
    """A style."""
    return {
        "id": style.id,
        "owner": style.user_id,
        "name": style.name,
        "words": style.words,
        "shared": style.shared,
        "created_at": _at(style.created_at),
        "updated_at": _at(style.updated_at),
    }


# --- what a body says


def changed_settings(said: Fields, known: GuildSettings) -> GuildSettings:
    """The settings with what a body says of them; what it does not name stays.

    Raises:
        InvalidInput: a field is no such value.
    """
    changes: dict[str, Any] = {}
    for name in ("channels", "roles", "moderator_roles"):
        if (ids := texts(said, name, _LONGEST)) is not None:
            changes[name] = tuple(ids)
    for name in ("results_channel", "alerts_channel", "language"):
        if (given := said.text(name, most=_LONGEST)) is not None:
            changes[name] = None if given.strip().lower() in {"", NONE} else given
    enums: Mapping[str, type[StrEnum]] = {"nsfw": NsfwRule, "presses": Presses, "layout": Layout}
    for name, kind in enums.items():
        if (chosen := word(name, said.text(name, most=_LONGEST), kind)) is not None:
            changes[name] = chosen
    if (spoiler := said.yes_or_no("spoiler")) is not None:
        changes["spoiler"] = spoiler
    if (style := said.whole("default_style", 0, _MOST_STYLE)) is not None:
        changes["default_style"] = style or None
    return replace(known, **changes, **_changed_terms(said))


def _changed_terms(said: Fields) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    said.knows("usual", "by_role")
    if (usual := said.values.get("usual")) is not None:
        changes["usual"] = _terms(_object("usual", usual))
    if (listed := said.values.get("by_role")) is not None:
        if not isinstance(listed, list):
            raise InvalidInput("by_role", "must be a list of objects", value=listed, allowed='[{"role": "..."}]')
        read = [_object("by_role", each) for each in listed]
        changes["by_role"] = tuple(RoleTerms(each.required("role", most=_LONGEST), _terms(each)) for each in read)
    return changes


def _object(name: str, value: object) -> Fields:
    if not isinstance(value, dict):
        raise InvalidInput(name, "must be an object", value=value, allowed='{"quota": "20/day"}')
    return Fields(value, spelled=False)


def _terms(said: Fields) -> Terms:
    quota = said.text("quota", most=_LONGEST)
    speeds = texts(said, "speeds", _LONGEST)
    return Terms(
        quota=None if quota is None else read_quota(quota),
        unlimited=bool(said.yes_or_no("unlimited")),
        speeds=frozenset(filter(None, (word("speeds", each, Mode) for each in speeds or ()))),
        cooldown=said.whole("cooldown", 0, LONGEST_COOLDOWN),
        most_queued=said.whole("most_queued", 1, MOST_QUEUED),
    )
