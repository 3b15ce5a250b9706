"""The bot's cogs on dpytest, with the interactions that dpytest does not know, over a whole engine in memory.

Every call that the bot makes is kept; `until` waits for the next one. Nothing of the bot is replaced: only discord.py's
two doors to the network are, and the engine behind it has scripted sessions and a clock of the test's.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from pathlib import Path
from typing import Any

import discord
import discord.ext.test as dpytest
from discord.ext.test import backend
from discord.http import HTTPClient
from discord.webhook.async_ import AsyncWebhookAdapter

from bot.client import BotOptions, EaselBot
from engine import GuildSettings, JobState
from tests.bot.calls import Answer, Call, Refusal
from tests.bot.options import told
from tests.core.house import House, NoImages

PATIENCE = 5.0
PEOPLE = ("owner", "guard", "ann", "ben")
_NEAT = {"timestamp": "2026-11-01T00:00:00+00:00", "edited_timestamp": None, "tts": False, "mention_everyone": False}


class DrawnImages(NoImages):
    """Every picture is the same few bytes, and its quarters a file of them."""

    def __init__(self, folder: Path) -> None:
        self.content = b"a picture"
        self._folder = folder

    async def open(self, copy, hosts):
        yield self.content

    async def preview(self, copy, hosts):
        return b"small"

    async def quarter(self, copy, number, hosts):
        path = self._folder / f"{number}.png"
        path.write_bytes(self.content)
        return path


class Stage:
    def __init__(self, house: House) -> None:
        self.house = house
        self.calls: list[Call] = []
        self.refusals: list[Refusal] = []
        self.members: dict[tuple[int, str], list[str]] = {}
        """Roles of whom Discord says that they are in a server, when the bot asks."""
        self.timeouts: dict[str, str | None] = {}
        """By member, until when Discord itself has them timed out."""
        self._numbers = itertools.count(1)
        self._news = asyncio.Event()
        self._answers: dict[str, Answer] = {}
        self._thinking: dict[str, str] = {}
        """By token, the message that still says "is thinking": the first follow-up, or an edit, takes its place."""

    async def open(self, monkeypatch, folder: Path, **settings: Any) -> Stage:
        monkeypatch.chdir(folder)  # dpytest leaves files where it is
        self.images = self.house.engine._images = DrawnImages(folder)
        await self.house.open()
        monkeypatch.setattr(backend.FakeHttp, "request", self._rest)
        for name in (
            "send_message",
            "edit_message",
            "delete_message",
            "start_private_message",
            "get_member",
            "edit_member",
        ):
            monkeypatch.setattr(backend.FakeHttp, name, getattr(HTTPClient, name))
        monkeypatch.setattr(AsyncWebhookAdapter, "request", self._webhook)
        await self._start_bot()
        self.people = {member.name: member for member in self.guild.members}
        self.guards = backend.make_role("Guards", self.guild)
        await self.bind(self.guild.id, "owner", moderator_roles=(str(self.guards.id),), **settings)
        return self

    async def _start_bot(self) -> None:
        options = BotOptions(token="t", public_url="https://easel.example", guild_ready_seconds=0.0)
        self.bot = bot = EaselBot(self.house.engine, options, members=True)
        await bot._async_setup_hook()
        bot._connection.member_cache_flags = discord.MemberCacheFlags(joined=True, voice=False)
        dpytest.configure(bot, guilds=["Studio", "Elsewhere"], text_channels=["art", "other"], members=list(PEOPLE))
        bot.http._HTTPClient__session = object()  # only asked whether it is there
        state = bot._connection
        state.loop = asyncio.get_running_loop()
        state.application_id = state.user.id
        state._command_tree = bot.tree
        bot.tree._state, bot.tree._http = state, bot.http
        await bot.setup_hook()
        self.guild, self.elsewhere = dpytest.get_config().guilds
        self.channel = self.guild.text_channels[0]

    async def close(self) -> None:
        await asyncio.gather(self.bot.relay.stop(), self.bot.alarms.stop(), self.bot.rulings.stop())
        await dpytest.empty_queue()

    async def restart(self) -> None:
        """Another process: nothing of the old bot is left but what is stored."""
        await asyncio.gather(self.bot.relay.stop(), self.bot.alarms.stop(), self.bot.rulings.stop())
        guild, elsewhere, channel, people = self.guild, self.elsewhere, self.channel, self.people
        await self._start_bot()
        self.bot._connection._guilds = {each.id: each for each in (guild, elsewhere)}
        self.guild, self.elsewhere, self.channel, self.people = guild, elsewhere, channel, people

    async def bind(self, guild_id: int, owner: str, **settings: Any) -> None:
        guilds, place = self.house.engine.community.guilds, self.house.origin.workspace_id
        code = await guilds.code(place)
        user_id = str(self.people[owner].id)
        await guilds.connect(code.code, guild_id=str(guild_id), name="Studio", user_id=user_id)
        await guilds.settle(place, str(guild_id), GuildSettings(**settings), "test")
        self.bot.scenes.forget()

    async def settle(self, **settings: Any) -> None:
        guilds, place = self.house.engine.community.guilds, self.house.origin.workspace_id
        wanted = GuildSettings(**{"moderator_roles": (str(self.guards.id),), **settings})
        await guilds.settle(place, str(self.guild.id), wanted, "test")
        self.bot.scenes.forget()

    # --- what people do

    async def slash(self, who: str, name: str, /, **options: Any) -> Answer:
        where = options.pop("where", None) or {}
        return await self._ask(2, who, self._command(name, *told(options)), **where)

    async def complete(self, who: str, name: str, /, focused: str, **options: Any) -> Answer:
        where = options.pop("where", None) or {}
        listed = [
            {"name": option, "type": 3, "value": value, **({"focused": True} if option == focused else {})}
            for option, value in options.items()
        ]
        return await self._ask(4, who, self._command(name, listed, {}), **where)

    async def menu(self, who: str, name: str, message: dict[str, Any]) -> Answer:
        data = {"id": "9", "name": name, "type": 3, "target_id": message["id"]}
        return await self._ask(2, who, {**data, "resolved": {"messages": {message["id"]: message}}})

    async def press(self, who: str, custom_id: str, *, private: bool = False, **where: Any) -> Answer:
        shown = self.message(flags=64 if private else 0)
        shown["components"] = [
            {"type": 1, "components": [{"type": 2, "style": 2, "label": "x", "custom_id": custom_id}]}
        ]
        return await self._ask(3, who, {"custom_id": custom_id, "component_type": 2}, message=shown, **where)

    async def submit(self, who: str, form: Answer | str, files: dict[str, Any] | None = None, **fields: Any) -> Answer:
        where = fields.pop("where", None) or {}
        custom_id = form if isinstance(form, str) else form.modal["custom_id"]
        parts = [{"type": 18, "component": {"type": 4, "custom_id": n, "value": v}} for n, v in fields.items()]
        for name, file in (files or {}).items():
            parts.append({"type": 18, "component": {"type": 19, "custom_id": name, "values": [file["id"]]}})
        resolved = {"attachments": {file["id"]: file for file in (files or {}).values()}}
        data = {"custom_id": custom_id, "components": parts, "resolved": resolved}
        return await self._ask(5, who, data, message=self.message(), **where)

    def _command(self, name: str, options: list[dict[str, Any]], resolved: dict[str, Any]) -> dict[str, Any]:
        first, *behind = name.split(" ")
        for each in reversed(behind):
            options = [{"name": each, "type": 1 if each == behind[-1] else 2, "options": options}]
        return {"id": "9", "name": first, "type": 1, "options": options, "resolved": resolved}

    async def _ask(self, kind: int, who: str, data: dict[str, Any], **where: Any) -> Answer:
        number = next(self._numbers)
        guild = where.pop("guild", self.guild)
        token = f"token-{number:04}-"
        owners = where.pop("owners", {"0": str(guild.id)} if guild else {"1": str(self.people[who].id)})
        payload: dict[str, Any] = {
            "id": str(discord.utils.time_snowflake(discord.utils.utcnow()) + number),
            "application_id": str(self.bot.application_id),
            "type": kind,
            "token": token,
            "version": 1,
            "data": data,
            "locale": where.pop("locale", "en-US"),
            "app_permissions": "0",
            "entitlements": [],
            "attachment_size_limit": 10 << 20,
            "authorizing_integration_owners": owners,
            "context": 0 if guild else 1,
            **{name: value for name, value in where.items() if name == "message"},
        }
        user = self.people[who]
        told = {"id": str(user.id), "username": user.name, "discriminator": "0", "avatar": None, "global_name": None}
        if guild:
            roles = where.get("roles") or ([str(self.guards.id)] if who == "guard" else [])
            channel = where.get("channel") or self.channel
            place = {"id": str(channel.id), "type": 0, "name": channel.name, "position": 0, "guild_id": str(guild.id)}
            place |= where.get("place") or {}
            payload |= {"guild_id": str(guild.id), "guild_locale": "en-US", "channel_id": place["id"], "channel": place}
            payload["member"] = {"user": told, "roles": roles, "flags": 0, "joined_at": None, "permissions": "0"}
        else:
            payload |= {"user": told, "channel_id": "4242", "channel": {"id": "4242", "type": 1, "recipients": [told]}}
        answer = self._answers[token] = Answer(self, token)
        self.bot._connection.parse_interaction_create(payload)
        await self.until(lambda: bool(answer.calls), lambda: f"an answer to {data}")
        return answer

    def message(self, flags: int = 0, **values: Any) -> dict[str, Any]:
        """A message as Discord tells of it."""
        author = {"id": "99", "username": "Easel", "discriminator": "0", "avatar": None, "bot": True}
        empty: dict[str, Any] = {"mentions": [], "mention_roles": [], "attachments": [], "embeds": [], "components": []}
        number = str(discord.utils.time_snowflake(discord.utils.utcnow()) + next(self._numbers))
        said = {"id": number, "channel_id": str(self.channel.id), "author": author, "content": "", "pinned": False}
        return {**said, **empty, **_NEAT, "type": 0, "flags": flags, **values}

    def file(self, name: str = "in.png", size: int = 100) -> dict[str, Any]:
        """An attachment; its content is what `Attachment.read` is made to give."""
        number = str(next(self._numbers) + 7000)
        return {"id": number, "filename": name, "size": size, "url": f"https://cdn.test/{name}", "proxy_url": "x"}

    # --- what the bot does

    async def until(self, holds, what=lambda: "it") -> None:
        """Until it holds, looked at after each call of the bot's; the engine's time goes on meanwhile."""
        end = asyncio.get_running_loop().time() + PATIENCE
        while not holds():
            self._news.clear()
            assert asyncio.get_running_loop().time() < end, f"{what()} did not come; calls: {self.calls[-5:]}"
            await self.house.clock.advance(0.05)
            try:
                await asyncio.wait_for(self._news.wait(), 0.02)
            except TimeoutError:
                continue

    async def card(self, wanted) -> Call:
        """The newest call of that kind."""
        await self.until(lambda: any(wanted(call) for call in self.calls), lambda: "a card")
        return next(call for call in reversed(self.calls) if wanted(call))

    def refuse(self, match: str, status: int, code: int = 0, times: int = 1, *, with_files: bool = False) -> None:
        """The next calls whose `METHOD path` holds `match` are refused; `with_files`: of those that have some."""
        self.refusals.append(Refusal(match, _http_error(status, code), times, with_files))

    def drop(self, match: str, error: Exception, times: int = 1) -> None:
        """The next such calls end in that error of the connection's."""
        self.refusals.append(Refusal(match, error, times))

    async def _rest(self, route: Any, *, files: Any = None, form: Any = None, **more: Any) -> Any:
        path = route.url.removeprefix(route.BASE)
        body = more.get("json")
        if form is not None:
            body = next(json.loads(part["value"]) for part in form if part["name"] == "payload_json")
        self._keep(Call(route.method, path, body, tuple(each.filename for each in files or ())))
        return self._rest_answer(route.method, path, body)

    def _rest_answer(self, method: str, path: str, body: Any) -> Any:
        if path.endswith("/commands"):
            return [
                {"description": "", **each, "id": str(n), "application_id": "1", "version": "1"}
                for n, each in enumerate(body, 1)
            ]
        if path == "/users/@me/channels":
            user = {"id": body["recipient_id"], "username": "x", "discriminator": "0", "avatar": None}
            return {"id": f"77{body['recipient_id']}", "type": 1, "recipients": [user]}
        if "/members/" in path:
            guild_id, user_id = path.split("/")[2], path.split("/")[4]
            roles = self.members.get((int(guild_id), user_id))
            if roles is None:
                raise _http_error(404, 10007)
            user = {"id": user_id, "username": "x", "discriminator": "0", "avatar": None}
            if method == "PATCH":
                self.timeouts[user_id] = body["communication_disabled_until"]
            until = self.timeouts.get(user_id)
            told = {"user": user, "roles": roles, "flags": 0, "joined_at": None}
            return {**told, "communication_disabled_until": until}
        return None if method == "DELETE" else self.message()

    async def _webhook(self, route: Any, *, payload: Any = None, multipart: Any = None, **more: Any) -> Any:
        path = route.url.removeprefix(route.BASE)
        files = tuple(each.filename for each in more.get("files") or ())
        if multipart:
            payload = next(json.loads(part["value"]) for part in multipart if part["name"] == "payload_json")
        call = Call(route.method, path, payload, files)
        self._keep(call)
        token = path.split("/")[3]
        if not path.endswith("/callback"):
            taken = self._thinking.pop(token, None)
            if route.method == "DELETE":
                return None
            return self.message(**({"id": taken} if taken is not None and route.method == "POST" else {}))
        shown = self.message()
        if payload["type"] == 5:
            self._thinking[token] = shown["id"]
        told = {"id": path.split("/")[2], "type": payload["type"], "response_message_id": shown["id"]}
        return {"interaction": told, "resource": {"type": payload["type"], "message": shown}}

    def _keep(self, call: Call) -> None:
        for refusal in self.refusals:
            meant = refusal.match in f"{call.method} {call.path}" and (call.files or not refusal.with_files)
            if refusal.times and meant:
                refusal.times -= 1
                raise refusal.error
        self.calls.append(call)
        for token, answer in self._answers.items():
            if token in call.path:
                answer.calls.append(call)
        self._news.set()

    # --- what Midjourney does

    async def imagined(self, who: str = "ann", prompt: str = "a red fox", **options: Any) -> Any:
        """A job of theirs that ran to its end, with its card shown."""
        posted = self.posted()
        answer = await self.slash(who, "imagine", prompt=prompt, **options)
        return await self.drawn(posted, answer)

    def posted(self) -> int:
        return sum(len(session.submissions) for session in self.house.driver.sessions)

    async def drawn(self, posted: int, answer: Answer) -> Any:
        """What was posted after so many others is drawn; returns its job once its last card is there."""
        _, nonce = await self.house.until_posted(posted + 1)
        self.house.shows_an_imagine(nonce, f"11111111-1111-4111-8111-{posted + 1:012}")
        job = self.newest()
        done = await self.house.until_state(job, JobState.DONE)
        await self.card(lambda call: "Done" in call.embed.get("description", "") and answer.token in call.path)
        return done

    def newest(self) -> Any:
        """The job that was asked for last."""
        return max(self.house.store._jobs.values(), key=lambda job: job.created_at)

    def stored(self) -> int:
        return len(self.house.store._jobs)


def _http_error(status: int, code: int) -> discord.HTTPException:
    class Response:
        reason = "refused"

        def __init__(self) -> None:
            self.status = status

    kind = {403: discord.Forbidden, 404: discord.NotFound}.get(status, discord.HTTPException)
    return kind(Response(), {"code": code, "message": "refused"})
