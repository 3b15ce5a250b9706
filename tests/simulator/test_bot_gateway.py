"""The bot's gateway with a real discord.py client: RESUME and worse, intents, members, and what changes in servers."""

from __future__ import annotations

import asyncio

import discord
import pytest

from tests.simulator.discord_client import Scene


@pytest.fixture
async def scene(simulate, monkeypatch):
    async with simulate() as running:
        made = Scene(running, monkeypatch)
        await made.call("POST", "/seed")
        yield made


async def heard(painter, name, count=1):
    """The arguments of an event, once it was told so often."""
    async with asyncio.timeout(10):
        while True:
            found = [args for event, args in painter.heard if event == name]
            if len(found) >= count:
                return found[-1]
            await painter.told()


@pytest.mark.parametrize("kind", ["close_4000", "op7", "tcp_cut", "op9_true"])
async def test_a_lost_connection_is_resumed_and_what_was_missed_is_replayed(scene, kind):
    async with scene.bot() as painter:
        await scene.running.order(kind, account="bot")
        await heard(painter, "resumed")
        await scene.slash("member", "style", name="x")
        assert [m["content"] for m in await scene.sees("member")] == ["style x"]
        assert len([event for event, _ in painter.heard if event == "ready"]) == 1


async def test_a_session_that_cannot_be_resumed_begins_anew(scene):
    async with scene.bot() as painter:
        await scene.running.order("op9_false", account="bot")
        await heard(painter, "connect", 2)
        await heard(painter, "ready", 2)
        assert (await scene.slash("member", "style", name="x"))["ack"] == 4


async def test_a_dead_token_is_refused_at_login(scene):
    await scene.call("PUT", "/application", revoked=True)
    with pytest.raises(discord.LoginFailure):
        async with scene.bot():
            pass


async def test_an_intent_that_is_not_ticked_in_the_portal_is_refused(scene):
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with scene.bot(intents=discord.Intents.all()):
            pass
    await scene.call("PUT", "/application", privileged=["members", "presences", "message_content"])
    async with scene.bot(intents=discord.Intents.all()) as painter:
        assert painter.is_ready()


async def test_the_words_of_others_are_hidden_without_the_intent(scene):
    async with scene.bot() as painter:
        await scene.call("POST", "/messages", **{"as": "member", "channel": "Studio/art", "content": "hello"})
        assert (await heard(painter, "message"))[0].content == ""
        said = f"<@{painter.user.id}> hello"
        await scene.call("POST", "/messages", **{"as": "member", "channel": "Studio/art", "content": said})
        assert (await heard(painter, "message", 2))[0].content == said


async def test_the_bot_sees_its_servers_with_members_and_roles_and_can_ask_for_them(scene):
    async with scene.bot() as painter:
        studio = discord.utils.get(painter.guilds, name="Studio")
        names = {member.name for member in studio.members}
        assert names == {"Easel", "operator", "moderator", "member", "friend"}
        assert {channel.name for channel in studio.channels} >= {"general", "art", "gallery", "staff"}
        found = await studio.query_members("mod")
        assert [member.name for member in found] == ["moderator"]
        assert studio.me.guild_permissions.moderate_members
        assert not studio.me.guild_permissions.manage_messages


async def test_what_changes_in_a_server_is_told(scene):
    async with scene.bot() as painter:
        guild = "/guilds/Studio"
        await scene.call("PUT", f"{guild}/members/member", roles=["Artist", "Moderator"])
        _, after = await heard(painter, "member_update")
        assert {role.name for role in after.roles} == {"@everyone", "Artist", "Moderator"}
        await scene.call("POST", f"{guild}/roles", name="New", permissions=["send_messages"])
        assert (await heard(painter, "guild_role_create"))[0].name == "New"
        await scene.call("DELETE", f"{guild}/roles/New")
        await heard(painter, "guild_role_delete")
        await scene.call("DELETE", f"{guild}/members/friend")
        assert (await heard(painter, "member_remove"))[0].name == "friend"
        await scene.call("POST", f"{guild}/members", **{"as": "friend"})
        assert (await heard(painter, "member_join"))[0].name == "friend"
        await scene.call("PUT", f"{guild}/bans/friend")
        assert (await heard(painter, "member_ban"))[1].name == "friend"
        await heard(painter, "member_remove", 2)
        made = await scene.call("POST", f"{guild}/channels", name="extra")
        assert (await heard(painter, "guild_channel_create"))[0].name == "extra"
        await scene.call("DELETE", f"/channels/{made['id']}")
        assert (await heard(painter, "guild_channel_delete"))[0].name == "extra"
        post = {"name": "My cat", "type": "post", "parent": "Studio/gallery", "as": "member", "content": "look"}
        await scene.call("POST", f"{guild}/channels", **post)
        assert (await heard(painter, "thread_create"))[0].name == "My cat"
        await scene.call("DELETE", f"{guild}/bot")
        assert (await heard(painter, "guild_remove"))[0].name == "Studio"
        await scene.call("POST", f"{guild}/bot")
        assert (await heard(painter, "guild_join"))[0].name == "Studio"


async def test_a_message_that_a_person_deletes_is_told(scene):
    async with scene.bot() as painter:
        ask = await scene.slash("member", "card")
        await scene.control.delete(f"/discord/messages/{ask['original']}", params={"as": "moderator"})
        assert (await heard(painter, "raw_message_delete"))[0].message_id == int(ask["original"])
        assert await scene.sees("member") == []
        answer = await scene.control.delete(f"/discord/messages/{ask['original']}", params={"as": "member"})
        assert answer.status_code == 400
