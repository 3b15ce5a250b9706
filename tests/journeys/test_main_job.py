"""The main job, end to end: a prompt comes in over HTTP and the finished picture comes back."""

from __future__ import annotations

import io
import json
import time

import httpx
from PIL import Image

from tests.journeys.processes import (
    assert_nothing_lost_doubled_or_swapped,
    imagine,
    message,
    wait_final,
)

GRID = ["U1", "U2", "U3", "U4", "🔄", "V1", "V2", "V3", "V4"]


def test_a_prompt_becomes_a_grid_and_a_button_a_single_picture(start_simulator, start_easel):
    simulator = start_simulator()
    easel = start_easel(simulator)
    with easel.client() as client:
        job_id = imagine(client, "a red fox --ar 16:9", ref="mine")
        percents = []
        while (said := message(client, job_id))["status"] != "DONE":
            assert said["status"] in ("QUEUED", "PROCESSING")
            percents.append(said["progress"])
            time.sleep(0.02)
        assert percents == sorted(percents)
        assert len(set(percents)) > 3
        assert (said["prompt"], said["progress"], said["ref"]) == ("a red fox --ar 16:9", 100, "mine")
        assert said["buttons"] == GRID
        assert said["uri"].startswith(easel.url)
        assert said["originalUrl"].startswith(simulator.api_url.split("/api")[0])
        pressed = client.post("/api/v1/nova/button/", json={"messageId": job_id, "button": "U2"}).json()
        assert pressed["success"] is True
        single = wait_final(client, [pressed["messageId"]])[pressed["messageId"]]
        assert single["originatingMessageId"] == job_id
        assert "Upscale (Subtle)" in single["buttons"]
        both = {job_id: said, pressed["messageId"]: single}
        assert_nothing_lost_doubled_or_swapped(simulator, easel, both)


def test_a_grids_single_images_can_be_read_without_a_key(start_simulator, start_easel):
    easel = start_easel(start_simulator(), accounts=1)
    with easel.client() as client:
        job_id = imagine(client, "four red foxes")
        wait_final(client, [job_id])
        (picture,) = client.get(f"/v1/jobs/{job_id}").json()["result"]["pictures"]
    grid = _pixels(httpx.get(picture["uri"]).content)
    singles = [_pixels(httpx.get(address).content) for address in picture["quarters"]]
    whole = Image.new("RGB", grid.size)
    for number, single in enumerate(singles):
        whole.paste(single, (grid.width // 2 * (number % 2), grid.height // 2 * (number // 2)))
    assert whole.tobytes() == grid.tobytes()


def _pixels(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def test_variations_and_rerolls_follow_with_remix_off_and_on(start_simulator, start_easel):
    simulator = start_simulator(accounts=2)
    simulator.change_account(simulator.accounts[1]["id"], remix=True)
    easel = start_easel(simulator, accounts=1)
    remixing = start_easel(simulator, accounts=0)
    remixing.link(simulator.accounts[1])
    remixing.wait_live(1)
    for house in (easel, remixing):
        with house.client() as client:
            grid = imagine(client, "a quiet harbor")
            told = wait_final(client, [grid])
            followers = []
            for label in ("V3", "🔄"):
                answer = client.post("/api/v1/midjourney/button", data={"messageId": grid, "button": label})
                assert answer.status_code == 200, answer.text
                followers.append(answer.json()["messageId"])
            told |= wait_final(client, followers)
            assert [said["status"] for said in told.values()] == ["DONE"] * 3
            assert all(said["buttons"] == GRID for said in told.values())
    forms = [row for row in simulator.ledger("request") if row.get("type") == 5 and row["decision"] == "accepted"]
    assert sorted(row["custom_id"].split("::")[1] for row in forms) == ["ImagineModal", "RemixModal"]
    assert {row["account"] for row in forms} == {simulator.accounts[1]["id"]}


def test_the_events_of_a_job_stream_in_order_and_can_be_replayed(start_simulator, start_easel):
    easel = start_easel(start_simulator(), accounts=1)
    with easel.client() as client:
        job_id = imagine(client, "a lighthouse at dawn")
        ids, states, percents = [], [], []
        with client.stream("GET", f"/v1/jobs/{job_id}/events") as stream:
            event = {}
            for line in stream.iter_lines():
                name, _, value = line.partition(": ")
                if line:
                    event[name] = value
                    continue
                if event.get("event") == "update":
                    ids.append(int(event["id"]))
                    states.append(json.loads(event["data"])["state"])
                elif event.get("event") == "progress":
                    assert "id" not in event
                    percents.append(json.loads(event["data"])["percent"])
                event = {}
        assert ids == sorted(set(ids))
        assert states[-1] == "DONE"
        assert percents
        assert percents == sorted(percents)
        replay = client.get(f"/v1/jobs/{job_id}/events", headers={"Last-Event-ID": "1"}).text
        assert f"id: {ids[-1]}" in replay
        assert "id: 1\n" not in replay


def test_all_jobs_of_a_workspace_stream_in_one_and_can_be_taken_up_again(start_simulator, start_easel):
    easel = start_easel(start_simulator(), accounts=1)
    with easel.client() as client, easel.client() as asking:
        jobs = []
        with client.stream("GET", "/v1/events") as stream:
            events = frames(stream)
            assert next(events)["event"] == "ready"
            jobs += [imagine(asking, f"a lighthouse at dawn, number {number}") for number in range(2)]
            told = until_ended(events, set(jobs))
        assert [event["id"] for event in told if event["event"] == "update"] == sorted(
            {event["id"] for event in told if event["event"] == "update"}, key=int
        )
        assert any(event["event"] == "progress" for event in told)
        assert all(len(body["result"]["pictures"]) == 1 for body in bodies(told, "DONE"))
        jobs.append(imagine(asking, "while nobody listened"))
        wait_final(asking, jobs[-1:])
        with client.stream("GET", "/v1/events", headers={"Last-Event-ID": told[-1]["id"]}) as stream:
            events = frames(stream)
            assert next(events)["id"] == told[-1]["id"]
            missed = until_ended(events, set(jobs[-1:]))
        versions = [json.loads(event["data"])["version"] for event in missed]
        assert versions == list(range(1, len(versions) + 1))


def frames(stream):
    """The events of a stream as they come."""
    event = {}
    for line in stream.iter_lines():
        name, _, value = line.partition(": ")
        if line:
            event[name] = value
        elif event.get("event"):
            yield event
            event = {}


def until_ended(events, jobs):
    """All events up to the end of the last of these jobs."""
    told = []
    for event in events:
        told.append(event)
        jobs = jobs - {body["job_id"] for body in bodies([event], "DONE")}
        if not jobs:
            break
    return told


def bodies(events, state):
    read = [json.loads(event["data"]) for event in events if event["event"] == "update"]
    return [body for body in read if body["state"] == state]
