"""Which fields of Discord's payloads are read, and nothing else: msgspec skips the rest without making objects of it.

Missing is not empty (midjourney-protocol §2.4): a field that an edit did not carry is `UNSET`. Ids and nonces may
arrive as text or number and become text with `text`.
"""

from __future__ import annotations

from msgspec import UNSET, Raw, Struct, UnsetType

Id = str | int


def text(value: Id | UnsetType | None) -> str | None:
    """An id as text; None when it is missing or null."""
    if type(value) is str:
        return value
    return None if value is None or isinstance(value, UnsetType) else str(value)


class Frame(Struct):
    """Anything the gateway sends: `d` stays undecoded."""

    op: int
    d: Raw = Raw(b"null")
    s: int | None = None
    t: str | None = None


class Hello(Struct):
    """d of op 10; milliseconds."""

    heartbeat_interval: float


class Named(Struct):
    """Whatever is known by its id alone."""

    id: Id | None = None


class Owner(Named):
    """The account's own user, as READY shows it to itself."""

    username: str | None = None
    email: str | None = None


class PrivateChannel(Struct):
    """A direct-message channel; bit 4 of the capabilities decides which of the two lists it has (§2.2)."""

    id: Id
    recipient_ids: list[Id] | None = None
    recipients: list[Named] | None = None


class Ready(Struct):
    """d of READY, without the 5-17 MB of guilds, users and settings."""

    session_id: str
    user: Owner
    resume_gateway_url: str | None = None
    private_channels: list[PrivateChannel] | None = None
    required_action: str | None = None


class RequiredAction(Struct):
    """d of USER_REQUIRED_ACTION_UPDATE."""

    required_action: str | None = None


class Guild(Struct):
    """d of GUILD_DELETE: `unavailable` is an outage, without it the account is out of the guild."""

    id: Id
    unavailable: bool | None = None


class Place(Struct):
    """The one thing that is read of every message event: where it happened.

    Who made it stays undecoded until the channel turns out to be the account's or the bot's direct messages.
    """

    channel_id: Id | None = None
    id: Raw = Raw(b"null")
    author: Raw = Raw(b"null")
    application_id: Raw = Raw(b"null")


class Deleted(Struct):
    """d of MESSAGE_DELETE and MESSAGE_DELETE_BULK: ids only."""

    id: Id | None = None
    ids: list[Id] | None = None


class Reference(Struct):
    """message_reference."""

    message_id: Id | None = None


class Interaction(Struct):
    """interaction, interaction_metadata and triggering_interaction_metadata."""

    id: Id | None = None
    name: str | None = None
    user: Named | None = None
    interacted_message_id: Id | None = None


class Footer(Struct):
    """Footer of an embed."""

    text: str | None = None


class EmbedImage(Struct):
    """The picture of an embed."""

    url: str | None = None


class Embed(Struct):
    """The words of an embed; its colour decides nothing (§8.1)."""

    title: str | None = None
    description: str | None = None
    footer: Footer | None = None
    image: EmbedImage | None = None


class File(Struct):
    """An attachment."""

    filename: str
    url: str
    id: Id | None = None
    proxy_url: str | None = None
    content_type: str | None = None
    width: int | None = None
    height: int | None = None
    size: int | None = None


class Emoji(Struct):
    """The emoji of a button."""

    name: str | None = None


class Option(Struct):
    """A choice of a select menu; `default` is the one that holds."""

    label: str | None = None
    value: str | None = None
    default: bool | None = None


class Part(Struct):
    """A component of any type, with what is inside it."""

    type: int
    custom_id: str | None = None
    label: str | None = None
    emoji: Emoji | None = None
    style: int | None = None
    url: str | None = None
    disabled: bool | None = None
    value: str | None = None
    options: list[Option] | None = None
    components: list[Part] | None = None
    component: Part | None = None
    """What a label of a newer form (type 18) holds."""


class Message(Struct):
    """A message by Midjourney, whole or the part that an edit changed."""

    id: Id
    channel_id: Id | None = None
    nonce: Id | None = None
    content: str | UnsetType | None = UNSET
    flags: int | UnsetType | None = UNSET
    timestamp: str | None = None
    edited_timestamp: str | None = None
    embeds: list[Embed] | UnsetType | None = UNSET
    attachments: list[File] | UnsetType | None = UNSET
    components: list[Part] | UnsetType | None = UNSET
    message_reference: Reference | None = None
    interaction: Interaction | None = None
    interaction_metadata: Interaction | None = None
    triggering_interaction_metadata: Interaction | None = None
    original_response_message_id: Id | None = None


class NamedFile(Struct):
    """An attachment's name, undecoded."""

    filename: Raw


_MISSING = Raw(b"-")
"""No JSON: a field that is not there differs from every one that is."""


class EditedMessage(Struct):
    """The fields of `Place` and `Message` but for the times, undecoded: to tell what an edit changed."""

    id: Raw = _MISSING
    channel_id: Raw = _MISSING
    author: Raw = _MISSING
    application_id: Raw = _MISSING
    nonce: Raw = _MISSING
    content: Raw = _MISSING
    flags: Raw = _MISSING
    embeds: Raw = _MISSING
    attachments: list[NamedFile] | None = None
    components: Raw = _MISSING
    message_reference: Raw = _MISSING
    interaction: Raw = _MISSING
    interaction_metadata: Raw = _MISSING
    triggering_interaction_metadata: Raw = _MISSING
    original_response_message_id: Raw = _MISSING


class InteractionEvent(Struct):
    """INTERACTION_CREATE, _SUCCESS, _FAILURE, _MODAL_CREATE and _IFRAME_MODAL_CREATE (field lists: §2.4)."""

    id: Id | None = None
    nonce: Id | None = None
    reason_code: int | None = None
    channel_id: Id | None = None
    custom_id: str | None = None
    title: str | None = None
    application: Named | None = None
    application_id: Id | None = None
    components: list[Part] | None = None
    iframe_path: str | None = None


class InteractionOwner(Struct):
    """Whose an INTERACTION_* event is, when the rest of it cannot be read."""

    application: Named | None = None
    application_id: Id | None = None


class IndexedCommand(Struct):
    """A command of the application-command index (§1.3)."""

    id: Id
    name: str
    type: int = 1
    version: Id | None = None
    application_id: Id | None = None


class CommandIndex(Struct):
    """Answer of an application-command-index address."""

    application_commands: list[IndexedCommand]


class GatewayAddress(Struct):
    """Answer of GET /gateway."""

    url: str


class UploadPlace(Struct):
    """A reserved place of the upload store; its address is a secret for this one file."""

    upload_url: str
    upload_filename: str


class Reserved(Struct):
    """Answer of POST /channels/…/attachments."""

    attachments: list[UploadPlace]


class Posted(Struct):
    """Answer of POST /channels/…/messages."""

    attachments: list[File]


class FreshAddress(Struct):
    """An attachment's old and new address."""

    original: str
    refreshed: str | None = None


class Refreshed(Struct):
    """Answer of POST /attachments/refresh-urls."""

    refreshed_urls: list[FreshAddress]
