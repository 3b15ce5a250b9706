"""/admin: accounts, queue, webhook, alerts, leaving Easel; who may."""

from __future__ import annotations

import asyncio
import base64
import logging
from dataclasses import replace

import pytest
from discord import app_commands

from bot.views import custom_id
from engine.core.desks import Linking
from engine.model.accounts import AccountState, Upstream
from engine.model.sightings import Trouble
from engine.ports import AccountChange

TOKEN = base64.b64encode(b"123456789012345678").decode() + ".GhIjKl.abcdefghijklmnopqrstuvwxyz0123456789AB"
IDS = {"guild": "123456789012345670", "channel": "123456789012345671"}
FORGED = ("unlink:1", "disconnect:1", "unlink:x", "disconnect:")


@pytest.fixture
def linking(stage):
    """Accounts can be linked."""
    engine = stage.house.engine
    engine.desks = replace(engine.desks, linking=Linking(Upstream("http://127.0.0.1:9"), 3))


async def accounts(stage):
    return await stage.house.engine.linked.of(stage.house.origin.workspace_id)


async def alerts_in(stage, channel):
    """What was posted in a channel."""
    return [call.body["content"] for call in stage.calls if call.path == f"/channels/{channel.id}/messages"]


async def passes(stage, seconds):
    """Time passes; looks at the disk, which are a thread's, come to their end."""
    for _ in range(int(seconds / 0.2)):
        await stage.house.clock.advance(0.2)
        await asyncio.to_thread(int)


async def told(stage, words):
    """Once an alert with these words is posted: after how many seconds."""
    began = stage.house.clock.now()
    async with asyncio.timeout(30):
        while not any(words in str(call.body) for call in stage.calls):
            await passes(stage, 0.2)
    return (stage.house.clock.now() - began).total_seconds()


def operating(stage, guild):
    """Every command of operators, with what it needs."""
    channel, role = guild.text_channels[1], stage.guards
    return {
        "admin account link": {},
        "admin account list": {},
        "admin account pause": {"account": "1"},
        "admin account resume": {"account": "1"},
        "admin account restart": {"account": "1"},
        "admin account info": {"account": "1"},
        "admin account unlink": {"account": "1"},
        "admin queue pause": {},
        "admin queue resume": {},
        "admin queue reboot": {},
        "admin alerts channel": {"channel": channel},
        "admin webhook": {"url": "https://example.com/hook", "dialect": "test"},
        "admin disconnect": {},
        "admin settings show": {},
        "admin settings channel": {"channel": channel, "allowed": True},
        "admin settings role": {"role": role, "makes": True, "moderates": True},
        "admin settings everyone": {"quota": "unlimited"},
        "admin settings nsfw": {"spoiler": True},
        "admin settings results": {"channel": channel},
        "admin settings language": {"which": "de"},
        "admin settings style": {},
        "admin settings presses": {"who": "requester"},
        "admin settings layout": {"which": "components"},
    }


@pytest.mark.parametrize(
    ("who", "where"), [("ann", "here"), ("guard", "here"), ("owner", "strange"), ("owner", "dm"), ("owner", "removed")]
)
async def test_nobody_else_operates(stage, who, where):
    guilds, place = stage.house.engine.community.guilds, stage.house.origin.workspace_id
    stage.members[stage.guild.id, str(stage.people[who].id)] = []
    if where == "removed":
        await guilds.remove_operator(place, str(stage.people["owner"].id), "test")
    options = {"strange": {"guild": stage.elsewhere}, "dm": {"guild": None}}.get(where, {})
    refused = {"strange": "not connected", "dm": "in the server"}.get(where, "Only operators")
    before = [await accounts(stage), await guilds.of(place), await stage.house.engine.audit(place)]
    commands = operating(stage, options.get("guild") or stage.guild)
    for name, given in commands.items():
        answer = await stage.slash(who, name, **given, where=dict(options))
        await answer.says("cannot be sent" if where == "dm" and "channel" in given else refused)
        assert answer.is_private
    every = stage.bot.tree.get_command("admin").walk_commands()
    assert set(commands) == {each.qualified_name for each in every if isinstance(each, app_commands.Command)}
    for custom in FORGED:
        await (await stage.press(who, f"easel-{custom}", **options)).says(refused)
    if where in {"here", "removed"}:
        form = await stage.submit(who, "easelform:link::01234567", token=TOKEN, consent="I accept", **IDS)
        await form.says(refused)
        assert (await stage.complete(who, "admin account pause", "account", account="")).choices == []
    assert before == [await accounts(stage), await guilds.of(place), await stage.house.engine.audit(place)]
    assert stage.stored() == 0


