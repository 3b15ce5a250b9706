"""What each dialect says of a request in a webhook: what its own status answer says at that moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from engine.api.door import Door
from engine.api.imaginepro import status as imaginepro
from engine.api.native import status as native
from engine.api.problems import encoded
from engine.api.userapi import status as userapi
from engine.ports import Said

Speaker = Callable[[Door, str, str, str], Awaitable[dict[str, object]]]
"""From the door, a workspace's id, a job's id and our public address to the body of the status answer."""

SPEAKERS: dict[str, Speaker] = {
    "imaginepro": imaginepro.status_of,
    "userapi": userapi.status_of,
    "native": native.status_of,
}
_STATUS_WORDS = ("status", "request_state")
_PROGRESS_WORDS = ("progress", "request_percent")


class Speeches:
    """The Bodies port. `door` is asked when something is to be said: it is made of parts that need us first."""

    def __init__(self, door: Callable[[], Door], public_url: str) -> None:
        self._door = door
        self._public_url = public_url

    @property
    def dialects(self) -> frozenset[str]:
        """See ports.Bodies."""
        return frozenset(SPEAKERS)

    async def said(self, dialect: str, workspace_id: str, request_id: str) -> Said:
        """See ports.Bodies; a dialect that is not known speaks as the native one."""
        speaker = SPEAKERS.get(dialect, native.status_of)
        body = await speaker(self._door(), workspace_id, request_id, self._public_url)
        status = next((body[word] for word in _STATUS_WORDS if word in body), "")
        progress = next((body[word] for word in _PROGRESS_WORDS if isinstance(body.get(word), int)), 0)
        assert isinstance(progress, int)
        return Said(str(status), progress, encoded(body))
