"""What one line of Midjourney's text says: prompt, verb, owner, percentage, speed (midjourney-protocol §4).

    [lead ]**PROMPT** - [VERB by ]<@USER>[ (STATUS)][ [OPEN LINK]][ (MODE[, stealth])]

Verbs are Midjourney's own words as `model.catalogue` spells them; which of them an action may say stands there.
A prompt may itself hold `**` and ` - `, so everything is matched from the right.
"""

from __future__ import annotations

import re
from functools import lru_cache

from engine.model.jobs import Mode
from engine.model.values import value

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

_SHAPE = re.compile(
    r"\A(?P<lead>[^*\n]*)\*\*(?P<prompt>.*)\*\* - (?P<verb>[^<>*\n]{0,80}?)\s?<@!?(?P<user>\d+)>(?P<rest>.*)\Z",
    re.DOTALL,
)
_PERCENT = re.compile(r"\((\d{1,3})%\)")
_WAITING = re.compile(r"\(waiting to start\)", re.IGNORECASE)
_STOPPED = re.compile(r"\(stopped\)", re.IGNORECASE)
_MODE = re.compile(r"\((fast|relaxed|relax|turbo)(?:, ?stealth)?\)\s*$", re.IGNORECASE | re.MULTILINE)
_LINK = re.compile(rf"\]\(<?https://(?:www\.)?midjourney\.com/jobs/({UUID})", re.IGNORECASE)
_OPEN = re.compile(r"\[[^\]\n]*\]\([^)\n]*\)|\(open on website[^)\n]*\)", re.IGNORECASE)
_STATUS = re.compile(r"\([^)\n]*\)")
_NUMBERED = re.compile(r"(?P<verb>.*\bimage) #(?P<index>[1-4])(?: with(?: prompt)?)?", re.IGNORECASE)
"""`Image #2`, `Upscaling image #2 with`, `Making variations for image #2 with prompt`."""
_BY = re.compile(r"(?:\A|\s+)by\Z", re.IGNORECASE)
_VIDEO_FLAG = re.compile(r"(?:\A|\s)--video\b")
_MODES = {"fast": Mode.FAST, "relax": Mode.RELAX, "relaxed": Mode.RELAX, "turbo": Mode.TURBO}

_LONGEST_REST = 1000
"""Characters after the mention; status, link, mode and a promotion line need 300."""

ANIMATE, SHOW, NO_VERB = "animate", "show", ""
_DEFERRED = {"animating...": ANIMATE, "displaying...": SHOW}
"""What a slow command says before its line has a prompt."""


@value(frozen=True, slots=True, kw_only=True)
class Line:
    """One message's text, taken apart. `percent` is 0-100."""

    prompt: str | None = None
    user_id: str | None = None
    verb: str | None = None
    """In lower case without "by" and number; empty in a line without a verb, None where there is no line."""
    index: int | None = None
    percent: int | None = None
    waiting: bool = False
    stopped: bool = False
    held: bool = False
    """Another status than these stands where a finished job has none: `(paused)` and whatever is unknown."""
    mode: Mode | None = None
    uuid: str | None = None


@value(frozen=True, slots=True)
class _Rest:
    """What stands behind the owner."""

    percent: int | None
    waiting: bool
    stopped: bool
    held: bool
    mode: Mode | None
    uuid: str | None


def read(content: str) -> Line | None:
    """The parts of a job's message, or None when the text has another shape."""
    shape = _SHAPE.match(content)
    if shape is None:
        deferred = _DEFERRED.get(content.strip().lower())
        return None if deferred is None else Line(waiting=True, verb=deferred)
    lead, prompt, said, user_id, behind = shape.groups()
    verb, index = _verb(lead.strip(), said.strip())
    if verb == NO_VERB and "--video" in prompt and _VIDEO_FLAG.search(prompt):
        verb = ANIMATE
    rest = _rest(behind[:_LONGEST_REST])
    return Line(
        prompt=prompt,
        user_id=user_id,
        verb=verb,
        index=index,
        percent=rest.percent,
        waiting=rest.waiting,
        stopped=rest.stopped,
        held=rest.held,
        mode=rest.mode,
        uuid=rest.uuid,
    )


@lru_cache(1024)  # a job's fifteen percentages are other jobs' too: ` (46%) (fast)`
def _rest(rest: str) -> _Rest:
    percent, mode, link = _PERCENT.search(rest), _MODE.search(rest), _LINK.search(rest)
    status = _STATUS.search(_MODE.sub("", _OPEN.sub("", rest)).partition("\n")[0])
    return _Rest(
        percent=min(int(percent[1]), 100) if percent else None,
        waiting=_WAITING.search(rest) is not None,
        stopped=_STOPPED.search(rest) is not None,
        held=status is not None,
        mode=_MODES[mode[1].lower()] if mode else None,
        uuid=link[1].lower() if link else None,
    )


@lru_cache(256)
def _verb(lead: str, said: str) -> tuple[str, int | None]:
    """The verb before the owner or, where none stands there, before the prompt; and which picture of the grid."""
    numbered = _NUMBERED.fullmatch(said) or _NUMBERED.fullmatch(lead)
    if numbered:
        return numbered["verb"].lower(), int(numbered["index"])
    if said:
        return _BY.sub("", said).lower(), None
    # "Creating video with prompt" and whatever else may stand before a prompt
    return ANIMATE if "video" in lead.lower() else lead.lower(), None
