"""What the commands say and refuse of servers, operators, members and reports."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from engine.clock import SystemClock
from engine.core.community.guilds import Guilds
from engine.model.community.people import requester_of
from engine.model.community.reports import Report
from engine.model.jobs import JobState, Origin
from engine.ports import PictureCopied
from engine.store.sql_store import open_store
from tests.contracts.store_examples import T0, assigned, finished, new_account, new_request, step

ANN, BEN, SERVER = "1" * 18, "2" * 18, "3" * 18


def in_store(tmp_path, work):
    """What the running Easel and its bot would do."""

    async def working():
        store = open_store(f"sqlite:///{tmp_path / 'data' / 'easel.db'}", migrate=True)
        try:
            return await work(store, await store.ensure_workspace("default", T0))
        finally:
            await store.close()

    return asyncio.run(working())


async def drawn(store, place):
    account = await store.add_account(new_account(place.id))
    new = new_request(place.id)
    origin = Origin(workspace_id=place.id, requester=requester_of(ANN), dialect="discord")
    await store.apply([replace(new, request=replace(new.request, origin=origin))])
    sent = step(new.jobs[0], assigned(account.id))
    done = step(sent.after, finished(account.id))
    await store.apply([sent])
    await store.apply([done])
    return done.after


def test_a_code_is_shown_with_what_to_type(easel):
    made = easel("guild", "code", "--json").json
    assert made["workspace"] == "default"
    assert len(made["code"].replace("-", "")) == 16
    told = easel("guild", "code").out
    assert "/connect code:" in told
    assert made["code"] not in told
    assert easel("guild", "list").out.startswith("No server is connected. Connect one with: easel guild code")


def test_a_connected_server_is_listed_and_disconnected(easel, tmp_path):
    code = easel("guild", "code", "--json").json["code"]

    async def connect(store, place):
        await Guilds(store, SystemClock()).connect(code, guild_id=SERVER, name="Foxes", user_id=ANN)

    in_store(tmp_path, connect)
    (listed,) = easel("guild", "list", "--json").json
    assert (listed["id"], listed["name"], listed["connectedBy"]) == (SERVER, "Foxes", ANN)
    assert [each["user"] for each in easel("operator", "list", "--json").json] == [ANN]
    assert "Foxes" in easel("guild", "disconnect", SERVER).out
    refused = easel("guild", "disconnect", SERVER)
    assert (refused.code, refused.err) == (1, "easel: no such server is connected\n")


def test_operators_are_added_and_removed(easel):
    assert easel("operator", "add", ANN, "--json").json["addedBy"] == "the operator"
    assert easel("operator", "add", ANN).code == 0
    assert len(easel("operator", "list", "--json").json) == 1
    refused = easel("operator", "add", "ann")
    assert "5 to 20 digits" in refused.err
    assert easel("operator", "remove", ANN).code == 0
    assert easel("operator", "remove", ANN).code == 1


@pytest.mark.parametrize(
    ("command", "options", "kind"),
    [("ban", (), "banned"), ("pause", (), "paused"), ("timeout", ("--seconds", "60"), "timed_out")],
)
def test_a_member_is_held_back_and_freed_and_their_waiting_jobs_withdrawn(easel, tmp_path, command, options, kind):
    async def waits(store, place):
        new = new_request(place.id)
        origin = Origin(workspace_id=place.id, requester=requester_of(ANN), dialect="discord")
        await store.apply([replace(new, request=replace(new.request, origin=origin))])
        return new.jobs[0].id

    job_id = in_store(tmp_path, waits)
    held = easel("member", command, ANN, *options, "--reason", "spam", "--json").json
    assert (held["restraint"], held["reason"], held["withdrawn"]) == (kind, "spam", 1)
    assert kind in easel("member", "list").out

    async def state(store, place):
        return (await store.job(place.id, job_id)).state

    assert in_store(tmp_path, state) is JobState.CANCELLED
    assert easel("member", "free", ANN, "--json").json["restraint"] is None
    assert easel("member", "free", ANN).code == 1


def test_strikes_are_given_and_lifted(easel):
    easel("key", "create")
    given = easel("member", "strike", ANN, "--reason", "gore", "--json").json
    assert given["strikes"] == 1
    assert easel("member", "lift", ANN, given["id"]).code == 0
    assert easel("member", "list", "--json").json[0]["strikes"] == 0
    assert easel("member", "lift", ANN, given["id"]).code == 1


def test_a_report_is_settled_and_the_file_of_a_removed_picture_is_deleted(easel, tmp_path):
    async def reported(store, place):
        job = await drawn(store, place)
        key = job.result.pictures[0].key
        await store.apply([PictureCopied(key, f"{key}.webp", T0)])
        report = Report(workspace_id=place.id, job_id=job.id, reporter=BEN, reason="gore", at=T0)
        return key, (await store.add_report(report)).id

    key, number = in_store(tmp_path, reported)
    folder = tmp_path / "data" / "pictures"
    folder.mkdir(parents=True)
    files = [folder / f"{key}.webp", folder / f"{key}_1.webp", folder / "another.webp"]
    for file in files:
        file.write_bytes(b"a picture")
    assert "gore" in easel("report", "list").out
    settled = easel("report", "settle", number, "removed", "--strike", "gore", "--json").json
    assert (settled["settled"], settled["settledBy"]) == ("removed", "the operator")
    assert [file.exists() for file in files] == [False, False, True]
    assert easel("report", "settle", number, "kept").code == 1
    assert easel("report", "list").out == "No report waits for a decision.\n"
    assert len(easel("report", "list", "--all", "--json").json) == 1
    assert easel("member", "list", "--json").json[0]["strikes"] == 1


def test_a_persons_data_is_printed_and_erased_when_it_is_confirmed(easel, tmp_path):
    in_store(tmp_path, drawn)
    told = easel("member", "export", ANN).json
    assert [job["prompt"] for job in told["jobs"]] == ["a red fox --ar 16:9"]
    refused = easel("member", "erase", ANN)
    assert refused.code == 1
    assert len(easel("member", "export", ANN).json["jobs"]) == 1
    assert easel("member", "erase", ANN, "--yes", "--json").json == {
        "erased": True,
        "jobs": 1,
        "pictures": 0,
        "left": 0,
    }
    assert easel("member", "export", ANN).json["jobs"] == []
