"""What is known of all accounts together follows each change of one of them."""

from dataclasses import replace

from engine.model.details import AccountFacts, AccountInfo
from tests.contracts.store_examples import new_account


async def test_a_plan_that_is_learnt_counts_at_once(house):
    await house.open(accounts=2)
    keepers, workspace = house.engine._keepers, house.origin.workspace_id
    assert keepers.plans(workspace) == {None}
    first, second = keepers.values()
    first._facts_changed(AccountFacts(info=AccountInfo(plan="Pro")))
    assert keepers.plans(workspace) == {None, "Pro"}
    second._facts_changed(AccountFacts(info=AccountInfo(plan="Basic")))
    assert keepers.plans(workspace) == {"Pro", "Basic"}
    assert keepers.plans("another") == frozenset()


async def test_the_place_of_an_account_that_is_linked_or_unlinked_meanwhile_is_known_a_second_later(house):
    await house.open()
    keepers = house.engine._keepers
    before = keepers.hosts()
    upstream = replace(next(iter(keepers.values())).account.upstream, api_url="https://elsewhere.example:8443/api/v9")
    added = await house.store.add_account(new_account(house.origin.workspace_id, upstream=upstream))
    await house.clock.advance(1.1)
    assert keepers.hosts() == before | {"elsewhere.example:8443"}
    await house.store.unlink_account(added.id)
    await house.clock.advance(1.1)
    assert keepers.hosts() == before
