"""A whole engine on scripted sessions, a store in memory and a clock that the test moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from engine.core.engine import Engine
from engine.core.options import EngineOptions
from engine.model.accounts import Account, AccountState
from engine.model.actions import Click, Slash
from engine.model.batch import percent_of, state_of
from engine.model.details import AccountFacts, Details
from engine.model.errors import NotFound
from engine.model.jobs import Job, JobState, Origin
from engine.model.sightings import Channel, Stage
from engine.ports import FactsLearned, Said
from tests.contracts.store_examples import new_account
from tests.fakes.manual_clock import ManualClock
from tests.fakes.memory_courier import MemoryCourier
from tests.fakes.memory_inputs import MemoryInputs
from tests.fakes.memory_store import MemoryStore
from tests.fakes.plain_secrets import PlainSecrets
from tests.fakes.scripted_session import USER, ScriptedDriver, ScriptedSession, _seen, an_imagine, asked


class NoImages:
    """Copies nothing; the core's tests look at jobs."""

    async def copy(self, copy, hosts):
        return f"{copy.picture.key}.webp"

    def path(self, filename):
        return None

    async def discard(self, filename):
        self.discarded = [*getattr(self, "discarded", []), filename]

    def free(self):
        return None

    async def quarter(self, copy, number, hosts):
        raise NotFound("there are no copies")


class PlainBodies:
    """Says state and percent of a request in plain words."""

    dialects = frozenset({"test"})

    def __init__(self, door: Callable[[], Engine]) -> None:
        self._door = door

    async def said(self, dialect: str, workspace_id: str, request_id: str) -> Said:
        jobs = await self._door().jobs_of(workspace_id, request_id)
        status, percent = state_of(jobs).value, percent_of(jobs)
        return Said(status, percent, f"{dialect} {status} {percent}".encode())


