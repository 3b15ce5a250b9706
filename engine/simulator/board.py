"""/settings: one ephemeral message of a select and switches; each click edits it (protocol §9.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.simulator import components
from engine.simulator.messages import EPHEMERAL, bot_message
from engine.simulator.people import STYLIZE, VERSIONS
from engine.simulator.standing import lacks

if TYPE_CHECKING:
    from engine.simulator.commanding import Work
    from engine.simulator.components import Component
    from engine.simulator.interaction import Interaction, Voice
    from engine.simulator.messages import Post
    from engine.simulator.people import Account
    from engine.simulator.world import World

_ON, _OFF = 3, 2
_PREFIX = "MJ::Settings::"
_SELECT = f"{_PREFIX}VersionSelector"
_FRESH: dict[str, Any] = {
    "mode": "fast", "remix": False, "high_variation": True, "raw": False, "stylize": "med", "sticky_style": False,
    "version": "7",
}  # fmt: skip
# label → custom id and what a click changes (None: the other way round); of the ids only RelaxMode's and
# HighVariabilityMode's are known (§5.4)
_SWITCHES: list[list[tuple[str, str, str, Any]]] = [
    [
        ("RAW Mode", "RawMode", "raw", None),
        *((f"Stylize {level}", f"Stylize::{level.replace(' ', '_')}", "stylize", level) for level in STYLIZE),
    ],
    [
        ("Public mode", "PublicMode", "stealth", None),
        ("Remix mode", "RemixMode", "remix", None),
        ("High Variation Mode", "HighVariabilityMode::1", "high_variation", True),
        ("Low Variation Mode", "HighVariabilityMode::0", "high_variation", False),
        ("Sticky Style", "StickyStyle", "sticky_style", None),
    ],
    [
        ("Turbo mode", "TurboMode::on", "mode", "turbo"),
        ("Fast mode", "RelaxMode::off", "mode", "fast"),
        ("Relax mode", "RelaxMode::on", "mode", "relaxed"),
    ],
]
_MEANING = {f"{_PREFIX}{custom_id}": (name, value) for row in _SWITCHES for _, custom_id, name, value in row}
_RESET = f"{_PREFIX}Reset"


class Board:
    """The message and what its parts do."""

    def __init__(self, world: World, post: Post, voice: Voice) -> None:
        self._world = world
        self._post = post
        self._voice = voice

    def table(self) -> dict[str, Work]:
        """Command name → answer."""
        return {"settings": self._settings}

    async def _settings(self, asked: Interaction, about: dict[str, Any]) -> None:
        await self._voice.open(asked)
        body = bot_message(
            self._world.new_id(),
            asked.channel.id,
            _words(asked.account),
            type=20,
            flags=EPHEMERAL,
            interaction=about,
            components=rows(asked.account),
            application=asked.application,
        )
        self._post.create(body, wire_nonce=asked.nonce, only=asked.account.id, nonce=asked.nonce, interaction=asked.id)
        self._voice.success(asked)

    async def click(self, asked: Interaction, about: dict[str, Any]) -> bool:
        """A part of the board: the same message is edited. False if the component is none of ours."""
        change = _change(asked)
        message = self._world.messages.get(asked.message_id or "")
        if change is None or message is None:
            return False
        refused = lacks(asked.account, change.get("mode", "fast"), stealth=change.get("stealth", False))
        if refused is not None:
            await self._voice.plain(asked, f"Sorry! {refused}", about)
            return True
        await self._voice.open(asked)
        self._world.change_account(asked.account, change)
        self._voice.success(asked)
        body = message.read()
        body["content"], body["components"] = _words(asked.account), rows(asked.account)
        self._post.edit(body, only=message.only, interaction=asked.id)
        return True


def rows(account: Account) -> list[Component]:
    """The select and the switches as the account has them; style 3 is on, 2 is off."""
    select = {
        "type": 3,
        "custom_id": _SELECT,
        "min_values": 1,
        "max_values": 1,
        "placeholder": None,
        "options": [
            {"label": label, "value": value, "default": value == account.version}
            for value, (label, _) in VERSIONS.items()
        ],
    }
    made = [[_switch(account, *switch) for switch in row] for row in _SWITCHES]
    made[-1].append(components.button(_RESET, "Reset Settings"))
    return components.rows([[select], *made])


def _switch(account: Account, label: str, custom_id: str, name: str, value: Any) -> Component:
    now = getattr(account, name)
    on = now == value if value is not None else not now if name == "stealth" else now
    return components.button(f"{_PREFIX}{custom_id}", label, style=_ON if on else _OFF)


def _change(asked: Interaction) -> dict[str, Any] | None:
    if asked.custom_id == _SELECT:
        return {"version": asked.values[0]}
    if asked.custom_id == _RESET:
        return _FRESH
    if asked.custom_id not in _MEANING:
        return None
    name, value = _MEANING[asked.custom_id]
    return {name: not getattr(asked.account, name) if value is None else value}


def _words(account: Account) -> str:
    return f"Adjust your settings here. Current suffix: `{account.suffix}`"
