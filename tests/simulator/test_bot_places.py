"""Where a bot works: threads, forum posts, direct messages, as a person's own application; and what goes wrong."""

from __future__ import annotations

import time

import aiohttp
import discord
import pytest

from tests.simulator.discord_client import Scene


@pytest.fixture
async def scene(simulate, monkeypatch):
    async with simulate() as running:
        made = Scene(running, monkeypatch)
        await made.call("POST", "/seed")
        yield made


@pytest.mark.parametrize(("kind", "parent"), [("thread", "Studio/art"), ("post", "Studio/gallery")])
async def test_a_command_in_a_thread_or_forum_post_is_answered_there(scene, kind, parent):
    place = {"name": "cats", "type": kind, "parent": parent, "as": "member", "content": "look"}
    made = await scene.call("POST", "/guilds/Studio/channels", **place)
    async with scene.bot() as painter:
        ask = await scene.slash("member", "imagine", channel=made["id"], prompt="a cat")
        final = await scene.until("friend", lambda m: m["embeds"], made["id"])
        assert final["id"] == ask["original"]
        await painter.get_channel(int(made["id"])).send("also")
        assert [m["content"] for m in await scene.sees("friend", made["id"])] == ["look", "", "also"]


async def test_a_bot_opens_a_thread_and_a_forum_post(scene):
    async with scene.bot() as painter:
        studio = discord.utils.get(painter.guilds, name="Studio")
        post = await discord.utils.get(studio.forums, name="gallery").create_thread(name="cats", content="look")
        assert [m["content"] for m in await scene.sees("friend", str(post.thread.id))] == ["look"]
        assert post.message.id == post.thread.id
        message = await discord.utils.get(studio.text_channels, name="art").send("x")
        thread = await message.create_thread(name="about x")
        assert thread.id == message.id
        await thread.send("y")
        assert [m["content"] for m in await scene.sees("friend", str(thread.id))] == ["y"]


async def test_a_direct_message_takes_commands_and_letters(scene):
    async with scene.bot() as painter:
        ask = await scene.slash("member", "style", channel="@member", name="x")
        assert ask["ack"] == 4
        person = await painter.fetch_user(int(ask["person"]))
        await person.send("a letter")
        assert [m["content"] for m in await scene.sees("member", "@member")] == ["style x", "a letter"]
        assert "does not see" in (await scene.control.get("/discord/messages", params={
            "as": "friend", "channel": "@member"})).json()["error"]  # fmt: skip


async def test_a_person_uses_an_application_of_their_own_where_the_bot_is_not(scene):
    await scene.call("DELETE", "/guilds/Elsewhere/bot")
    async with scene.bot() as painter:
        wanted = {"as": "stranger", "channel": "Elsewhere/general", "name": "style", "options": {"name": "x"}}
        assert "no command" in await scene.refused("POST", "/commands", **wanted)
        painter.tree.allowed_installs = discord.app_commands.AppInstallationType(guild=True, user=True)
        await painter.tree.sync()
        ask = await scene.call("POST", "/commands", **wanted)
        assert ask["ack"] == 4
        heard = [args[0] for event, args in painter.heard if event == "interaction"]
        assert heard[-1].is_user_integration()
        assert not heard[-1].is_guild_integration()
        with pytest.raises(discord.HTTPException) as refused:
            await heard[-1].channel.send("x")
        assert refused.value.code == 50001
        for number in range(6):
            if number < 5:
                await heard[-1].followup.send("more")
                continue
            with pytest.raises(discord.HTTPException) as refused:
                await heard[-1].followup.send("too many")
            assert refused.value.code == 40094


async def test_a_member_who_may_not_see_a_channel_neither_reads_nor_acts_there(scene):
    async with scene.bot():
        hidden = {"as": "member", "channel": "Studio/staff", "name": "style", "options": {"name": "x"}}
        assert "no command" in await scene.refused("POST", "/commands", **hidden)
        assert (await scene.slash("moderator", "style", channel="Studio/staff", name="x"))["ack"] == 4
        params = {"as": "member", "channel": "Studio/staff"}
        assert (await scene.control.get("/discord/messages", params=params)).status_code == 400


async def test_a_limited_and_a_failing_call_are_tried_again_by_the_library(scene):
    async with scene.bot() as painter:
        channel = discord.utils.get(painter.get_all_channels(), name="general")
        await scene.running.order("bot_rate_limited", account="bot", match="POST /channels/", retry_after=0.01)
        await channel.send("one")
        await scene.running.order("bot_server_error", account="bot", match="POST /channels/", status=502)
        await channel.send("two")
        assert [m["content"] for m in await scene.sees("member", "Studio/general")] == ["one", "two"]
    decisions = [row["decision"] for row in await scene.running.rows("bot_request") if "/messages" in row["route"]]
    assert decisions == ["refused 429", "200", "bot_server_error", "200"]


@pytest.mark.parametrize(("kind", "count"), [("bot_reset", 0), ("bot_answer_dropped", 1)])
async def test_a_dropped_connection_reaches_the_bot_as_an_error(scene, kind, count):
    async with scene.bot() as painter:
        channel = discord.utils.get(painter.get_all_channels(), name="general")
        await scene.running.order(kind, account="bot", match="POST /channels/")
        with pytest.raises((aiohttp.ClientError, OSError)):
            await channel.send("x")
        assert len(await scene.sees("member", "Studio/general")) == count


async def test_a_refusal_and_a_late_answer_are_told_as_discord_does(scene):
    async with scene.bot() as painter:
        channel = discord.utils.get(painter.get_all_channels(), name="general")
        await scene.running.order("bot_refused", account="bot", match="POST /channels/", code=50013)
        with pytest.raises(discord.Forbidden) as refused:
            await channel.send("x")
        assert refused.value.code == 50013
        await scene.running.order("bot_answer_late", account="bot", match="POST /channels/", delay_ms=300)
        began = time.monotonic()
        await channel.send("late")
        assert time.monotonic() - began >= 0.3
        assert [m["content"] for m in await scene.sees("member", "Studio/general")] == ["late"]


async def test_a_forged_press_reaches_the_bot_as_it_is(scene):
    async with scene.bot():
        await scene.slash("member", "imagine", prompt="a cat")
        card = await scene.until("member", lambda m: m["embeds"])
        assert "no 'again:8'; there are Again" in await scene.refused(
            "POST", "/presses", **{"as": "friend", "message": card["id"], "component": "again:8"}
        )
        forged = {"as": "friend", "message": card["id"], "custom_id": "again:8"}
        assert (await scene.call("POST", "/forged", **forged))["ack"] == 4
        assert (await scene.sees("friend"))[-1]["content"] == "again 8"
