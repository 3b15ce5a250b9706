"""What every ports.Courier promises: one post, signed, and how it fared."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from engine.ports import Fate, Letter
from tests.contracts.courier_kinds import COURIERS, opened

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
BODY = '{"messageId":"7","prompt":"a red fox “ünïcode” 🦊"}'.encode()


@pytest.fixture(params=COURIERS)
async def street(request):
    async with opened(request.param) as street:
        yield street


def letter(street, **changes):
    values = {"webhook_id": "msg_1_7", "url": street.url, "body": BODY, "at": datetime.now(UTC), "secret": SECRET}
    return Letter(**(values | changes))


async def test_the_body_arrives_byte_for_byte_under_its_id_and_time(street):
    sent = letter(street)
    receipt = await street.courier.post(sent)
    assert (receipt.fate, receipt.status, receipt.error) == (Fate.TAKEN, 200, None)
    (heard,) = street.receiver.posts
    assert (heard.content, heard.webhook_id) == (BODY, "msg_1_7")
    assert heard.headers["webhook-timestamp"] == str(int(sent.at.timestamp()))


async def test_the_signature_is_the_secrets_and_nobody_elses(street):
    await street.courier.post(letter(street))
    (heard,) = street.receiver.posts
    heard.verify(SECRET)
    with pytest.raises(WebhookVerificationError):
        heard.verify(OTHER)


async def test_without_a_secret_there_is_no_signature(street):
    await street.courier.post(letter(street, secret=None))
    assert "webhook-signature" not in street.receiver.posts[0].headers


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_2xx_means_taken(street, status):
    street.receiver.answers(status)
    assert (await street.courier.post(letter(street))).fate is Fate.TAKEN


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 429, 500, 503])
async def test_any_other_answer_is_told_and_may_be_tried_again(street, status):
    street.receiver.answers(status)
    receipt = await street.courier.post(letter(street))
    assert (receipt.fate, receipt.status) == (Fate.NOT_NOW, status)
    assert f"it answers {status}" in receipt.error
    assert len(street.receiver.posts) == 1


async def test_410_means_never_again(street):
    street.receiver.answers(410)
    receipt = await street.courier.post(letter(street))
    assert (receipt.fate, receipt.status) == (Fate.UNWANTED, 410)


async def test_where_nobody_listens_there_is_no_status(street):
    receipt = await street.courier.post(letter(street, url=street.nobody))
    assert (receipt.fate, receipt.status) == (Fate.NOT_NOW, None)
    assert "cannot be reached" in receipt.error


async def test_who_never_answers_is_left_in_time(street):
    street.receiver.silent()
    receipt = await street.courier.post(letter(street))
    assert (receipt.fate, receipt.status) == (Fate.NOT_NOW, None)
    assert receipt.error == "no answer within 1 seconds"


async def test_a_call_that_is_cancelled_is_broken_off(street):
    street.receiver.silent()
    call = asyncio.create_task(street.courier.post(letter(street)))
    await street.until(lambda told: told.posts)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await street.until(lambda told: told.broken_off)
