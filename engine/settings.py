"""Which settings there are, what each may be and what it is by default: one table, read once from environment and .env.

`.env.example` is printed from the table: `python -m engine.settings > .env.example`.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from engine import setting_kinds as kinds
from engine.model.addresses import Network
from engine.model.errors import BadSetting
from engine.model.limits import Limits
from engine.model.rates import Rates

PREFIX = "EASEL_"
_LIMIT = "LIMIT_"


class SimulatorUse(StrEnum):
    """When `easel up` starts the built-in simulator."""

    AUTO = "auto"
    """While no real account is linked."""
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything the operator decides. Secrets are left out of the repr."""

    host: str
    port: int
    public_url: str
    data_dir: Path
    database_url: str = field(repr=False)
    secret_key: str | None = field(repr=False)
    secret_key_file: Path
    simulator: SimulatorUse
    simulator_port: int
    simulator_speed: float
    pace_seconds: float
    concurrency: int
    discord_api_url: str
    discord_gateway_url: str | None
    activity_url: str
    upstream_hosts: frozenset[str]
    allow_networks: tuple[Network, ...]
    identify_pace_seconds: float
    hello_timeout_seconds: float
    ready_timeout_seconds: float
    reconnect_pause_seconds: float
    client_properties: dict[str, Any] | None
    lease_seconds: float
    post_timeout_seconds: float
    picture_concurrency: int
    remix_switching: bool
    copy_pictures: bool
    prefilter_words: str
    face_swap: str | None
    sync_wait_seconds: float
    flux_api_url: str
    flux_api_key: str | None = field(repr=False)
    upscaler_url: str | None
    upscaler_key: str | None = field(repr=False)
    background_url: str | None
    background_key: str | None = field(repr=False)
    extender_url: str | None
    extender_key: str | None = field(repr=False)
    extender_model: str
    discord_bot_token: str | None = field(repr=False)
    bot: bool
    bot_api_url: str | None
    bot_gateway_url: str | None
    bot_cdn_url: str | None
    log_level: str
    limits: Limits
    rates: Rates
    wrong_keys: int
    cors_origins: tuple[str, ...]
    trusted_proxies: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """One row: the name without prefix, the default as text, what it may be, and what it means."""

    name: str
    default: str
    kind: kinds.Kind
    doc: str

    @property
    def variable(self) -> str:
        """The name in the environment."""
        return PREFIX + self.name


