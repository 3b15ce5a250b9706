"""ImaginePro's videos: generated from a picture, fetched, and one of the four extended."""

from __future__ import annotations

import time

from tests.journeys.processes import imagine, message, wait_final


def test_a_video_is_made_of_a_picture_and_one_of_its_four_is_extended(start_simulator, start_easel):
    simulator = start_simulator(accounts=1, job_ms=200, first_ms=20)
    easel = start_easel(simulator, accounts=1)
    with easel.client() as client:

        def made(path: str, **body: object) -> dict:
            answer = client.post(f"/api/v1/video/mj/{path}", json=body)
            assert answer.status_code == 200, answer.text
            job_id = answer.json()["messageId"]
            wait_final(client, [job_id])
            fetched = client.get(f"/api/v1/video/mj/fetch/{job_id}").json()
            assert fetched["status"] == "DONE", fetched
            return fetched

        picture = imagine(client, "a red fox")
        uri = wait_final(client, [picture])[picture]["originalUrl"]
        film = made("generate", startFrameUrl=uri, prompt="the fox runs", ref="film")
        assert (film["ref"], film["results"][0]["index"]) == ("film", 0)
        assert client.get(film["videoUrl"]).status_code == 200
        longer = made("extend", messageId=film["messageId"], index=1, animateMode="high")
        assert longer["videoUrl"] != film["videoUrl"]
        presses = [row["custom_id"] for row in simulator.ledger("request") if row.get("custom_id")]
        assert any("video_virtual_upscale::2" in press for press in presses), presses
        assert any("animate_high_extend" in press for press in presses), presses
        early = client.post("/api/v1/video/mj/extend", json={"messageId": picture, "index": 0})
        assert early.status_code == 400


def test_the_extension_of_a_grid_is_answered_at_once_and_outlives_the_process(start_simulator, start_easel):
    simulator = start_simulator(accounts=1, job_ms=200, first_ms=20, upscale_ms=4000)
    easel = start_easel(simulator, accounts=1)
    with easel.client() as client:
        picture = imagine(client, "a red fox")
        uri = wait_final(client, [picture])[picture]["originalUrl"]
        answer = client.post("/api/v1/video/mj/generate", json={"startFrameUrl": uri})
        film = answer.json()["messageId"]
        wait_final(client, [film])
        began = time.monotonic()
        answer = client.post("/api/v1/video/mj/extend", json={"messageId": film, "index": 2, "ref": "longer"})
        assert answer.status_code == 200, answer.text
        assert time.monotonic() - began < 2
        longer = answer.json()["messageId"]
        assert message(client, longer)["status"] == "QUEUED"
        assert client.get(f"/v1/jobs/{longer}").json()["waits_because"] == "what it is made of is not finished"
    easel.kill()
    easel.start()
    with easel.client() as client:
        told = wait_final(client, [longer])[longer]
        assert (told["status"], told["ref"]) == ("DONE", "longer"), told
    presses = [row["custom_id"] for row in simulator.ledger("request") if row.get("custom_id")]
    assert len([press for press in presses if "video_virtual_upscale::3" in press]) == 1, presses
    assert len([press for press in presses if "_extend::" in press]) == 1, presses


def test_an_extension_fails_with_the_reason_why_its_video_could_not_be_taken_out(start_simulator, start_easel):
    simulator = start_simulator(accounts=1, job_ms=200, first_ms=20)
    easel = start_easel(simulator, accounts=1)
    with easel.client() as client:
        picture = imagine(client, "a red fox")
        uri = wait_final(client, [picture])[picture]["originalUrl"]
        film = client.post("/api/v1/video/mj/generate", json={"startFrameUrl": uri}).json()["messageId"]
        wait_final(client, [film])
        simulator.order("embed", title="Invalid link", match="video_virtual_upscale")
        answer = client.post("/api/v1/video/mj/extend", json={"messageId": film, "index": 0})
        assert answer.status_code == 200, answer.text
        longer = answer.json()["messageId"]
        told = wait_final(client, [longer])[longer]
    assert told["status"] == "FAIL"
    assert "video_upscale_1" in told["error"]
    assert "Invalid link" in told["error"]
