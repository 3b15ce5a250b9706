"""`easel up` as an operator meets it: a process that is started, killed, stopped and started again."""

import json
import shutil
import signal
import socket
import stat
import subprocess
import time
from contextlib import contextmanager

import pytest

from engine.cli.folder import DataFolder
from tests.cli.installation import Easel

# made up, in the shape of a Discord token
TOKEN = "MTAxMjM0NTY3ODkwMTIzNDU2Nw" + ".GxQwEr." + "abcDEFghiJKLmnoPQRstuVWXyz0123456789-_"
ACCEPT = ("--accept-terms", "--json")


@contextmanager
def started(program, **how):
    """A process whose answers are read, and that ends with the test even when the test fails."""
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, **how) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def easel(tmp_path, environment):
    one = Easel(tmp_path, environment)
    yield one
    one.close()


def test_it_starts_with_a_simulator_works_is_killed_and_goes_on(easel, tmp_path):
    ready = easel.up()
    assert ready["simulator"] is not None
    key_file = tmp_path / "data" / "first.key"
    assert key_file.read_text().strip() == ready["key"]
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600

    with easel.http() as client:
        page = client.get("/simulator")
        assert page.status_code == 200
        assert "Simulated Discord" in page.text
        places = client.get("/simulator/discord/places", params={"as": "member"}).json()
        assert [guild["name"] for guild in places["guilds"]] == ["Studio"]

    second = easel.run("up")
    assert second.returncode == 1
    assert f"as process {easel.process.pid};" in second.stderr
    assert second.stderr.count("\n") == 1

    job = easel.imagine("a red fox --ar 16:9")
    easel.until_seen(job)
    easel.stop(signal.SIGKILL)

    again = easel.up()
    assert (again["url"], again["key"]) == (ready["url"], ready["key"])
    assert easel.until(job, "DONE")["buttons"]
    accounts = json.loads(easel.run("account", "list", "--json").stdout)
    assert [(each["demo"], each["state"]) for each in accounts] == [(True, "active")] * 2

    began = time.monotonic()
    assert easel.stop(signal.SIGTERM) == 0
    assert time.monotonic() - began < 30
    assert DataFolder(tmp_path / "data").holder() is None
    for port in (easel.port, easel.port + 1, easel.port + 2):
        socket.create_server(("127.0.0.1", port)).close()
    said = easel.log.read_text()
    assert "Traceback" not in said
    assert ready["key"] not in said


def unbound(easel):
    for _ in range(10):
        if json.loads(easel.run("guild", "list", "--json").stdout) == []:
            return True
        time.sleep(0.5)
    return False


def test_a_real_account_takes_the_place_of_the_simulators(easel, tmp_path):
    program, environment = easel.command("simulate", "--port", 0, "--accounts", 1, "--json")
    with started(program, cwd=tmp_path, env=environment) as elsewhere:
        discord = json.loads(elsewhere.stdout.readline())
        (person,) = discord["accounts"]
        address = {"EASEL_DISCORD_API_URL": discord["api_url"], "EASEL_DISCORD_GATEWAY_URL": discord["gateway_url"]}
        easel.up()
        where = ("--server", person["guild_id"], "--channel", person["channel_id"])
        linked = easel.run("account", "link", "--token-stdin", *where, *ACCEPT, given=person["token"], **address)
        assert linked.returncode == 0, linked.stderr
        told = json.loads(linked.stdout)
        assert told["session"] == "live"
        assert person["user_id"] in told["detail"]
        states = {each["demo"]: each["state"] for each in json.loads(easel.run("account", "list", "--json").stdout)}
        assert states == {True: "paused", False: "active"}
        assert unbound(easel), "the simulator's people could spend what is real"
        assert easel.until(easel.imagine("a quiet harbour"), "DONE")["originalUrl"].startswith(discord["cdn_url"])
        assert easel.stop() == 0

        assert easel.up()["simulator"] is None
        assert easel.until(easel.imagine("a loud harbour"), "DONE")
        key = easel.ready["key"]
        assert easel.run("key", "revoke", key).returncode == 0
        time.sleep(2.1)
        with easel.http() as client:
            assert client.get("/status").status_code == 401
            assert client.get("/simulator").status_code == 404
        assert easel.stop() == 0
        assert easel.up()["key"] is None
        assert easel.stop() == 0
        elsewhere.send_signal(signal.SIGTERM)
        assert elsewhere.wait(20) == 0
    pieces = {person["token"][i : i + 12] for i in range(len(person["token"]) - 11)}
    for file in (easel.log, *(tmp_path / "data").glob("easel.db*")):
        text = file.read_bytes().decode("latin-1")
        assert not [piece for piece in pieces if piece in text], file


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_busy_port_is_told_before_anything_is_started(easel, tmp_path, which):
    with socket.create_server(("127.0.0.1", easel.port + which)):
        refused = easel.run("up")
    assert refused.returncode == 1
    assert refused.stdout == ""
    setting = "EASEL_SIMULATOR_PORT" if which else "EASEL_PORT"
    assert f"port {easel.port + which} on 127.0.0.1 is busy" in refused.stderr
    assert refused.stderr.rstrip().endswith(f"Stop it or set {setting}")
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "data" / "simulator.pid").exists()


@pytest.mark.skipif(shutil.which("curl") is None, reason="the line is tried with curl, which is not here")
def test_a_person_reads_the_address_the_key_and_a_line_that_works(easel, tmp_path):
    program, environment = easel.command("up")
    with started(program, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL) as process:
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("Stop it"):
                break
        key = next(line.split()[-1] for line in said if line.startswith("API key"))
        curl = next(line for line in said if line.startswith("curl "))
        answer = subprocess.run(curl, shell=True, capture_output=True, text=True, check=True)
        assert json.loads(answer.stdout)["success"] is True
        assert key in curl
        assert "a simulator stands in for Discord" in "".join(said)
        process.send_signal(signal.SIGINT)
        assert process.wait(35) == 0


def test_another_secret_key_is_told_at_once(easel):
    where = ("--server", "1012345678901234567", "--channel", "1012345678901234568")
    assert easel.run("account", "link", "--token-stdin", *where, *ACCEPT, given=TOKEN).returncode == 0
    refused = easel.run("up", EASEL_SECRET_KEY="c2VzYW1lLXNlc2FtZS1zZXNhbWUtc2VzYW1lLXNlc2E=")
    assert refused.returncode == 2
    assert refused.stderr.startswith("easel: EASEL_SECRET_KEY='(not shown)' is not allowed: the key that")


def test_nothing_listens_when_a_setting_is_wrong(easel):
    refused = easel.run("up", EASEL_SIMULATOR="sometimes")
    assert refused.returncode == 2
    assert refused.stderr == "easel: EASEL_SIMULATOR='sometimes' is not allowed: one of auto, on, off\n"
