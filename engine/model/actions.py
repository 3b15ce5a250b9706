"""What can be asked of Midjourney, as values: the verb of a job, and what is posted to Discord for it.

Names, labels, custom ids and parents of the verbs are `model.catalogue`'s.
"""

from __future__ import annotations

from enum import StrEnum

from engine.model.values import value

MIDJOURNEY_APPLICATION = "936929561302675456"
NIJI_APPLICATION = "1022952195194359889"
APPLICATIONS = frozenset({MIDJOURNEY_APPLICATION, NIJI_APPLICATION})
SWAP_APPLICATION = "1090660574196674713"
"""InsightFaceSwap's bot: spoken to and looked at only where the operator turned face swap on (§11)."""


class Service(StrEnum):
    """Who makes the pictures. An account is linked with one of them, and an action is asked of one of them."""

    MIDJOURNEY = "midjourney"
    FLUX = "flux"
    """Black Forest Labs' HTTP API."""
    UPSCALER = "upscaler"
    """The operator's own HTTP service that enlarges pictures."""
    BACKGROUND = "background"
    """The operator's own HTTP service that cuts out what a picture shows."""


class ActionKind(StrEnum):
    """The verb of a job, in Midjourney's own words."""

    IMAGINE = "imagine"
    BLEND = "blend"
    DESCRIBE = "describe"
    SHORTEN = "shorten"
    SHOW = "show"

    UPSCALE = "upscale"
    VARIATION = "variation"
    REROLL = "reroll"
    VARY_SUBTLE = "vary_subtle"
    VARY_STRONG = "vary_strong"
    VARY_REGION = "vary_region"
    ZOOM_OUT = "zoom_out"
    CUSTOM_ZOOM = "custom_zoom"
    MAKE_SQUARE = "make_square"
    PAN = "pan"
    UPSAMPLE = "upsample"
    ANIMATE = "animate"
    EXTEND = "extend"
    VIDEO_UPSCALE = "video_upscale"
    DESCRIBE_IMAGINE = "describe_imagine"
    DESCRIBE_AGAIN = "describe_again"
    SHORTEN_IMAGINE = "shorten_imagine"
    FAVOURITE = "favourite"
    SEED = "seed"
    PRESS = "press"
    """A button that the message really offers and this catalogue does not know: pressed as it is."""

    INFO = "info"
    SETTINGS = "settings"
    REMIX = "remix"
    SUFFIX = "suffix"
    SPEED = "speed"
    VISIBILITY = "visibility"

    FACE_SWAP = "face_swap"
    """By InsightFaceSwap's bot in the account's channel."""

    FLUX_IMAGINE = "flux_imagine"
    FLUX_UPSCALE = "flux_upscale"
    REMOVE_BACKGROUND = "remove_background"


@value(frozen=True, slots=True)
class Action:
    """A verb with what its button says beside it: which picture of a grid (1-4), which choice."""

    kind: ActionKind
    index: int | None = None
    choice: str | None = None
    """`left`, `2x`, `v6_2x_subtle`, `high`, `relax`, …: the catalogue lists them."""

    @property
    def name(self) -> str:
        """`imagine`, `upscale_2`, `pan_left`, `extend_high_1`, …: stable, for stores and clients."""
        return "_".join(str(part) for part in (self.kind.value, self.choice, self.index) if part is not None)


@value(frozen=True, slots=True)
class Uploaded:
    """A file in Discord's upload store, before a command or a message uses it."""

    filename: str
    uploaded_filename: str


@value(frozen=True, slots=True)
class Slash:
    """A slash command with its options in order.

    `name` holds the sub-command too (`prefer remix`). An option's value is its text, or the file that it takes.
    """

    application_id: str
    name: str
    options: tuple[tuple[str, str | Uploaded], ...] = ()
    channel_id: str | None = None
    """Another channel than the account's: Midjourney's direct messages."""


@value(frozen=True, slots=True)
class MessageCommand:
    """A command of a message's own menu, such as "Cancel Job"."""

    application_id: str
    name: str
    channel_id: str
    message_id: str


@value(frozen=True, slots=True)
class Click:
    """A press on a button of a message that carries it."""

    application_id: str
    channel_id: str
    message_id: str
    message_flags: int
    custom_id: str


@value(frozen=True, slots=True)
class ModalAnswer:
    """The filled-in form that a click was answered with."""

    application_id: str
    interaction_id: str
    custom_id: str
    fields: tuple[tuple[str, str], ...]
    """(custom id of the text input, value), in the form's order."""


@value(frozen=True, slots=True)
class RegionAnswer:
    """What the editor of Vary (Region) posts to Midjourney's own site; no Discord token goes there (§7)."""

    application_id: str
    custom_id: str
    """`MJ::iframe::TOKEN`, from the event that opened the editor."""
    mask: bytes
    """PNG or WebP of the picture's size; white is redrawn, black is kept."""
    prompt: str


@value(frozen=True, slots=True)
class Reaction:
    """An emoji put on a message; putting it twice changes nothing."""

    channel_id: str
    message_id: str
    emoji: str


@value(frozen=True, slots=True)
class ServiceCall:
    """What is asked of a service that is not behind Discord."""

    action: Action
    prompt: str = ""
    options: tuple[tuple[str, str], ...] = ()
    image: bytes | None = None
    """PNG, JPEG or WebP, where the action takes a picture."""


Submission = Slash | MessageCommand | Click | ModalAnswer | RegionAnswer | Reaction | ServiceCall
"""One call that asks for something, before it has a nonce."""

ENVELOPE = "✉️"
"""The reaction that makes the bot send the seed by direct message (§1.5)."""
CROSS = "❌"
"""The reaction that cancels a running job or deletes a finished one (§1.5)."""
CANCEL_JOB = "Cancel Job"
"""The message command that cancels a running job (§5.4)."""
