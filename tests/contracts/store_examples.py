"""Example values for the store's tests: jobs moved by the real transition table, accounts and evidence."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from engine.model import events as ev
from engine.model.accounts import Account, Lease, Upstream
from engine.model.actions import MIDJOURNEY_APPLICATION, Action, ActionKind, Click
from engine.model.details import AccountInfo, Details, Setting, Usage
from engine.model.hooks import Hook
from engine.model.inputs import Given, ImageInput
from engine.model.jobs import Attachment, Component, Job, Links, Mode, Origin, Picture, Request, Result
from engine.model.keys import ALL_SCOPES
from engine.model.transitions import advance, update_of
from engine.ports import Evidence, JobChange, NewAccount, NewKey, NewRequest, Outcome, Store

T0 = datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)
UPSTREAM = Upstream("http://127.0.0.1:9/api/v9", "ws://127.0.0.1:9/gateway", "http://127.0.0.1:9/activity")

_counter = itertools.count(1)


def after(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def new_nonce() -> str:
    return str(1_380_000_000_000_000_000 + next(_counter))


def new_account(workspace_id: str, **changes) -> NewAccount:
    n = next(_counter)
    values = {
        "workspace_id": workspace_id,
        "name": f"account {n}",
        "guild_id": "662267976984297473",
        "channel_id": str(1_000_000_000_000_000_000 + n),
        "token_sealed": f"sealed-{n}",
        "token_mask": f"MTA...{n:04d}",
        "upstream": UPSTREAM,
        "user_id": str(2_000_000_000_000_000_000 + n),
        "demo": False,
        "concurrency": 3,
        "linked_at": T0,
    }
    return NewAccount(**(values | changes))


def new_key(workspace_id: str, **changes) -> NewKey:
    n = next(_counter)
    values = {
        "workspace_id": workspace_id,
        "name": f"key {n}",
        "prefix": f"easel_{n:06d}",
        "digest": f"{n:064x}",
        "created_at": T0,
        "scopes": ALL_SCOPES,
    }
    return NewKey(**(values | changes))


def new_request(
    workspace_id: str,
    *,
    jobs: int = 1,
    at: datetime = T0,
    prompt: str = "a red fox --ar 16:9",
    hook: Hook | None = None,
) -> NewRequest:
    ids = [str(uuid.uuid4()) for _ in range(jobs)]
    given = None if hook is None else replace(hook, dialect="")
    origin = Origin(
        workspace_id=workspace_id,
        requester="key:1",
        dialect="imaginepro",
        ref="my ref",
        callback=given,
        callback_id="order 7",
        echo='{"choice":"subtle"}',
    )
    action = Action(ActionKind.IMAGINE)
    request = Request(id=ids[0], origin=origin, action=action, prompt=prompt, created_at=at)
    made = tuple(
        Job(
            id=job_id,
            request_id=request.id,
            workspace_id=workspace_id,
            application_id=MIDJOURNEY_APPLICATION,
            action=action,
            prompt=prompt,
            ref="my ref",
            hook=hook,
            created_at=at,
            updated_at=at,
            timeout_seconds=900.5,
        )
        for job_id in ids
    )
    return NewRequest(request, made, tuple(update_of(job, None) for job in made))


def click_request(workspace_id: str, parent: Job) -> NewRequest:
    """A request for U2 of a finished job, with everything a button's job carries."""
    new = new_request(workspace_id)
    job = replace(
        new.jobs[0],
        action=Action(ActionKind.UPSCALE, 2),
        parent_id=parent.id,
        root_id=parent.id,
        bound_account_id=parent.account_id,
        click=Click(MIDJOURNEY_APPLICATION, "111", "222", 64, "MJ::JOB::upsample::2::uuid"),
        given=Given(
            images=(ImageInput("https://example.org/a.png"), ImageInput(None, "abc.webp", "b.webp")),
            mask="def.png",
            words="a blue fox “again”",
        ),
    )
    return NewRequest(replace(new.request, action=job.action), (job,), new.updates)


