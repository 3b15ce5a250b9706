"""Webhooks over real sockets: what a receiver hears, whatever happens to it, to Easel or to the way between."""

from __future__ import annotations

import time

import pytest

from engine.model.jobs import JobState
from tests.contracts.store_kinds import DATABASES
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.journeys.processes import imagine, message, wait_final

LAN = {"ALLOW_NETWORKS": "127.0.0.0/8"}


@pytest.fixture
def receiver():
    made = WebhookReceiver()
    yield made
    made.stop()


@pytest.fixture(params=DATABASES)
def database(request):
    """The settings of an Easel on each database."""
    if request.param == "sqlite":
        yield {}
    else:
        with request.getfixturevalue("postgres").database() as url:
            yield {"DATABASE_URL": url, "LEASE_SECONDS": 3, "POST_TIMEOUT_SECONDS": 0.5}


def listed(client, **query):
    answer = client.get("/v1/deliveries", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["deliveries"]


def until(holds, what, seconds=40.0):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.05)


@pytest.mark.timeout(180)
def test_the_end_of_a_job_is_told_as_its_status_answer_tells_it(start_simulator, start_easel, receiver):
    simulator = start_simulator()
    easel = start_easel(simulator, **LAN)
    secret = easel.cli("webhook", "secret")["secret"]
    simulator.order("embed", title="Invalid parameter", match="a refused fox")
    with easel.client() as client:
        done = imagine(client, "a red fox", ref="order 7", webhookOverride=receiver.url("/done"))
        failed = imagine(client, "a refused fox", webhookOverride=receiver.url("/fail"))
        unheard = imagine(client, "a quiet fox", webhookOverride="none")
        told = wait_final(client, [done, failed, unheard])
        heard = {post.path: post for post in receiver.wait_for(2)}
    assert set(heard) == {"/done", "/fail"}
    assert heard["/done"].body == told[done]
    assert heard["/fail"].body == told[failed]
    assert (told[done]["status"], told[done]["ref"], told[failed]["status"]) == ("DONE", "order 7", "FAIL")
    assert len(told[done]["buttons"]) == 9
    for post in heard.values():
        post.verify(secret)
        assert post.headers["content-type"] == "application/json"


@pytest.mark.timeout(180)
def test_a_workspaces_default_hears_progress_and_the_end_in_order(start_simulator, start_easel, receiver):
    simulator = start_simulator(speed=3)
    easel = start_easel(simulator, **LAN)
    easel.cli("webhook", "set", receiver.url(), "--progress")
    time.sleep(1.2)  # a running Easel looks every second
    with easel.client() as client:
        job_id = imagine(client, "a slow fox")
        told = wait_final(client, [job_id])[job_id]
        receiver.wait(lambda it: it.posts and it.posts[-1].body["status"] == "DONE", "the end")
    words = [(post.body["status"], post.body["progress"]) for post in receiver.posts]
    assert words[-1] == ("DONE", 100)
    assert [word for word, _ in words].index("PROCESSING") > [word for word, _ in words].index("QUEUED")
    percents = [percent for word, percent in words if word == "PROCESSING"]
    assert percents == sorted(set(percents))
    assert len(percents) >= 3
    assert receiver.posts[-1].body == told
    assert len({post.webhook_id for post in receiver.posts}) == len(receiver.posts)


@pytest.mark.timeout(180)
def test_a_receiver_that_is_down_hears_it_when_it_is_up_again(start_simulator, start_easel, receiver):
    simulator = start_simulator()
    easel = start_easel(simulator, **LAN)
    receiver.stop()
    with easel.client() as client:
        job_id = imagine(client, "a patient fox", webhookOverride=receiver.url())
        wait_final(client, [job_id])
        until(lambda: listed(client, job_id=job_id)[0]["attempts"] == 1, "the first try")
        (waiting,) = listed(client, state="due")
        assert waiting["last_error"] == "it cannot be reached: Connection refused"
        assert client.get("/status").json()["workspace"]["webhooks"] == {"waiting": 1, "failed": 0}
        receiver.start()
        (heard,) = receiver.wait_for(1)
        assert heard.webhook_id == waiting["webhook_id"]
        until(lambda: listed(client, job_id=job_id)[0]["state"] == "delivered", "that it is recorded")
        assert client.get("/status").json()["workspace"]["webhooks"] == {"waiting": 0, "failed": 0}


@pytest.mark.timeout(180)
def test_silent_receivers_hold_up_nobody_else(start_simulator, start_easel, receiver):
    simulator = start_simulator(accounts=4)
    easel = start_easel(simulator, accounts=4, **LAN)
    silent = WebhookReceiver()
    silent.silent()
    try:
        with easel.client() as client:
            stuck = [imagine(client, f"a stuck fox {n}", webhookOverride=silent.url()) for n in range(8)]
            wait_final(client, stuck)
            silent.wait_for(1)
            began = time.monotonic()
            quick = imagine(client, "a quick fox", webhookOverride=receiver.url())
            wait_final(client, [quick])
            ended = time.monotonic()
            (heard,) = receiver.wait_for(1)
            assert heard.at - ended < 1.0, f"{heard.at - began} s"
            assert len(silent.posts) <= 8
    finally:
        silent.stop()


