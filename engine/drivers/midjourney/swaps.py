"""What a message of InsightFaceSwap's bot says about a face swap (midjourney-protocol §11).

Its exact texts are not known: a reply that names success goes on, one that names a known trouble ends the job with its
words, anything else is an unknown answer. Only replies to the two commands that Easel gives are looked at.
"""

from __future__ import annotations

import re

from engine.drivers.midjourney.messages import Scene, at_of, attachments_of, given
from engine.drivers.midjourney.payloads import Interaction, Message, text
from engine.model.faceswap import NAME, SAVE, SWAP
from engine.model.jobs import Failure, FailureReason, Modal
from engine.model.sightings import Sighting, Stage

_EPHEMERAL, _LOADING = 64, 128
_LONGEST = 500
_NO_INTERACTION = Interaction()
_ON_ITS_WAY = re.compile(r"\b(?:command sent|queued?|processing|please wait|in progress)\b", re.IGNORECASE)
_TROUBLE = re.compile(
    r"\b(?:no|not|cannot|unable|without|missing|fail\w*|errors?|invalid|exceed\w*|insufficient|reached|used up|out of"
    r"|too many|try again)\b|n['’]t\b",
    re.IGNORECASE,
)
_OF_THE_ACCOUNT = re.compile(r"\b(?:credits?|daily|per day|quota|limit|subscri\w+)\b", re.IGNORECASE)
_OF_THE_PICTURE = re.compile(r"\bfaces?\b", re.IGNORECASE)
_SAVED = re.compile(r"\b(?:created|saved|registered|updated|success\w*)\b", re.IGNORECASE)


def read(message: Message, scene: Scene) -> Sighting | None:
    """The sighting of a message, or None when it says nothing about a face swap."""
    meta = message.interaction_metadata or message.interaction or _NO_INTERACTION
    if meta.name not in (None, SAVE, SWAP):
        return None
    flags = message.flags if isinstance(message.flags, int) else 0
    attachments = attachments_of(given(message.attachments))
    words = _words(message)
    if flags & _LOADING or (words and not attachments and _ON_ITS_WAY.search(words)):
        stage = Stage.WAITING
    elif attachments and meta.name != SAVE:
        stage = Stage.FINAL
    elif words:
        stage = _stage(words, meta.name)
    else:
        return None
    user_id = text(meta.user.id if meta.user else None) or (scene.own_user if flags & _EPHEMERAL else None)
    name = NAME.search(words)
    reference = message.message_reference.message_id if message.message_reference else None
    interaction_id = text(meta.id)
    return Sighting(
        channel=scene.channel,
        stage=stage,
        at=at_of(message, scene),
        application_id=scene.application_id,
        channel_id=scene.channel_id,
        message_id=str(message.id),
        nonce=text(message.nonce),
        interaction_id=interaction_id,
        user_id=user_id,
        reference_id=text(reference) or text(message.original_response_message_id),
        verb=meta.name,
        prompt=name[0] if name else None,
        content=message.content if isinstance(message.content, str) else "",
        flags=flags,
        attachments=attachments if stage is Stage.FINAL else (),
        modal=Modal(interaction_id or "", SWAP, words, ()) if stage is Stage.ASKED else None,
        failure=_failure(words) if stage is Stage.FAILED else None,
        words=words or None,
    )


def _words(message: Message) -> str:
    said = [message.content] if isinstance(message.content, str) else []
    for embed in given(message.embeds):
        said += [embed.title or "", embed.description or ""]
    return " ".join(" ".join(said).split())[:_LONGEST]


def _stage(words: str, command: str | None) -> Stage:
    if _TROUBLE.search(words):
        return Stage.FAILED
    return Stage.ASKED if command in (None, SAVE) and _SAVED.search(words) else Stage.UNKNOWN


def _failure(words: str) -> Failure:
    reason = FailureReason.TRANSIENT
    if _OF_THE_ACCOUNT.search(words):
        reason = FailureReason.ACCOUNT
    elif _OF_THE_PICTURE.search(words):
        reason = FailureReason.PROMPT
    return Failure(reason, f"InsightFaceSwap answered: {words}")
