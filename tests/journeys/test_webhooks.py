"""Webhooks over real sockets: what a receiver hears, whatever happens to it, to Easel or to the way between."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest

from engine.model.jobs import JobState
from tests.contracts.store_kinds import DATABASES
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.journeys.processes import EaselProcess, SimulatorProcess, imagine, message, wait_final

LAN = {"ALLOW_NETWORKS": "127.0.0.0/8"}
QUICK = {"job_ms": 250, "first_ms": 20, "progress_events": 2}


@dataclass
class House:
    """One simulator and one Easel for the journeys that disturb neither."""

    simulator: SimulatorProcess
    easel: EaselProcess
    http: httpx.Client

    @contextmanager
    def slowly(self, job_ms, progress_events):
        """Jobs take so long, with so many percentages."""
        self.simulator.timing(job_ms=job_ms, progress_events=progress_events)
        try:
            yield
        finally:
            self.simulator.timing(**QUICK)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    folder = tmp_path_factory.mktemp("webhooks")
    simulator = SimulatorProcess(folder / "simulator", accounts=1, picture_size=64, heartbeat_ms=1000, **QUICK)
    simulator.change_account(simulator.accounts[0]["id"], plan="pro", concurrency=10)
    easel = EaselProcess(folder / "easel", simulator, **LAN)
    easel.link(simulator.accounts[0], concurrency=10)
    try:
        easel.start()
        easel.wait_live(1)
        with easel.client() as client:
            yield House(simulator, easel, client)
    finally:
        easel.stop()
        simulator.stop()


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


def until(holds, what, seconds=60.0):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def until_delivered(client, job_id):
    until(lambda: listed(client, job_id=job_id)[0]["state"] == "delivered", "that it is recorded")


@pytest.mark.timeout(180)
def test_the_end_of_a_job_is_told_as_its_status_answer_tells_it(house, receiver):
    secret = house.http.post("/v1/webhook/secret").json()["secret"]
    house.simulator.order("embed", title="Invalid parameter", match="a refused fox")
    done = imagine(house.http, "a red fox", ref="order 7", webhookOverride=receiver.url("/done"))
    failed = imagine(house.http, "a refused fox", webhookOverride=receiver.url("/fail"))
    unheard = imagine(house.http, "a quiet fox", webhookOverride="none")
    told = wait_final(house.http, [done, failed, unheard])
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
def test_a_workspaces_default_hears_progress_and_the_end_in_order(house, receiver):
    place = "/v1/webhook"
    assert house.http.put(place, json={"url": receiver.url(), "progress": True}).status_code == 200
    try:
        with house.slowly(job_ms=6_000, progress_events=12):
            job_id = imagine(house.http, "a slow fox")
            told = wait_final(house.http, [job_id])[job_id]
    finally:
        house.http.delete(place)
    receiver.wait(lambda it: it.posts and it.posts[-1].body["status"] == "DONE", "the end")
    words = [(post.body["status"], post.body["progress"]) for post in receiver.posts]
    order = ["QUEUED", "PROCESSING", "DONE"]
    assert [order.index(word) for word, _ in words] == sorted(order.index(word) for word, _ in words)
    percents = [percent for word, percent in words if word == "PROCESSING"]
    assert percents == sorted(set(percents))
    assert len(percents) >= 3
    assert receiver.posts[-1].body == told
    assert len({post.webhook_id for post in receiver.posts}) == len(receiver.posts)


@pytest.mark.timeout(180)
def test_a_userapi_task_is_told_as_its_status_tells_it(house, receiver):
    headers = {"api-key": house.easel.key}
    asked = {
        "prompt": "a fox of two names",
        "webhook_url": receiver.url(),
        "webhook_type": "result",
        "callback_id": "7",
    }
    answer = house.http.post("/midjourney/v2/imagine", json=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    (heard,) = receiver.wait_for(1)
    now = house.http.get("/midjourney/v2/status", params={"hash": answer.json()["hash"]}, headers=headers).json()
    assert (heard.body["status"], heard.body["callback_id"], heard.body["webhook_url"]) == ("done", "7", receiver.url())
    assert heard.body == now


@pytest.mark.timeout(180)
def test_a_receiver_that_is_down_hears_it_when_it_is_up_again(house, receiver):
    receiver.stop()
    job_id = imagine(house.http, "a patient fox", webhookOverride=receiver.url())
    wait_final(house.http, [job_id])
    until(lambda: listed(house.http, job_id=job_id)[0]["attempts"] >= 1, "the first try")
    (waiting,) = listed(house.http, job_id=job_id)
    assert waiting["state"] == "due"
    assert waiting["last_error"] == "it cannot be reached: Connection refused"
    assert house.http.get("/status").json()["workspace"]["webhooks"]["waiting"] >= 1
    receiver.start()
    (heard,) = receiver.wait_for(1, 90)
    assert heard.webhook_id == waiting["webhook_id"]
    until_delivered(house.http, job_id)


@pytest.mark.timeout(180)
def test_silent_receivers_hold_up_nobody_else(house, receiver):
    silent = WebhookReceiver()
    silent.silent()
    try:
        stuck = [imagine(house.http, f"a stuck fox {n}", webhookOverride=silent.url()) for n in range(8)]
        wait_final(house.http, stuck)
        silent.wait_for(1)
        quick = imagine(house.http, "a quick fox", webhookOverride=receiver.url())
        receiver.wait_for(1)
        assert not any(each["state"] == "delivered" for job_id in stuck for each in listed(house.http, job_id=job_id))
        until_delivered(house.http, quick)
    finally:
        silent.stop()


@pytest.mark.timeout(180)
def test_what_was_given_up_is_sent_again_when_the_operator_says_so(house, receiver):
    receiver.answers(410)
    job_id = imagine(house.http, "an unwanted fox", webhookOverride=receiver.url())
    until(lambda: any(each["state"] == "failed" for each in listed(house.http, job_id=job_id)), "that it is given up")
    (failed,) = listed(house.http, job_id=job_id)
    assert (failed["last_status"], failed["attempts"]) == (410, 1)
    receiver.answers(200)
    assert house.easel.cli("delivery", "replay", "--all-failed") == {"replayed": 1}
    first, second = receiver.wait_for(2)
    assert first.webhook_id == second.webhook_id == failed["webhook_id"]
    until(lambda: listed(house.http, job_id=job_id)[0]["state"] == "delivered", "that it is settled")
    assert house.http.post(f"/v1/deliveries/{failed['id']}/replay").json()["state"] == "due"
    assert receiver.wait_for(3)[2].webhook_id == failed["webhook_id"]


@pytest.mark.timeout(180)
def test_a_request_of_several_jobs_tells_its_end_once(house, receiver):
    asked = {"allowPermutations": True, "webhookOverride": receiver.url()}
    job_id = imagine(house.http, "a {red, blue, green} fox", **asked)
    until(lambda: house.http.get(f"/v1/jobs/{job_id}").json()["request_state"] == JobState.DONE, "its end")
    (heard,) = receiver.wait_for(1)
    assert heard.body == message(house.http, job_id)
    assert len(heard.body["jobs"]) == 3
    until(lambda: all(each["state"] != "due" for each in listed(house.http, job_id=job_id)), "that all is settled")
    assert len(receiver.posts) == 1


@pytest.mark.timeout(180)
def test_a_picture_that_comes_too_late_is_told_as_a_second_end(house, receiver):
    with house.slowly(job_ms=14_000, progress_events=2):
        job_id = imagine(house.http, "a late fox", timeout=10, webhookOverride=receiver.url())
        (failed,) = receiver.wait_for(1, 60)
    assert (failed.body["status"], failed.body["messageId"]) == ("FAIL", job_id)
    done = receiver.wait_for(2, 60)[1]
    assert done.body["status"] == "DONE"
    assert done.body == message(house.http, job_id)
    assert done.webhook_id != failed.webhook_id


@pytest.mark.timeout(300)
def test_a_post_survives_kill_9_under_its_id(start_simulator, start_easel, receiver, database):
    simulator = start_simulator(accounts=1)
    easel = start_easel(simulator, accounts=1, **LAN, **database)
    receiver.silent()
    with easel.client() as client:
        job_id = imagine(client, "a surviving fox", webhookOverride=receiver.url())
        wait_final(client, [job_id])
    (broken, *_) = receiver.wait_for(1)
    easel.kill()
    heard = len(receiver.posts)
    receiver.answers(200)
    easel.start()
    again = receiver.wait_for(heard + 1, 120)[heard]
    assert again.webhook_id == broken.webhook_id
    assert again.body["status"] == "DONE"
    with easel.client() as client:
        until_delivered(client, job_id)


@pytest.mark.timeout(300)
def test_jobs_that_ended_while_easel_was_down_are_told_after_all(start_simulator, start_easel, receiver):
    simulator = start_simulator(speed=8, accounts=1)
    easel = start_easel(simulator, accounts=1, **LAN)
    with easel.client() as client:
        job_ids = [imagine(client, f"a missed fox {n}", webhookOverride=receiver.url()) for n in range(3)]
        until(lambda: any(message(client, job_id)["progress"] > 0 for job_id in job_ids), "that one is drawn")
    easel.kill()
    easel.start()
    with easel.client() as client:
        wait_final(client, job_ids, 120)
    receiver.wait(lambda it: {post.body["messageId"] for post in it.posts} == set(job_ids), "all ends")
    assert {post.body["status"] for post in receiver.posts} == {"DONE"}
    ids = {(post.webhook_id, post.body["messageId"]) for post in receiver.posts}
    assert len(ids) == len(job_ids)
