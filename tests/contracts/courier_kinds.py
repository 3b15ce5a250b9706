"""Which implementations stand for ports.Courier, and a receiver of each that a test can tell what to answer."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from engine.outbound.courier import HttpCourier, Patience
from engine.ports import Courier
from tests.fakes.memory_courier import MemoryCourier
from tests.fakes.webhook_receiver import WebhookReceiver

COURIERS = ["http", "memory"]
PATIENCE = 1.0

TLS = ssl.create_default_context()
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


@dataclass
class Street:
    """A courier, a receiver, its address, and an address where nobody is."""

    courier: Courier
    receiver: WebhookReceiver | MemoryCourier
    url: str
    nobody: str

    async def until(self, holds: Callable[[Any], object]) -> None:
        """Return when that holds of the receiver."""
        if isinstance(self.receiver, WebhookReceiver):
            await asyncio.to_thread(self.receiver.wait, holds, "what the test waits for", 10.0)
            return
        for _ in range(5):
            await asyncio.sleep(0)
        assert holds(self.receiver)


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@asynccontextmanager
async def opened(kind: str) -> AsyncIterator[Street]:
    nobody = f"http://127.0.0.1:{closed_port()}/hook"
    if kind == "memory":
        courier = MemoryCourier(patience=PATIENCE)
        courier.unreachable(nobody)
        yield Street(courier, courier, "http://a.example/hook", nobody)
        return
    receiver = WebhookReceiver()
    http = HttpCourier(tls=TLS, networks=LOOPBACK, patience=Patience(call=PATIENCE))
    try:
        yield Street(http, receiver, receiver.url(), nobody)
    finally:
        await http.close()
        receiver.stop()
