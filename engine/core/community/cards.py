"""Which messages of Discord show which jobs, so that they are kept up to date from any process, after any restart."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from engine.model.community.cards import Card, CardState, LostCard
from engine.model.errors import BadSetting, NotFound, UnknownJob
from engine.ports import Clock, Secrets, Store

PAGE = 500


class Cards:
    """The cards of all workspaces. Tokens of interactions are sealed as they come."""

    def __init__(self, store: Store, secrets: Secrets, clock: Clock) -> None:
        self._store = store
        self._secrets = secrets
        self._clock = clock

    async def add(self, card: Card, token: str | None = None, token_until: datetime | None = None) -> Card:
        """Keep a new card. `token`: of its interaction, good until then."""
        return await self._store.add_card(self._with(card, token, token_until))

    async def placed(self, card: Card, channel_id: str, message_id: str) -> Card:
        """The message that shows it is known now, or is another one."""
        return await self._changed(replace(card, channel_id=channel_id, message_id=message_id))

    async def reached_by(self, card: Card, token: str, until: datetime) -> Card:
        """A newer interaction leads to its message."""
        return await self._changed(self._with(card, token, until))

    async def shows(self, card: Card, version: int, *, final: bool = False) -> Card:
        """The message shows the job as of this version; `final`: that was its end."""
        state = CardState.DELIVERED if final else card.state
        return await self._changed(replace(card, delivered_version=version, state=state))

    async def reopened(self, card: Card) -> Card:
        """It has to be kept up to date again: its job was settled, or is late."""
        return await self._changed(replace(card, state=CardState.OPEN))

    async def lost(self, card: Card, why: LostCard) -> Card:
        """Its address is not tried again."""
        return await self._changed(replace(card, state=CardState.GIVEN_UP, lost=why, token_sealed=None))

    async def lost_in(self, place_id: str, why: LostCard) -> list[Card]:
        """All that is open in a channel or a server is lost; returns those cards."""
        return await self._store.lose_cards(place_id, why, self._clock.now())

    def token(self, card: Card) -> str | None:
        """The token of its interaction, as long as it is good."""
        if card.token_sealed is None or card.token_until is None or card.token_until <= self._clock.now():
            return None
        try:
            return self._secrets.unseal(card.token_sealed)
        except BadSetting:  # sealed with another key: as good as over
            return None

    async def open(self) -> list[Card]:
        """Every card that has to be kept up to date, or whose message is to be deleted."""
        found: list[Card] = []
        while True:
            page = await self._store.open_cards(PAGE, found[-1].id if found else 0)
            found += page
            if len(page) < PAGE:
                return found

    async def of(self, workspace_id: str, job_id: str) -> list[Card]:
        """The cards of a job or of a request's jobs, oldest first."""
        return await self._store.cards_of(workspace_id, job_id)

    async def of_message(self, workspace_id: str, message_id: str) -> Card:
        """The card in a message.

        Raises:
            NotFound: the workspace has none there.
        """
        found = await self._store.card_of_message(workspace_id, message_id)
        if found is None:
            raise UnknownJob("this message shows no job")
        return found

    def _with(self, card: Card, token: str | None, until: datetime | None) -> Card:
        sealed = None if token is None else self._secrets.seal(token)
        return replace(card, token_sealed=sealed, token_until=until if token is not None else None)

    async def _changed(self, card: Card) -> Card:
        after = replace(card, updated_at=self._clock.now())
        if not await self._store.change_card(after):
            raise NotFound("there is no such card")
        return after
