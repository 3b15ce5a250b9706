"""What a message of the bot looks like on the wire, and how it reaches history and sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from engine.simulator.grammar import file_stem
from engine.simulator.ids import MIDJOURNEY, iso, stamp
from engine.simulator.manner import PLAIN, Manner
from engine.simulator.people import ALL_BOTS
from engine.simulator.world import Message

if TYPE_CHECKING:
    from engine.simulator.cdn import Cdn
    from engine.simulator.gateway import Gateway
    from engine.simulator.jobs import Job, Picture
    from engine.simulator.people import Account, Channel
    from engine.simulator.shelf import File, Shelf
    from engine.simulator.world import World

EPHEMERAL, LOADING = 64, 128
_encode = msgspec.json.Encoder().encode
Body = dict[str, Any]


def metadata(kind: int, interaction_id: str, account: Account, **more: Any) -> Body:
    """`interaction_metadata`: kind 2 slash command (with name), 3 component, 5 modal."""
    made: Body = {
        "id": interaction_id,
        "type": kind,
        "user": account.user(),
        "authorizing_integration_owners": {"0": account.guild_id},
        **more,
    }
    if kind == 2:
        made.setdefault("command_type", 1)
    return made


def bot_message(
    identity: str,
    channel_id: str,
    content: str,
    *,
    type: int = 0,  # noqa: A002 - the field's name on the wire
    flags: int = 0,
    mention: Account | None = None,
    interaction: Body | None = None,
    reference: Body | None = None,
    attachments: list[Body] | None = None,
    components: list[Body] | None = None,
    embeds: list[Body] | None = None,
    application: str = MIDJOURNEY,
) -> Body:
    """A message as REST gives it: no nonce, no guild_id, no member."""
    made: Body = {
        "type": type,
        "content": content,
        "mentions": [mention.user()] if mention is not None else [],
        "mention_roles": [],
        "attachments": attachments or [],
        "embeds": embeds or [],
        "timestamp": stamp(identity),
        "edited_timestamp": None,
        "flags": flags,
        "components": components or [],
        "id": identity,
        "channel_id": channel_id,
        "author": ALL_BOTS[application],
        "pinned": False,
        "mention_everyone": False,
        "tts": False,
    }
    if interaction is not None:
        made["application_id"] = application
        made["webhook_id"] = application
        made["interaction_metadata"] = interaction
        if interaction["type"] == 2:  # the old field stands on slash commands only (protocol §2.4)
            made["interaction"] = {key: interaction[key] for key in ("id", "type", "name", "user")}
    if reference is not None:
        made["message_reference"] = reference
    return made


class Post:
    """Posting, editing and deleting: what history keeps and what each socket is told."""

    def __init__(self, world: World, gateway: Gateway, cdn: Cdn, shelf: Shelf) -> None:
        self._world = world
        self._gateway = gateway
        self._cdn = cdn
        self._shelf = shelf

    def attachment(self, picture: Picture, filename: str, channel_id: str, *, ephemeral: bool, lasting: bool) -> Body:
        """Hang a picture up and describe it as an attachment."""
        identity = self._world.new_id()
        self._world.hang(identity, picture, lasting=lasting)
        path = f"{'ephemeral-' if ephemeral else ''}attachments/{channel_id}/{identity}/{filename}"
        made: Body = {
            "id": identity,
            "filename": filename,
            "size": picture.size,
            **self._cdn.links(path),
            "width": picture.width,
            "height": picture.height,
            "content_type": picture.content_type,
            "placeholder": "",
            "placeholder_version": 1,
        }
        if ephemeral:
            made["ephemeral"] = True
        return made

    def file(self, file: File, place: str) -> Body:
        """Hang up bytes that somebody uploaded; `place` is the path before the attachment's id."""
        identity = self._world.new_id()
        self._shelf.hang(identity, file)
        made: Body = {
            "id": identity,
            "filename": file.filename,
            "size": file.length,
            **self._cdn.links(f"{place}/{identity}/{file.filename}"),
            "content_type": file.content_type,
        }
        if file.width:
            made |= {"width": file.width, "height": file.height, "placeholder": "", "placeholder_version": 1}
        return made

    def final_attachment(self, picture: Picture, job: Job, account: Account) -> Body:
        """The finished picture under the name that Midjourney gives it."""
        ending = picture.content_type.rsplit("/", 1)[1]
        name = f"{file_stem(account.name, job.words, job.uuid)}.{ending}"
        return self.attachment(picture, name, job.channel_id, ephemeral=False, lasting=True)

    def reference(self, channel: Channel, message_id: str) -> Body:
        """`message_reference` to a message of the same channel."""
        made = {"type": 0, "channel_id": channel.id, "message_id": message_id}
        return made if channel.guild_id is None else {**made, "guild_id": channel.guild_id}

    def create(
        self,
        body: Body,
        *,
        wire_nonce: str | None = None,
        only: str | None = None,
        told: bool = True,
        manner: Manner = PLAIN,
        **facts: Any,
    ) -> None:
        """A new message; `only` makes it ephemeral to one account, `told` False keeps it off the gateway.

        `wire_nonce` goes into the frame, `facts` into the ledger.
        """
        more: Body = {} if wire_nonce is None else {"nonce": manner.nonce(wire_nonce)}
        referenced = body.get("message_reference")
        if referenced is not None:
            source = self._world.messages.get(referenced["message_id"])
            more["referenced_message"] = None if source is None else msgspec.Raw(source.body)
        encoded = _encode(body)
        self._world.put(body["id"], Message(body["channel_id"], encoded, only), lasting=True)
        if told:
            self._tell("MESSAGE_CREATE", body, encoded, more, only, manner=manner, **facts)

    def edit(
        self, body: Body, *, only: str | None = None, manner: Manner = PLAIN, lasting: bool = False, **facts: Any
    ) -> None:
        """A changed message, told whole, or (older versions) only what changed (protocol §2.4)."""
        body["edited_timestamp"] = iso(self._world.clock.unix_ms())
        told = encoded = _encode(body)
        before = self._world.messages.get(body["id"])
        if before is not None:
            if manner.partial:
                told = _encode(_changed(before.read(), body))
            self._world.put(body["id"], Message(body["channel_id"], encoded, only), lasting=lasting)
        self._tell("MESSAGE_UPDATE", body, told, {}, only, manner=manner, **facts)

    def delete(
        self, message_id: str, channel: Channel, *, only: str | None = None, manner: Manner = PLAIN, **facts: Any
    ) -> None:
        """A message is gone; an ephemeral one without guild_id."""
        self._world.remove(message_id)
        body = {"id": message_id, "channel_id": channel.id}
        if channel.guild_id is not None and only is None:
            body["guild_id"] = channel.guild_id
        encoded = _encode(body)
        for _ in range(2 if manner.twice else 1):
            self._gateway.to_channel(
                channel, "MESSAGE_DELETE", encoded, only=only, late=manner.late, message=message_id, **facts
            )

    def _tell(
        self, name: str, body: Body, encoded: bytes, more: Body, only: str | None, *, manner: Manner, **facts: Any
    ) -> None:
        channel = self._world.channels[body["channel_id"]]
        tail = channel.public_tail if only is None else channel.ephemeral_tail
        frame = encoded[:-1] + ((b"," + _encode(more)[1:-1]) if more else b"") + tail
        for _ in range(2 if manner.twice else 1):
            self._gateway.to_channel(channel, name, frame, only=only, late=manner.late, message=body["id"], **facts)


def _changed(before: Body, after: Body) -> Body:
    """What an edit of an older API version holds: where, and the fields that are not as they were."""
    return {name: value for name, value in after.items() if name in ("id", "channel_id") or before.get(name) != value}
