"""Moderators and operators of the real bot against the simulator's Discord, over sockets."""

from __future__ import annotations

from tests.journeys.people import ART, People, bot_settings, words_of

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GhIjKl.abcdefghijklmnopqrstuvwxyz0123456789AB"


def said(people, who, part):
    """The private answer with these words."""
    return people.until(who, lambda message: part in f"{message['content']} {words_of(message)}")


def test_an_operator_settles_a_server_and_a_moderator_removes_a_picture(start_simulator, start_easel):
    simulator = start_simulator(community=True, accounts=1, job_ms=300, first_ms=50, progress_events=1)
    easel = start_easel(simulator, accounts=1, **bot_settings(simulator))
    people = People(simulator)
    people.wait_connected(easel)
    people.connect(easel)

    form = people.slash("operator", "admin account link")
    assert form["ack"] == 9
    people.submit("operator", form, token=TOKEN, guild="123456789012345670", channel="123456789012345671", consent="no")
    said(people, "operator", "not acknowledged")
    allow = {"as": "operator", "channel": ART, "name": "admin settings channel"}
    people._acted("/commands", {**allow, "options": {"channel": "art", "allowed": True}})
    said(people, "operator", "Noted")
    people.slash("operator", "admin settings show")
    shown = said(people, "operator", "Channels")
    assert "<#" in words_of(shown)
    people.slash("operator", "mod banword add", text="wolf")
    said(people, "operator", "Rule")
    people.slash("member", "imagine", prompt="a wolf")
    said(people, "member", "not allowed here")

    grid = people.result("member", people.slash("member", "imagine", prompt="a red fox"))
    wanted = {"as": "operator", "channel": ART, "name": "Remove picture", "message": grid["id"]}
    form = people._acted("/menus", wanted)
    people.submit("operator", form, reason="gore", strike="gore")
    said(people, "operator", "is removed")
    people.until("member", lambda _: grid["id"] not in {each["id"] for each in people.sees("member")})
    people.slash("operator", "mod log")
    log = said(people, "operator", "picture removed")
    assert "server settings changed" in words_of(log)
