"""A courier that calls nobody: it keeps what it carries and answers as a test says."""

from __future__ import annotations

import asyncio

from standardwebhooks import Webhook

from engine.ports import Fate, Letter, Receipt
from tests.fakes.webhook_receiver import Heard


class MemoryCourier:
    """Every place answers `answers(...)`'s status or, by place, its own; `silent` ones keep the caller waiting."""

    def __init__(self, *, patience: float = 15.0) -> None:
        self.letters: list[Letter] = []
        self.posts: list[Heard] = []
        self.broken_off = 0
        self.under_way: list[Letter] = []
        self._patience = patience
        self._status: dict[str | None, int | None] = {None: 200}
        self._retry_after = 0.0
        self._unreachable: set[str] = set()

    def answers(self, status: int, at: str | None = None, *, retry_after: float = 0.0) -> None:
        self._status[at] = status
        self._retry_after = retry_after
        self._unreachable.discard(at or "")

    def silent(self, at: str | None = None) -> None:
        self._status[at] = None

    def unreachable(self, at: str) -> None:
        self._unreachable.add(at)

    async def post(self, letter: Letter) -> Receipt:
        if any(letter.url.startswith(place) for place in self._unreachable):
            return Receipt(Fate.NOT_NOW, error="it cannot be reached")
        self.letters.append(letter)
        self.posts.append(self._heard(letter))
        self.under_way.append(letter)
        try:
            status = next((said for at, said in self._status.items() if at and letter.url.startswith(at)), 0)
            status = self._status[None] if status == 0 else status
            if status is None:
                await self._wait(self._patience)
                return Receipt(Fate.NOT_NOW, error=f"no answer within {self._patience:g} seconds")
        except asyncio.CancelledError:
            self.broken_off += 1
            raise
        finally:
            self.under_way.remove(letter)
        if 200 <= status < 300:
            return Receipt(Fate.TAKEN, status)
        fate = Fate.UNWANTED if status == 410 else Fate.NOT_NOW
        return Receipt(fate, status, f"it answers {status}", self._retry_after)

    async def _wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    @staticmethod
    def _heard(letter: Letter) -> Heard:
        headers = {"webhook-id": letter.webhook_id, "webhook-timestamp": str(int(letter.at.timestamp()))}
        if letter.secret is not None:
            headers["webhook-signature"] = Webhook(letter.secret).sign(
                letter.webhook_id, letter.at, letter.body.decode()
            )
        return Heard("/hook", headers, letter.body)
