"""Pictures that go up to Discord and links that come back signed anew, through whichever account is connected."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from engine.core.keeper import Keeper
from engine.core.ownpictures import OwnPictures
from engine.model.accounts import AccountState
from engine.model.actions import Service
from engine.model.errors import Conflict, Hindrance, InvalidInput, NotFound, Unavailable
from engine.model.jobs import Attachment
from engine.model.signatures import is_fresh, signed_as
from engine.ports import Clock, Inputs, Session

_LOG = logging.getLogger(__name__)

REMEMBERED = 10_000
"""Links that were signed anew and still open."""


class Links:
    """The uploads and refreshes of all workspaces. `nonce` makes one for a message."""

    def __init__(
        self,
        keepers: Mapping[int, Keeper],
        inputs: Inputs,
        own: OwnPictures,
        clock: Clock,
        nonce: Callable[[], str],
    ) -> None:
        self._keepers = keepers
        self._inputs = inputs
        self._own = own
        self._clock = clock
        self._nonce = nonce
        self._renewed: OrderedDict[str, str] = OrderedDict()
        self._used: dict[int, int] = {}
        """By account, when it took its last upload, counted in uploads."""
        self._uploads = 0

    async def upload(
        self,
        workspace_id: str,
        picture: bytes,
        account_id: int | None = None,
        *,
        among: Collection[int] = (),
        kinds: Collection[str] = (),
        field: str = "image",
    ) -> tuple[int, Attachment]:
        """Post a picture in an account's channel; returns the account's id and the picture's signed address.

        Args:
            workspace_id: whose accounts.
            picture: its bytes.
            account_id: only there; None: the connected account in use whose last upload is longest ago.
            among: one of these accounts alone; empty: any.
            kinds: endings of file names (`png`, `jpg`) that are taken; empty: every kind of picture.
            field: what errors call it.

        Raises:
            InvalidInput: it is no picture of these kinds.
            NotFound: there is no such account.
            Conflict: no account that is in use is connected now.
            Refused, Unavailable: Discord does not take it, or not now.
        """
        chosen, session = self._session(workspace_id, account_id, among, in_use=True)
        self._uploads += 1
        self._used[chosen] = self._uploads
        kept = await self._inputs.keep(picture, field=field)
        ending = kept.rpartition(".")[2]
        if kinds and ending not in kinds:
            allowed = " or ".join(kind.upper() for kind in kinds)
            raise InvalidInput(field, f"is a {ending.upper()} file", allowed=allowed)
        file = await session.upload(kept, picture, f"image/{'jpeg' if ending == 'jpg' else ending}")
        (attachment, *_) = await session.post([file], self._nonce())
        return chosen, attachment

    async def fetched(self, address: str, *, field: str = "image") -> bytes:
        """What lies at an address that somebody named, for an upload that is waited for.

        Raises:
            InvalidInput: it may not be called, is no picture, is not there, or not to be had now; names `field`.
            Unavailable: it is ours, and cannot be read now.
        """
        own = await self._own.read(address, field)
        if own is not None:
            return own
        try:
            return await self._inputs.fetch(address, self._own.hosts(), field=field)
        except Unavailable as error:  # nobody would try again later
            why = str(error)
            said = why.removeprefix(f"{field} ") if why.startswith(f"{field} ") else f"cannot be fetched: {why}"
            raise InvalidInput(field, said) from error

    async def refresh(self, workspace_id: str, urls: Sequence[str]) -> dict[str, str]:
        """New signed addresses for expired ones, by the old ones; what Discord does not know is left out.

        Raises:
            Conflict: no account is connected.
            Unavailable: Discord does not answer now.
        """
        _, session = self._session(workspace_id, None)
        return await session.refresh(urls)

    async def fresh(self, workspace_id: str, files: Sequence[Attachment]) -> list[Attachment]:
        """The same files with addresses that open now; as they were where nobody can sign them."""
        now = self._clock.now()
        known = {url: self._renewed[url] for url in (file.url for file in files) if url in self._renewed}
        old = [file.url for file in files if not is_fresh(known.get(file.url, file.url), now)]
        if old:
            try:
                renewed = await self.refresh(workspace_id, old)
            except (Conflict, Unavailable) as error:
                _LOG.info("%d links stay expired: %s", len(old), error)
                renewed = {}
            for url, address in renewed.items():
                self._renewed[url] = known[url] = address
                self._renewed.move_to_end(url)
            while len(self._renewed) > REMEMBERED:
                self._renewed.popitem(last=False)
        return [_signed(file, known.get(file.url)) for file in files]

    def _session(
        self, workspace_id: str, account_id: int | None, among: Collection[int] = (), *, in_use: bool = False
    ) -> tuple[int, Session]:
        own = {
            each: keeper
            for each, keeper in self._keepers.items()
            if keeper.account.workspace_id == workspace_id
            and keeper.account.service is Service.MIDJOURNEY
            and account_id in (None, each)
            and (not among or each in among)
        }
        if account_id is not None and not own:
            raise NotFound(f"no account {account_id}")
        for each, keeper in sorted(own.items(), key=lambda item: self._used.get(item[0], 0)):
            session = keeper.session
            if session is not None and (keeper.account.state is AccountState.ACTIVE or not in_use):
                return each, session
        raise Conflict("no linked account is connected now", Hindrance.NOT_CONNECTED)


def _signed(file: Attachment, fresh: str | None) -> Attachment:
    if fresh is None:
        return file
    proxy = None if file.proxy_url is None else signed_as(file.proxy_url, fresh)
    return replace(file, url=fresh, proxy_url=proxy)
