"""Pictures that go up to Discord and links that come back signed anew, through whichever account is connected."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from engine.core.keeper import Keeper
from engine.model.errors import Conflict, NotFound
from engine.model.jobs import Attachment
from engine.ports import Inputs, Session


class Links:
    """The uploads and refreshes of all workspaces. `nonce` makes one for a message."""

    def __init__(self, keepers: Mapping[int, Keeper], inputs: Inputs, nonce: Callable[[], str]) -> None:
        self._keepers = keepers
        self._inputs = inputs
        self._nonce = nonce

    async def upload(self, workspace_id: str, content: bytes, account_id: int | None) -> tuple[int, Attachment]:
        """Post a picture in an account's channel.

        Raises:
            InvalidInput: it is no picture.
            NotFound, Conflict: no such account, or none is connected.
            Refused, Unavailable: Discord does not take it, or not now.
        """
        kept = await self._inputs.keep(content)
        chosen, session = self._session(workspace_id, account_id)
        ending = kept.rpartition(".")[2]
        content_type = f"image/{'jpeg' if ending == 'jpg' else ending}"
        file = await session.upload(kept, content, content_type)
        (attachment, *_) = await session.post([file], self._nonce())
        return chosen, attachment

    async def refresh(self, workspace_id: str, urls: Sequence[str]) -> dict[str, str]:
        """New addresses by the old ones.

        Raises:
            Conflict: no account is connected.
            Unavailable: Discord does not answer now.
        """
        _, session = self._session(workspace_id, None)
        return await session.refresh(urls)

    def _session(self, workspace_id: str, account_id: int | None) -> tuple[int, Session]:
        own = {
            each: keeper
            for each, keeper in self._keepers.items()
            if keeper.account.workspace_id == workspace_id and account_id in (None, each)
        }
        if account_id is not None and not own:
            raise NotFound(f"no account {account_id}")
        for each, keeper in own.items():
            session = keeper.session
            if session is not None:
                return each, session
        raise Conflict("no linked account is connected now")