def step(job: Job, event: ev.Event, lease: Lease | None = None, evidence: Sequence[Evidence] = ()) -> JobChange:
    moved = advance(job, event)
    assert moved.version == job.version + 1, "the event stores nothing"
    return JobChange(job, moved, update_of(moved, event), lease, tuple(evidence))


def assigned(account_id: int, nonce: str | None = None, at: datetime = T0) -> ev.Assigned:
    return ev.Assigned(at=at, account_id=account_id, nonce=nonce or new_nonce(), until=at + timedelta(minutes=5))


def seen(account_id: int, at: datetime = T0, percent: int = 15) -> ev.Seen:
    return ev.Seen(
        at=at,
        account_id=account_id,
        links=Links("333", "444", None, "MJ::CancelJob::ByJobid::x"),
        percent=percent,
        preview_url="https://cdn.example/preview.webp",
        mode=Mode.FAST,
        until=at + timedelta(minutes=10),
    )


def result() -> Result:
    """A result with every field filled, and some that are not."""
    full = Attachment(
        "555", "fox_1.webp", "https://cdn/fox_1.webp?ex=1", "https://media/1", "image/webp", 1024, 2048, 9
    )
    bare = Attachment("556", "fox_2.webp", "https://cdn/fox_2.webp")
    return Result(
        message_id="777",
        channel_id="888",
        flags=64,
        content='**a red fox “ünïcode” "quoted"** 🦊',
        pictures=(Picture(uuid.uuid4().hex, full), Picture(uuid.uuid4().hex, bare)),
        components=(
            Component(2, "MJ::JOB::upsample::1::x", "U1", None, 2, None, 0, 0),
            Component(2, None, "Web", "🌐", 5, "https://midjourney.com", 1, 2, disabled=True),
        ),
        uuid=str(uuid.uuid4()),
        details=details(),
    )


def details() -> Details:
    """An answer with every part filled."""
    info = AccountInfo(
        user_id="300000000000000001",
        plan="Pro",
        active_until=T0,
        fast_seconds_left=106_452.0,
        lifetime=Usage(102, 6372.0),
        running_jobs=("https://example.org/1",),
        lines=(("Job Mode", "Fast"),),
    )
    return Details(
        texts=("one", "zwei 🦊"),
        seed="984073766",
        info=info,
        settings=(Setting("Remix mode", "MJ::Settings::RemixMode", True),),
        notice="Done!",
        remix=False,
        suffix="",
    )


def finished(account_id: int, at: datetime = T0, outcome: Result | None = None) -> ev.Finished:
    return ev.Finished(at=at, account_id=account_id, links=Links("333", "444", "uu"), result=outcome or result())


def evidence(account_id: int, kind: str = "MESSAGE_CREATE:type 46", at: datetime = T0, **changes) -> Evidence:
    return Evidence(**({"account_id": account_id, "kind": kind, "at": at, "body": '{"type":46}'} | changes))


@dataclass
class House:
    """A store with one workspace and one linked account whose lease is ours."""

    store: Store
    workspace_id: str
    account: Account
    lease: Lease

    async def submit(self, **wishes) -> Job:
        new = new_request(self.workspace_id, **wishes)
        assert await self.store.apply([new]) == [Outcome.APPLIED]
        return new.jobs[0]

    async def move(self, job: Job, *happened: ev.Event) -> Job:
        """Store each event's change in its turn; returns the job's last value."""
        for event in happened:
            change = step(job, event, self.lease)
            assert await self.store.apply([change]) == [Outcome.APPLIED]
            job = change.after
        return job

    async def sent(self, **wishes) -> Job:
        return await self.move(await self.submit(**wishes), assigned(self.account.id))

    async def done(self, at: datetime = T0, **wishes) -> Job:
        return await self.move(await self.sent(**wishes), seen(self.account.id), finished(self.account.id, at))


async def furnish(store: Store) -> House:
    workspace = await store.ensure_workspace("default", T0)
    account = await store.add_account(new_account(workspace.id))
    lease = await store.take(account.id, "owner a", T0, after(30))
    assert lease is not None
    return House(store, workspace.id, account, lease)
