"""Which other services a workspace has: an account for each that the settings configure, made at its first use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.core.judging import Judging
from engine.model.accounts import Account, Upstream, mask
from engine.model.actions import Service
from engine.model.errors import NotConfigured
from engine.model.jobs import Origin
from engine.model.prompts.text import check_text
from engine.ports import Clock, Extender, NewAccount, Secrets, Store

SETTINGS = {
    Service.FLUX: ("EASEL_FLUX_API_KEY",),
    Service.UPSCALER: ("EASEL_UPSCALER_URL",),
    Service.BACKGROUND: ("EASEL_BACKGROUND_URL or EASEL_BACKGROUND_MODEL",),
}
EXTENDING = "prompt_extend"
"""What a refusal calls it: there is no job, and so no action."""
_NAMES = {
    Service.FLUX: "Flux",
    Service.UPSCALER: "enlarging pictures",
    Service.BACKGROUND: "removing backgrounds",
}


@dataclass(frozen=True, slots=True)
class ServicePlace:
    """Where a service is and with which key, by the settings."""

    url: str
    key: str = field(default="", repr=False)
    concurrency: int = 3


class Services:
    """The other services of this process's workspaces."""

    def __init__(
        self,
        store: Store,
        secrets: Secrets,
        clock: Clock,
        places: Mapping[Service, ServicePlace],
        *,
        judging: Judging,
        extender: Extender | None = None,
    ) -> None:
        self._store = store
        self._secrets = secrets
        self._clock = clock
        self._places = places
        self._judging = judging
        self._extender = extender
        self._known: dict[tuple[str, Service], int] = {}

    async def refresh(self) -> None:
        """Give the accounts of earlier starts the places and keys of the present settings; the others are unlinked.

        Raises:
            Unavailable: the store cannot be written now.
        """
        for account in await self._store.accounts(services=True):
            if account.service is Service.MIDJOURNEY:
                continue
            if account.service in self._places:
                await self._set(account.workspace_id, account.service)
            else:
                await self._store.unlink_account(account.id)

    async def account_for(self, workspace_id: str, service: Service) -> int:
        """The id of the workspace's account for it.

        Raises:
            NotConfigured: the settings have no such service.
            Unavailable: the store cannot be written now.
        """
        if service not in self._places:
            raise NotConfigured(_NAMES[service], *SETTINGS[service])
        known = self._known.get((workspace_id, service))
        return known if known is not None else (await self._set(workspace_id, service)).id

    async def extended(self, origin: Origin, prompt: str) -> str:
        """A longer prompt with the same meaning, by the operator's language model; nothing is stored.

        Raises:
            InvalidInput: it is no prompt.
            Banned: the workspace does not want these words; the refusal is kept.
            NotConfigured: there is no such model.
            Refused, Unavailable: the model does not take it, or does not answer.
        """
        check_text(prompt)
        if self._extender is None:
            raise NotConfigured("extending prompts", "EASEL_EXTENDER_URL")
        await self._judging.check_words(origin, EXTENDING, prompt, self._clock.now())
        return await self._extender.extend(prompt)

    async def _set(self, workspace_id: str, service: Service) -> Account:
        place = self._places[service]
        account = await self._store.set_service(
            NewAccount(
                workspace_id=workspace_id,
                name=service.value,
                guild_id="",
                channel_id="",
                token_sealed=self._secrets.seal(place.key),
                token_mask=mask(place.key),
                upstream=Upstream(place.url),
                user_id=None,
                demo=False,
                concurrency=place.concurrency,
                linked_at=self._clock.now(),
                service=service,
            )
        )
        self._known[workspace_id, service] = account.id
        return account
