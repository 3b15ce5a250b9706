"""What the client says it is: one documented constant for all accounts and installations of a version (§1.1).

Discord refuses requests without a browser's User-Agent (40333). The values are those of the web client in
tests/wire/gateway-frames.json; they are never randomised, rotated or tied to an account, and nothing else of a browser
is imitated. The setting EASEL_CLIENT_PROPERTIES replaces them as a whole.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

CLIENT_PROPERTIES: Mapping[str, object] = MappingProxyType(
    {
        "os": "Windows",
        "browser": "Chrome",
        "device": "",
        "system_locale": "en-US",
        "browser_user_agent": (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/136.0.0.0 Safari/537.36"
        ),
        "browser_version": "136.0.0.0",
        "os_version": "10",
        "referrer": "",
        "referring_domain": "",
        "referrer_current": "",
        "referring_domain_current": "",
        "release_channel": "stable",
        "client_build_number": 396858,
        "client_event_source": None,
    }
)


def user_agent(properties: Mapping[str, object]) -> str:
    """The User-Agent of HTTP and WebSocket requests: always the one that IDENTIFY names."""
    return str(properties.get("browser_user_agent", ""))


def headers(properties: Mapping[str, object]) -> dict[str, str]:
    """The headers that every REST request carries beside its Authorization."""
    packed = base64.b64encode(msgspec.json.encode(dict(properties))).decode()
    return {"User-Agent": user_agent(properties), "X-Super-Properties": packed}
