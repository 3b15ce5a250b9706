"""One workspace never sees another: every route with an id, with its own, another's, an unknown and a broken one."""

from __future__ import annotations

import base64
import io
import uuid

import httpx
import pytest
from PIL import Image

from engine.api.ways import Id
from engine.core.keyring import Keyring, Terms
from engine.model.community.people import Restraint
from engine.model.deliveries import DeliveryKind
from engine.model.hooks import Hook
from engine.model.jobs import JobState, Origin, Request
from engine.model.keys import ALL_SCOPES
from tests.api.conftest import PUBLIC_URL, application
from tests.api.fake_engine import FakeEngine, grid_result, job
from tests.contracts.store_examples import new_account
from tests.core.house import House

WAYS = [
    (way, name, kind)
    for way in application(FakeEngine()).ways
    for name, kind in way.ids.items()
    if kind not in {Id.PICTURE, Id.NUMBER} and way.method != "HEAD"
]
NUMBERS = (Id.ACCOUNT, Id.KEY, Id.RULE, Id.DELIVERY, Id.STRIKE, Id.REPORT, Id.STYLE)
OF_DISCORD = (Id.GUILD, Id.OPERATOR, Id.MEMBER)
UNKNOWN = dict.fromkeys(NUMBERS, "4711") | dict.fromkeys(OF_DISCORD, "471147114711471147")


class Studio(House):
    """A real engine with two workspaces that have one of everything each."""

    async def furnish(self) -> Studio:
        await self.open()
        other = await self.store.ensure_workspace("other", self.clock.now())
        await self.store.add_account(new_account(other.id))
        self.places = (self.origin.workspace_id, other.id)
        self.app = application(self.engine, sync_wait_seconds=0.01)
        self.keys = [await self._key(place) for place in self.places]
        self.ids = [await self._ids(number) for number in (0, 1)]
        return self

    async def _key(self, place: str) -> str:
        keyring = Keyring(self.store, self.clock)
        return (await keyring.make(place, Terms(scopes=ALL_SCOPES))).key

    async def _ids(self, number: int) -> dict[Id, str]:
        place = self.places[number]
        (account,) = await self.store.accounts(place)
        made = self._done(place, account.id)
        self.store.webhooks.write(made, DeliveryKind.FINAL)
        (delivery,) = [post.id for post in self.store.webhooks.posts.values() if post.workspace_id == place]
        rule = (await self.ask(number, "POST", "/v1/rules", json={"effect": "block", "text": "kitten"})).json()
        (key,) = await self.store.keys(place)
        return {
            **await self._people(number, made.id),
            Id.JOB: made.id,
            Id.ACCOUNT: str(account.id),
            Id.ACCOUNT_HASH: account.hash,
            Id.RULE: str(rule["id"]),
            Id.DELIVERY: str(delivery),
            Id.KEY: str(key.id),
        }

    async def _people(self, number: int, job_id: str) -> dict[Id, str]:
        """A server, an operator, a member with a strike and a restraint, a report and a style."""
        place, community = self.places[number], self.engine.community
        server, operator, member = (str(number + 1) * 5 + word * 12 for word in "123")
        code = (await community.guilds.code(place)).code
        await community.guilds.connect(code, guild_id=server, name="a server", user_id=operator)
        strike = await community.members.strike(place, member, "gore", "key:1")
        await community.members.restrain(place, member, Restraint.PAUSED, "key:1")
        report = await community.reports.report(place, job_id, member, "gore")
        style = await community.styles.save(place, member, "noir", "film noir", shared=True)
        return {
            Id.GUILD: server,
            Id.OPERATOR: operator,
            Id.MEMBER: member,
            Id.STRIKE: str(strike.id),
            Id.REPORT: str(report.id),
            Id.STYLE: str(style.id),
        }

    def _done(self, place: str, account_id: int):
        # no two pictures share their key
        result = grid_result(key=uuid.uuid4().hex)
        made = job(
            workspace_id=place,
            account_id=account_id,
            state=JobState.DONE,
            percent=100,
            result=result,
            hook=Hook("https://hooks.example.com/x", dialect="imaginepro"),
            finished_at=self.clock.now(),
        )
        self.store._jobs[made.id] = made
        origin = Origin(workspace_id=place, requester="key:1", dialect="imaginepro")
        request = {"origin": origin, "action": made.action, "prompt": made.prompt, "created_at": made.created_at}
        self.store._requests[made.id] = Request(id=made.id, **request)
        return made

    async def ask(self, number: int, method: str, path: str, **said) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.keys[number]}", "api-key": self.keys[number]}
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=headers) as client:
            return await client.request(method, path, **said)

    async def asked_with(self, way, name: str, value: str) -> httpx.Response:
        """The first workspace's key calls the way with this value under that name, and its own ids elsewhere."""
        path = way.path
        own = {word: self.ids[0].get(kind, "1") for word, kind in way.ids.items()} | {name: value}
        for word in way.words:
            path = path.replace(f"{{{word}}}", own[word])
        said = dict(way.described.get("openapi_extra", {}))
        given = {key: as_sent(text, way.ids[key]) for key, text in own.items() if key not in way.words}
        if "requestBody" in said:
            body = said["requestBody"]["content"]["application/json"].get("example", {}) | given
            if way.path == "/v1/jobs":  # what has a parent is another action than what has an account
                body |= {"action": "upscale_1"} if name == "parent_id" else {}
                body.pop("parent_id" if name != "parent_id" else "account_id", None)
            if "mask" in body:  # an example's is cut short
                body["mask"] = a_mask()
            return await self.ask(0, way.method, path, json=body)
        return await self.ask(0, way.method, path, params=given)


def a_mask() -> str:
    content = io.BytesIO()
    Image.new("L", (8, 8)).save(content, "PNG")
    return base64.b64encode(content.getvalue()).decode()


def as_sent(text: str, kind: Id) -> str | int:
    return int(text) if kind is Id.ACCOUNT and text.isdigit() else text


def told(answer: httpx.Response, value: str) -> tuple[int, str]:
    return answer.status_code, answer.text.replace(value, "ID")


@pytest.fixture
async def studio():
    opened = await Studio().furnish()
    yield opened
    await opened.stop()


@pytest.mark.parametrize(("way", "name", "kind"), WAYS, ids=[f"{w.method} {w.path} {name}" for w, name, _ in WAYS])
async def test_another_workspaces_id_answers_exactly_like_an_unknown_one(studio, way, name, kind):
    other, unknown = studio.ids[1][kind], UNKNOWN.get(kind, str(uuid.uuid4()))
    jobs = len(studio.store._jobs)
    refused = told(await studio.asked_with(way, name, other), other)
    assert refused == told(await studio.asked_with(way, name, unknown), unknown)
    broken = await studio.asked_with(way, name, "nonsense")
    assert 400 <= broken.status_code < 500 or told(broken, "nonsense") == refused
    assert len(studio.store._jobs) == jobs
    assert studio.store._jobs[studio.ids[1][Id.JOB]].state is JobState.DONE
    own = studio.ids[0][kind]
    if way.method == "GET" and name not in way.words:  # a filter: a list without anything is no secret
        return
    assert told(await studio.asked_with(way, name, own), own) != refused


def test_every_kind_of_id_that_belongs_to_a_workspace_is_in_the_matrix():
    kinds = {kind for _, _, kind in WAYS}
    assert {Id.JOB, Id.ACCOUNT, Id.ACCOUNT_HASH, Id.RULE, Id.DELIVERY} <= kinds
