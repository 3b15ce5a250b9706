"""Which edits need not be read at once: those that show a new percentage and nothing else, of which the newest counts.

Midjourney may edit a progress message many times a second, and watchers are told five times a second at most (§10,
architecture "Stored, then told"). So after a percentage was read, an edit of the same message that differs in nothing
but percentage, picture address and time waits until a fifth of a second is over; a newer one takes its place. Every
other edit is read at once. While one waits, what is read behind it does not count as read up to there (`so_far`): the
place that is saved never passes an edit that waits, and after a crash Discord replays it.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import msgspec
from msgspec import Raw

from engine.drivers.midjourney.payloads import EditedMessage
from engine.drivers.midjourney.wire import Finding
from engine.model.sightings import Channel, Sighting, Stage

_REMEMBERED = 100
"""Progress messages of one account; it has at most fifteen jobs at once."""
_PERCENTAGE = re.compile(rb"\(\d{1,3}%\)")

_UNREADABLE = (msgspec.DecodeError, RecursionError)

_edited = msgspec.json.Decoder(EditedMessage)


@dataclass(slots=True)
class _Progress:
    """A message whose last edit that was read showed a percentage."""

    shape: bytes
    until: float
    """Seconds of the loop's clock until which its like may wait."""
    body: Raw | None = None
    """The edit that waits."""
    seq: int = 0


class Edits:
    """The edits of one account that wait; `read` is given each when its time is over, with its `s`."""

    def __init__(self, read: Callable[[Raw, int], None], period_seconds: float) -> None:
        self._read = read
        self._period = period_seconds
        self._progress: OrderedDict[str, _Progress] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None
        self._oldest: int | None = None

    @property
    def any_waits(self) -> bool:
        """Whether something was received and not read."""
        return self._oldest is not None

    def so_far(self, seq: int) -> int:
        """How far everything was read, once the frame `seq` is."""
        return seq if self._oldest is None else min(seq, self._oldest - 1)

    def waits(self, body: Raw, seq: int) -> bool:
        """Whether this edit may wait; then it is kept. If not, it is to be read: what waited of its message is old."""
        if not self._progress:
            return False
        edit = _decoded(body)
        message_id = bytes(edit.id).strip(b'"').decode(errors="replace") if edit is not None else ""
        known = self._progress.get(message_id)
        if edit is None or known is None:
            return False
        loop = asyncio.get_running_loop()
        if loop.time() >= known.until or _shape(edit) != known.shape:
            self._forget(message_id)
            return False
        if known.body is not None and seq < known.seq:
            return True  # it comes late: a newer one waits already
        was_oldest = known.body is not None and known.seq == self._oldest
        known.body, known.seq = body, seq
        if was_oldest or self._oldest is None or seq < self._oldest:
            self._look_for_the_oldest()
        if self._timer is None:
            self._timer = loop.call_at(known.until, self._due)
        return True

    def was_read(self, body: Raw, findings: Sequence[Finding]) -> None:
        """A frame was read: a percentage, and its like may wait; or a deletion, and nothing of it matters any more."""
        for seen in findings:
            if not isinstance(seen, Sighting) or seen.message_id is None:
                continue
            if seen.channel is Channel.DELETED:
                self._forget(seen.message_id)
            elif seen.channel is Channel.EDITED and seen.stage is Stage.PROGRESS and seen.percent is not None:
                self._remember(seen.message_id, body)

    def _remember(self, message_id: str, body: Raw) -> None:
        edit = _decoded(body) if self._period > 0 else None
        if edit is None:
            return
        self._progress[message_id] = _Progress(_shape(edit), asyncio.get_running_loop().time() + self._period)
        if len(self._progress) > _REMEMBERED:
            _, oldest = self._progress.popitem(last=False)
            self._hand_over([oldest])

    def _forget(self, message_id: str) -> None:
        known = self._progress.pop(message_id, None)
        if known is not None and known.body is not None:
            known.body = None
            self._look_for_the_oldest()

    def release(self) -> None:
        """Read all that waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._hand_over(self._waiting)

    def _due(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._hand_over([each for each in self._waiting if each.until <= now])
        if left := self._waiting:
            self._timer = loop.call_at(min(each.until for each in left), self._due)

    @property
    def _waiting(self) -> list[_Progress]:
        return sorted((each for each in self._progress.values() if each.body is not None), key=lambda each: each.seq)

    def _hand_over(self, waiting: Iterable[_Progress]) -> None:
        """In the order in which they came."""
        for each in waiting:
            body, each.body = each.body, None
            self._look_for_the_oldest()
            if body is not None:
                self._read(body, each.seq)

    def _look_for_the_oldest(self) -> None:
        self._oldest = min((each.seq for each in self._progress.values() if each.body is not None), default=None)


def _decoded(body: Raw) -> EditedMessage | None:
    try:
        return _edited.decode(body)
    except _UNREADABLE:
        return None


def _shape(edit: EditedMessage) -> bytes:
    """All that is read of an edit but its time, its percentages and where its pictures lie."""
    content = _PERCENTAGE.sub(b"(%)", edit.content)
    return b"\0".join((
        edit.id, edit.channel_id, edit.author, edit.application_id, edit.nonce, content, edit.flags, edit.embeds,
        edit.components, edit.message_reference, edit.interaction, edit.interaction_metadata,
        edit.triggering_interaction_metadata, edit.original_response_message_id,
        *(file.filename for file in edit.attachments or ()),
    ))  # fmt: skip
