"""What the doctor finds: each check when all is well, and when it is not."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import asynccontextmanager, closing
from dataclasses import replace

import httpx
import pytest
from aiohttp import web
from cryptography.fernet import Fernet

from engine.cli import findings, reach
from engine.cli.findings import Verdict
from engine.cli.folder import DataFolder
from engine.model.accounts import AccountState
from engine.model.sightings import Trouble
from engine.ports import AccountChange
from engine.settings import read
from engine.simulator import Simulator, SimulatorOptions
from engine.store.checkup import Checkup
from engine.store.sql_store import open_store
from tests.contracts.session_contract import account_at
from tests.journeys.processes import EaselProcess, SimulatorProcess

# made up, in the shape of a Discord token
TOKEN = "MTAxMjM0NTY3ODkwMTIzNDU2Nw" + ".GxQwEr." + "abcDEFghiJKLmnoPQRstuVWXyz0123456789-_"
OTHER = "MjAxMjM0NTY3ODkwMTIzNDU2Nw" + ".GxQwEr." + "abcDEFghiJKLmnoPQRstuVWXyz0123456789-_"
WHERE = ("--server", "1012345678901234567", "--channel", "1012345678901234568")
LINK = ("account", "link", "--token-stdin", *WHERE, "--accept-terms", "--json")
NOBODY = "http://127.0.0.1:9/api/v9"
OK, WARN, FAIL = Verdict.OK, Verdict.WARN, Verdict.FAIL
GOOD = Checkup("easel.db", revision="7", newest="7")


def verdicts(found, check=None):
    return [each.verdict for each in found if check in (None, each.check)]


@pytest.fixture
def doctor(easel):
    """Run it: what it found, by check, and the exit code."""

    def run(**settings):
        ran = easel("doctor", "--json", **{"DISCORD_API_URL": NOBODY, **settings})
        found = {}
        for each in ran.json["findings"]:
            found.setdefault(each["check"], []).append(each)
        assert ran.json["ok"] == (ran.code == 0)
        return found, ran.code

    return run


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def linked(easel):
    """A real account in the database, by its number."""
    return easel(*LINK, given=TOKEN, DISCORD_API_URL=NOBODY).json["account"]["id"]


# --- the whole


def test_before_the_first_start_nothing_is_broken_and_nothing_is_made(doctor, folder):
    found, code = doctor()
    assert code == 0
    assert all(each["mend"] for lines in found.values() for each in lines if each["verdict"] != "ok")
    assert [found[check][0]["verdict"] for check in ("data folder", "secret key", "database")] == ["warn"] * 3
    assert not folder.exists()


@pytest.mark.timeout(120)
def test_a_running_easel_with_a_linked_account_is_well(tmp_path):
    simulator = SimulatorProcess(tmp_path / "simulator", accounts=1, picture_size=64)
    easel = EaselProcess(tmp_path / "easel", simulator)
    try:
        easel.link(simulator.accounts[0])
        easel.start()
        told = easel.cli("doctor")
        assert [each for each in told["findings"] if each["verdict"] != "ok"] == []
        here = {"settings", "data folder", "disk", "secret key", "database", "accounts", "simulator"}
        assert {each["check"] for each in told["findings"]} == here | {"discord", "clock", "engine", "public address"}
    finally:
        easel.stop()
        simulator.stop()


def test_lines_for_people_say_what_to_mend(easel):
    lines = easel("doctor", DISCORD_API_URL=NOBODY).out.splitlines()
    assert lines[0] == "ok    settings        every one is allowed"
    assert "-> the first start makes it: easel up" in lines[2]


# --- settings


def test_every_bad_setting_and_every_unknown_name_is_told(doctor):
    found, code = doctor(PORT="many", LOG_LEVEL="loud", PROT="1")
    assert code == 1
    assert [each["verdict"] for each in found["settings"]] == ["fail", "fail", "warn"]
    assert "EASEL_PORT='many'" in found["settings"][0]["words"]


def test_settings_that_are_allowed_are_well(tmp_path):
    assert verdicts(findings.of_settings(read({}, tmp_path / "no.env"))) == [OK]


# --- folder, disk, key


def test_a_folder_for_this_user_alone_is_well(tmp_path):
    tmp_path.chmod(0o700)
    assert verdicts(findings.of_folder(tmp_path, lambda _: int(5e9))) == [OK, OK]


def test_a_folder_that_others_can_read_is_told(tmp_path):
    tmp_path.chmod(0o755)
    told = next(iter(findings.of_folder(tmp_path)))
    assert (told.verdict, told.mend) == (WARN, f"chmod 700 {tmp_path}")


def test_a_folder_that_is_a_file_is_broken(tmp_path):
    (tmp_path / "file").write_text("")
    assert verdicts(findings.of_folder(tmp_path / "file")) == [FAIL]


@pytest.mark.parametrize(("free", "verdict"), [(5e9, OK), (5e8, WARN), (5e7, FAIL)])
def test_room_on_the_disk(tmp_path, free, verdict):
    assert verdicts(findings.of_folder(tmp_path, lambda _: int(free)), "disk") == [verdict]


def test_the_key_opens_the_stored_tokens_or_it_is_the_wrong_one(doctor, linked, folder):
    assert doctor()[0]["secret key"][0]["verdict"] == "ok"
    found, code = doctor(SECRET_KEY="A" * 43 + "=")
    assert (found["secret key"][0]["verdict"], code) == ("fail", 1)
    assert f"account {linked}" in found["secret key"][0]["words"]
    (folder / "secret.key").unlink()
    found, code = doctor()
    assert (found["secret key"][0]["verdict"], code) == ("fail", 1)
    assert not (folder / "secret.key").exists()


def test_a_key_file_that_others_can_read_is_told(doctor, linked, folder):
    (folder / "secret.key").chmod(0o644)
    assert [each["verdict"] for each in doctor()[0]["secret key"]] == ["warn", "ok"]


def test_a_key_file_without_a_key_is_broken(doctor, linked, folder):
    (folder / "secret.key").write_text("not a key")
    assert [each["verdict"] for each in doctor()[0]["secret key"]] == ["fail"]


# --- database


@pytest.mark.parametrize(
    ("found", "running", "verdict", "word"),
    [
        (GOOD, True, OK, "can be written"),
        (replace(GOOD, exists=False), False, WARN, "not there yet"),
        (replace(GOOD, trouble="no route"), True, FAIL, "no route"),
        (replace(GOOD, revision="6"), False, WARN, "next start"),
        (replace(GOOD, revision="6"), True, FAIL, "older Easel runs"),
        (replace(GOOD, revision="8", is_known=False), False, FAIL, "newer"),
        (replace(GOOD, damage=("page 3",)), True, FAIL, "page 3"),
        (replace(GOOD, unwritable="read-only"), True, FAIL, "read-only"),
    ],
)
def test_each_state_of_the_database_has_its_word(found, running, verdict, word):
    (told,) = findings.of_database(found, running=running)
    assert told.verdict is verdict
    assert word in told.words + told.mend


def test_a_database_of_this_version_is_well(doctor, linked):
    assert doctor()[0]["database"][0]["verdict"] == "ok"


def test_a_file_that_is_no_database_is_broken(doctor, linked, folder):
    for name in ("easel.db-wal", "easel.db-shm"):
        (folder / name).unlink(missing_ok=True)
    (folder / "easel.db").write_bytes(b"something else" * 1000)
    found, code = doctor()
    assert (found["database"][0]["verdict"], code) == ("fail", 1)
    assert "accounts" not in found


def test_a_database_held_by_another_program_cannot_be_written(doctor, linked, folder):
    with closing(sqlite3.connect(folder / "easel.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        found, code = doctor()
    assert "locked" in found["database"][0]["words"]
    assert code == 1


def test_an_address_that_cannot_be_reached_is_told_without_its_password(doctor):
    found, code = doctor(DATABASE_URL="postgresql://easel:secret-word@127.0.0.1:9/easel")
    assert (found["database"][0]["verdict"], code) == ("fail", 1)
    assert "secret-word" not in str(found)
    assert found["secret key"][0]["verdict"] == "warn"


def test_whether_the_key_opens_the_tokens_is_unknown_without_the_database(doctor, linked):
    key = doctor(DATABASE_URL="postgresql://easel:secret-word@127.0.0.1:9/easel")[0]["secret key"][0]
    assert key["verdict"] == "warn"
    assert "opens the stored tokens is unknown: the database does not tell them" in key["words"]


# --- accounts, simulator


def test_an_account_that_works_is_well_and_none_is_told(doctor, easel):
    assert "accounts" not in doctor()[0]
    easel("key", "create")
    assert doctor()[0]["accounts"][0]["verdict"] == "warn"
    easel(*LINK, given=TOKEN, DISCORD_API_URL=NOBODY)
    assert doctor()[0]["accounts"][0]["verdict"] == "ok"


def change(folder, *changes):
    async def apply():
        store = open_store(f"sqlite:///{folder}/easel.db")
        await store.apply(list(changes))
        await store.close()

    asyncio.run(apply())


def test_a_stopped_account_is_told_with_its_reason_and_the_last_one_is_broken(doctor, easel, linked, folder):
    change(folder, AccountChange(linked, AccountState.STOPPED, Trouble.CAPTCHA, "a person must look"))
    (told,) = doctor()[0]["accounts"]
    assert (told["verdict"], told["mend"].split()[-1]) == ("fail", str(linked))
    assert "captcha: a person must look" in told["words"]
    easel(*LINK, given=OTHER, DISCORD_API_URL=NOBODY)
    assert [each["verdict"] for each in doctor()[0]["accounts"]] == ["ok", "warn"]


def test_when_every_account_is_paused_it_says_so(doctor, linked, folder):
    change(folder, AccountChange(linked, AccountState.PAUSED))
    assert [each["verdict"] for each in doctor()[0]["accounts"]] == ["warn"]


def test_a_simulator_beside_a_real_account_is_told(doctor, linked):
    assert doctor(SIMULATOR="on")[0]["simulator"][0]["verdict"] == "warn"
    assert doctor(SIMULATOR="auto")[0]["simulator"][0]["verdict"] == "ok"


def test_jobs_of_unknown_outcome_are_told():
    assert verdicts(findings.of_accounts([], 3), "jobs") == [WARN]
    assert verdicts(findings.of_accounts([], 0), "jobs") == []


def test_demo_accounts_that_stopped_are_told_and_their_tokens_are_not_counted_as_tried(tmp_path):
    demo = replace(account_at("http://x", "ws://x"), demo=True, state=AccountState.STOPPED)
    stopped = [each for each in findings.of_accounts([demo], 0) if "is stopped" in each.words]
    assert [each.mend.split()[-1] for each in stopped] == [str(demo.id)]
    settings = read(
        {"EASEL_DATA_DIR": str(tmp_path), "EASEL_SECRET_KEY": Fernet.generate_key().decode()}, tmp_path / ".env"
    )
    (key,) = findings.of_key(settings.in_force(), [demo], open_vault=lambda: None)
    assert "opens each" not in key.words


# --- over the network


def test_a_linked_account_whose_discord_does_not_answer_is_broken(doctor, linked):
    found, code = doctor()
    assert (found["discord"][0]["verdict"], code) == ("fail", 1)
    assert NOBODY in found["discord"][0]["words"]


@pytest.mark.parametrize(
    ("skew", "verdict"), [(0, OK), (-10_000, WARN), (10_000, WARN), (40_000, FAIL), (-40_000, FAIL)]
)
async def test_our_clock_is_held_against_discords(tmp_path, skew, verdict):
    options = SimulatorOptions(state_dir=tmp_path, clock_skew_ms=skew)
    async with Simulator(options) as simulator, httpx.AsyncClient() as http:
        discord, clock = await reach.of_discord([simulator.api_url], needed=True)
        rows = (await http.get(f"{simulator.control_url}/ledger")).json()["rows"]
    assert (discord.verdict, clock.verdict) == (OK, verdict)
    assert [row["path"] for row in rows if row["kind"] == "request"] == ["/api/v9/gateway"]


@asynccontextmanager
async def serving(**answers):
    """Whatever answers these paths with this JSON."""
    app, asked = web.Application(), []
    for path, value in answers.items():

        async def answer(request, value=value):
            asked.append(request.headers.get("Authorization"))
            return web.json_response(value)

        app.router.add_get(f"/{path}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        assert set(asked) <= {None}, "a key was sent"
    finally:
        await runner.cleanup()


async def test_something_else_than_discord_at_its_address_is_told():
    async with serving(gateway={"message": "hello"}) as url:
        assert verdicts(await reach.of_discord([url], needed=True)) == [FAIL]
        assert verdicts(await reach.of_discord([url], needed=False)) == [WARN]


def status(uptime=100.0, state="ok"):
    return {"api": 1, "state": state, "version": "0.1.0", "uptime_seconds": uptime}


async def test_an_engine_that_runs_answers():
    assert verdicts((await reach.of_engine(None, "http://127.0.0.1:9"))[0]) == [WARN]
    assert verdicts((await reach.of_engine(7, "http://127.0.0.1:9"))[0]) == [FAIL]
    async with serving(status=status()) as url:
        found, uptime = await reach.of_engine(7, url)
        assert (verdicts(found), uptime) == ([OK], 100.0)
    async with serving(status=status(state="degraded")) as url:
        assert verdicts((await reach.of_engine(7, url))[0]) == [WARN]


async def test_the_public_address_leads_here_or_it_does_not():
    async with serving(healthz={"alive": True}, status=status()) as url:
        assert verdicts(await reach.of_public_address(url, 100.5)) == [OK]
        (another,) = await reach.of_public_address(url, 5.0)
        assert (another.verdict, "another Easel" in another.words) == (FAIL, True)
        assert verdicts(await reach.of_public_address(url, None)) == [WARN]
    async with serving(healthz="a shop") as url:
        assert verdicts(await reach.of_public_address(url, 100.0)) == [FAIL]
    assert verdicts(await reach.of_public_address("http://127.0.0.1:9", 100.0)) == [FAIL]


def test_a_process_that_holds_the_folder_and_does_not_answer_is_broken(doctor, linked, folder):
    running = DataFolder(folder)
    running.hold()
    try:
        found, code = doctor(PORT="9")
    finally:
        running.let_go()
    assert (found["engine"][0]["verdict"], code) == ("fail", 1)
    assert str(os.getpid()) in found["engine"][0]["words"]
