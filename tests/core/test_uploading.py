"""Through which account a picture goes up that belongs to no job."""

from __future__ import annotations

import pytest

from engine.model.accounts import AccountState
from engine.model.errors import Conflict, InvalidInput, Unavailable
from engine.ports import AccountChange
from tests.fakes import pictures


async def uploaded(house):
    account_id, _ = await house.engine.links.upload(house.origin.workspace_id, pictures.drawn())
    return account_id


async def paused(house, account_id):
    await house.store.apply([AccountChange(account_id, AccountState.PAUSED)])
    await house.clock.advance(1.2)


async def test_uploads_take_turns_among_the_accounts(house):
    await house.open(accounts=3)
    went = [await uploaded(house) for _ in range(6)]
    assert went[:3] == went[3:]
    assert len(set(went)) == 3


async def test_an_account_that_is_switched_off_takes_none(house):
    await house.open(accounts=2)
    first, second = sorted(house.store._accounts)
    await paused(house, first)
    assert {await uploaded(house) for _ in range(4)} == {second}
    await paused(house, second)
    with pytest.raises(Conflict, match="no linked account is connected"):
        await uploaded(house)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Unavailable("url cannot be fetched: ConnectError"), "url cannot be fetched: ConnectError"),
        (Unavailable("url did not arrive within 30 seconds"), "url did not arrive within 30 seconds"),
        (Unavailable("the picture's source answers 503"), "url cannot be fetched: the picture's source answers 503"),
    ],
)
async def test_a_place_that_gives_no_picture_now_is_the_callers_to_mend(house, said, words):
    await house.open()
    house.inputs.web["https://example.com/a.png"] = said
    with pytest.raises(InvalidInput) as caught:
        await house.engine.links.fetched("https://example.com/a.png", field="url")
    assert (caught.value.field, str(caught.value)) == ("url", words)
