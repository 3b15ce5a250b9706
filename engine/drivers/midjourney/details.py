"""Which answers in words are results, and what stands in them: describe, shorten, info, settings, seed, switches.

Recognised by shape (§4, §9); only the replies whose text no source knows, of suffix and visibility, by the command's
name in the interaction. What has no such shape is an unknown answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from engine.drivers.midjourney.answers import plain
from engine.drivers.midjourney.content import UUID
from engine.drivers.midjourney.payloads import Embed, Message, Part
from engine.model.details import AccountInfo, Details, Setting, Usage
from engine.model.values import value

_ON = 3
"""Style of a settings button that is on (§9.2)."""
_SELECT = 3
_DIGIT = re.compile(r"^([1-9])\ufe0f?\u20e3[ \t]*", re.MULTILINE)
"""`1️⃣ ` in front of a prompt."""
_SHORTENED = re.compile(r"^#{1,3} *shortened prompts *$", re.IGNORECASE | re.MULTILINE)
_SEED = re.compile(r"^\*\*seed\*\*:? *(\d{1,20})\b", re.IGNORECASE | re.MULTILINE)
_JOB_ID = re.compile(rf"^\*\*job id\*\*:? *({UUID})", re.IGNORECASE | re.MULTILINE)
_SUFFIX = re.compile(r"current suffix: *`([^`]*)`", re.IGNORECASE)
_LINE = re.compile(r"^\*\*([^*\n]{1,80})\*\*: ?(.*)$", re.MULTILINE)
_TIME = re.compile(r"<t:(\d{1,10})(?::[a-zA-Z])?>")
_FAST_LEFT = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(?:/(\d{1,9}(?:\.\d{1,9})?))? *(hours?|minutes?|seconds?)")
_USAGE = re.compile(r"(\d{1,9}) *images?(?: *\((\d{1,9}(?:\.\d{1,9})?) *(hours?|minutes?|seconds?)\))?")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0}
_MODES = {"fast": "fast", "relax": "relax", "relaxed": "relax", "turbo": "turbo"}

_BEGINNINGS = {
    "you have successfully rated": ("rated", None),
    "remix mode turned on": ("remix mode", True),
    "remix mode turned off": ("remix mode", False),
    "done!": ("speed", None),
}
"""How the plain replies of favourites and switches begin -> verb, and what they say about Remix (§4, §9.3)."""
_TEXT_UNKNOWN = {
    "prefer suffix": "suffix",
    "stealth": "visibility",
    "public": "visibility",
    "private": "visibility",
}
"""Commands whose reply no source quotes (§9.3): whatever they say plainly is their notice."""


@value(frozen=True, slots=True)
class Told:
    """An answer in words that is a result: its verb in the catalogue's spelling, and its parts."""

    verb: str
    details: Details
    uuid: str | None = None
    """The job that it is about."""


def read(message: Message, content: str, embeds: Sequence[Embed], parts: Sequence[Part]) -> Told | None:
    """What a message without a known refusal tells; None when it is no result in words."""
    ids = _custom_ids(parts)
    if any(each.startswith("MJ::Settings::") for each in ids) or plain(content).startswith("adjust your settings"):
        return _settings(content, parts)
    for embed in embeds:
        told = _of_embed(embed, ids)
        if told is not None:
            return told
    seed = _SEED.search(content)
    if seed is not None:
        job = _JOB_ID.search(content)
        return Told("seed", Details(seed=seed[1]), job[1].lower() if job else None)
    return _notice(message, content) if content.strip() else None


def _of_embed(embed: Embed, ids: Sequence[str]) -> Told | None:
    said = embed.description or ""
    if plain(embed.title or "").startswith("your info"):
        return Told("info", Details(info=info(said)))
    if any(each.startswith("MJ::Job::PromptAnalyzer::") for each in ids) or _SHORTENED.search(said):
        part = _SHORTENED.search(said)
        return Told("shorten", Details(texts=_numbered(said[part.end() :] if part else said)))
    if any(each.startswith("MJ::Job::PicReader::") for each in ids):
        picture = embed.image.url if embed.image else None
        return Told("describe", Details(texts=_numbered(said), image_url=picture))
    return None


