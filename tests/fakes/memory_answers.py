"""Kept answers and spent credits in memory, by the same rules as in a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.model.answers import CLAIMED_FOR, KEPT_FOR, Claim, Found, KeptAnswer, Turn
from engine.model.quotas import Charge, Spending


@dataclass
class _Row:
    claim: Claim
    claimed_until: datetime
    answer: KeptAnswer | None = None


class MemoryAnswers:
    def __init__(self) -> None:
        self.rows: dict[tuple[int, str], _Row] = {}
        self.tokens: dict[tuple[int, str], str] = {}
        self.spendings: dict[tuple[str, datetime], int] = {}

    def claim(self, claim: Claim, *, sole_owner: bool) -> Found:
        place = (claim.key_id, claim.token)
        row = self.rows.get(place)
        if row is not None and row.claim.now <= claim.now - KEPT_FOR:
            self.forget(claim.now - KEPT_FOR)
            row = None
        if row is None:
            self.rows[place] = _Row(claim, claim.now + CLAIMED_FOR)
            return Found(Turn.OURS)
        if row.claim.print != claim.print:
            return Found(Turn.OTHER_BODY)
        if row.answer is not None:
            return Found(Turn.ANSWERED, row.answer)
        if row.claimed_until > claim.now and (row.claim.owner == claim.owner or not sole_owner):
            return Found(Turn.IN_FLIGHT)
        self.rows[place] = _Row(claim, claim.now + CLAIMED_FOR)
        return Found(Turn.AGAIN)

    def held(self, claim: Claim) -> _Row | None:
        row = self.rows.get((claim.key_id, claim.token))
        return row if row is not None and row.claim.owner == claim.owner and row.answer is None else None

    def forget(self, before: datetime) -> None:
        for place, row in list(self.rows.items()):
            if row.claim.now <= before:
                del self.rows[place]
                self.tokens.pop(place, None)

    def spend(self, spending: Spending) -> bool:
        place = (spending.payer, spending.began)
        after = self.spendings.get(place, 0) + spending.credits
        if after > spending.limit:
            return False
        self.spendings[place] = after
        return True

    def give_back(self, charge: Charge) -> None:
        self.spendings[charge.payer, charge.began] -= charge.credits
