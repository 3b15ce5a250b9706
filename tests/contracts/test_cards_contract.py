"""What every ports.Store promises about the cards of jobs: found, changed, erased, lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.model.community.cards import Card, CardState, LostCard
from engine.model.community.guilds import Layout
from engine.model.community.reports import Removal
from engine.model.moderation.kept import AuditEntry
from tests.contracts.store_examples import T0, after, furnish
from tests.contracts.store_kinds import STORES, opened

ANN, GUILD = "111111111111111111", "333333333333333333"


@pytest.fixture(params=STORES)
async def house(request, tmp_path):
    async with opened(request.param, tmp_path, lambda: request.getfixturevalue("postgres")) as made:
        yield await furnish(made)


def card(job, **changes):
    values = {
        "workspace_id": job.workspace_id,
        "request_id": job.request_id,
        "job_id": job.id,
        "user_id": ANN,
        "application_id": "9" * 18,
        "guild_id": GUILD,
        "channel_id": "7" * 18,
        "message_id": None,
        "private": True,
        "abroad": True,
        "asked_in": "8" * 18,
        "language": "fr",
        "layout": Layout.COMPONENTS,
        "token_sealed": "sealed",
        "token_until": after(900),
        "created_at": T0,
        "updated_at": T0,
    }
    return Card(**{**values, **changes})


async def test_a_card_is_found_by_its_job_its_message_and_while_it_is_open(house):
    store, job = house.store, await house.done()
    made = await store.add_card(card(job))
    assert made == card(job, id=made.id)
    moved = replace(made, message_id="8" * 18, delivered_version=3, token_sealed=None, updated_at=after(1))
    assert await store.change_card(moved)
    assert await store.open_cards(10) == [moved]
    assert await store.open_cards(10, after=moved.id) == []
    assert await store.cards_of(house.workspace_id, job.id) == [moved]
    assert await store.card_of_message(house.workspace_id, "8" * 18) == moved
    assert await store.card_of_message("elsewhere", "8" * 18) is None
    assert await store.cards_of("elsewhere", job.id) == []
    shown = replace(moved, state=CardState.DELIVERED)
    assert await store.change_card(shown)
    assert await store.open_cards(10) == []
    assert not await store.change_card(replace(shown, id=4711))


async def test_a_card_that_is_to_be_erased_stays_so_whatever_was_read_of_it_before(house):
    store, job = house.store, await house.done()
    before = await store.add_card(card(job))
    removal = Removal(job_id=job.id, workspace_id=house.workspace_id, by="discord:9", reason="gore", at=after(1))
    await store.remove_pictures(
        removal,
        AuditEntry(
            workspace_id=house.workspace_id, who="discord:9", what="picture removed", before=None, after="x", at=T0
        ),
    )
    assert await store.change_card(replace(before, message_id="8" * 18, state=CardState.DELIVERED))
    (marked,) = await store.open_cards(10)
    assert (marked.state, marked.message_id) == (CardState.ERASE, "8" * 18)
    assert await store.change_card(replace(marked, state=CardState.GIVEN_UP, lost=LostCard.REMOVED))
    assert await store.open_cards(10) == []


async def test_open_cards_come_page_by_page(house):
    store, job = house.store, await house.done()
    made = [await store.add_card(card(job)) for _ in range(5)]
    first = await store.open_cards(2)
    assert first == made[:2]
    assert await store.open_cards(10, after=first[-1].id) == made[2:]


async def test_a_channel_that_is_gone_takes_its_open_cards_with_it(house):
    store, job = house.store, await house.done()
    here, there = await store.add_card(card(job)), await store.add_card(card(job, channel_id="6" * 18))
    done = await store.add_card(card(job, state=CardState.DELIVERED))
    lost = await store.lose_cards("7" * 18, LostCard.CHANNEL_GONE, after(4))
    gone = {"state": CardState.GIVEN_UP, "lost": LostCard.CHANNEL_GONE, "token_sealed": None, "updated_at": after(4)}
    assert lost == [replace(here, **gone)]
    assert await store.open_cards(10) == [there]
    assert done in await store.cards_of(house.workspace_id, job.id)
    assert [each.id for each in await store.lose_cards(GUILD, LostCard.BOT_REMOVED, after(5))] == [there.id]
