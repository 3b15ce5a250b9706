"""A workspace to break things in: an Easel of its own in a thread, and what puts it right before each case."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from engine.core.administration import AccountToLink
from engine.core.community.desks import Community
from engine.core.keyring import Terms
from engine.model.accounts import AccountState, Upstream
from engine.model.community.people import Restraint
from engine.model.keys import ALL_SCOPES
from engine.ports import AccountChange, Workspace
from tests.fakes import pictures
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.journeys.inside import Inside, Room

SYNC_WAIT_SECONDS = 5
ROOM = "throwaway"
SPARE = "spare"
FLUX_KEY = "bfl-0123456789abcdef-good"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class Photos:
    """Serves one photograph, `fox.png`, to whoever fetches it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        (folder / "fox.png").write_bytes(pictures.drawn(size=(64, 48)))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.fox = f"http://127.0.0.1:{self._server.server_address[1]}/fox.png"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class People:
    """A server, an operator, a member who is held back and has a strike, a report that waits, a style."""

    guild: str = "6" * 18
    operator: str = "7" * 18
    member: str = "8" * 18
    strike: int = 0
    report: int = 0
    style: int = 0

    async def meet(self, community: Community, place: str, job_id: str) -> None:
        """Put right what earlier calls changed."""
        if await community.guilds.guild(self.guild) is None:
            code = (await community.guilds.code(place)).code
            await community.guilds.connect(code, guild_id=self.guild, name="foxes", user_id=self.operator)
        await community.guilds.add_operator(place, self.operator, "the test")
        await community.members.restrain(place, self.member, Restraint.PAUSED, "the test")
        strikes = await community.members.strikes(place, self.member)
        if not any(each.id == self.strike and each.lifted_at is None for each in strikes):
            self.strike = (await community.members.strike(place, self.member, "the test", "the test")).id
        self.report = (await community.reports.report(place, job_id, self.member, "the test")).id
        self.style = (await community.styles.save(place, self.member, "noir", "film noir", shared=True)).id


