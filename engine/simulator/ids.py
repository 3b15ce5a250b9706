"""How ids look: Discord snowflakes, job uuids, session ids and demo tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

DISCORD_EPOCH_MS = 1_420_070_400_000
MIDJOURNEY = "936929561302675456"  # application id and bot user id are the same number (protocol §0.1)
NIJI = "1022952195194359889"
INSIGHTFACE = "1090660574196674713"


class Snowflakes:
    """Ids whose upper bits are the wall clock, like Discord's: strictly rising, and no two alike."""

    def __init__(self) -> None:
        self._last = 0
        self._worker = 0

    def next(self, unix_ms: int) -> str:
        """An id for this millisecond, larger than every one given since the clock was last set back."""
        wanted = (unix_ms - DISCORD_EPOCH_MS) << 22 | self._worker << 17
        self._last = max(wanted, self._last + 1)
        return str(self._last)

    def set_back(self) -> None:
        """The clock was set back: ids go back with it, but other low bits keep them apart from the earlier ones."""
        self._last = 0
        self._worker = (self._worker + 1) % 32

    def never_below(self, snowflake: str) -> None:
        """Remember an id of an earlier run, so that the clock going back repeats nothing."""
        self._last = max(self._last, int(snowflake))


def stamp(snowflake: str) -> str:
    """The moment inside a snowflake in Discord's ISO form, `2026-04-22T07:17:26.131000+00:00`."""
    return iso((int(snowflake) >> 22) + DISCORD_EPOCH_MS)


def iso(unix_ms: int) -> str:
    """A millisecond in Discord's ISO form with microseconds."""
    return datetime.fromtimestamp(unix_ms / 1000, UTC).isoformat(timespec="microseconds")


def job_uuid(rng: Random) -> str:
    """A uuid for a job, from the seeded stream."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def token(user_id: str, secret: str) -> str:
    """A token in the shape of a user token: three base64url parts, the first the user id.

    It is derived, so that the state file holds only the secret and never the token's own characters.
    """
    digest = hmac.digest(secret.encode(), user_id.encode(), hashlib.sha256)
    parts = (user_id.encode(), digest[:4], digest[4:32])
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
