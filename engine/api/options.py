"""What the HTTP side is told at its start, and what every route finds on the application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import Request

from engine.api.door import Door
from engine.api.passage import Elsewhere
from engine.model.addresses import Network
from engine.model.rates import OFF, Rates


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiOptions:
    """Values of the settings. Times are seconds."""

    public_url: str
    """Where clients reach us, as `http://127.0.0.1:8000`; addresses of pictures begin with it."""
    version: str
    body_seconds: float = 30.0
    """How long a body may take to arrive, as a whole."""
    header_seconds: float = 10.0
    """How long the head of a request may take to arrive, as a whole."""
    rates: Rates = OFF
    """Of keys that have none of their own."""
    wrong_keys: int = 0
    """How many wrong keys an address may show in a minute; 0: as many as it likes."""
    cors_origins: tuple[str, ...] = ()
    """Origins whose pages may call; `*`: all."""
    trusted_proxies: tuple[Network, ...] = ()
    """Whose X-Forwarded-For is believed."""
    heartbeat_seconds: float = 15.0
    """The longest silence on an event stream."""
    sync_wait_seconds: float = 110.0
    """How long a call that answers with the finished task waits for it."""
    picture_wait_seconds: float = 30.0
    """How long a reader waits for a picture that is not there yet."""
    elsewhere: Elsewhere | None = None
    """The process that serves /simulator, while there is one."""


class Closing:
    """The sign that the server is closing: whoever must end then is called."""

    def __init__(self) -> None:
        self.is_set = False
        self._called: set[Callable[[], None]] = set()

    def set(self) -> None:
        """From now on we are closing."""
        self.is_set = True
        for end in tuple(self._called):
            end()

    def call(self, end: Callable[[], None]) -> None:
        """Call this when we close."""
        self._called.add(end)

    def forget(self, end: Callable[[], None]) -> None:
        """It has ended."""
        self._called.discard(end)


@dataclass(frozen=True, slots=True)
class Premises:
    """The door, the options and the sign that the server is closing."""

    door: Door
    options: ApiOptions
    closing: Closing = field(default_factory=Closing)


def premises_of(request: Request) -> Premises:
    """What `create_app` put on the application."""
    premises = request.app.state.premises
    assert isinstance(premises, Premises)
    return premises
