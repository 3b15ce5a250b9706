"""A call to a number that was looked at is still a call to the name: it is said, and its certificate is checked."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from engine.model.errors import Unavailable
from engine.outbound.inputs import FolderInputs
from tests.fakes.pictures import drawn
from tests.outbound.picture_host import ok


def certified(folder, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate of that name, and a client's that trusts it alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(Encoding.PEM)
    path = folder / "server.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cadata=pem.decode())


@contextlib.asynccontextmanager
async def serving(context: ssl.SSLContext, heads: list[str]):
    """One port on loopback that answers every call with a picture."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(ok(drawn()))
        with contextlib.suppress(OSError):
            await writer.drain()
            writer.close()
            await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
"""The only numbers that a test can serve on."""


async def to_loopback(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


async def test_the_name_is_said_and_its_certificate_is_accepted(tmp_path):
    server, client = certified(tmp_path, "pictures.example")
    inputs = FolderInputs(tmp_path / "inputs", tls=client, resolve=to_loopback, networks=LOOPBACK)
    heads: list[str] = []
    async with serving(server, heads) as port:
        assert await inputs.fetch(f"https://pictures.example:{port}/a.png?b=c") == drawn()
    assert heads[0].startswith("GET /a.png?b=c HTTP/1.1\r\n")
    assert f"\r\nHost: pictures.example:{port}\r\n" in heads[0]
    assert "127.0.0.1" not in heads[0]
    await inputs.close()


async def test_another_names_certificate_is_not_accepted(tmp_path):
    server, client = certified(tmp_path, "other.example")
    inputs = FolderInputs(tmp_path / "inputs", tls=client, resolve=to_loopback, networks=LOOPBACK)
    heads: list[str] = []
    async with serving(server, heads) as port:
        with pytest.raises(Unavailable, match="ConnectError"):
            await inputs.fetch(f"https://pictures.example:{port}/a.png")
    assert heads == []
    await inputs.close()
