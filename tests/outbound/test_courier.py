"""The courier over real sockets: where it does not go, what it does not wait for, and what it does not read."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from engine.model.errors import Refused, Unavailable
from engine.outbound.courier import HttpCourier, Patience
from engine.ports import Fate, Letter
from tests.contracts.courier_kinds import LOOPBACK, TLS
from tests.fakes.webhook_receiver import WebhookReceiver


@pytest.fixture
def receiver():
    made = WebhookReceiver()
    yield made
    made.stop()


@pytest.fixture
async def courier():
    made = HttpCourier(tls=TLS, networks=LOOPBACK, patience=Patience(call=2.0))
    yield made
    await made.close()


def letter(url):
    return Letter(webhook_id="msg_1_1", url=url, body=b"{}", at=datetime.now(UTC))


def named(*numbers):
    async def resolve(host, port):
        return list(numbers)

    return resolve


async def test_a_number_of_the_operators_own_network_is_not_called_unless_it_is_listed(receiver):
    courier = HttpCourier(tls=TLS)
    receipt = await courier.post(letter(receiver.url()))
    assert receipt.fate is Fate.NOT_NOW
    assert "not on the public internet" in receipt.error
    assert receiver.posts == []
    await courier.close()


@pytest.mark.parametrize("numbers", [("127.0.0.1",), ("169.254.169.254",), ("93.184.215.14", "10.0.0.1"), ()])
async def test_a_name_that_leads_into_the_operators_network_is_not_called(receiver, numbers):
    courier = HttpCourier(tls=TLS, resolve=named(*numbers))
    receipt = await courier.post(letter(receiver.url().replace("127.0.0.1", "hooks.example")))
    assert "not on the public internet" in receipt.error
    assert receiver.posts == []
    await courier.close()


async def test_the_call_goes_to_the_number_that_was_looked_at_under_the_receivers_name(receiver):
    answers = [["127.0.0.1"], ["203.0.113.9"]]

    async def rebinding(host, port):
        return answers.pop(0)

    courier = HttpCourier(tls=TLS, networks=LOOPBACK, resolve=rebinding)
    url = receiver.url().replace("127.0.0.1", "hooks.example")
    assert (await courier.post(letter(url))).fate is Fate.TAKEN
    assert receiver.posts[0].headers["host"] == receiver.place.replace("127.0.0.1", "hooks.example")
    assert len(answers) == 1
    await courier.close()


async def test_a_names_next_number_is_called_when_the_first_refuses(receiver):
    courier = HttpCourier(tls=TLS, networks=LOOPBACK, resolve=named("127.0.0.9", "127.0.0.1"))
    receipt = await courier.post(letter(receiver.url().replace("127.0.0.1", "hooks.example")))
    assert receipt.fate is Fate.TAKEN
    await courier.close()


@pytest.mark.parametrize("error", [Refused("there is no host hooks.example"), Unavailable("not looked up now")])
async def test_a_name_that_is_not_found_may_be_found_later(error):
    async def resolve(host, port):
        raise error

    courier = HttpCourier(tls=TLS, resolve=resolve)
    receipt = await courier.post(letter("https://hooks.example/"))
    assert (receipt.fate, receipt.error) == (Fate.NOT_NOW, str(error))
    await courier.close()


async def test_a_name_server_that_does_not_answer_is_left_in_time():
    async def resolve(host, port):
        await asyncio.Event().wait()

    courier = HttpCourier(tls=TLS, resolve=resolve, patience=Patience(call=0.1))
    assert "no answer within" in (await courier.post(letter("https://hooks.example/"))).error
    await courier.close()


async def test_a_redirect_is_not_followed(receiver, courier):
    receiver.answers(307, path="/hook", Location=receiver.url("/other"))
    receipt = await courier.post(letter(receiver.url()))
    assert (receipt.status, len(receiver.posts)) == (307, 1)
    assert "not followed" in receipt.error


async def test_a_proxy_of_the_environment_is_not_used(receiver, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    courier = HttpCourier(tls=TLS, networks=LOOPBACK)
    assert (await courier.post(letter(receiver.url()))).fate is Fate.TAKEN
    await courier.close()


async def test_retry_after_is_told_in_seconds_and_other_forms_are_not(receiver, courier):
    receiver.answers(503, Retry_After="120")
    assert (await courier.post(letter(receiver.url()))).retry_after == 120
    receiver.answers(503, Retry_After="Fri, 31 Dec 2027 23:59:59 GMT")
    assert (await courier.post(letter(receiver.url()))).retry_after == 0


async def endless(reader, writer):
    """Answers 200 and a body without an end."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    try:
        while not writer.is_closing():
            writer.write(b"400\r\n" + bytes(1024) + b"\r\n")
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def dripping(reader, writer):
    """Sends a header's byte now and then."""
    await reader.readuntil(b"\r\n\r\n")
    try:
        for byte in b"HTTP/1.1 200 OK\r\n" + b"x" * 10_000:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.01)
    except OSError:
        pass
    finally:
        writer.close()


async def no_http(reader, writer):
    writer.write(b"220 mail.example ESMTP\r\n")
    writer.close()


@pytest.mark.parametrize(
    ("behave", "fate", "words"),
    [(endless, Fate.TAKEN, None), (dripping, Fate.NOT_NOW, "no answer within"), (no_http, Fate.NOT_NOW, "broke off")],
)
async def test_a_strange_receiver_costs_no_more_than_its_time(behave, fate, words):
    courier = HttpCourier(tls=TLS, networks=LOOPBACK, patience=Patience(call=0.5))
    server = await asyncio.start_server(behave, "127.0.0.1", 0)
    async with server:
        receipt = await courier.post(letter(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"))
    assert receipt.fate is fate
    assert words is None or words in receipt.error
    await courier.close()


async def test_a_certificate_that_is_not_trusted_is_told(courier, receiver):
    receipt = await courier.post(letter(receiver.url().replace("http://", "https://")))
    assert receipt.fate is Fate.NOT_NOW
    assert receipt.status is None