def _numbered(said: str) -> tuple[str, ...]:
    """The texts behind 1️⃣, 2️⃣ and so on."""
    marks = list(_DIGIT.finditer(said))
    ends = [mark.start() for mark in marks[1:]] + [len(said)]
    return tuple(said[mark.end() : end].strip() for mark, end in zip(marks, ends, strict=False))


def _notice(message: Message, content: str) -> Told | None:
    said = plain(content)
    for beginning, (verb, remix) in _BEGINNINGS.items():
        if said.startswith(beginning):
            return Told(verb, Details(notice=content.strip(), remix=remix))
    meta = message.interaction_metadata or message.interaction
    known = _TEXT_UNKNOWN.get((meta.name or "") if meta else "")
    return None if known is None else Told(known, Details(notice=content.strip()))


def _settings(content: str, parts: Sequence[Part]) -> Told:
    found: list[Setting] = []
    version = remix = None
    for part in _flat(parts):
        if part.type == _SELECT:
            for option in part.options or ():
                found.append(Setting(option.label or option.value or "", part.custom_id, bool(option.default)))
                if option.default:
                    version = option.label
        elif part.label:
            on = part.style == _ON
            found.append(Setting(part.label, part.custom_id, on))
            if plain(part.label) == "remix mode":
                remix = on
    suffix = _SUFFIX.search(content)
    words = suffix[1] if suffix else None
    return Told("settings", Details(settings=tuple(found), version=version, remix=remix, suffix=words))


def info(said: str) -> AccountInfo:
    """The lines of /info; one that is not understood stands in `lines` all the same."""
    lines = tuple((key.strip(), words.strip()) for key, words in _LINE.findall(said))
    of = {key.casefold(): words for key, words in lines}
    plan = of.get("subscription")
    left, total = _fast_left(of.get("fast time remaining", ""))
    return AccountInfo(
        user_id=of.get("user id"),
        plan=plan.partition("(")[0].strip() if plan else None,
        plan_words=plan,
        active_until=_time(plan or ""),
        mode=_MODES.get(of.get("job mode", "").casefold()),
        visibility=of["visibility mode"].casefold() if of.get("visibility mode") else None,
        fast_seconds_left=left,
        fast_seconds_total=total,
        lifetime=_usage(of.get("lifetime usage", "")),
        fast=_usage(of.get("fast usage", "")),
        relaxed=_usage(of.get("relaxed usage", "")),
        turbo=_usage(of.get("turbo usage", "")),
        queued_fast=_count(of.get("queued jobs (fast)", "")),
        queued_relax=_count(of.get("queued jobs (relax)", "")),
        running_jobs=_running(said),
        lines=lines,
    )


def _running(said: str) -> tuple[str, ...]:
    """Everything behind "Running Jobs", which may be a list of lines."""
    _, found, rest = said.partition("**Running Jobs**:")
    rest = rest.partition("\n**")[0]
    jobs = tuple(line.strip(" -*•") for line in rest.replace(", ", "\n").splitlines())
    return tuple(job for job in jobs if job and job != "None") if found else ()


def _fast_left(said: str) -> tuple[float | None, float | None]:
    found = _FAST_LEFT.search(said)
    if found is None:
        return None, None
    unit = _SECONDS[found[3][0]]
    return float(found[1]) * unit, None if found[2] is None else float(found[2]) * unit


def _usage(said: str) -> Usage:
    found = _USAGE.search(said)
    if found is None:
        return Usage()
    return Usage(int(found[1]), None if found[2] is None else float(found[2]) * _SECONDS[found[3][0]])


def _count(said: str) -> int | None:
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else None  # noqa: PLR2004 - a sane number


def _time(said: str) -> datetime | None:
    found = _TIME.search(said)
    return datetime.fromtimestamp(int(found[1]), UTC) if found else None


def _flat(parts: Sequence[Part]) -> list[Part]:
    return [one for part in parts for one in ([part] if part.components is None else _flat(part.components))]


def _custom_ids(parts: Sequence[Part]) -> list[str]:
    return [part.custom_id for part in _flat(parts) if part.custom_id is not None]
