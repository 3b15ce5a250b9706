"""Which concrete parts Easel is made of; the only file that names them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from engine import __version__
from engine.api.listening import HttpServer
from engine.api.options import ApiOptions
from engine.api.server import create_app
from engine.api.speeches import SPEAKERS, Speeches
from engine.clock import SystemClock
from engine.core.administration import Administration
from engine.core.appealing import Appealing
from engine.core.community.desks import Rolls, open_rolls
from engine.core.desks import Linking
from engine.core.engine import Engine
from engine.core.keyring import Keyring
from engine.core.options import EngineOptions
from engine.core.rulemaking import Rulemaking
from engine.core.services import ServicePlace
from engine.core.settling import Settling
from engine.core.updates import PROGRESS_PERIOD
from engine.core.webhooks import Webhooks
from engine.drivers.midjourney import DriverOptions, MidjourneyDriver
from engine.drivers.midjourney.properties import CLIENT_PROPERTIES
from engine.drivers.services import ServiceDriver, ServiceOptions
from engine.line import shared_context
from engine.log import WatchedSecrets
from engine.model.accounts import Account, Checkpoint, Upstream
from engine.model.actions import Service
from engine.model.errors import BadSetting
from engine.model.moderation import RuleDraft
from engine.model.moderation.defaults import default_rules
from engine.model.sightings import Sighting, Unrecognised
from engine.outbound.courier import HttpCourier
from engine.outbound.extending import HttpExtender
from engine.outbound.images import HttpImages, discard
from engine.outbound.inputs import FolderInputs
from engine.outbound.passing import HttpPassing
from engine.ports import Clock, Driver, Secrets, Session, Store
from engine.settings import Settings
from engine.store.checkup import Checkup, look_at
from engine.store.dialects import database_url, sqlite_file
from engine.store.migration import migrate
from engine.store.sql_store import SqlStore, open_store
from engine.store.vault import Vault

VERSION = __version__


@dataclass(frozen=True, slots=True)
class Ground:
    """What commands and the engine both stand on."""

    settings: Settings
    store: Store
    secrets: Secrets
    clock: Clock
    administration: Administration = field(repr=False)
    settling: Settling = field(repr=False)
    appealing: Appealing = field(repr=False)
    keyring: Keyring = field(repr=False)
    rulemaking: Rulemaking = field(repr=False)
    webhooks: Webhooks = field(repr=False)
    rolls: Rolls = field(repr=False)


def upgrade_database(settings: Settings) -> None:
    """Bring the database to this version.

    Raises:
        Unavailable: it cannot be opened or written.
    """
    migrate(settings.database_url)


async def open_ground(settings: Settings, *, migrated: bool) -> Ground:
    """Open the database (with `migrated`: bring it up to date first) and the vault.

    Raises:
        Unavailable: the database cannot be opened.
        BadSetting: the key in the settings is none.
    """
    if migrated:
        await asyncio.to_thread(upgrade_database, settings)
    clock = SystemClock()
    secrets = open_vault(settings)
    store = open_records(settings)
    settling = Settling(store, build_driver(settings, clock), secrets, clock)
    administration, appealing = Administration(store, secrets, clock), Appealing(store, clock)
    keyring, rulemaking = Keyring(store, clock), Rulemaking(store, clock, first_rules(settings))
    webhooks = Webhooks(store, secrets, clock, dialects=frozenset(SPEAKERS), networks=settings.allow_networks)
    rolls = open_rolls(store, clock, partial(_discard, settings.data_dir / "pictures"))
    return Ground(
        settings, store, secrets, clock, administration, settling, appealing, keyring, rulemaking, webhooks, rolls
    )


async def _discard(folder: Path, filenames: tuple[str, ...]) -> None:
    for filename in filenames:
        await asyncio.to_thread(discard, folder, filename)


def first_rules(settings: Settings) -> tuple[RuleDraft, ...]:
    """What a workspace's rules begin with."""
    return default_rules() if settings.prefilter_words == "default" else ()


def open_vault(settings: Settings) -> WatchedSecrets:
    """What seals and unseals tokens; a key file that is not there is made.

    Raises:
        BadSetting: the key in the settings is none.
    """
    return WatchedSecrets(
        Vault(settings.secret_key) if settings.secret_key else Vault.of_file(settings.secret_key_file)
    )


def open_records(settings: Settings) -> SqlStore:
    """The database as it is."""
    return open_store(settings.database_url, clock=SystemClock())


def look_at_database(settings: Settings) -> Checkup:
    """How the database is found; nothing is changed.

    Raises:
        BadSetting: the address names no database that we know.
    """
    return look_at(settings.database_url)


def build_driver(settings: Settings, clock: Clock) -> MidjourneyDriver:
    """The way to Discord; where that is stands in each account's row."""
    return MidjourneyDriver(
        DriverOptions(
            identify_pace_seconds=settings.identify_pace_seconds,
            hello_timeout_seconds=settings.hello_timeout_seconds,
            ready_timeout_seconds=settings.ready_timeout_seconds,
            reconnect_pause_seconds=settings.reconnect_pause_seconds,
            post_timeout_seconds=settings.post_timeout_seconds,
            edits_wait_seconds=PROGRESS_PERIOD,
            face_swap=settings.face_swap is not None,
            client_properties=settings.client_properties or CLIENT_PROPERTIES,
            clock=clock,
        )
    )


