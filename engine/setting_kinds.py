"""What a setting's text may be: each kind parses it and says in words what is allowed."""

from __future__ import annotations

import base64
import ipaddress
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from engine.model.errors import InvalidInput
from engine.model.rates import ALLOWED as RATES_ALLOWED
from engine.model.rates import Rates, read_rates

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*")
_POSTGRESQL = ("postgresql://", "postgres://", "postgresql+psycopg://")
APPLICATION_ID = "{application_id}"
"""In an address: the id of the application takes its place."""
_YES, _NO = {"yes", "on", "true", "1"}, {"no", "off", "false", "0"}


@dataclass(frozen=True, slots=True)
class Kind:
    """A parser (raises ValueError) and the words for what it takes; a secret's text is never repeated."""

    parse: Callable[[str], Any]
    allowed: str
    secret: bool = False


def maybe(kind: Kind) -> Kind:
    """The same kind, or nothing at all."""
    return replace(kind, parse=lambda text: kind.parse(text) if text else None, allowed=f"{kind.allowed}, or empty")


def whole(low: int, high: int) -> Kind:
    """A whole number between two others, both allowed."""

    def parse(text: str) -> int:
        if not low <= (value := int(text)) <= high:
            raise ValueError
        return value

    return Kind(parse, f"a whole number from {low} to {high}")


def number(low: float, high: float) -> Kind:
    """A number between two others, both allowed."""

    def parse(text: str) -> float:
        value = float(text)
        if not math.isfinite(value) or not low <= value <= high:
            raise ValueError
        return value

    return Kind(parse, f"a number from {low:g} to {high:g}")


def choice(*words: str) -> Kind:
    """One of these words, in any case; the result is the word as it is listed."""

    def parse(text: str) -> str:
        for word in words:
            if word.lower() == text.lower():
                return word
        raise ValueError

    return Kind(parse, "one of " + ", ".join(words))


def _switch(text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise ValueError
    return text.lower() in _YES


def _host(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        if _NAME.fullmatch(text) is None:
            raise
        return text.lower()


def _url(text: str, schemes: tuple[str, ...]) -> str:
    parts = urlsplit(text)
    _ = parts.port  # raises ValueError on a port that is none
    if parts.scheme not in schemes or parts.hostname is None or parts.username is not None:
        raise ValueError
    _host(parts.hostname)
    return text


def _http_url(text: str) -> str:
    plain = _url(text, ("http", "https")).rstrip("/")
    if urlsplit(plain).query or urlsplit(plain).fragment:
        raise ValueError
    return plain


def _activity_url(text: str) -> str:
    return _http_url(text.replace(APPLICATION_ID, "1")) and text.rstrip("/")


def _database(text: str) -> str:
    if text.startswith(_POSTGRESQL):
        parts = urlsplit(text)
        _ = parts.port  # raises ValueError on a port that is none
        if not parts.path.strip("/") or "\0" in text:
            raise ValueError
        return text
    if not text.startswith("sqlite:///") or text == "sqlite:///":
        raise ValueError
    path = text.removeprefix("sqlite:///")
    return "sqlite:///" + str(Path(path).expanduser().absolute())


def _properties(text: str) -> dict[str, Any]:
    value = json.loads(text)
    if not isinstance(value, dict) or not all(isinstance(v, str | int | None) for v in value.values()):
        raise ValueError
    if not value.get("browser_user_agent"):  # Discord refuses requests without a User-Agent (§1.1)
        raise ValueError
    return value


def _hosts(text: str) -> frozenset[str]:
    return frozenset(_place(part.strip()) for part in text.split(",") if part.strip())


def _place(text: str) -> str:
    """`host` or `host:port`, as the guard of fetched addresses wants it."""
    bare_v6 = text.count(":") > 1 and not text.startswith("[")
    parts = urlsplit(f"//[{text}]" if bare_v6 else f"//{text}")
    if parts.hostname is None or parts.path or parts.query or parts.fragment or parts.username is not None:
        raise ValueError
    host = _host(parts.hostname)
    host = f"[{host}]" if ":" in host else host
    return host if parts.port is None else f"{host}:{parts.port}"


def _networks(text: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())
    for origin in origins:
        if origin != "*" and urlsplit(_url(origin, ("http", "https"))).path:
            raise ValueError
    return origins


def _rates(text: str) -> Rates:
    try:
        return read_rates(text)
    except InvalidInput:
        raise ValueError from None


def _folder(text: str) -> Path:
    if "\0" in text:
        raise ValueError
    return Path(text).expanduser().absolute()


def _sealing_key(text: str) -> str:
    if len(base64.b64decode(text, altchars=b"-_", validate=True)) != 32:  # noqa: PLR2004 - a Fernet key
        raise ValueError
    return text


HOST = Kind(_host, "an IP address or a host name")
HOSTS = Kind(_hosts, "host or host:port, with commas between them, without https://")
NETWORKS = Kind(_networks, "networks such as 192.168.7.0/24 or fd00:7::/64, with commas between them")
ORIGINS = Kind(_origins, "origins such as https://studio.example.com, with commas between them, or *")
RATES = Kind(_rates, RATES_ALLOWED)
PORT = whole(1, 65535)
SECONDS = number(0.01, 1_000_000)
SWITCH = Kind(_switch, "yes or no")
HTTP_URL = Kind(_http_url, "a URL that begins with http:// or https://, without user, query and fragment")
ACTIVITY_URL = Kind(_activity_url, f"a URL that begins with http:// or https://, which may hold {APPLICATION_ID}")
SOCKET_URL = Kind(lambda text: _url(text, ("ws", "wss")), "a URL that begins with ws:// or wss://")
DATABASE = Kind(_database, "sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME", secret=True)
FOLDER = Kind(_folder, "a path")
WORDS = Kind(str, "a text")
SECRET = Kind(str, "a secret text", secret=True)
SEALING_KEY = Kind(_sealing_key, "a Fernet key: 32 random bytes as URL-safe base64, 44 characters", secret=True)
PROPERTIES = Kind(_properties, "a JSON object of texts and numbers in which browser_user_agent is one")
LOG_LEVEL = choice("DEBUG", "INFO", "WARNING", "ERROR")
