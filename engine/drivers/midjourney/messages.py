"""What one message by Midjourney says about a job: stage, owner, links, pictures, buttons."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from msgspec import UNSET, UnsetType

from engine.drivers.midjourney import answers, components, content, details
from engine.drivers.midjourney.payloads import File, Interaction, Message, text
from engine.model.jobs import Attachment, Component
from engine.model.sightings import Channel, Sighting, Stage
from engine.model.snowflakes import time_of
from engine.model.values import value

_EPHEMERAL, _LOADING = 64, 128
_NAME_BEGINS = re.compile(rf"({content.UUID})_", re.IGNORECASE)
_NAME_ENDS = re.compile(rf"(?:_|\A)({content.UUID})\Z", re.IGNORECASE)
_UUID_LENGTH = 36
"""`<username>_<slug>_<uuid>` or `<uuid>_grid_0` (§12); a uuid elsewhere in a name is a word of the prompt."""

_NO_INTERACTION = Interaction()

Value = TypeVar("Value")


@value(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where and how a message was seen. `private` says that nobody but the account's owner can see the channel."""

    channel: Channel
    application_id: str
    channel_id: str
    own_user: str | None
    private: bool
    now: datetime


@value(frozen=True, slots=True)
class _Said:
    """What the words of a message come to."""

    stage: Stage
    line: content.Line
    reply: answers.Reply | None = None
    told: details.Told | None = None


def says_nothing(message: Message, channel: Channel) -> bool:
    """Whether it is an edit of parts that say nothing about a job, such as a button's colour."""
    return channel is Channel.EDITED and message.content is UNSET and not given(message.embeds)


def read(message: Message, scene: Scene) -> Sighting | None:
    """The sighting of a message, or None when it has no words that could say anything."""
    attachments = attachments_of(given(message.attachments))
    parts = components.flatten(given(message.components))
    said = _said(message, scene.channel, attachments, parts)
    if said is None:
        return None
    line, reply, told = said.line, said.reply, said.told
    flags = message.flags if isinstance(message.flags, int) else 0
    meta = message.interaction_metadata or message.interaction or _NO_INTERACTION
    asked = message.triggering_interaction_metadata or _NO_INTERACTION
    user_id = text(meta.user.id if meta.user else None) or line.user_id
    if user_id is None and (flags & _EPHEMERAL or scene.private):
        user_id = scene.own_user
    reference = message.message_reference.message_id if message.message_reference else None
    return Sighting(
        channel=scene.channel,
        stage=said.stage,
        at=at_of(message, scene),
        application_id=scene.application_id,
        channel_id=scene.channel_id,
        message_id=str(message.id),
        nonce=text(message.nonce),
        interaction_id=text(meta.id),
        user_id=user_id,
        reference_id=text(reference) or text(message.original_response_message_id),
        clicked_id=text(meta.interacted_message_id)
        or text(asked.interacted_message_id)
        or (told.message_id if told else None),
        uuids=_uuids(parts, attachments, line),
        verb=line.verb,
        index=line.index,
        prompt=line.prompt if line.prompt is not None or reply is None else reply.prompt,
        percent=line.percent,
        mode=line.mode,
        content=message.content if isinstance(message.content, str) else "",
        flags=flags,
        attachments=attachments,
        components=parts,
        details=told.details if told else None,
        failure=reply.failure if reply else None,
        trouble=reply.trouble if reply else None,
        words=reply.words if reply else None,
    )


