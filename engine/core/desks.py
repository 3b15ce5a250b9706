"""Where the operator is served, by commands and the native API alike: accounts, keys, stuck jobs, appeals."""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.administration import Administration
from engine.core.appealing import Appealing
from engine.core.keyring import Keyring
from engine.core.settling import Settling
from engine.model.accounts import Upstream
from engine.ports import Clock, Driver, Secrets, Store


@dataclass(frozen=True, slots=True)
class Linking:
    """What an account gets that is linked without saying otherwise."""

    upstream: Upstream
    concurrency: int = 3


@dataclass(frozen=True, slots=True)
class Desks:
    """The desks over one store; `linking`: None where no account can be linked."""

    administration: Administration
    keyring: Keyring
    settling: Settling
    appealing: Appealing
    linking: Linking | None = None


def open_desks(store: Store, driver: Driver, secrets: Secrets, clock: Clock, linking: Linking | None) -> Desks:
    """Open them."""
    return Desks(
        Administration(store, secrets, clock),
        Keyring(store, clock),
        Settling(store, driver, secrets, clock),
        Appealing(store, clock),
        linking,
    )
