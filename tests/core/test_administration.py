"""What an operator may do to keys, accounts and stuck jobs."""

from dataclasses import replace

import pytest

from engine.core.administration import AccountToLink, Administration, user_id_of
from engine.model.accounts import AccountState, Upstream
from engine.model.choosing import Waiting
from engine.model.errors import BadSetting, Conflict, InvalidInput, NotFound, Refused
from engine.model.jobs import JobState
from tests.core.workshop import stored_job
from tests.fakes.manual_clock import ManualClock
from tests.fakes.memory_store import MemoryStore

# made up, in the shape of a Discord token; the first part is the base64 of a user id
TOKEN = "MTAxMjM0NTY3ODkwMTIzNDU2Nw" + ".GxQwEr." + "abcDEFghiJKLmnoPQRstuVWXyz0123456789-_"
OTHER = "MjAxMjM0NTY3ODkwMTIzNDU2Nw" + ".GxQwEr." + "abcDEFghiJKLmnoPQRstuVWXyz0123456789-_"
DISCORD = Upstream("https://discord.com/api/v9")
LOOPBACK = Upstream("http://127.0.0.1:8100/api/v9", "ws://127.0.0.1:8100/gateway")


class Reversed:
    """Secrets that can be read backwards."""

    def seal(self, plain):
        return plain[::-1]

    def unseal(self, sealed):
        return sealed[::-1]


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def administration(store, clock):
    return Administration(store, Reversed(), clock)


@pytest.fixture
async def workspace(administration):
    return await administration.ensure_workspace("default")


def asked(**changes):
    given = AccountToLink(
        token=TOKEN,
        guild_id="1012345678901234567",
        channel_id="1012345678901234568",
        upstream=DISCORD,
        concurrency=3,
        accepts_terms=True,
    )
    return replace(given, **changes)


def demo(**changes):
    return asked(token=OTHER, upstream=LOOPBACK, demo=True, accepts_terms=False, **changes)


async def test_an_unknown_workspace_is_refused_with_those_there_are(administration, workspace):
    with pytest.raises(NotFound, match=r"no workspace 'defualt'; there are: default"):
        await administration.workspace("defualt")


@pytest.mark.parametrize("name", ["", "Default", "a b", "-x", "x" * 41])
async def test_a_workspace_has_a_plain_name(administration, name):
    with pytest.raises(InvalidInput):
        await administration.ensure_workspace(name)


