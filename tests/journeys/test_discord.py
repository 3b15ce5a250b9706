"""The real bot in Easel's own process against the simulator's Discord, over sockets."""

from __future__ import annotations

import signal

import pytest

from tests.journeys.people import People, bot_settings, is_done, labels, words_of
from tests.journeys.recorded import assert_recorded


@pytest.fixture
def begun(start_simulator, start_easel):
    def begin(**timing):
        simulator = start_simulator(community=True, accounts=1, **timing)
        easel = start_easel(simulator, accounts=1, **bot_settings(simulator))
        people = People(simulator)
        people.wait_connected(easel)
        people.connect(easel)
        return simulator, easel, people

    return begin


def test_from_imagine_to_an_old_button_after_a_restart(begun):
    simulator, easel, people = begun(job_ms=4000, first_ms=100, progress_events=8)
    asked = people.slash("member", "imagine", prompt="a red fox", aspect="16:9")
    assert asked["ack"] == 5
    live = people.until("member", lambda message: "▰" in words_of(message) and "image" in message["embeds"][0])
    assert labels(live) == ["Cancel"]
    assert_recorded("running", live)
    grid = people.result("member", asked)
    assert grid["id"] == live["id"]
    assert "/attachments/" in grid["embeds"][0]["image"]["url"]
    assert {"U2", "V4", "Edit and run again", "All four"} <= set(labels(grid))
    assert "--ar 16:9" in words_of(grid)
    assert_recorded("grid", grid)

    single = people.result("friend", people.press("friend", grid, "U2"))
    assert "Upscale 2" in words_of(single)
    assert_recorded("single", single)

    form = people.press("member", single, "Custom Zoom")
    assert form["ack"] == 9
    zoomed = people.result("member", people.submit("member", form, words="a red fox --ar 16:9 --zoom 1.5"))
    assert "--zoom 1.5" in words_of(zoomed)

    synced = [row for row in simulator.ledger("bot_request") if row["method"] == "PUT" and "commands" in row["path"]]
    assert easel.stop() == 0
    easel.start()
    people.wait_connected(easel)
    varied = people.result("member", people.press("member", grid, "V3"))
    assert "Variation 3" in words_of(varied)
    again = [row for row in simulator.ledger("bot_request") if row["method"] == "PUT" and "commands" in row["path"]]
    assert len(synced) == len(again) == 1, "commands are synced only when their set changed"


@pytest.mark.parametrize(("button", "title"), [("Upscale all", "Upscale "), ("🎉 Imagine all", "Describe imagine ")])
def test_one_press_for_four_jobs_shows_four_cards(begun, button, title):
    _, easel, people = begun(job_ms=500, first_ms=50)
    grid = people.result("member", people.slash("member", "imagine", prompt="a red fox"))
    parent = grid
    if title.startswith("Describe"):
        picture = grid["embeds"][0]["image"]["url"]
        parent = people.result("member", people.slash("member", "describe", url=picture))
    people.press("friend", parent, next(each for each in labels(parent) if each.endswith(button.split()[-1])))

    def cards():
        return [each for each in people.sees("member") if title in words_of(each) and is_done(each)]

    easel._wait(lambda: len(cards()) == 4, "four cards")
    assert len({each["embeds"][0]["title"] for each in cards()}) == 4


def test_a_job_that_runs_through_a_kill_has_its_result_on_the_same_card(begun):
    _, easel, people = begun(job_ms=6000, first_ms=100, progress_events=8)
    asked = people.slash("member", "imagine", prompt="a red fox")
    people.until("member", lambda message: "▰" in words_of(message))
    easel.kill()
    easel.start()
    grid = people.result("member", asked)
    assert "/attachments/" in grid["embeds"][0]["image"]["url"]
    assert sum(is_done(message) for message in people.sees("member")) == 1


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("bot_rate_limited", {"params": {"retry_after": 0.2}}),
        ("bot_server_error", {}),
        ("bot_reset", {}),
        ("bot_answer_dropped", {}),
    ],
)
def test_what_goes_wrong_with_edits_keeps_no_result_back(begun, kind, values):
    simulator, _, people = begun(job_ms=1500, first_ms=50, progress_events=3)
    simulator.order(kind, match="PATCH /webhooks", times=2, **values)
    grid = people.result("member", people.slash("member", "imagine", prompt="a red fox"))
    assert "U1" in labels(grid)
    assert sum(is_done(message) for message in people.sees("member")) == 1


@pytest.mark.parametrize("kind", ["op7", "close_4000", "tcp_cut"])
def test_a_gateway_that_drops_is_taken_up_again(begun, kind):
    simulator, easel, people = begun()
    simulator.order(kind, account="bot")
    easel._wait(lambda: not simulator.orders(), "the fault struck")
    people.wait_connected(easel)
    grid = people.result("member", people.slash("member", "imagine", prompt="a red fox"))
    assert "U1" in labels(grid)
    easel.signal(signal.SIGTERM)
    assert easel.stop() == 0


def test_a_stranger_who_invites_the_bot_can_make_nothing(begun):
    simulator, easel, people = begun()
    asked = people.slash("foreigner", "imagine", channel="Elsewhere/general", prompt="a red fox")
    assert asked["ack"] == 5
    people.until("foreigner", lambda message: "not connected" in message["content"], "Elsewhere/general")
    assert simulator.ledger("job") == []
    assert easel.query("SELECT COUNT(*) FROM jobs") == [(0,)]


def test_jobs_that_fail_before_they_are_sent_keep_nobody_waiting(begun):
    _, easel, people = begun()
    slowest = 0.0
    with easel.client() as client:
        for _ in range(5):
            people.slash("member", "describe", url=f"{easel.url}/x.png")
            slowest = max(slowest, *(client.get("/healthz").elapsed.total_seconds() for _ in range(20)))
    assert slowest < 3, "the event loop stood still"
    failed = people.until("member", lambda message: "not accepted" in words_of(message))
    assert "127.0.0.1 is not on the public internet" in words_of(failed)
    assert "Cancel" not in labels(failed)


def test_a_private_picture_is_seen_by_nobody_else(begun):
    _, _, people = begun()
    people.result("member", people.slash("member", "imagine", prompt="my secret", private=True))
    assert not any("secret" in words_of(message) for message in people.sees("friend"))
    listed = people.slash("friend", "history")
    shown = people.until("friend", lambda message: message["id"] in listed["messages"] and message["embeds"])
    assert "secret" not in words_of(shown)
