"""The parts of the store that keep answers for calls that come again, and what was spent of quotas."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from engine.model.answers import Claim, Found, KeptAnswer


class AnswerStore(Protocol):
    """Kept answers, by the token of an API key; a token that is older than a day counts as new.

    Raises (every method): `errors.Unavailable` when the database cannot be read or written now.
    """

    async def claim_answer(self, claim: Claim, *, sole_owner: bool) -> Found:
        """Take the turn for a token, or say why not; `sole_owner`: whoever else holds one is dead."""
        ...

    async def keep_answer(self, claim: Claim, answer: KeptAnswer) -> None:
        """Keep the answer of the call that has the turn."""
        ...

    async def drop_claim(self, claim: Claim) -> None:
        """The call that has the turn came to nothing: the next one may try."""
        ...

    async def forget_answers(self, before: datetime) -> None:
        """Let go of answers and tokens from before then."""
        ...

    async def request_by_token(self, key_id: int, token: str) -> str | None:
        """The id of the request that was stored with that token."""
        ...

    async def spent(self, payer: str, began: datetime) -> int:
        """The credits spent in the period that began then."""
        ...
