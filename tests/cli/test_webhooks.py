"""`easel webhook` and `easel delivery`: what they print, store and refuse."""

import asyncio
from datetime import timedelta

import pytest

from engine.model.deliveries import DeliveryState
from engine.model.events import Unsendable
from engine.model.hooks import Hook, HookKind, WorkspaceHook
from engine.model.jobs import Failure, FailureReason
from engine.ports import Attempt
from engine.store.sql_store import open_store
from tests.contracts.store_examples import T0, new_request, step


@pytest.fixture
def in_store(tmp_path):
    """Do something in the database behind the commands' back."""

    def run(work):
        async def opened():
            store = open_store(f"sqlite:///{tmp_path}/data/easel.db")
            try:
                return await work(store)
            finally:
                await store.close()

        return asyncio.run(opened())

    return run


def put_failed(in_store, count):
    """Posts of failed jobs that were given up; the newest number comes first."""

    async def work(store):
        (workspace,) = await store.workspaces()
        for _ in range(count):
            new = new_request(workspace.id, hook=Hook("https://example.com/hook", HookKind.RESULT, "imaginepro"))
            await store.apply([new])
            ended = Unsendable(at=T0, failure=Failure(FailureReason.PROMPT, "no"))
            await store.apply([step(new.jobs[0], ended)])
            (post,) = await store.due_deliveries(T0, 1)
            await store.claim_delivery(post.id, "me", T0, T0 + timedelta(seconds=9))
            told = Attempt(delivery_id=post.id, owner="me", at=T0, state=DeliveryState.FAILED, status=410, error="gone")
            await store.settle_delivery(told)
        return [post.id for post in await store.deliveries(workspace.id)]

    return in_store(work)


def test_what_a_command_decides_stands_in_the_audit_log_as_the_operators(easel, in_store):
    easel("key", "create")
    easel("webhook", "set", "https://example.com/s3cret")
    easel("webhook", "off")

    async def stored(store):
        (workspace,) = await store.workspaces()
        return await store.audit(workspace.id, 10)

    log = in_store(stored)
    assert [(entry.who, entry.what) for entry in log] == [
        ("the operator", "webhook taken away"),
        ("the operator", "webhook set"),
    ]
    assert (log[1].before, log[1].after) == (None, "https://example.com, imaginepro")


def test_a_default_is_set_shown_and_taken_away(easel, in_store):
    easel("key", "create")
    made = easel("webhook", "set", "https://example.com/hook", "--progress", "--json")
    assert made.json == {"url": "https://example.com/hook", "dialect": "imaginepro", "progress": True, "signed": False}
    assert easel("webhook", "show", "--json").json == made.json
    assert "its progress and its end is posted to https://example.com/hook" in easel("webhook", "show").out

    async def stored(store):
        (workspace,) = await store.workspaces()
        return workspace.webhook

    assert in_store(stored) == WorkspaceHook("https://example.com/hook", "imaginepro", progress=True)
    assert easel("webhook", "off", "--json").json["url"] is None
    assert in_store(stored) is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["http://127.0.0.1/hook"], "not on the public internet"),
        (["ftp://example.com"], "no http or https address"),
        (["https://a:b@example.com"], "carries a user name"),
        (["https://example.com", "--dialect", "french"], "imaginepro, native"),
    ],
)
def test_a_default_that_cannot_be_is_refused(easel, arguments, words):
    refused = easel("webhook", "set", *arguments)
    assert refused.code == 1
    assert words in refused.err


def test_a_listed_network_may_be_called(easel):
    assert easel("webhook", "set", "http://127.0.0.1/hook", ALLOW_NETWORKS="127.0.0.0/8").code == 0


def test_a_secret_is_shown_once_and_stored_sealed(easel, in_store):
    secret = easel("webhook", "secret", "--json").json["secret"]
    assert secret.startswith("whsec_")
    assert secret not in easel("webhook", "show").out

    async def stored(store):
        (workspace,) = await store.workspaces()
        return workspace.signing_sealed

    assert secret not in in_store(stored)
    assert easel("webhook", "show", "--json").json["signed"] is True


def test_posts_are_listed_with_what_came_of_them(easel, in_store):
    easel("key", "create")
    numbers = put_failed(in_store, 3)
    listed = easel("delivery", "list", "--json").json
    assert [each["id"] for each in listed] == numbers
    assert (listed[0]["state"], listed[0]["lastStatus"], listed[0]["lastError"]) == ("failed", 410, "gone")
    assert [each["id"] for each in easel("delivery", "list", "--before", numbers[0], "--limit", 1, "--json").json] == [
        numbers[1]
    ]
    assert easel("delivery", "list", "--job", listed[2]["jobId"], "--json").json == [listed[2]]
    assert easel("delivery", "list", "--state", "due", "--json").json == []
    assert "gone" in easel("delivery", "list").out


def test_one_post_or_all_that_failed_are_sent_again(easel, in_store):
    easel("key", "create")
    numbers = put_failed(in_store, 3)
    assert easel("delivery", "replay", numbers[0], "--json").json == {"replayed": 1}
    assert [each["id"] for each in easel("delivery", "list", "--state", "due", "--json").json] == [numbers[0]]
    assert easel("delivery", "replay", "--all-failed", "--json").json == {"replayed": 2}
    assert easel("delivery", "replay", 999).code == 1
    assert "a number, or --all-failed" in easel("delivery", "replay").err
