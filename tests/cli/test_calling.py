"""Jobs asked of the running Easel by its commands: the same door as the API's, and the same refusals."""

from __future__ import annotations

import json

import pytest

from tests.cli.installation import Easel
from tests.fakes import pictures
from tests.journeys import warm


@pytest.fixture(scope="module")
def easel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("calling")
    one = Easel(folder, {**warm.inherited(), "EASEL_DATA_DIR": str(folder / "data")})
    one.up()
    yield one
    one.close()


def asked(easel, *arguments, **changes):
    ran = easel.run("job", *arguments, "--json", **changes)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    return json.loads(ran.stdout)


def test_a_picture_is_handed_in_painted_pressed_and_taken_back(easel, tmp_path):
    (tmp_path / "a.png").write_bytes(pictures.drawn())
    kept = asked(easel, "upload", tmp_path / "a.png")["id"]
    job = asked(easel, "create", "a red fox", "--image", kept, "--ref", "order 7")
    assert (job["action"], job["prompt"], job["ref"]) == ("imagine", "a red fox", "order 7")
    easel.until(job["id"], "DONE")
    pressed = asked(easel, "create", "--parent", job["id"], "--button", "V1")
    assert (pressed["action"], pressed["parent_id"]) == ("variation_1", job["id"])
    named = asked(easel, "create", "--parent", job["id"], "--action", "upscale_2")
    easel.until(named["id"], "DONE")
    told = easel.run("job", "cancel", job["id"])
    assert (told.returncode, "cannot be cancelled any more" in told.stderr) == (1, True)


def test_a_job_that_waits_is_taken_back(easel):
    assert easel.run("queue", "pause").returncode == 0
    try:
        tries = (asked(easel, "create", "a slow fox") for _ in range(10))  # the pause is heeded within a second
        assert any(asked(easel, "cancel", each["id"])["state"] == "CANCELLED" for each in tries)
    finally:
        assert easel.run("queue", "resume").returncode == 0


def test_what_the_api_refuses_is_told_in_one_line(easel):
    refused = easel.run("job", "create", "a fox --ar nonsense")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("easel: ")
    assert "--ar" in refused.stderr
    unknown = easel.run("job", "cancel", "../keys")
    assert (unknown.returncode, "Traceback" in unknown.stderr) == (1, False)


def test_the_key_of_the_environment_counts_and_is_told_nowhere(easel):
    refused = easel.run("job", "create", "a fox", EASEL_KEY="easel_wrong_and_secret")
    assert (refused.returncode, "unknown or revoked" in refused.stderr) == (1, True)
    assert "secret" not in refused.stderr
    limited = json.loads(easel.run("key", "create", "--name", "reader", "--scope", "read", "--json").stdout)["key"]
    refused = easel.run("job", "create", "a fox", EASEL_KEY=limited)
    assert (refused.returncode, "scope generate" in refused.stderr) == (1, True)


def test_without_a_running_easel_or_a_key_it_says_what_to_do(easel, tmp_path):
    nowhere = easel.run("job", "create", "a fox", EASEL_DATA_DIR=str(tmp_path / "empty"))
    assert (nowhere.returncode, "easel key create" in nowhere.stderr) == (1, True)
    down = easel.run("job", "create", "a fox", EASEL_PORT="1", EASEL_KEY="easel_x")
    assert (down.returncode, "easel up" in down.stderr) == (1, True)
