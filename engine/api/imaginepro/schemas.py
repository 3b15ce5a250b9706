"""Which fields an ImaginePro call has, and which values they may take."""

from __future__ import annotations

from dataclasses import dataclass

from engine.api.bodies import LONGEST_ADDRESS, Fields, from_json, read_base64
from engine.api.ids import job_id_of
from engine.model.errors import InvalidInput
from engine.model.hooks import Hook

TIMEOUT = (10, 900)
"""Seconds, both included (the service's own bounds)."""
LONGEST_REF = 1_000
LONGEST_LABEL = 100
PERMUTATIONS = "allowPermutations"
COMMANDS = ("info", "fast", "relax", "turbo", "remix", "cancel")
MOTIONS = ("low", "high")
MOST_BLENDED = 5
VIDEOS = (0, 3)
"""A video grid's four, counted from 0."""
HIGHEST_ID = 2**31 - 1
PAGE_SIZES = (1, 100)
HIGHEST_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Common:
    """What every call that starts a job may carry."""

    ref: str | None
    webhook: Hook | None
    timeout: int | None
    source_links: bool
    """`disableCdn`."""


@dataclass(frozen=True, slots=True)
class Imagine:
    """The body of imagine."""

    prompt: str
    several: bool
    """Whether it may make several jobs."""
    common: Common


@dataclass(frozen=True, slots=True)
class Press:
    """The body of button."""

    message_id: str
    button: str
    prompt: str | None
    """For the form that the button opens: with Remix, Vary (Region), Custom Zoom, a description's number."""
    mask: bytes | None
    common: Common


@dataclass(frozen=True, slots=True)
class Pictures:
    """The body of describe and of blend."""

    urls: tuple[str, ...]
    common: Common


@dataclass(frozen=True, slots=True)
class Command:
    """The body of commands."""

    name: str
    account_id: int | None
    common: Common


@dataclass(frozen=True, slots=True)
class Video:
    """The body of video generate."""

    prompt: str
    """With the frames and what makes it a video."""
    frames: tuple[tuple[str, str], ...]
    """Field and address of each."""
    common: Common


@dataclass(frozen=True, slots=True)
class Extension:
    """The body of video extend."""

    message_id: str
    index: int
    """Which of a video grid's four, from 0."""
    motion: str
    prompt: str | None
    common: Common


def read_imagine(fields: Fields) -> Imagine:
    """Read the body of imagine. Raises InvalidInput."""
    # how long a prompt may be is the engine's rule
    return Imagine(fields.required("prompt"), bool(fields.yes_or_no(PERMUTATIONS)), read_common(fields))


def read_press(fields: Fields) -> Press:
    """Read the body of button. Raises InvalidInput, and NotFound for what cannot be an id."""
    message_id = fields.required("messageId", "message_id")
    button = fields.required("button", most=LONGEST_LABEL)
    prompt = fields.text("prompt")
    mask = read_base64("mask", fields.text("mask"))
    return Press(job_id_of(message_id), button, prompt or None, mask, read_common(fields))


def read_describe(fields: Fields) -> Pictures:
    """Read the body of describe: one address, or a picture as a `data:` address. Raises InvalidInput."""
    return Pictures((_picture(fields, "url"),), read_common(fields))


def read_face_swap(fields: Fields) -> Pictures:
    """Read the body of faceswap: the face to take, the picture to change. Raises InvalidInput."""
    return Pictures((_picture(fields, "source"), _picture(fields, "target")), read_common(fields))


def read_blend(fields: Fields) -> Pictures:
    """Read the body of blend: a list of addresses, in a form as JSON or one a line. Raises InvalidInput."""
    value = fields.listed("urls")
    if fields.spelled and isinstance(value, str):
        value = from_json(value) if value.lstrip().startswith("[") else value.split()
    if value is None or value == []:
        raise InvalidInput("urls", "is required")
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise InvalidInput("urls", "must be a list of addresses", value=value, allowed='["https://...", "https://..."]')
    if len(value) > MOST_BLENDED:
        raise InvalidInput("urls", f"are {len(value)}", allowed=f"2 to {MOST_BLENDED}")
    urls = [_picture(Fields({"urls": each}, spelled=False), "urls") for each in value]
    return Pictures(tuple(urls), read_common(fields))


def _picture(fields: Fields, name: str) -> str:
    """An address of the web, or a picture in a `data:` address."""
    value = fields.required(name)
    if value.startswith("data:"):
        return value
    if len(value) > LONGEST_ADDRESS:
        raise InvalidInput(name, f"is too long: {len(value)} characters", allowed=f"at most {LONGEST_ADDRESS}")
    return fields.address(name) or value


def read_command(fields: Fields) -> Command:
    """Read the body of commands. Raises InvalidInput."""
    name = fields.required("cmd", "command", most=LONGEST_LABEL).strip().lower().removeprefix("/")
    if name not in COMMANDS:
        raise InvalidInput("cmd", "is no command", value=name, allowed=", ".join(COMMANDS))
    fields.knows("tokenId")
    spelled = Fields(fields.values, spelled=True)  # the service's own schemas call this id a string and a number
    return Command(name, spelled.whole("tokenId", 1, HIGHEST_ID), read_common(fields))


def read_video(fields: Fields) -> Video:
    """Read the body of video generate. Raises InvalidInput."""
    start, end = _frame(fields, "startFrameUrl"), _frame(fields, "endFrameUrl")
    if start is None:
        raise InvalidInput("startFrameUrl", "is required")
    words = [start, (fields.text("prompt") or "").strip(), "--video 1", f"--end {end}" if end else ""]
    frames = (("startFrameUrl", start), *((("endFrameUrl", end),) if end else ()))
    return Video(" ".join(word for word in words if word), frames, read_common(fields))


def _frame(fields: Fields, name: str) -> str | None:
    return fields.address(name)


def read_extension(fields: Fields) -> Extension:
    """Read the body of video extend. Raises InvalidInput, and NotFound for what cannot be an id."""
    message_id = fields.required("messageId", "message_id")
    index = fields.whole("index", *VIDEOS)
    if index is None:
        raise InvalidInput("index", "is required")
    motion = fields.text("animateMode", most=LONGEST_LABEL) or MOTIONS[0]
    if motion not in MOTIONS:
        raise InvalidInput("animateMode", "is no motion", value=motion, allowed=" or ".join(MOTIONS))
    return Extension(job_id_of(message_id), index, motion, fields.text("prompt") or None, read_common(fields))


def read_switch(fields: Fields) -> bool:
    """Read the body of a token's toggle; its own page shows text where a boolean is meant. Raises InvalidInput."""
    fields.knows("isActive")
    wanted = Fields(fields.values, spelled=True).yes_or_no("isActive")
    if wanted is None:
        raise InvalidInput("isActive", "is required", allowed="true, false")
    return wanted


def read_page(fields: Fields) -> tuple[int, int]:
    """Page and size of a history. Raises InvalidInput."""
    return fields.whole("page", 1, HIGHEST_PAGE) or 1, fields.whole("size", *PAGE_SIZES) or 10


def read_common(fields: Fields) -> Common:
    """Read what every call that starts a job may carry. Raises InvalidInput."""
    ref = fields.text("ref", most=LONGEST_REF)
    source_links = bool(fields.yes_or_no("disableCdn"))
    return Common(ref or None, fields.hook("webhookOverride"), fields.whole("timeout", *TIMEOUT), source_links)