@pytest.mark.timeout(240)
def test_a_post_survives_kill_9_under_its_id(start_simulator, start_easel, receiver, database):
    simulator = start_simulator()
    easel = start_easel(simulator, **LAN, **database)
    receiver.silent()
    with easel.client() as client:
        job_id = imagine(client, "a surviving fox", webhookOverride=receiver.url())
        wait_final(client, [job_id])
    (broken,) = receiver.wait_for(1)
    easel.kill()
    receiver.answers(200)
    easel.start()
    again = receiver.wait_for(2, 90)[1]
    assert again.webhook_id == broken.webhook_id
    assert again.body["status"] == "DONE"
    with easel.client() as client:
        until(lambda: listed(client, job_id=job_id)[0]["state"] == "delivered", "that it is recorded")
        assert again.body == message(client, job_id)


@pytest.mark.timeout(240)
def test_jobs_that_ended_while_easel_was_down_are_told_after_all(start_simulator, start_easel, receiver):
    simulator = start_simulator(speed=8)
    easel = start_easel(simulator, **LAN)
    with easel.client() as client:
        job_ids = [imagine(client, f"a missed fox {n}", webhookOverride=receiver.url()) for n in range(6)]
        until(lambda: any(message(client, job_id)["progress"] > 0 for job_id in job_ids), "that one is drawn")
    easel.kill()
    easel.start()
    with easel.client() as client:
        wait_final(client, job_ids, 90)
    receiver.wait(lambda it: {post.body["messageId"] for post in it.posts} == set(job_ids), "all six ends")
    assert {post.body["status"] for post in receiver.posts} == {"DONE"}
    ids = {(post.webhook_id, post.body["messageId"]) for post in receiver.posts}
    assert len(ids) == len(job_ids)


@pytest.mark.timeout(180)
def test_what_was_given_up_is_sent_again_when_the_operator_says_so(start_simulator, start_easel, receiver):
    simulator = start_simulator()
    easel = start_easel(simulator, **LAN)
    receiver.answers(410)
    with easel.client() as client:
        job_id = imagine(client, "an unwanted fox", webhookOverride=receiver.url())
        until(lambda: any(each["state"] == "failed" for each in listed(client)), "that it is given up")
        (failed,) = easel.cli("delivery", "list", "--state", "failed")
        assert (failed["jobId"], failed["lastStatus"], failed["attempts"]) == (job_id, 410, 1)
        receiver.answers(200)
        assert easel.cli("delivery", "replay", "--all-failed") == {"replayed": 1}
        first, second = receiver.wait_for(2)
        assert first.webhook_id == second.webhook_id == failed["webhookId"]
        assert client.post(f"/v1/deliveries/{failed['id']}/replay").json()["state"] == "due"
        assert receiver.wait_for(3)[2].webhook_id == failed["webhookId"]


@pytest.mark.timeout(180)
def test_a_receiver_in_a_network_that_is_not_listed_hears_nothing(start_simulator, start_easel, receiver):
    easel = start_easel(start_simulator())
    by_name = receiver.url().replace("127.0.0.1", "localhost.localdomain")
    with easel.client() as client:
        asked = {"prompt": "a fox", "webhookOverride": receiver.url()}
        refused = client.post("/api/v1/nova/imagine", json=asked)
        assert refused.status_code == 400
        assert refused.json()["message"].startswith("webhookOverride holds the address")
        answer = client.post("/api/v1/nova/imagine", json={"prompt": "a fox", "webhookOverride": by_name})
        if answer.status_code == 200:
            job_id = answer.json()["messageId"]
            wait_final(client, [job_id])
            until(lambda: listed(client, job_id=job_id)[0]["attempts"] == 1, "the first try")
    assert receiver.posts == []


@pytest.mark.timeout(180)
def test_a_picture_that_comes_too_late_is_told_as_a_second_end(start_simulator, start_easel, receiver):
    simulator = start_simulator(speed=1)
    simulator.timing(job_ms=14_000)
    easel = start_easel(simulator, **LAN)
    with easel.client() as client:
        job_id = imagine(client, "a late fox", timeout=10, webhookOverride=receiver.url())
        (failed,) = receiver.wait_for(1, 30)
        assert (failed.body["status"], failed.body["messageId"]) == ("FAIL", job_id)
        done = receiver.wait_for(2, 60)[1]
        assert done.body["status"] == "DONE"
        assert done.body == message(client, job_id)
        assert done.webhook_id != failed.webhook_id


@pytest.mark.timeout(180)
def test_a_request_of_several_jobs_tells_its_end_once(start_simulator, start_easel, receiver):
    easel = start_easel(start_simulator(), **LAN)
    with easel.client() as client:
        job_id = imagine(client, "a {red, blue, green} fox", allowPermutations=True, webhookOverride=receiver.url())
        until(lambda: client.get(f"/v1/jobs/{job_id}").json()["request_state"] == JobState.DONE, "its end")
        (heard,) = receiver.wait_for(1)
        assert heard.body == message(client, job_id)
        assert len(heard.body["jobs"]) == 3
        time.sleep(2.0)
        assert len(receiver.posts) == 1
