"""Which arguments a command or a press takes, and what counts as a picture for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from engine.model.actions import Action, ActionKind
from engine.model.addresses import Reach
from engine.model.catalogue import COMMANDS, entry_of
from engine.model.entries import Asks
from engine.model.errors import InvalidInput
from engine.model.inputs import Given, ImageInput
from engine.model.jobs import Job
from engine.model.prompts import MAX_PROMPT, Purpose, Terms, check, check_links, check_suffix, read_prompt
from engine.model.prompts.text import check_text
from engine.ports import Inputs

DIMENSIONS = ("--ar 2:3", "--ar 1:1", "--ar 3:2")
"""What /blend offers (midjourney-protocol §1.2)."""
FEWEST_BLENDED, MOST_BLENDED = 2, 5
SWAPPED = ("source", "target")
"""A face swap's two pictures: the face to take, and what to change."""
_PURPOSES = {
    ActionKind.CUSTOM_ZOOM: Purpose.CUSTOM_ZOOM,
    ActionKind.ANIMATE: Purpose.ANIMATE,
    ActionKind.EXTEND: Purpose.ANIMATE,
}
_PLACEHOLDER = "https://image.invalid/{}.png"
"""Stands for a picture given beside the prompt while the prompt is checked."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s{}<>]+", re.IGNORECASE)


def check_images(images: Sequence[ImageInput], reach: Reach, field: str = "image") -> None:
    """Each is one word: an address of the web or of `data:`, or a kept file. Errors call it `field`.

    Raises:
        InvalidInput: one is not, or its address is not taken.
    """
    for image in images:
        address = image.address
        if (address is None) is (image.kept is None):
            raise InvalidInput(field, "has no address, or two", allowed="an address or a kept picture")
        if address is None or address.startswith("data:"):
            continue
        if len(address) > MAX_PROMPT:
            raise InvalidInput(field, f"is an address of {len(address)} characters", allowed=f"at most {MAX_PROMPT}")
        if not _ADDRESS.fullmatch(address):
            raise InvalidInput(field, f"is {address[:80]!r}", allowed="an http or https address without gaps")
        reach.check(address, field)


def stand_in(number: int, image: ImageInput) -> str:
    """What stands for a picture while the prompt is checked: its own address where it has one."""
    address = image.address
    return _PLACEHOLDER.format(number) if address is None or address.startswith("data:") else address


def check_command(action: Action, prompt: str, given: Given, terms: Terms) -> None:
    """Whether a slash command can be sent with these arguments.

    Raises:
        InvalidInput: one is missing or wrong.
    """
    if action not in COMMANDS:
        raise InvalidInput("action", f"is {action.name}", allowed="a command of docs/actions.md")
    kind = action.kind
    if kind is ActionKind.FACE_SWAP:
        _check_swap(given.images, terms.reach)
        return
    check_images(given.images, terms.reach)
    if kind in (ActionKind.BLEND, ActionKind.DESCRIBE):
        _check_pictures(kind, given)
    elif kind is ActionKind.SHORTEN:
        check_links(read_prompt(check_text(prompt)), terms.reach)
    elif kind is ActionKind.SHOW and not _UUID.fullmatch(given.value or ""):
        raise InvalidInput("job_id", f"is {given.value or 'missing'}", allowed="Midjourney's job id (a UUID)")
    elif kind is ActionKind.SUFFIX and given.value:
        check_suffix(given.value, terms)


def _check_swap(images: Sequence[ImageInput], reach: Reach) -> None:
    if len(images) != len(SWAPPED):
        raise InvalidInput("images", f"are {len(images)}", allowed="two: the face, and the picture to change")
    for field, image in zip(SWAPPED, images, strict=True):
        check_images((image,), reach, field)


def _check_pictures(kind: ActionKind, given: Given) -> None:
    images = given.images
    if kind is ActionKind.BLEND:
        if not FEWEST_BLENDED <= len(images) <= MOST_BLENDED:
            raise InvalidInput("images", f"are {len(images)}", allowed=f"{FEWEST_BLENDED} to {MOST_BLENDED}")
        if given.dimensions not in (None, *DIMENSIONS):
            raise InvalidInput("dimensions", f"is {given.dimensions!r}", allowed=", ".join(DIMENSIONS))
    elif len(images) != 1:
        raise InvalidInput("image", f"is given {len(images)} times", allowed="one picture")


async def check_mask(inputs: Inputs, parent: Job, action: Action, mask: str | None) -> None:
    """Whether the mask is one that the action takes, of the parent's size.

    Raises:
        InvalidInput: it is not, or is missing.
    """
    region = entry_of(action).asks is Asks.REGION
    if mask is None and not region:
        return
    if not region:
        raise InvalidInput("mask", f"is given, but {action.name} takes none", allowed="only for Vary (Region)")
    if mask is None:
        raise InvalidInput("mask", "is missing", allowed="a PNG or WebP of the picture's size; white is redrawn")
    if not mask.endswith((".png", ".webp")):
        raise InvalidInput("mask", f"is a {mask.rpartition('.')[2].upper()} file", allowed="PNG or WebP")
    size = await inputs.size(mask)
    picture = parent.result.pictures[0].attachment if parent.result and parent.result.pictures else None
    wanted = (picture.width, picture.height) if picture is not None else (None, None)
    if None not in wanted and size != wanted:
        raise InvalidInput("mask", f"is {size[0]}x{size[1]} pixels", allowed=f"the picture's {wanted[0]}x{wanted[1]}")


def check_words(action: Action, words: str, terms: Terms) -> None:
    """Whether these words can be written into the form that the action opens.

    Raises:
        InvalidInput: it opens none, or they cannot be sent.
    """
    if not entry_of(action).takes_prompt:
        raise InvalidInput("prompt", f"is given, but {action.name} takes none")
    check(words, replace(terms, purpose=_PURPOSES.get(action.kind, Purpose.REMIX)))
