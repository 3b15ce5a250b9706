"""The part of the store in memory for cards, styles, alerts, and how the bot is."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime

from engine.model.community.cards import Card, CardState, LostCard
from engine.model.community.reports import Alert, BotState
from engine.model.community.styles import Style, sense_of

_SHOWN = (CardState.OPEN, CardState.ERASE)


class MemoryShelves:
    """Mixed into MemoryStore, whose jobs it knows."""

    def __init__(self) -> None:
        super().__init__()
        self._cards: dict[int, Card] = {}
        self._styles: dict[int, Style] = {}
        self._alerts: dict[tuple[str, str, str], tuple[Alert, bool]] = {}
        self._bot: tuple[BotState, datetime] | None = None
        self._numbers = itertools.count(1)

    # --- cards

    async def add_card(self, card: Card) -> Card:
        await self._writing()
        made = replace(card, id=next(self._numbers))
        self._cards[made.id] = made
        return made

    async def change_card(self, card: Card) -> bool:
        await self._writing()
        known = self._cards.get(card.id)
        if known is None:
            return False
        moving = ("guild_id", "channel_id", "message_id", "token_sealed", "token_until", "delivered_version", "state")
        changes = {name: getattr(card, name) for name in (*moving, "lost", "updated_at")}
        if known.state is CardState.ERASE and card.state is not CardState.GIVEN_UP:
            changes["state"] = known.state
        self._cards[card.id] = replace(known, **changes)
        return True

    async def open_cards(self, limit: int, after: int = 0) -> list[Card]:
        return [card for card in self._cards.values() if card.state in _SHOWN and card.id > after][:limit]

    async def cards_of(self, workspace_id: str, job_id: str) -> list[Card]:
        own = [card for card in self._cards.values() if card.workspace_id == workspace_id]
        return [card for card in own if job_id in (card.job_id, self._jobs[card.job_id].request_id)]

    async def card_of_message(self, workspace_id: str, message_id: str) -> Card | None:
        found = [
            card for card in self._cards.values() if (card.message_id, card.workspace_id) == (message_id, workspace_id)
        ]
        return found[-1] if found else None

    async def lose_cards(self, place_id: str, why: LostCard, at: datetime) -> list[Card]:
        await self._writing()
        there = [
            card
            for card in self._cards.values()
            if card.state in _SHOWN and place_id in (card.channel_id, card.guild_id)
        ]
        for card in there:
            lost = replace(card, state=CardState.GIVEN_UP, lost=why, token_sealed=None, updated_at=at)
            self._cards[card.id] = lost
        return [self._cards[card.id] for card in there]

    # --- styles

    async def styles(self, workspace_id: str, user_id: str | None) -> list[Style]:
        own = [
            style
            for style in self._styles.values()
            if style.workspace_id == workspace_id and (user_id in (None, style.user_id) or style.shared)
        ]
        return sorted(own, key=lambda style: (style.name.casefold(), style.id))

    async def save_style(self, style: Style) -> Style:
        await self._writing()
        key = (style.workspace_id, style.user_id, sense_of(style.name))
        for known in self._styles.values():
            if (known.workspace_id, known.user_id, sense_of(known.name)) == key:
                self._styles[known.id] = replace(style, id=known.id, created_at=known.created_at)
                return self._styles[known.id]
        made = replace(style, id=next(self._numbers))
        self._styles[made.id] = made
        return made

    async def drop_style(self, workspace_id: str, style_id: int) -> bool:
        await self._writing()
        known = self._styles.get(style_id)
        if known is None or known.workspace_id != workspace_id:
            return False
        del self._styles[style_id]
        return True

    # --- alerts and the bot

    async def alerts(self, workspace_id: str | None = None) -> list[tuple[Alert, bool]]:
        found = sorted(self._alerts.items())
        return [each for key, each in found if workspace_id in (None, key[0])]

    async def put_alerts(self, workspace_id: str, alerts) -> None:
        await self._writing()
        new = {(workspace_id, alert.kind.value, alert.subject): alert for alert in alerts}
        for key in [key for key in self._alerts if key[0] == workspace_id and key not in new]:
            del self._alerts[key]
        for key, alert in new.items():
            known = self._alerts.get(key)
            if known is None or known[0].said != alert.said:
                self._alerts[key] = alert, False

    async def told_alert(self, alert: Alert) -> None:
        await self._writing()
        key = (alert.workspace_id, alert.kind.value, alert.subject)
        known = self._alerts.get(key)
        if known is not None and known[0].said == alert.said:
            self._alerts[key] = known[0], True

    async def note_bot(self, state: BotState, at: datetime) -> None:
        await self._writing()
        self._bot = state, at

    async def noted_bot(self) -> tuple[BotState, datetime] | None:
        return self._bot