TABLE: tuple[Setting, ...] = (
    Setting("HOST", "127.0.0.1", kinds.HOST, "Address to listen on; 0.0.0.0 for every interface."),
    Setting("PORT", "8000", kinds.PORT, "Port to listen on."),
    Setting(
        "PUBLIC_URL",
        "",
        kinds.maybe(kinds.HTTP_URL),
        "How others reach Easel; picture links begin with it. Empty: from HOST and PORT.",
    ),
    Setting("DATA_DIR", "./data", kinds.FOLDER, "Folder for the database, pictures, keys and the simulator's state."),
    Setting(
        "DATABASE_URL",
        "",
        kinds.maybe(kinds.DATABASE),
        "Database, SQLite or PostgreSQL; empty: a SQLite file in DATA_DIR.",
    ),
    Setting(
        "SECRET_KEY",
        "",
        kinds.maybe(kinds.SEALING_KEY),
        "Key that encrypts account tokens at rest; empty: the one in SECRET_KEY_FILE.",
    ),
    Setting(
        "SECRET_KEY_FILE",
        "",
        kinds.maybe(kinds.FOLDER),
        "File with that key, made at the first start. Empty: DATA_DIR/secret.key.",
    ),
    Setting(
        "SIMULATOR",
        "auto",
        kinds.choice(*SimulatorUse),
        "Built-in Midjourney simulator; auto: while no real account is linked.",
    ),
    Setting(
        "SIMULATOR_PORT", "8100", kinds.whole(1, 65534), "Port of the simulator; its control API takes the next one."
    ),
    Setting(
        "SIMULATOR_SPEED", "4", kinds.number(0.01, 10_000), "How many times faster than Midjourney the simulator works."
    ),
    Setting("PACE_SECONDS", "3", kinds.number(0, 3600), "Least pause between two submissions of one account."),
    Setting(
        "CONCURRENCY",
        "3",
        kinds.whole(1, 50),
        "Jobs an account runs at a time, unless it was linked with its own number.",
    ),
    Setting(
        "DISCORD_API_URL",
        "https://discord.com/api/v9",
        kinds.HTTP_URL,
        "REST address for accounts that are linked from now on.",
    ),
    Setting(
        "DISCORD_GATEWAY_URL", "", kinds.maybe(kinds.SOCKET_URL), "Gateway address for them; empty: asked from the API."
    ),
    Setting(
        "ACTIVITY_URL",
        "https://{application_id}.discordsays.com",
        kinds.ACTIVITY_URL,
        "Where Midjourney's own pages inside Discord lie (Vary Region), for them; no token is sent there.",
    ),
    Setting(
        "UPSTREAM_HOSTS",
        "cdn.discordapp.com,media.discordapp.net",
        kinds.HOSTS,
        "Hosts whose pictures may be fetched, besides each account's own upstream.",
    ),
    Setting(
        "ALLOW_NETWORKS",
        "",
        kinds.maybe(kinds.NETWORKS),
        "Networks that addresses named by users may lie in although they are not public; empty: none.",
    ),
    Setting("IDENTIFY_PACE_SECONDS", "5", kinds.number(0, 3600), "Least pause between two new gateway sessions."),
    Setting("HELLO_TIMEOUT_SECONDS", "20", kinds.number(0.1, 600), "How long the gateway may take to say HELLO."),
    Setting(
        "READY_TIMEOUT_SECONDS", "60", kinds.number(0.1, 600), "How long it may take to answer IDENTIFY or RESUME."
    ),
    Setting(
        "RECONNECT_PAUSE_SECONDS",
        "1",
        kinds.number(0.01, 60),
        "First pause before a lost session connects again; it doubles up to a minute.",
    ),
    Setting(
        "CLIENT_PROPERTIES",
        "",
        kinds.maybe(kinds.PROPERTIES),
        "Client properties told to Discord, as JSON; empty: the built-in ones.",
    ),
    Setting("LEASE_SECONDS", "30", kinds.number(1, 3600), "How long a process holds an account without renewing it."),
    Setting(
        "POST_TIMEOUT_SECONDS",
        "5",
        kinds.number(0.1, 600),
        "How long a submission may take; less than a fifth of LEASE_SECONDS.",
    ),
    Setting("PICTURE_CONCURRENCY", "4", kinds.whole(1, 64), "Pictures copied at a time."),
    Setting(
        "REMIX_SWITCHING",
        "no",
        kinds.SWITCH,
        "Whether Remix may be turned on for an action with a new prompt, and back again after it.",
    ),
    Setting(
        "SYNC_WAIT_SECONDS",
        "110",
        kinds.number(0.1, 600),
        "How long UserAPI's seed, prefer, speed, imagine-instant and upload may wait before they answer.",
    ),
    Setting("COPY_PICTURES", "yes", kinds.SWITCH, "Whether finished pictures are copied to DATA_DIR."),
    Setting(
        "RATES",
        "usual",
        kinds.RATES,
        "How often a key without rates of its own may call; usual: generate=10/s read=100/s.",
    ),
    Setting(
        "WRONG_KEYS", "10", kinds.whole(0, 100_000), "Wrong API keys an address may show in a minute; 0: any number."
    ),
    Setting("CORS_ORIGINS", "", kinds.maybe(kinds.ORIGINS), "Origins whose web pages may call the APIs; empty: none."),
    Setting(
        "TRUSTED_PROXIES",
        "",
        kinds.maybe(kinds.NETWORKS),
        "Networks of your reverse proxies, whose X-Forwarded-For is believed; empty: nobody's.",
    ),
    Setting(
        "LIMIT_QUEUED", "86400", kinds.SECONDS, "Seconds a job may wait in Easel's queue, when its caller set no limit."
    ),
    Setting(
        "LIMIT_FIRST_EVENT",
        "15",
        kinds.SECONDS,
        "Seconds from Discord's answer to the first event; then the job is looked up.",
    ),
    Setting("LIMIT_FIRST_MESSAGE", "60", kinds.SECONDS, "Seconds from the acknowledgement to a message of the job."),
    Setting("LIMIT_UPSTREAM_QUEUE", "1800", kinds.SECONDS, "Seconds a job may wait in Midjourney's own queue."),
    Setting(
        "LIMIT_QUEUE_FULL",
        "30",
        kinds.SECONDS,
        "Seconds until another try when Midjourney's queue is full and nothing of ours runs there.",
    ),
    Setting("LIMIT_UNKNOWN_ANSWER", "60", kinds.SECONDS, "Seconds a job may go on after words that are not known."),
    Setting("LIMIT_FACE_SWAP", "120", kinds.SECONDS, "Seconds until each command of a face swap is answered."),
    Setting("LIMIT_TURBO", "300", kinds.SECONDS, "Seconds a turbo job may run."),
    Setting("LIMIT_FAST", "600", kinds.SECONDS, "Seconds a fast job may run."),
    Setting("LIMIT_RELAX", "3600", kinds.SECONDS, "Seconds a relax job may run."),
    Setting(
        "LIMIT_FINAL_AFTER_DELETE", "5", kinds.SECONDS, "Seconds from the end of the progress message to the final one."
    ),
    Setting(
        "LIMIT_QUIET",
        "30",
        kinds.SECONDS,
        "Least silence of a running job, in seconds, after which its history is read.",
    ),
    Setting(
        "PREFILTER_WORDS",
        "default",
        kinds.choice("default", "none"),
        "What the prefilter of UserAPI's requests begins with in a new workspace: Easel's short list, or nothing.",
    ),
    Setting(
        "FACE_SWAP",
        "",
        kinds.maybe(kinds.choice("subjects-consented")),
        "Swapping faces through InsightFaceSwap's bot; the word says that whoever is shown agreed. Empty: off.",
    ),
    Setting("FLUX_API_URL", "https://api.bfl.ai", kinds.HTTP_URL, "Black Forest Labs' API, for Flux."),
    Setting("FLUX_API_KEY", "", kinds.maybe(kinds.SECRET), "Key for it; empty: there is no Flux."),
    Setting(
        "UPSCALER_URL", "", kinds.maybe(kinds.HTTP_URL), "Your own HTTP service that enlarges pictures (flux/upscale)."
    ),
    Setting("UPSCALER_KEY", "", kinds.maybe(kinds.SECRET), "Its Bearer key, if it wants one."),
    Setting("BACKGROUND_URL", "", kinds.maybe(kinds.HTTP_URL), "Your own HTTP service that removes backgrounds."),
    Setting("BACKGROUND_KEY", "", kinds.maybe(kinds.SECRET), "Its Bearer key, if it wants one."),
    Setting(
        "EXTENDER_URL",
        "",
        kinds.maybe(kinds.HTTP_URL),
        "OpenAI-compatible address for prompt-extend, such as https://api.openai.com/v1.",
    ),
    Setting("EXTENDER_KEY", "", kinds.maybe(kinds.SECRET), "Its Bearer key, if it wants one."),
    Setting("EXTENDER_MODEL", "gpt-4o-mini", kinds.WORDS, "The model that is asked there."),
    Setting("DISCORD_BOT_TOKEN", "", kinds.maybe(kinds.SECRET), "Token of your bot; empty: the simulator's, or none."),
    Setting("BOT", "yes", kinds.SWITCH, "Whether easel up runs the bot; no where easel bot does."),
    Setting(
        "BOT_API_URL", "", kinds.maybe(kinds.HTTP_URL), "The bot's REST address, on this machine; empty: Discord's."
    ),
    Setting("BOT_GATEWAY_URL", "", kinds.maybe(kinds.SOCKET_URL), "Its gateway address; empty: Discord's."),
    Setting("BOT_CDN_URL", "", kinds.maybe(kinds.HTTP_URL), "Where it finds avatars and icons; empty: Discord's."),
    Setting("LOG_LEVEL", "INFO", kinds.LOG_LEVEL, "How much is logged."),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the settings, or every problem that stops the start; and warnings that do not."""

    settings: Settings | None
    problems: tuple[BadSetting, ...]
    warnings: tuple[str, ...]

    def in_force(self) -> Settings:
        """The settings.

        Raises:
            BadSetting: the first problem, when there is one.
        """
        if self.settings is None:
            raise self.problems[0]
        return self.settings


def read(environ: Mapping[str, str] | None = None, dotenv: Path | None = None) -> Reading:
    """Read the environment and, below it, the .env file (default: that of the working directory)."""
    given = _given(os.environ if environ is None else environ, Path(".env") if dotenv is None else dotenv)
    warnings = tuple(_unknown(name) for name in sorted(given) if name not in {row.variable for row in TABLE})
    values: dict[str, Any] = {}
    problems: list[BadSetting] = []
    for row in TABLE:
        text = given.get(row.variable, "").strip() or row.default
        try:
            values[row.name.lower()] = row.kind.parse(text)
        except ValueError:
            problems.append(BadSetting(row.variable, "(hidden)" if row.kind.secret else text, row.kind.allowed))
    if not problems:
        problems += _clashes(values)
    return Reading(None if problems else _settings(values), tuple(problems), warnings)


def _given(environ: Mapping[str, str], dotenv: Path) -> dict[str, str]:
    from_file = dotenv_values(dotenv, interpolate=False) if dotenv.is_file() else {}
    both = {**{name: value or "" for name, value in from_file.items()}, **environ}
    return {name: value for name, value in both.items() if name.startswith(PREFIX)}


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, [row.variable for row in TABLE], n=1)
    return f"{name} is not a setting of Easel" + (f"; did you mean {near[0]}?" if near else "; see .env.example")


def _clashes(values: dict[str, Any]) -> list[BadSetting]:
    """Values that are fine alone but not together."""
    found = []
    post, lease = values["post_timeout_seconds"], values["lease_seconds"]
    if 5 * post >= lease:
        allowed = f"less than a fifth of EASEL_LEASE_SECONDS ({lease:g}), so below {0.2 * lease:g}"
        found.append(BadSetting("EASEL_POST_TIMEOUT_SECONDS", f"{post:g}", allowed))
    port, simulator = values["port"], values["simulator_port"]
    if values["simulator"] is not SimulatorUse.OFF and port in (simulator, simulator + 1):
        allowed = f"neither EASEL_PORT ({port}) nor the one below it, because the control API takes the next port"
        found.append(BadSetting("EASEL_SIMULATOR_PORT", str(simulator), allowed))
    return found


def _settings(values: dict[str, Any]) -> Settings:
    data_dir: Path = values["data_dir"]
    limits = {row.name: values.pop(row.name.lower()) for row in TABLE if row.name.startswith(_LIMIT)}
    for several in ("allow_networks", "cors_origins", "trusted_proxies"):
        values[several] = values[several] or ()
    values["public_url"] = values["public_url"] or address(values["host"], values["port"])
    values["database_url"] = values["database_url"] or f"sqlite:///{data_dir / 'easel.db'}"
    values["secret_key_file"] = values["secret_key_file"] or data_dir / "secret.key"
    values["simulator"] = SimulatorUse(values["simulator"])
    return Settings(limits=Limits(**{name.removeprefix(_LIMIT).lower(): limits[name] for name in limits}), **values)


def address(host: str, port: int) -> str:
    """The URL under which this machine reaches what listens there."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def example() -> str:
    """The text of .env.example: every setting with its default, commented out."""
    lines = [
        "# Every setting of Easel with its default. Copy this file to .env and uncomment what you change;",
        "# the environment wins over .env. A line left empty means the default.",
    ]
    for row in TABLE:
        lines += ["", f"# {row.doc}", f"# Allowed: {row.kind.allowed}.", f"#{row.variable}={row.default}"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(example())