class Drivers:
    """The Driver of each account's service."""

    def __init__(self, midjourney: MidjourneyDriver, others: ServiceDriver) -> None:
        self._midjourney = midjourney
        self._others = others

    def open(self, account: Account, token: str, checkpoint: Checkpoint | None, holds: Callable[[], bool]) -> Session:
        """A session with the account's service."""
        return self._of(account).open(account, token, checkpoint, holds)

    async def message(self, account: Account, token: str, message_id: str) -> Sighting | Unrecognised | None:
        """One message of the account's channel."""
        return await self._of(account).message(account, token, message_id)

    def _of(self, account: Account) -> Driver:
        return self._midjourney if account.service is Service.MIDJOURNEY else self._others


_MODEL = "EASEL_BACKGROUND_MODEL"
REMBG = "rembg"


def _model(path: Path) -> Path:
    """A model file that rembg can be asked to use.

    Raises:
        BadSetting: there is none, or rembg is not installed.
    """
    if not path.is_file():
        raise BadSetting(_MODEL, str(path), "an ONNX model file that is there")
    if find_spec(REMBG) is None:
        how = "pip install --require-hashes -r requirements/background.txt"
        raise BadSetting(_MODEL, str(path), f"nothing before rembg is installed: {how}")
    return path


def _service_places(settings: Settings) -> dict[Service, ServicePlace]:
    places = {}
    if settings.flux_api_key:
        places[Service.FLUX] = ServicePlace(settings.flux_api_url, settings.flux_api_key)
    if settings.upscaler_url:
        places[Service.UPSCALER] = ServicePlace(settings.upscaler_url, settings.upscaler_key or "", 1)
    if settings.background_url:
        places[Service.BACKGROUND] = ServicePlace(settings.background_url, settings.background_key or "", 1)
    elif settings.background_model:
        places[Service.BACKGROUND] = ServicePlace(f"file://{_model(settings.background_model)}", "", 1)
    return places


@dataclass(frozen=True, slots=True)
class Works:
    """The engine and the server in front of it."""

    engine: Engine
    server: HttpServer
    images: HttpImages
    inputs: FolderInputs
    courier: HttpCourier
    extender: HttpExtender | None = None
    passing: HttpPassing | None = None

    async def close(self) -> None:
        """Close the connections."""
        await self.images.close()
        await self.inputs.close()
        await self.courier.close()
        if self.extender is not None:
            await self.extender.close()
        if self.passing is not None:
            await self.passing.close()


def folder_of_the_database(settings: Settings) -> Path | None:
    """Where the database's file lies; None for a server's. One file has one Easel, whatever its DATA_DIR."""
    file = sqlite_file(database_url(settings.database_url))
    return None if file is None else file.parent


def build_works(ground: Ground, simulator_url: str | None = None) -> Works:
    """The parts of a whole Easel, not yet started; `simulator_url`: where the simulator's page is, if it runs."""
    settings = ground.settings
    passing = None
    if simulator_url is not None:
        passing = HttpPassing(simulator_url, lambda: _only_demo(ground))
    images = HttpImages(settings.data_dir / "pictures", tls=shared_context())
    inputs = FolderInputs(
        settings.data_dir / "inputs",
        tls=shared_context(),
        hosts=settings.upstream_hosts,
        networks=settings.allow_networks,
    )
    extender = None
    if settings.extender_url:
        extender = HttpExtender(
            settings.extender_url, settings.extender_key or "", settings.extender_model, tls=shared_context()
        )
    courier = HttpCourier(tls=shared_context(), networks=settings.allow_networks)
    speeches = Speeches(lambda: engine, settings.public_url)
    engine = Engine(
        extender=extender,
        store=ground.store,
        driver=Drivers(
            build_driver(settings, ground.clock),
            ServiceDriver(ServiceOptions(clock=ground.clock, images=images, inputs=inputs, tls=shared_context())),
        ),
        secrets=ground.secrets,
        clock=ground.clock,
        images=images,
        inputs=inputs,
        courier=courier,
        bodies=speeches,
        options=EngineOptions(
            version=VERSION,
            pace_seconds=settings.pace_seconds,
            limits=settings.limits,
            lease_seconds=settings.lease_seconds,
            post_timeout_seconds=settings.post_timeout_seconds,
            sole_owner=folder_of_the_database(settings) is not None,
            picture_concurrency=settings.picture_concurrency,
            copy_pictures=settings.copy_pictures,
            little_room=settings.disk_alert_gib << 30,
            upstream_hosts=settings.upstream_hosts,
            allow_networks=settings.allow_networks,
            public_url=settings.public_url,
            linking=Linking(
                Upstream(settings.discord_api_url, settings.discord_gateway_url, settings.activity_url),
                settings.concurrency,
            ),
            switches_remix=settings.remix_switching,
            face_swap=settings.face_swap is not None,
            default_rules=first_rules(settings),
            services=_service_places(settings),
        ),
    )
    app = create_app(
        engine,
        ApiOptions(
            public_url=settings.public_url,
            rates=settings.rates,
            wrong_keys=settings.wrong_keys,
            cors_origins=settings.cors_origins,
            trusted_proxies=settings.trusted_proxies,
            sync_wait_seconds=settings.sync_wait_seconds,
            version=VERSION,
            elsewhere=passing,
        ),
    )
    return Works(engine, HttpServer(app, settings.host, settings.port), images, inputs, courier, extender, passing)


async def _only_demo(ground: Ground) -> bool:
    return not await ground.administration.has_real_account()
