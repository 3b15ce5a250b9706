"""The words in which Discord refuses a bot, beside those that it says to everybody."""

from __future__ import annotations

from engine.simulator.refusals import Refusal


def _plain(status: int, code: int, message: str) -> Refusal:
    return Refusal(status, {"message": message, "code": code})


UNKNOWN_MEMBER = _plain(404, 10007, "Unknown Member")
UNKNOWN_USER = _plain(404, 10013, "Unknown User")
UNKNOWN_WEBHOOK = _plain(404, 10015, "Unknown Webhook")
BOTS_CANNOT = _plain(403, 20001, "Bots cannot use this endpoint")
TOO_MANY_CREATES = _plain(400, 30034, "Max number of daily application command creates has been reached (200)")
ACKNOWLEDGED = _plain(400, 40060, "Interaction has already been acknowledged.")
FOLLOWED_UP = _plain(400, 40094, "Interaction can only have 5 follow-up messages")
NOT_THEIRS = _plain(403, 50005, "Cannot edit a message authored by another user")
CANNOT_DM = _plain(403, 50007, "Cannot send messages to this user")
TEXT_ONLY = _plain(400, 50024, "Cannot execute action on this channel type")
WRONG_KIND = _plain(400, 50008, "Cannot send messages in a non-text channel")
EXPIRED = _plain(401, 50027, "Invalid Webhook Token")
ARCHIVED = _plain(400, 50083, "Thread is archived")
NO_SHARED_SERVER = _plain(403, 50278, "Cannot send a message to this user due to having no mutual guilds")
HAS_THREAD = _plain(400, 160004, "A thread has already been created for this message")