def _said(
    message: Message, channel: Channel, attachments: Sequence[Attachment], parts: Sequence[Component]
) -> _Said | None:
    """The words of a message: a known answer, a job's line, an unknown answer, or (None) no words."""
    words = message.content if isinstance(message.content, str) else ""
    embeds = given(message.embeds)
    line = content.read(words)
    reply = answers.read_embeds(embeds, only_known=line is not None) if embeds else None
    if reply is not None and reply.stage is not Stage.UNKNOWN:
        return _Said(reply.stage, line or content.Line(), reply)
    flags = message.flags if isinstance(message.flags, int) else 0
    if line is not None and not _may_tell_a_seed(line, words):
        return _Said(_stage(line, flags, attachments, parts), line)
    if reply is None and words.strip() and line is None:
        reply = answers.read_text(words)
    if reply is None or reply.stage is Stage.UNKNOWN:
        told = details.read(message, words, embeds, given(message.components))
        if told is not None:
            return _told(told, line or content.Line(), reply, words)
    if line is not None:
        return _Said(_stage(line, flags, attachments, parts), line)
    if reply is not None:
        reply = answers.look_for_a_check(reply, words)
        return _Said(reply.stage, content.Line(), reply)
    if flags & _LOADING:
        return _Said(Stage.WAITING, content.Line())
    if channel is Channel.EDITED and message.content is UNSET and attachments:
        return _Said(Stage.PROGRESS, content.Line())
    return None


def _told(told: details.Told, line: content.Line, reply: answers.Reply | None, words: str) -> _Said:
    """A result in words; or the no to a command that turns something over."""
    refused = answers.refused_by_plan(words) if told.verb in details.SWITCHES else None
    if refused is not None:
        return _Said(Stage.FAILED, replace(line, verb=told.verb), refused)
    return _Said(Stage.FINAL, replace(line, verb=told.verb, uuid=told.uuid), reply, told)


def _may_tell_a_seed(line: content.Line, words: str) -> bool:
    """The letter with a job's seed repeats its line and has more lines below it (§4)."""
    return line.percent is None and not line.waiting and "**seed**" in words


def _stage(line: content.Line, flags: int, attachments: Sequence[Attachment], parts: Sequence[Component]) -> Stage:
    """How far the job of this line is; what a final must have: §13."""
    if line.stopped:
        return Stage.STOPPED
    if line.waiting:
        return Stage.WAITING
    if line.percent is not None or line.held or flags & _EPHEMERAL or not attachments:
        return Stage.PROGRESS
    if any((part.custom_id or "").startswith(components.CANCEL) for part in parts):
        return Stage.PROGRESS
    return Stage.FINAL if line.verb or components.of_a_result(parts) else Stage.PROGRESS


def at_of(message: Message, scene: Scene) -> datetime:
    """When it was made, or edited."""
    if scene.channel is Channel.EDITED:
        return _moment(message.edited_timestamp) or scene.now
    message_id = str(message.id)
    return time_of(message_id) if message_id.isdecimal() else scene.now


def _moment(stamp: str | None) -> datetime | None:
    if stamp is None:
        return None
    try:
        at = datetime.fromisoformat(stamp)
        if at.tzinfo is UTC:
            return at  # as Discord writes it
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def attachments_of(files: Sequence[File]) -> tuple[Attachment, ...]:
    """Discord's attachments in our words."""
    if not files:
        return ()
    return tuple(
        Attachment(
            id=text(file.id) or "",
            filename=file.filename,
            url=file.url,
            proxy_url=file.proxy_url,
            content_type=file.content_type,
            width=file.width,
            height=file.height,
            size=file.size,
        )
        for file in files
    )


def _uuids(parts: Sequence[Component], attachments: Sequence[Attachment], line: content.Line) -> frozenset[str]:
    found = components.uuids(parts) if parts else frozenset()
    if attachments:
        names = (_uuid_in(attachment.filename.rpartition(".")[0]) for attachment in attachments)
        found |= {name[1].lower() for name in names if name}
    return found | {line.uuid} if line.uuid else found


def _uuid_in(name: str) -> re.Match[str] | None:
    # at both ends only: a search would try every character of a long slug
    return _NAME_ENDS.match(name, max(0, len(name) - _UUID_LENGTH - 1)) or _NAME_BEGINS.match(name)


def given(values: list[Value] | UnsetType | None) -> list[Value]:
    """A list that an edit may have left out."""
    return values if isinstance(values, list) else []