async def test_an_account_is_linked_in_a_private_form_and_its_token_is_told_nowhere(stage, linking, caplog):
    caplog.set_level(logging.DEBUG)
    form = await stage.slash("owner", "admin account link")
    parts = form.modal["components"]
    assert "carries that risk" in parts[0]["content"]
    assert [part["component"]["custom_id"] for part in parts[1:]] == ["token", "guild", "channel", "consent"]
    unsaid = await stage.submit("owner", form, token=TOKEN, consent="no", **IDS)
    await unsaid.says("not acknowledged")
    wrong = await stage.submit("owner", form, token=TOKEN + " x", consent="i accept.", **IDS)
    await wrong.says("does not look like one")
    elsewhere = await stage.submit("owner", form, token=TOKEN, consent="I accept", guild="12", channel="13")
    await elsewhere.says("is not an id")
    assert len(await accounts(stage)) == 1
    done = await stage.submit("owner", form, token=TOKEN, consent="I accept", **IDS)
    assert done.is_private
    await done.says("Linked")
    again = await stage.submit("owner", form, token=TOKEN, consent="I accept", **IDS)
    await again.says("linked already")
    assert [each.guild_id for each in await accounts(stage)][1:] == [IDS["guild"]]
    audit = await stage.house.engine.audit(stage.house.origin.workspace_id)
    assert TOKEN not in f"{audit}{stage.calls}{caplog.text}"


async def test_where_no_account_can_be_linked_it_is_said(stage):
    form = await stage.slash("owner", "admin account link")
    answer = await stage.submit("owner", form, token=TOKEN, consent="I accept", **IDS)
    await answer.says("not set up here")


async def test_accounts_are_listed_paused_resumed_restarted_and_told_of(stage):
    (account,) = await accounts(stage)
    number = str(account.id)
    listed = await (await stage.slash("owner", "admin account list")).shows("Accounts")
    assert account.name in listed.embed["description"]
    assert (await stage.complete("owner", "admin account pause", "account", account="")).choices == [number]
    await (await stage.slash("owner", "admin account pause", account=number)).says("paused")
    assert (await accounts(stage))[0].state is AccountState.PAUSED
    await (await stage.slash("owner", "admin account resume", account=number)).says("active")
    await (await stage.slash("owner", "admin account restart", account=number)).says("active")
    assert (await accounts(stage))[0].restarted_at is not None
    info = await (await stage.slash("owner", "admin account info", account=number)).shows("Accounts")
    assert "asked anew" in info.embed["description"]
    assert account.token_mask in info.embed["description"]
    assert stage.newest().action.name == "info"
    await (await stage.slash("owner", "admin account pause", account="99")).says("not known here")
    await (await stage.slash("owner", "admin account pause", account="mine")).says("none of those")


async def test_an_account_is_unlinked_after_a_question(stage):
    (account,) = await accounts(stage)
    answer = await stage.slash("owner", "admin account unlink", account=str(account.id))
    await answer.says("Unlink")
    asked = next(call for call in reversed(answer.calls) if call.custom_ids)
    assert len(await accounts(stage)) == 1
    await (await stage.press("guard", asked.custom_ids[0], private=True)).says("Only operators")
    await (await stage.press("owner", asked.custom_ids[0], private=True)).says("Unlinked")
    assert await accounts(stage) == []
    await (await stage.press("owner", asked.custom_ids[0], private=True)).says("not known here")


async def test_the_queue_is_paused_resumed_and_looked_up_anew(stage):
    await (await stage.slash("owner", "admin queue pause")).says("Nothing new")
    await stage.slash("ann", "imagine", prompt="x")
    await stage.until(lambda: stage.stored() == 1)
    await stage.house.clock.advance(5)
    assert stage.posted() == 0
    await (await stage.slash("owner", "admin queue resume")).says("goes on")
    await stage.house.until_posted(1)
    await (await stage.slash("owner", "admin queue reboot")).says("looked up")


async def test_the_webhook_is_set_shown_signed_and_taken_away(stage):
    desk, place = stage.house.engine.webhooks, stage.house.origin.workspace_id
    await (await stage.slash("owner", "admin webhook")).says("no webhook")
    set_ = await stage.slash("owner", "admin webhook", url="https://example.com/hook", progress=True, dialect="test")
    await set_.says("https://example.com/hook")
    assert (await desk.setting(place)).hook.progress
    signed = await stage.slash("owner", "admin webhook", secret=True)
    assert signed.is_private
    await signed.says("whsec")
    await (await stage.slash("owner", "admin webhook", url="http://127.0.0.1/x", dialect="test")).says("cannot be sent")
    await (await stage.slash("owner", "admin webhook", off=True)).says("no webhook")
    assert (await desk.setting(place)).hook is None


