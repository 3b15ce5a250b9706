"""How the part of the Store port that concerns API keys, their answers and their credits is kept in a database."""

from __future__ import annotations

from datetime import datetime

from engine.model.answers import Claim, Found, KeptAnswer
from engine.model.quotas import Quota
from engine.ports import ApiKey, NewKey
from engine.store import answers, keys
from engine.store.readers import Readers
from engine.store.writer import Writer


class SqlKeys:
    """The methods of ports.Store for keys; documented there."""

    _writer: Writer
    _readers: Readers
    _touched: dict[int, datetime]

    async def add_key(self, new: NewKey) -> ApiKey:
        """See ports.Store; also NotFound for an unknown workspace, Conflict for a digest that is stored already."""
        return await self._writer.write(lambda connection, _: keys.add_key(connection, new))

    async def change_key(self, key: ApiKey) -> bool:
        """See ports.Store."""
        return await self._writer.write(lambda connection, _: keys.change_key(connection, key))

    async def keys(self, workspace_id: str) -> list[ApiKey]:
        """See ports.Store."""
        return await self._readers.read(lambda connection: keys.keys(connection, workspace_id))

    async def key_by_digest(self, digest: str) -> ApiKey | None:
        """See ports.Store."""
        return await self._readers.read(lambda connection: keys.key_by_digest(connection, digest))

    async def revoke_key(self, workspace_id: str, key_id: int, now: datetime) -> bool:
        """See ports.Store."""
        return await self._writer.write(lambda connection, _: keys.revoke_key(connection, workspace_id, key_id, now))

    async def touch_key(self, key_id: int, now: datetime) -> None:
        """See ports.Store; a call within a minute of the last one costs nothing."""
        last = self._touched.get(key_id)
        if last is not None and now - last < keys.TOUCH_EVERY:
            return
        await self._writer.write(lambda connection, _: keys.touch_key(connection, key_id, now))
        self._touched[key_id] = now

    async def set_contact(self, workspace_id: str, contact: str) -> bool:
        """See ports.Store."""
        return await self._writer.write(lambda connection, _: keys.set_contact(connection, workspace_id, contact))

    async def set_quota(self, workspace_id: str, quota: Quota | None) -> bool:
        """See ports.Store."""
        return await self._writer.write(lambda connection, _: keys.set_quota(connection, workspace_id, quota))

    # --- answers and credits

    async def claim_answer(self, claim: Claim, *, sole_owner: bool) -> Found:
        """See ports.AnswerStore."""
        return await self._writer.write(lambda connection, _: answers.claim(connection, claim, sole_owner=sole_owner))

    async def keep_answer(self, claim: Claim, answer: KeptAnswer) -> None:
        """See ports.AnswerStore."""
        await self._writer.write(lambda connection, _: answers.keep(connection, claim, answer))

    async def drop_claim(self, claim: Claim) -> None:
        """See ports.AnswerStore."""
        await self._writer.write(lambda connection, _: answers.drop(connection, claim))

    async def forget_answers(self, before: datetime) -> None:
        """See ports.AnswerStore."""
        await self._writer.write(lambda connection, _: answers.forget(connection, before))

    async def request_by_token(self, key_id: int, token: str) -> str | None:
        """See ports.AnswerStore."""
        return await self._readers.read(lambda connection: answers.request_by_token(connection, key_id, token))

    async def spent(self, payer: str, began: datetime) -> int:
        """See ports.AnswerStore."""
        return await self._readers.read(lambda connection: answers.spent(connection, payer, began))