async def test_an_account_is_stored_sealed_and_masked(administration, workspace):
    account = await administration.link(workspace, asked(name="ours"))
    assert account.token_sealed == TOKEN[::-1]
    assert account.token_mask == "MTA...9-_".replace("9-_", TOKEN[-4:])
    assert account.user_id == "1012345678901234567"
    assert account.upstream == DISCORD
    assert (await administration.accounts(workspace)) == [account]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"token": ""}, "token"),
        ({"token": f'"{TOKEN}"'}, "token"),
        ({"token": f"Bot {TOKEN}"}, "token"),
        ({"token": "sesame"}, "token"),
        ({"guild_id": "my server"}, "server"),
        ({"channel_id": "12"}, "channel"),
        ({"concurrency": 0}, "concurrency"),
        ({"concurrency": 51}, "concurrency"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_stored(administration, workspace, changes, field):
    with pytest.raises(InvalidInput) as refusal:
        await administration.link(workspace, asked(**changes))
    assert refusal.value.field == field
    assert TOKEN not in str(refusal.value)
    assert await administration.accounts(workspace) == []


async def test_the_risk_must_be_acknowledged(administration, workspace):
    with pytest.raises(Refused, match="not acknowledged"):
        await administration.link(workspace, asked(accepts_terms=False))


async def test_the_same_person_is_linked_once(administration, workspace):
    await administration.link(workspace, asked())
    elsewhere = await administration.ensure_workspace("elsewhere")
    with pytest.raises(Conflict, match="linked already, as account 1"):
        await administration.link(elsewhere, asked(channel_id="1012345678901234569"))
    await administration.link(workspace, asked(token=OTHER))


async def test_an_unlinked_account_is_gone_from_the_list_and_may_come_back(administration, workspace, store):
    account = await administration.link(workspace, asked())
    assert (await administration.unlink(workspace, account.id)).id == account.id
    assert await administration.accounts(workspace) == []
    with pytest.raises(NotFound):
        await administration.unlink(workspace, account.id)
    assert (await store.account(account.id)).token_sealed == ""
    await administration.link(workspace, asked())


async def test_linking_the_demo_accounts_again_changes_nothing(administration, workspace):
    (first,) = await administration.link_demo(workspace, (demo(),))
    (again,) = await administration.link_demo(workspace, (demo(),))
    assert first == again
    assert first.demo
    assert not await administration.has_real_account()


async def test_a_demo_account_whose_address_changed_is_linked_anew(administration, workspace):
    (first,) = await administration.link_demo(workspace, (demo(),))
    moved = replace(demo(), upstream=Upstream("http://127.0.0.1:9100/api/v9"))
    (second,) = await administration.link_demo(workspace, (moved,))
    assert second.id != first.id
    assert [account.id for account in await administration.accounts(workspace)] == [second.id]


async def test_demo_accounts_pause_for_a_real_one_and_wake_when_it_is_gone(administration, workspace):
    (first,) = await administration.link_demo(workspace, (demo(),))
    real = await administration.link(workspace, asked())
    assert await administration.has_real_account()
    assert (await administration.account(workspace, first.id)).state is AccountState.PAUSED
    await administration.link_demo(workspace, (demo(),))
    assert (await administration.account(workspace, first.id)).state is AccountState.PAUSED
    await administration.unlink(workspace, real.id)
    await administration.link_demo(workspace, (demo(),))
    assert (await administration.account(workspace, first.id)).state is AccountState.ACTIVE


async def test_demo_accounts_pause_while_the_simulator_is_off(administration, workspace):
    (first,) = await administration.link_demo(workspace, (demo(),))
    await administration.pause_demo()
    paused = await administration.account(workspace, first.id)
    assert (paused.state, paused.reason) == (AccountState.PAUSED, "the simulator is off")


async def test_with_another_key_only_the_simulators_accounts_are_given_up(administration, workspace, store, clock):
    class Shut(Reversed):
        def unseal(self, sealed):
            raise BadSetting("EASEL_SECRET_KEY", "(not shown)", "the right one")

    await administration.link_demo(workspace, (demo(),))
    await administration.check_tokens()
    assert len(await administration.accounts(workspace)) == 1
    other_key = Administration(store, Shut(), clock)
    await other_key.check_tokens()
    assert await administration.accounts(workspace) == []
    real = await administration.link(workspace, asked())
    with pytest.raises(BadSetting):
        await other_key.check_tokens()
    assert await administration.accounts(workspace) == [real]


async def test_unlinking_leaves_no_job_waiting_for_ever(administration, workspace, store, clock):
    account = await administration.link(workspace, asked())
    job = await stored_job(store, clock.now(), workspace.id, JobState.RUNNING, account_id=account.id)
    await administration.unlink(workspace, account.id)
    left = (await administration.job(workspace, job.id)).job
    assert (left.state, left.note) == (JobState.NEEDS_ATTENTION, "its account was unlinked while it ran")


async def test_an_account_is_paused_and_resumed(administration, workspace):
    account = await administration.link(workspace, asked())
    assert (await administration.pause(workspace, account.id)).state is AccountState.PAUSED
    resumed = await administration.resume(workspace, account.id)
    assert (resumed.state, resumed.reason) == (AccountState.ACTIVE, None)


@pytest.mark.parametrize(
    ("token", "user_id"), [(TOKEN, "1012345678901234567"), ("sesame.a.b", None), ("", None), ("äö.x.y", None)]
)
def test_a_tokens_first_part_tells_its_user(token, user_id):
    assert user_id_of(token) == user_id


async def test_a_job_of_a_paused_queue_says_so(administration, workspace, store, clock):
    await administration.link(workspace, asked())
    job = await stored_job(store, clock.now(), workspace.id, JobState.QUEUED)
    assert (await administration.job(workspace, job.id)).waits_because is None
    await store.pause_workspace(workspace.id, clock.now())
    assert (await administration.job(workspace, job.id)).waits_because is Waiting.PAUSED
