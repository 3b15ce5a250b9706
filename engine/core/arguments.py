"""Which arguments a command takes, and what counts as a picture for it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.model.actions import Action, ActionKind
from engine.model.addresses import Reach
from engine.model.catalogue import COMMANDS
from engine.model.errors import InvalidInput
from engine.model.inputs import Given, ImageInput
from engine.model.prompts import MAX_PROMPT, Terms, check_links, check_suffix, read_prompt
from engine.model.prompts.text import check_text

DIMENSIONS = ("--ar 2:3", "--ar 1:1", "--ar 3:2")
"""What /blend offers (midjourney-protocol §1.2)."""
FEWEST_BLENDED, MOST_BLENDED = 2, 5
SWAPPED = ("source", "target")
"""A face swap's two pictures: the face to take, and what to change."""
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