async def test_what_operators_do_to_accounts_queue_and_webhook_is_in_the_log_with_who_did_it(stage, linking):
    form = await stage.slash("owner", "admin account link")
    await (await stage.submit("owner", form, token=TOKEN, consent="I accept", **IDS)).says("Linked")
    number = str((await accounts(stage))[-1].id)
    hook = {"url": "https://example.com/s3cret", "dialect": "test"}
    for name, given in (
        ("account pause", {"account": number}),
        ("account resume", {"account": number}),
        ("account restart", {"account": number}),
        ("queue pause", {}),
        ("queue resume", {}),
        ("queue reboot", {}),
        ("webhook", hook),
        ("webhook", {"secret": True}),
        ("webhook", {"off": True}),
    ):
        answer = await stage.slash("owner", f"admin {name}", **given)
        await stage.until(lambda answer=answer: bool(answer.texts))
    await (await stage.press("owner", f"easel-unlink:{number}", private=True)).says("Unlinked")
    owner = f"discord:{stage.people['owner'].id}"
    log = await stage.house.engine.audit(stage.house.origin.workspace_id)
    assert [each.what for each in log[::-1] if each.who == owner and each.what != "server connected"] == [
        "account linked", "account paused", "account resumed", "account restarted", "queue paused", "queue resumed",
        "queue looked up anew", "webhook set", "webhook secret made anew", "webhook taken away", "account unlinked",
    ]  # fmt: skip
    assert log[1].before == "https://example.com, test"
    assert "s3cret" not in str(log)


async def test_a_server_is_disconnected_after_a_question_and_can_do_nothing_then(stage):
    answer = await stage.slash("owner", "admin disconnect")
    await answer.says("Unbind")
    asked = next(call for call in reversed(answer.calls) if call.custom_ids)
    await (await stage.press("owner", f"easel-disconnect:{stage.elsewhere.id}")).says("older Easel")
    await (await stage.press("owner", asked.custom_ids[0], private=True)).says("no longer connected")
    await (await stage.slash("ann", "imagine", prompt="x")).says("not connected")
    assert stage.stored() == 0


async def test_an_alert_is_told_within_ten_seconds_and_once_until_it_changes(stage):
    channel = stage.guild.text_channels[1]
    (account,) = await accounts(stage)
    await (await stage.slash("owner", "admin alerts channel", channel=channel)).says("Noted")
    assert await alerts_in(stage, channel) == ["Easel's alerts come here."]
    stops = AccountChange(account.id, AccountState.STOPPED, trouble=Trouble.TOKEN, reason="the token is over @everyone")
    await stage.house.store.apply([stops])
    assert await told(stage, "needs its owner") <= 10
    posted = (await alerts_in(stage, channel))[-1]
    assert "the token is over" in posted
    assert "@everyone" not in posted
    await passes(stage, 30)
    assert len(await alerts_in(stage, channel)) == 2
    await stage.house.store.apply([replace(stops, reason="it is banned")])
    await told(stage, "it is banned")
    assert len(await alerts_in(stage, channel)) == 3


async def test_an_alert_waits_for_a_channel_that_takes_it(stage):
    channel = stage.guild.text_channels[1]
    (account,) = await accounts(stage)
    await stage.house.store.apply([AccountChange(account.id, AccountState.STOPPED, reason="look at it")])
    await passes(stage, 20)
    assert not any("look at it" in str(call.body) for call in stage.calls)
    stage.refuse(f"POST /channels/{channel.id}", 403, 50013)
    await (await stage.slash("owner", "admin alerts channel", channel=channel)).says("cannot write")
    await (await stage.slash("owner", "admin alerts channel", channel=channel)).says("Noted")
    await told(stage, "look at it")


async def test_an_alert_that_did_not_arrive_is_told_again(stage):
    channel = stage.guild.text_channels[1]
    (account,) = await accounts(stage)
    await stage.settle(alerts_channel=str(channel.id))
    stage.drop(f"POST /channels/{channel.id}", ConnectionResetError())
    await stage.house.store.apply([AccountChange(account.id, AccountState.STOPPED, reason="look at it")])
    await told(stage, "look at it")
    await passes(stage, 20)
    assert len(await alerts_in(stage, channel)) == 1


async def test_operators_act_on_members_jobs_as_moderators_do(stage):
    job = await stage.imagined("ann")
    await (await stage.press("owner", custom_id(job.id, "delete_yes"))).says("Deleted")
