"""Which back end an account's service has."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.drivers.services.backend import Backend
from engine.drivers.services.cutting import SCHEME, Cutting
from engine.drivers.services.flux import Flux
from engine.drivers.services.plain import Plain
from engine.drivers.services.session import ServiceSession
from engine.model.accounts import Account, Checkpoint
from engine.model.actions import Service
from engine.model.sightings import Sighting, Unrecognised
from engine.ports import Clock, Images, Inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOptions:
    """What sessions with other services are built with."""

    clock: Clock
    images: Images
    inputs: Inputs
    tls: ssl.SSLContext
    poll_seconds: float = 1.0


class ServiceDriver:
    """ports.Driver for everything but Midjourney."""

    def __init__(self, options: ServiceOptions) -> None:
        self._options = options

    def open(
        self, account: Account, token: str, checkpoint: Checkpoint | None, holds: Callable[[], bool]
    ) -> ServiceSession:
        """A session with the account's service."""
        options = self._options
        return ServiceSession(
            account,
            self._backend(account, token),
            images=options.images,
            clock=options.clock,
            holds=holds,
            after=checkpoint.seq if checkpoint is not None else 0,
            poll_seconds=options.poll_seconds,
        )

    def _backend(self, account: Account, key: str) -> Backend:
        url, tls = account.upstream.api_url, self._options.tls
        if account.service is Service.FLUX:
            return Flux(url, key, tls=tls, inputs=self._options.inputs)
        if url.startswith(SCHEME):
            return Cutting(Path(url.removeprefix(SCHEME)))
        return Plain(url, key, tls=tls)

    async def message(self, account: Account, token: str, message_id: str) -> Sighting | Unrecognised | None:  # noqa: ARG002 - the port's
        """There are no messages."""
        return None