class Throwaway:
    """Holds the known ids and a key in force; every method may be called from any thread but its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="throwaway", daemon=True)
        self._house: Inside
        self.receiver = WebhookReceiver()
        self._photos = Photos(folder / "photos")
        self.photo = self._photos.fox
        self.key = ""
        self.grid = self.single = self.film = ""
        self.picture = self.picture_key = ""
        self.mask = ""
        self.account_hash = ""
        self.account_id = 0
        self.uncertain = self.refused = self.spare = ""
        self.people = People()
        self.rule_id = self.delivery_id = self.spare_key = self.spare_account = 0
        self.stranger: dict[str, str] = {}
        self.changed = False
        """Whether a call since the last `restore` may have changed something."""

    @property
    def url(self) -> str:
        return self._house.url

    @property
    def _room(self) -> Room:
        return self._house[ROOM]

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._house.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self.receiver.stop()
        self._photos.stop()

    def job(self, meant: str) -> str:
        """The job that a variable of the Postman collection names; one that waits is made anew each time."""
        if meant == "waiting":
            return self._do(self._waiting())
        return str({"job": self.grid, "single": self.single, "film": self.film}.get(meant) or getattr(self, meant))

    def unlink_spare(self) -> None:
        """So that it may be linked."""
        self._do(self._unlink_spare())

    def variables(self, waiting: str = "") -> dict[str, str]:
        """What is known, by the names that the Postman collection has for it."""
        values: dict[str, object] = {
            "base": self.url,
            "key": self.key,
            "job": self.grid,
            "single": self.single,
            "film": self.film,
            "account": self.account_id,
            "waiting": waiting,
            "uncertain": self.uncertain,
            "refused": self.refused,
            "token": self.stranger["token"],
            "server": self.stranger["guild_id"],
            "channel": self.stranger["channel_id"],
            "account_hash": self.account_hash,
            "key_id": self.spare_key,
            "rule": self.rule_id,
            "delivery": self.delivery_id,
            **vars(self.people),
            "spare": self.spare,
            "picture": self.picture_key,
            "picture_url": self.picture,
            "png_url": self.photo,
            "mask": self.mask,
            "webhook": self.receiver.url(),
        }
        return {name: str(value) for name, value in values.items()}

    def restore(self, *, words: bool = True) -> None:
        """Put right what earlier calls changed: key, account, queue, webhook, and `words`: the rules."""
        if self.changed:
            self._do(self._restore(words=words))
            self.changed = not words

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(120)

    async def _waiting(self) -> str:
        """A job that is not sent, because the queue is paused until the next `restore`."""
        place = self._room.origin.workspace_id
        await self._house.works.engine.queues.pause(place)
        self.changed = True
        return (await self._room.imagine("a fox that waits")).id

    async def _unlink_spare(self) -> None:
        administration = self._house.ground.administration
        workspace = await self._house.ground.store.workspace(self._room.origin.workspace_id)
        assert workspace is not None
        for account in await administration.accounts(workspace):
            if account.id != self.account_id and account.state is not AccountState.UNLINKED:
                await administration.unlink(workspace, account.id)

    async def _open(self) -> None:
        self._house = await Inside(
            self._folder,
            {ROOM: {}},
            strangers=1,
            DISCORD_API_URL="{simulator}/api/v9",
            DISCORD_GATEWAY_URL="{gateway}",
            ALLOW_NETWORKS="127.0.0.0/8",
            SYNC_WAIT_SECONDS=SYNC_WAIT_SECONDS,
            LOG_LEVEL="ERROR",
            LIMIT_FAST=8,
            LIMIT_QUIET=3,
            FACE_SWAP="subjects-consented",
            LIMIT_FACE_SWAP=8,
            FLUX_API_URL="{simulator}/bfl",
            FLUX_API_KEY=FLUX_KEY,
            UPSCALER_URL="{simulator}/services/upscale",
            BACKGROUND_URL="{simulator}/services/remove-background",
            EXTENDER_URL="{simulator}/services/v1",
        ).open()
        room = self._room
        self.account_id = room.account_id
        stored = await self._house.ground.store.account(room.account_id)
        assert stored is not None
        self.account_hash = stored.hash
        (self.stranger,) = self._house.strangers
        await self._restore()
        self.grid = await self._made("imagine", prompt="a red fox", webhookOverride=self.receiver.url())
        self.single = await self._made("button", messageId=self.grid, button="U1")
        self.film = await self._made("button", messageId=self.single, button="Animate (High motion)")
        told = await self._told(self.grid)
        self.picture = told["uri"]
        self.picture_key = self.picture.rpartition("/")[2].partition(".")[0]
        shown = (await room.http.get(f"/v1/jobs/{self.single}")).json()["result"]["pictures"][0]
        size = (shown["width"], shown["height"])
        self.mask = base64.b64encode(pictures.drawn(size=size, colour=(255, 255, 255))).decode()
        self._house.simulator.order("appeal")
        self.refused = (await room.over(await room.imagine("a marble statue"))).id
        self._house.simulator.order("silence")
        self.uncertain = (await room.over(await room.imagine("a fox nobody saw"))).id
        await asyncio.to_thread(self.receiver.wait_for, 1)
        await self._restore()
        page = (await room.http.get("/v1/deliveries")).json()["deliveries"]
        self.delivery_id = page[0]["id"]

    async def _made(self, route: str, **fields: object) -> str:
        answer = await self._room.http.post(f"/api/v1/midjourney/{route}", json=fields)
        assert answer.status_code == 200, f"{route}: {answer.text}"
        job_id = answer.json()["messageId"]
        while (told := await self._told(job_id))["status"] != "DONE":
            assert told["status"] != "FAIL", told
            await asyncio.sleep(0.05)
        return job_id

    async def _told(self, job_id: str) -> dict:
        return (await self._room.http.get(f"/api/v1/message/fetch/{job_id}")).json()

    async def _restore(self, *, words: bool = True) -> None:
        ground, place = self._house.ground, self._room.origin.workspace_id
        door = self._house.works.engine
        if not (self.key and await ground.keyring.is_in_force(self.key)):
            made = await ground.keyring.make(place, Terms(name="thrown away", scopes=ALL_SCOPES))
            self.key = made.key
            self._room.http.headers["Authorization"] = f"Bearer {self.key}"
        workspace = await ground.store.workspace(place)
        assert workspace is not None
        if workspace.paused_at is not None:
            await door.queues.resume(place)
        account = await ground.store.account(self.account_id)
        assert account is not None
        if account.state is not AccountState.ACTIVE:
            await ground.store.apply([AccountChange(self.account_id, AccountState.ACTIVE)])
        if workspace.webhook is not None and workspace.webhook.url is not None:
            await door.webhooks.off(place)
        if workspace.quota is not None:
            await ground.administration.set_quota(workspace, None)
        await self._spares(workspace)
        if self.film:  # everything of which the others are made is there
            await self._one_picture(place)
            await self.people.meet(door.community, place, self.spare)
        if words:
            await self._one_rule()

    async def _spares(self, workspace: Workspace) -> None:
        """A key and an account that may be changed and taken away."""
        ground = self._house.ground
        keys = [each for each in await ground.keyring.keys(workspace.id) if each.name == SPARE]
        if not any(each.id == self.spare_key for each in keys):
            self.spare_key = (await ground.keyring.make(workspace.id, Terms(name=SPARE, scopes=ALL_SCOPES))).stored.id
        spare = await ground.store.account(self.spare_account) if self.spare_account else None
        if spare is None or spare.state is AccountState.UNLINKED:
            await self._unlink_spare()
            asked = AccountToLink(
                token=self.stranger["token"],
                guild_id=self.stranger["guild_id"],
                channel_id=self.stranger["channel_id"],
                upstream=Upstream(self._house.simulator.api_url, self._house.simulator.gateway_url, None),
                concurrency=1,
                name=SPARE,
                accepts_terms=True,
            )
            self.spare_account = (await ground.administration.link(workspace, asked)).id
            await ground.administration.pause(workspace, self.spare_account)

    async def _one_picture(self, place: str) -> None:
        """A finished job whose pictures may be removed."""
        if not self.spare or await self._house.ground.store.removal(place, self.spare) is not None:
            self.spare = await self._made("imagine", prompt="a fox to be forgotten")

    async def _one_rule(self) -> None:
        """No word is banned but one that nobody writes."""
        headers = {"Authorization": f"Bearer {self.key}"}
        listed = (await self._room.http.get("/v1/rules", headers=headers)).json()["rules"]
        for rule in listed:
            if rule["text"] != "unspeakable":
                await self._room.http.delete(f"/v1/rules/{rule['id']}", headers=headers)
        known = [rule["id"] for rule in listed if rule["text"] == "unspeakable"]
        if not known:
            added = await self._room.http.post("/v1/rules", headers=headers, json={"text": "unspeakable"})
            known = [added.json()["id"]]
        self.rule_id = known[0]