class ClockedCourier(MemoryCourier):
    """Whoever keeps it waiting does so by the test's clock."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self._clock = clock

    async def _wait(self, seconds: float) -> None:
        await self._clock.sleep(seconds)

    @property
    def said(self) -> list[str]:
        """What was posted, in order."""
        return [letter.body.decode() for letter in self.letters]


class House:
    def __init__(self, **options) -> None:
        self.options = options
        self.clock = ManualClock()
        self.store = MemoryStore()
        self.driver = ScriptedDriver(self.clock)
        self.inputs = MemoryInputs(self.clock.now)
        self.courier = ClockedCourier(self.clock)
        self.origin: Origin | None = None
        self.switches_remix = False
        self.default_rules = ()
        self.prefilter = None
        self.allow_networks = ()
        self.engine = self._engine()
        self._imagines = 0

    def _engine(self) -> Engine:
        options = EngineOptions(
            version="test",
            pace_seconds=0.0,
            upstream_hosts=frozenset({"127.0.0.1:8100"}),
            allow_networks=self.allow_networks,
            public_url="http://127.0.0.1:8000",
            switches_remix=self.switches_remix,
            default_rules=self.default_rules,
            **{"sole_owner": True, **self.options},
        )
        return Engine(
            store=self.store,
            driver=self.driver,
            secrets=PlainSecrets(),
            clock=self.clock,
            images=NoImages(),
            inputs=self.inputs,
            courier=self.courier,
            bodies=PlainBodies(lambda: self.engine),
            options=options,
            prefilter=self.prefilter,
        )

    async def open(
        self, accounts: int = 1, *, switches_remix: bool = False, allow_networks: tuple = (), **account
    ) -> House:
        if switches_remix or allow_networks:
            self.switches_remix, self.allow_networks = switches_remix, allow_networks
            self.engine = self._engine()
        workspace = await self.store.ensure_workspace("default", self.clock.now())
        self.origin = Origin(workspace_id=workspace.id, requester="key:1", dialect="test")
        for _ in range(accounts):
            await self.store.add_account(new_account(workspace.id, user_id=USER, **account))
        await self.engine.start()
        await self.until(lambda: len(self.driver.sessions) == accounts)
        return self

    async def restart(self) -> None:
        """Another process takes over what this one left."""
        await self.stop()
        self.engine = self._engine()
        before = len(self.driver.sessions)
        await self.engine.start()
        await self.until(lambda: len(self.driver.sessions) > before)

    async def stop(self) -> None:
        stopping = asyncio.create_task(self.engine.stop())
        while not stopping.done():
            await self.clock.advance(0.05)
        await stopping

    @property
    def session(self) -> ScriptedSession:
        return self.driver.session

    async def until(self, holds: Callable[[], bool], seconds: float = 60.0) -> None:
        """Let time pass until it holds."""
        for _ in range(int(seconds / 0.05)):
            if holds():
                return
            await self.clock.advance(0.05)
        raise AssertionError("it did not come to that")

    async def job(self, job: Job) -> Job:
        return await self.engine.job(self.origin.workspace_id, job.id)

    async def until_state(self, job: Job, *states: JobState, seconds: float = 60.0) -> Job:
        for _ in range(int(seconds / 0.05)):
            current = await self.job(job)
            if current.state in states:
                return current
            await self.clock.advance(0.05)
        raise AssertionError(f"still {current.state}: {current.note}")

    async def imagine(self, prompt: str = "a red fox") -> Job:
        return await self.engine.imagine(self.origin, prompt)

    async def until_posted(self, count: int) -> tuple[object, str]:
        """The count-th POST of all sessions: what was submitted, and its nonce."""
        posts = lambda: [post for session in self.driver.sessions for post in session.submissions]  # noqa: E731
        await self.until(lambda: len(posts()) >= count)
        return posts()[count - 1]

    def shows_an_imagine(self, nonce: str, uuid: str) -> None:
        self._imagines += 1
        self.session.shows(*an_imagine(nonce, self.clock.now(), uuid, turn=self._imagines))

    async def finished(self, prompt: str = "a red fox", uuid: str = "11111111-1111-4111-8111-111111111111") -> Job:
        """A job that ran to its end."""
        posted = sum(len(session.submissions) for session in self.driver.sessions)
        job = await self.imagine(prompt)
        _, nonce = await self.until_posted(posted + 1)
        self.shows_an_imagine(nonce, uuid)
        return await self.until_state(job, JobState.DONE)

    # --- the account, of which the tests that need it have one ---

    def _account(self) -> Account:
        (account,) = self.store._accounts.values()
        return account

    def account_facts(self) -> AccountFacts:
        return self._account().facts

    def facts_owed(self) -> bool:
        return self.account_facts().remix_owed is not None

    def stopped(self) -> bool:
        return self._account().state is AccountState.STOPPED

    def channel_id(self) -> str:
        return self._account().channel_id

    def size_of(self, job: Job) -> tuple[int, int]:
        file = job.result.pictures[0].attachment
        return file.width, file.height

    async def knows(self, **facts) -> None:
        """The account's switches are as the test says, for the store and (after a restart) for the keeper."""
        account = self._account()
        await self.store.apply([FactsLearned(account.id, AccountFacts(**facts))])
        await self.restart()

    def sent_in_words(self) -> list[str]:
        """What the present session posted, in order: commands by their name, the rest by its kind."""
        posted = [what for what, _ in self.session.submissions]
        return [what.name if isinstance(what, Slash) else type(what).__name__ for what in posted]

    def answers_remix_from_now_on(self, *, on: bool) -> None:
        """Sessions to come answer as Midjourney does: /settings, /prefer remix (turned over), presses with a form."""
        state = {"on": on}

        def prepare(session: ScriptedSession) -> None:
            def replied(submission: object, nonce: str) -> None:
                if isinstance(submission, Slash) and submission.name == "prefer remix":
                    state["on"] = not state["on"]
                    details = Details(remix=state["on"], notice="Remix mode turned over")
                    reply = {"nonce": nonce, "flags": 64, "details": details, "verb": "remix mode"}
                    session.shows(_seen(Channel.CREATED, Stage.FINAL, **reply))
                elif isinstance(submission, Slash) and submission.name == "settings":
                    reply = {"nonce": nonce, "flags": 64, "details": Details(remix=state["on"]), "verb": "settings"}
                    session.shows(_seen(Channel.CREATED, Stage.FINAL, **reply))
                elif isinstance(submission, Click) and state["on"]:
                    session.shows(asked(nonce))

            session.on_submit = replied
            session.goes_live()

        self.driver.prepare = prepare
