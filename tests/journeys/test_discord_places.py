"""The real bot over the simulator's Discord: posts of a forum, Discord's own time-out, buttons of long ago."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from tests.journeys.people import People, bot_settings, is_done, labels, words_of

pytestmark = pytest.mark.timeout(180)
LONG_AGO = timedelta(days=400)
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d")


@pytest.fixture
def begun(start_simulator, start_easel):
    simulator = start_simulator(community=True, accounts=1, job_ms=300, first_ms=50, progress_events=1)
    easel = start_easel(simulator, accounts=1, **bot_settings(simulator))
    people = People(simulator)
    people.wait_connected(easel)
    people.connect(easel)
    return simulator, easel, people


def test_a_forum_post_holds_live_cards_buttons_and_the_result_of_a_post_that_is_deleted_comes_by_dm(begun):
    simulator, _, people = begun
    opened = {"type": "post", "parent": "Studio/gallery", "as": "member", "content": "Foxes, please", "name": "foxes"}
    post = simulator.discord("POST", "/guilds/Studio/channels", **opened)["id"]
    grid = people.result("member", people.slash("member", "imagine", channel=post, prompt="a red fox"), post)
    assert grid["channel_id"] == post
    assert "/attachments/" in grid["embeds"][0]["image"]["url"]
    single = people.result("friend", people.press("friend", grid, "U2"), post)
    assert f"/{post}/{grid['id']}" in words_of(single), "the card links to the grid in the same post"

    simulator.timing(job_ms=8000)
    people.slash("member", "imagine", channel=post, prompt="a blue fox")
    people.until("member", lambda message: "▱" in words_of(message), post)
    simulator.discord("DELETE", f"/channels/{post}")
    result = people.until("member", lambda message: "a blue fox" in words_of(message), "@member")
    assert "U1" in labels(result)


def test_a_moderator_ticks_discords_own_time_out_which_holds_where_the_bot_has_the_right(begun):
    simulator, _, people = begun

    def times_out(part):
        people.slash("operator", "mod timeout", member="member", minutes=10, discord=True)
        return people.until("operator", lambda message: part in message["content"])

    def is_timed_out():
        studio = next(each for each in simulator.discord("GET", "")["guilds"] if each["name"] == "Studio")
        people_of = {each["user_id"]: each for each in studio["members"]}
        member = next(each for each in simulator.discord("GET", "")["people"] if each["name"] == "member")
        return people_of[member["id"]]["timeout_ms"] is not None

    role = "/guilds/Studio/roles/Easel"
    usual = ["view_channel", "send_messages", "embed_links", "attach_files", "read_message_history"]
    simulator.discord("PUT", role, permissions=usual)
    times_out("Not in Discord")
    assert not is_timed_out()
    people.slash("member", "imagine", prompt="a fox")
    people.until("member", lambda message: "gave you a break" in message["content"])
    simulator.discord("PUT", role, permissions=[*usual, "moderate_members"])
    times_out("Timed out in Discord too")
    assert is_timed_out()
    people.slash("operator", "mod unban", member="member")
    people.until("operator", lambda message: "Discord's own time-out is lifted too" in message["content"])
    assert not is_timed_out()


def test_the_card_of_a_user_installed_app_ends_by_dm_once_its_token_is_over_and_else_in_jobs(begun):
    simulator, easel, people = begun
    there = "Elsewhere/general"
    simulator.discord("PUT", "/people/member", installed=True)
    simulator.discord("POST", "/guilds/Elsewhere/members", **{"as": "member"})
    simulator.discord("DELETE", "/guilds/Elsewhere/bot")
    grid = people.result("member", people.slash("member", "imagine", channel=there, prompt="a red fox"), there)
    assert "U1" in labels(grid), "within the token's life it ends where it was asked for"

    simulator.timing(token_ms=2000, job_ms=5000)
    people.slash("member", "imagine", channel=there, prompt="a blue fox")
    by_dm = people.until("member", lambda message: "a blue fox" in words_of(message) and is_done(message), "@member")
    assert "/attachments/" in by_dm["embeds"][0]["image"]["url"]
    assert not any("a blue fox" in words_of(message) and is_done(message) for message in people.sees("member", there))

    simulator.discord("PUT", "/people/member", dms=False)
    people.slash("member", "imagine", channel=there, prompt="a green fox")
    given_up = "SELECT COUNT(*) FROM cards WHERE state = 'given_up'"
    easel._wait(lambda: easel.query(given_up) == [(1,)], "the third card is given up")
    simulator.timing(token_ms=900_000)
    people.slash("member", "jobs")
    people.until("member", lambda message: "a green fox" in words_of(message))


def test_a_rule_that_an_operator_changes_ends_what_waits_there_before_it_is_sent(begun):
    simulator, _, people = begun
    people.slash("operator", "admin queue pause")
    people.until("operator", lambda message: "Nothing new" in message["content"])
    asked = people.slash("member", "imagine", prompt="a red fox")
    people.until("member", lambda message: "a red fox" in words_of(message))
    kept = people.slash("member", "imagine", channel="Studio/after-dark", prompt="a blue fox")
    people.until("member", lambda message: "a blue fox" in words_of(message), "Studio/after-dark")
    people.slash("operator", "admin settings nsfw", rule="age_channels")
    people.until("operator", lambda message: "Noted" in message["content"])
    people.slash("operator", "admin queue resume")
    own = set(asked["messages"])
    card = people.until("member", lambda message: message["id"] in own and "age-restricted" in words_of(message))
    assert labels(card) == ["Edit and run again"]
    people.result("member", kept, "Studio/after-dark")
    sent = str(simulator.ledger("job"))
    assert ("a blue fox" in sent, "a red fox" in sent) == (True, False)


def aged(database) -> int:
    """Make everything that is stored so much older; returns how many values were moments."""
    changed = 0
    with closing(sqlite3.connect(database)) as connection, connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in names:
            for _, column, *_ in connection.execute(f"PRAGMA table_info({table})").fetchall():
                for rowid, value in connection.execute(f"SELECT rowid, {column} FROM {table}").fetchall():
                    if isinstance(value, str) and len(value) < 40 and MOMENT.match(value):
                        moved = str(datetime.fromisoformat(value) - LONG_AGO).replace(" ", value[10])
                        connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (moved, rowid))
                        changed += 1
    return changed


def test_buttons_of_400_days_ago_work_after_a_restart(begun):
    _, easel, people = begun
    grid = people.result("member", people.slash("member", "imagine", prompt="a red fox"))
    assert easel.stop() == 0
    assert aged(easel.folder / "easel.db") > 10
    (began,) = easel.query("SELECT MIN(created_at) FROM jobs")[0]
    assert datetime.now(tz=None).astimezone() - datetime.fromisoformat(began).astimezone() > LONG_AGO
    easel.start()
    people.wait_connected(easel)
    easel.wait_live(1)
    single = people.result("member", people.press("member", grid, "U2"))
    assert "Upscale 2" in words_of(single)
    assert "/attachments/" in single["embeds"][0]["image"]["url"]
    form = people.press("friend", single, "Custom Zoom")
    assert form["ack"] == 9
    people.result("friend", people.submit("friend", form, words="a red fox --zoom 1.5"))
    quarters = people.press("member", grid, "All four")
    people.until(
        "member", lambda message: message["id"] in quarters["messages"] and len(message.get("attachments", ())) == 4
    )
