"""Which settings there are, what each may be and what it is by default: one table, read once from environment and .env.

`.env.example` is printed from the table: `python -m engine.settings > .env.example`.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from engine.model.addresses import Network
from engine.model.errors import BadSetting
from engine.model.limits import Limits
from engine.model.rates import Rates
from engine.setting_rows import PREFIX, TABLE, SimulatorUse

_LIMIT = "LIMIT_"
KEY = f"{PREFIX}KEY"
"""Holds the API key of commands that call the running Easel; no setting. On a command line all users would see it."""


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
    disk_alert_gib: int
    copy_pictures: bool
    prefilter_words: str
    face_swap: str | None
    sync_wait_seconds: float
    flux_api_url: str
    flux_api_key: str | None = field(repr=False)
    upscaler_url: str | None
    upscaler_key: str | None = field(repr=False)
    background_url: str | None
    background_model: Path | None
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
    warnings = tuple(_unknown(name) for name in sorted(given) if name not in {KEY, *(row.variable for row in TABLE)})
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
