"""Which id and version a command has now: from the index that Discord keeps, else from what is known here (§1.3).

Ids stay for years; versions change when Midjourney redeploys, and a stale one is refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import msgspec

from engine.drivers.midjourney.commands import Command, CommandKey, find
from engine.drivers.midjourney.payloads import CommandIndex, IndexedCommand
from engine.model.actions import MIDJOURNEY_APPLICATION, NIJI_APPLICATION, SWAP_APPLICATION
from engine.model.errors import Unavailable

_CHAT_INPUT, _OF_A_MESSAGE = 1, 3
_BIG = 256 * 1024

_OF_MIDJOURNEY = {
    "imagine": ("938956540159881230", "1237876415471554623"),
    "blend": ("1062880104792997970", "1237876415471554624"),
    "describe": ("1092492867185950852", "1237876415471554625"),
    "shorten": ("1121575372539039774", "1247736572414001223"),
    "show": ("1169435442328911902", "1247736572414001224"),
    "info": ("972289487818334209", "1237876415735660565"),
    "settings": ("1000850743479255081", "1493662068581077053"),
    "prefer": ("984273800587776053", "1237876415790055476"),
    "fast": ("972289487818334212", "1237876415735660572"),
    "relax": ("972289487818334213", "1237876415735660573"),
    "turbo": ("1124132684143271996", "1237876415790055474"),
    "stealth": ("1065569343456419860", "1237876415735660569"),
    "private": ("972289487818334210", "1237876415735660570"),
    "public": ("972289487818334211", "1237876415735660571"),
}
_OF_INSIGHTFACE = {
    "saveid": ("1097018209481261127", "1097018209481261130"),
    "swapid": ("1097030226204184646", "1097030226204184647"),
}
_ON_MESSAGES = {
    "Cancel Job": ("987795925764280352", "1237876415790055477"),
    "DM Results": ("987795925764280353", "1237876415790055478"),
}
BUILT_IN: dict[CommandKey, Command] = {
    **{(MIDJOURNEY_APPLICATION, name, _CHAT_INPUT): Command(*known) for name, known in _OF_MIDJOURNEY.items()},
    **{(SWAP_APPLICATION, name, _CHAT_INPUT): Command(*known) for name, known in _OF_INSIGHTFACE.items()},
    **{(MIDJOURNEY_APPLICATION, name, _OF_A_MESSAGE): Command(*known) for name, known in _ON_MESSAGES.items()},
    # of Niji's other commands only the ids are known (§1.3), and with a wrong version they would be refused
    (NIJI_APPLICATION, "imagine", _CHAT_INPUT): Command("1023054140580057099", "1248805223892254774"),
}
"""The newest that was seen by mid-2026, for when the index cannot be read or does not list a command."""

_index = msgspec.json.Decoder(CommandIndex)


class Registry:
    """The commands as one account sees them; `ask` reads the index."""

    def __init__(self, ask: Callable[[], Awaitable[httpx.Response]]) -> None:
        self._ask = ask
        self._index: list[IndexedCommand] | None = None
        self._found: dict[CommandKey, Command] = {}

    async def command(self, wanted: CommandKey) -> Command | None:
        """The command; None when neither the index nor the built-in table has it."""
        if wanted in self._found:
            return self._found[wanted]
        if self._index is None:
            try:
                self._index = await self._read()
            except (Unavailable, msgspec.DecodeError):
                return BUILT_IN.get(wanted)  # the index is asked again with the next command
        known = find(self._index, wanted) or BUILT_IN.get(wanted)
        if known is not None:
            self._found[wanted] = known
        return known

    @property
    def was_read(self) -> bool:
        """Whether the index has been read since it was last found outdated."""
        return self._index is not None

    def outdated(self) -> None:
        """A version was refused: the index must be read anew."""
        self._index = None
        self._found.clear()

    async def _read(self) -> list[IndexedCommand]:
        content = (await self._ask()).content
        decode = _index.decode
        index = await asyncio.to_thread(decode, content) if len(content) > _BIG else decode(content)
        ours = (MIDJOURNEY_APPLICATION, NIJI_APPLICATION, SWAP_APPLICATION)
        return [row for row in index.application_commands if str(row.application_id) in ours]
