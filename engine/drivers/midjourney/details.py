"""Which answers in words are results, and what stands in them: describe, shorten, info, settings, seed, switches.

Told by the command's name in the interaction, where the message has one, else by shape (§4, §9). What has neither is
an unknown answer.
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
_NEW_SUFFIX = re.compile(r"suffix[^`\n]*`([^`]+)`", re.IGNORECASE)
_NO_SUFFIX = re.compile(r"suffix[^`\n]*\b(?:removed|cleared|reset|deleted)\b", re.IGNORECASE)
_RATED = re.compile(r"\]\(<?https://(?:\w+\.)?discord\.com/channels/[\w@]+/\d+/(\d{1,25})>?\)")
"""The link to the message whose picture was marked as a favourite."""
_LINE = re.compile(r"^\*\*([^*\n]{1,80})\*\*: ?(.*)$", re.MULTILINE)
_TIME = re.compile(r"<t:(\d{1,10})(?::[a-zA-Z])?>")
_FAST_LEFT = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(?:/(\d{1,9}(?:\.\d{1,9})?))? *(hours?|minutes?|seconds?)")
_USAGE = re.compile(r"(\d{1,9}) *images?(?: *\((\d{1,9}(?:\.\d{1,9})?) *(hours?|minutes?|seconds?)\))?")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0}
_MODES = {"fast": "fast", "relax": "relax", "relaxed": "relax", "turbo": "turbo"}

_NOTICES = {
    "fast": "speed",
    "relax": "speed",
    "turbo": "speed",
    "stealth": "visibility",
    "private": "visibility",
    "public": "visibility",
    "prefer remix": "remix mode",
    "prefer suffix": "suffix",
    "prefer auto_dm": "auto dm",
    "prefer variability": "variability",
    "prefer option set": "option",
    "prefer option list": "option",
    "userid": "user id",
    "DM Results": "results",
}
"""Commands that are answered in plain words, whatever those are (some texts no source quotes, §9.3) -> verb."""
SWITCHES = frozenset({"speed", "visibility"})
"""Verbs of commands that turn something over, which the account's plan may not hold."""
_BEGINNINGS = {
    "you have successfully rated": ("rated", None),
    "remix mode turned on": ("remix mode", True),
    "remix mode turned off": ("remix mode", False),
    "done!": ("speed", None),
}
"""How such replies begin -> verb, and what they say about Remix (§4, §9.3)."""


@value(frozen=True, slots=True)
class Told:
    """An answer in words that is a result: its verb in the catalogue's spelling, and its parts."""

    verb: str
    details: Details
    uuid: str | None = None
    """The job that it is about."""
    message_id: str | None = None
    """The message that it is about."""


def read(message: Message, content: str, embeds: Sequence[Embed], parts: Sequence[Part]) -> Told | None:
    """What a message without a known refusal tells; None when it is no result in words."""
    name, ids = _command(message), _custom_ids(parts)
    if any(each.startswith("MJ::Settings::") for each in ids) or (name == "settings" and ids):
        return _settings(content, parts)
    for embed in embeds:
        told = _of_embed(embed, name, ids)
        if told is not None:
            return told
    behind = content.rpartition("<@")[2]  # before it the prompt stands, which may hold anything
    seed = _SEED.search(behind)
    if seed is not None:
        job = _JOB_ID.search(behind)
        return Told("seed", Details(seed=seed[1]), job[1].lower() if job else None)
    return _notice(name, content) if content.strip() else None


def _command(message: Message) -> str | None:
    """The command that is answered, with its sub-command: `prefer remix`."""
    for meta in (message.interaction_metadata, message.interaction):
        if meta is not None and meta.name is not None:
            return meta.name
    return None


def _of_embed(embed: Embed, name: str | None, ids: Sequence[str]) -> Told | None:
    said = embed.description or ""
    if "your info" in plain(embed.title or "") or (name == "info" and _LINE.search(said)):
        return Told("info", Details(info=info(said)))
    if any(each.startswith("MJ::Job::PromptAnalyzer::") for each in ids) or _SHORTENED.search(said):
        part = _SHORTENED.search(said)
        return Told("shorten", Details(texts=_numbered(said[part.end() :] if part else said)))
    if any(each.startswith(("MJ::Job::PicReader::", "MJ::Picread::")) for each in ids):
        picture = embed.image.url if embed.image else None
        return Told("describe", Details(texts=_numbered(said), image_url=picture))
    return None


def _numbered(said: str) -> tuple[str, ...]:
    """The texts behind 1️⃣, 2️⃣ and so on."""
    marks = list(_DIGIT.finditer(said))
    ends = [mark.start() for mark in marks[1:]] + [len(said)]
    return tuple(said[mark.end() : end].strip() for mark, end in zip(marks, ends, strict=False))


def _notice(name: str | None, content: str) -> Told | None:
    said = plain(content)
    verb, remix = next((told for beginning, told in _BEGINNINGS.items() if said.startswith(beginning)), (None, None))
    verb = _NOTICES.get(name or "", verb)
    if verb is None:
        return None
    rated = _RATED.search(content) if verb == "rated" else None
    suffix = _suffix(content) if verb == "suffix" else None
    return Told(
        verb,
        Details(notice=content.strip(), remix=remix, suffix=suffix),
        message_id=rated[1] if rated else None,
    )


def _suffix(content: str) -> str | None:
    """What a reply to /prefer suffix says of it; no source quotes one, so only what is plain is taken."""
    found = _NEW_SUFFIX.search(content)
    if found is not None:
        return found[1].strip()
    return "" if _NO_SUFFIX.search(content) else None


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
