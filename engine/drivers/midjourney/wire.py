"""What a frame of Discord says in our words, and which frames are not looked at: decode without I/O.

A frame is read beyond its name, channel and nonce only if it is an INTERACTION_* event, or a message event in the
account's channel or Midjourney's direct messages whose author or application is Midjourney or Niji (where face swap is
on, InsightFaceSwap's bot too); all else is dropped undecoded (architecture, "What a session may look at"). A deletion
carries ids only, no author: in these channels it is passed on, and an id that no job knows means nothing. An edit
without author and application is read when the message was seen before as Midjourney's (old API versions sent such
parts, §2.4).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import msgspec
from msgspec import Raw

from engine.drivers.midjourney import answers, components, evidence, messages, novelties, swaps
from engine.drivers.midjourney.payloads import (
    Deleted,
    Id,
    InteractionEvent,
    InteractionOwner,
    Message,
    Named,
    Place,
    PrivateChannel,
    text,
)
from engine.model.actions import APPLICATIONS, SWAP_APPLICATION
from engine.model.jobs import Modal
from engine.model.sightings import Channel, Sighting, Stage, Unrecognised
from engine.model.snowflakes import is_snowflake, time_of

Finding = Sighting | Unrecognised

_MESSAGES = {"MESSAGE_CREATE": Channel.CREATED, "MESSAGE_UPDATE": Channel.EDITED}
_DELETIONS = frozenset({"MESSAGE_DELETE", "MESSAGE_DELETE_BULK"})
_OURS_REMEMBERED = 2000

_place = msgspec.json.Decoder(Place)
_id = msgspec.json.Decoder(Id | None)
_named = msgspec.json.Decoder(Named | None)
_deleted = msgspec.json.Decoder(Deleted)
_message = msgspec.json.Decoder(Message)
_interaction = msgspec.json.Decoder(InteractionEvent)
_owner = msgspec.json.Decoder(InteractionOwner)

_UNREADABLE = (msgspec.DecodeError, RecursionError)
"""What msgspec raises: the second for lists within lists without end."""


class Reader:
    """Reads the frames of one account's session."""

    def __init__(
        self, channel_id: str, user_id: str | None = None, applications: frozenset[str] = APPLICATIONS
    ) -> None:
        self.user_id = user_id
        self._applications = applications
        self._channels = {channel_id}
        self._direct: dict[str, str] = {}
        """Channel id -> whom the account writes with there: Midjourney or Niji."""
        self._ours: OrderedDict[str, str] = OrderedDict()
        """Message id -> application id of the messages seen, the oldest forgotten first."""
        self._told: OrderedDict[tuple[str, str], None] = OrderedDict()
        """(message id, what was new in it) that was told."""

    def learn_direct(self, channels: Iterable[PrivateChannel], opened_for: str | None = None) -> None:
        """Take the direct messages with Midjourney and Niji out of a list; the others are not kept.

        Args:
            channels: READY's list, one that was created, or the one that was opened.
            opened_for: whom it was opened for, where its recipients may be missing.
        """
        for channel in channels:
            people = {text(person) for person in channel.recipient_ids or ()}
            people |= {text(person.id) for person in channel.recipients or ()}
            person = next(iter(people), None) if len(people) == 1 else None
            person = opened_for or person
            if person in APPLICATIONS:
                self._direct[str(channel.id)] = person

    @property
    def direct_channels(self) -> frozenset[str]:
        """The known direct messages with the bots."""
        return frozenset(self._direct)

    def direct_channel(self, application_id: str) -> str | None:
        """The channel of the direct messages with one of the bots, if it is known."""
        return next((channel for channel, bot in self._direct.items() if bot == application_id), None)

    def read(self, event: str, body: Raw | bytes, now: datetime) -> list[Finding]:
        """What a dispatch says: nothing (dropped), one finding, or one for each deleted message.

        Args:
            event: the frame's `t`.
            body: the frame's `d`, undecoded.
            now: aware UTC, used where Discord gives no time.
        """
        if event.startswith("INTERACTION_"):
            return self._read_interaction(event, body, now)
        channel = _MESSAGES.get(event)
        if channel is None and event not in _DELETIONS:
            return []
        place = self._place(body)
        if place is None:
            return []
        if channel is None:
            return self._read_deletion(body, place, now)
        return self._read_message(event, channel, body, place, now)

    def read_history(self, body: Raw | bytes, now: datetime) -> list[Finding]:
        """What a message read back over REST says."""
        place = self._place(body)
        return [] if place is None else self._read_message("history", Channel.HISTORY, body, place, now)

    def _place(self, body: Raw | bytes) -> Place | None:
        try:
            place = _place.decode(body)
        except _UNREADABLE:
            return None  # whose it is cannot be told: not ours to keep
        channel_id = text(place.channel_id)
        return place if channel_id in self._channels or channel_id in self._direct else None

    def _application(self, place: Place) -> str | None:
        """Midjourney's or Niji's id when one of them made the message, else None."""
        try:
            message_id = text(_id.decode(place.id))
            found = said = text(_id.decode(place.application_id))
            if said not in self._applications:
                author = _named.decode(place.author)
                found = text(author.id) if author is not None else None
                if said is None and found is None:
                    found = self._ours.get(message_id or "")
        except _UNREADABLE:
            return None
        if message_id is None or found is None or found not in self._applications:
            return None
        self._ours[message_id] = found
        self._ours.move_to_end(message_id)
        if len(self._ours) > _OURS_REMEMBERED:
            self._ours.popitem(last=False)
        return found

    def _read_deletion(self, body: Raw | bytes, place: Place, now: datetime) -> list[Finding]:
        try:
            deleted = _deleted.decode(body)
        except _UNREADABLE:
            return [Unrecognised(at=now, kind="MESSAGE_DELETE:undecodable", body=evidence.keep(body))]
        ids = [deleted.id] if deleted.id is not None else deleted.ids or []
        return [
            Sighting(
                channel=Channel.DELETED,
                stage=Stage.DELETED,
                at=now,
                application_id=self._ours.get(str(one)),
                channel_id=text(place.channel_id),
                message_id=str(one),
            )
            for one in ids
        ]

    def _read_message(
        self, event: str, channel: Channel, body: Raw | bytes, place: Place, now: datetime
    ) -> list[Finding]:
        application_id = self._application(place)
        if application_id is None:
            return []
        try:
            message = _message.decode(body)
        except _UNREADABLE:
            return [Unrecognised(at=now, kind=f"{event}:undecodable", body=evidence.keep(body))]
        if not is_snowflake(str(message.id)):
            return [Unrecognised(at=now, kind=f"{event}:id", body=evidence.keep(body))]
        channel_id = text(place.channel_id) or ""
        scene = messages.Scene(
            channel=channel,
            application_id=application_id,
            channel_id=channel_id,
            own_user=self.user_id,
            private=channel_id in self._direct,
            now=now,
        )
        if application_id == SWAP_APPLICATION:
            swap = swaps.read(message, scene)
            return [] if swap is None else [swap]
        sighting = messages.read(message, scene)
        if sighting is not None:
            return [sighting, *self._new_in(message, sighting, body)]
        if messages.says_nothing(message, channel):
            return []
        kind = "components only" if message.components else "no words"
        return [Unrecognised(at=now, kind=f"{event}:{kind}", body=evidence.keep(body))]

    def _new_in(self, message: Message, sighting: Sighting, body: Raw | bytes) -> list[Unrecognised]:
        """What the message carries that nobody knows yet: told once of each message, however often it is edited.

        A new field is told once and without its content: every message will have it, and it may be anything.
        """
        new = [(str(message.id), kind) for kind in novelties.of(message, sighting)]
        new += [("", kind) for kind in novelties.fields(sighting, body)]
        found = [each for each in new if each not in self._told]
        self._told.update(dict.fromkeys(found))
        while len(self._told) > _OURS_REMEMBERED:
            self._told.popitem(last=False)
        return [
            Unrecognised(at=sighting.at, kind=kind, body=evidence.keep(body) if of else "null") for of, kind in found
        ]

    def _read_interaction(self, event: str, body: Raw | bytes, now: datetime) -> list[Finding]:
        try:
            said = _interaction.decode(body)
        except _UNREADABLE:
            return self._unreadable_interaction(event, body, now)
        application_id = text(said.application.id if said.application else said.application_id)
        if application_id is not None and application_id not in self._applications:
            return []
        interaction_id = text(said.id)
        seen = Sighting(
            channel=Channel.INTERACTION,
            stage=Stage.ACKNOWLEDGED,
            at=time_of(interaction_id) if interaction_id and is_snowflake(interaction_id) else now,
            application_id=application_id,
            channel_id=text(said.channel_id),
            nonce=text(said.nonce),
            interaction_id=interaction_id,
            user_id=self.user_id,
        )
        match event:
            case _ if interaction_id is None and event != "INTERACTION_IFRAME_MODAL_CLOSE":
                pass
            case "INTERACTION_CREATE" | "INTERACTION_SUCCESS":
                return [seen]
            case "INTERACTION_FAILURE":
                words = f"Discord: the bot did not answer in time (reason {said.reason_code})"
                return [replace(seen, stage=Stage.UNANSWERED, words=words)]
            case "INTERACTION_MODAL_CREATE":
                return [_asked(seen, said)]
            case "INTERACTION_IFRAME_MODAL_CREATE":
                return [_framed(seen, said)]
            case "INTERACTION_IFRAME_MODAL_CLOSE":
                return []
        return [Unrecognised(at=now, kind=event, body=evidence.keep(body))]

    def _unreadable_interaction(self, event: str, body: Raw | bytes, now: datetime) -> list[Finding]:
        try:
            said = _owner.decode(body)
        except _UNREADABLE:
            return []  # whose it is cannot be told: not ours to keep
        if text(said.application.id if said.application else said.application_id) not in self._applications:
            return []
        return [Unrecognised(at=now, kind=f"{event}:undecodable", body=evidence.keep(body))]


def _asked(seen: Sighting, said: InteractionEvent) -> Sighting:
    fields = components.inputs(said.components or ())
    modal = Modal(seen.interaction_id or "", said.custom_id or "", said.title or "", fields)
    return replace(seen, stage=Stage.ASKED, modal=modal)


def _framed(seen: Sighting, said: InteractionEvent) -> Sighting:
    """A form on a page of its own: the captcha, the editor of Vary (Region) (§7), or something unknown."""
    title = said.title or ""
    if answers.plain(title) == "action required to continue" or "captcha" in (said.iframe_path or ""):
        reply = answers.captcha(title)
        return replace(seen, stage=Stage.FAILED, failure=reply.failure, trouble=reply.trouble, words=reply.words)
    if answers.plain(title) == "inpaint" or "inpaint" in (said.iframe_path or ""):
        editor = Modal(seen.interaction_id or "", said.custom_id or "", title, (), said.iframe_path or "")
        return replace(seen, stage=Stage.ASKED, modal=editor)
    return replace(seen, stage=Stage.UNKNOWN, words=f"Midjourney opened the form “{title}”")
