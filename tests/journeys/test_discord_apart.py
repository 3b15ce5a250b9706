"""The bot in a process of its own, sharing a PostgreSQL database with Easel."""

from __future__ import annotations

import pytest

from tests.journeys import warm
from tests.journeys.people import People, bot_settings, is_done, labels, words_of
from tests.journeys.processes import EaselProcess, environment


class BotProcess:
    """`easel bot` with the settings of an Easel."""

    def __init__(self, easel: EaselProcess, **settings: object) -> None:
        self._log = (easel.folder.parent / "bot.log").open("wb")
        where = {"env": environment(**{**easel.settings, **settings}), "cwd": easel.folder.parent}
        self._process = warm.start("engine.cli", "bot", stdout=self._log, stderr=self._log, **where)

    def stop(self) -> int:
        self._process.terminate()
        code = self._process.wait(40)
        self._log.close()
        return code


@pytest.fixture
def apart(postgres, start_simulator, tmp_path):
    simulator = start_simulator(community=True, accounts=1)
    with postgres.database() as url:
        easel = EaselProcess(tmp_path / "easel", simulator, DATABASE_URL=url)
        easel.link(simulator.accounts[0])
        easel.start()
        easel.wait_live(1)
        bot = BotProcess(easel, **bot_settings(simulator))
        people = People(simulator)
        people.wait_connected(easel)
        people.connect(easel)
        yield easel, bot, people
        bot.stop()
        easel.stop()


def test_a_job_that_is_asked_for_in_discord_is_drawn_by_the_other_process_and_shown_by_the_bot(apart):
    easel, bot, people = apart
    grid = people.result("member", people.slash("member", "imagine", prompt="a red fox"))
    assert "U1" in labels(grid)
    single = people.result("friend", people.press("friend", grid, "U3"))
    assert "Custom Zoom" in labels(single)
    assert bot.stop() == 0
    with easel.client() as client:
        assert client.get("/readyz").status_code == 200


def shows_progress(message: dict) -> bool:
    return "▰" in words_of(message) and "image" in message["embeds"][0]


def test_a_job_that_runs_in_the_other_process_shows_its_bar_and_is_taken_back(apart):
    _, _, people = apart
    people.simulator.timing(job_ms=25_000)
    asked = people.slash("member", "imagine", prompt="a red fox")
    live = people.until("member", lambda message: message["id"] in asked["messages"] and shows_progress(message))
    assert not is_done(live)
    people.press("member", live, "Cancel")
    ended = people.until("member", lambda message: message["id"] == live["id"] and "Cancelled" in words_of(message))
    assert "Cancel" not in labels(ended)
    states = [row["state"] for row in people.simulator.ledger("job")]
    assert "cancelled" in states
    assert "finished" not in states


def answered(people: People, who: str, command: str, title: str) -> str:
    own = set(people.slash(who, command)["messages"])
    return words_of(people.until(who, lambda message: message["id"] in own and title in words_of(message)))


def test_an_account_that_the_other_process_holds_is_shown_as_live(apart):
    easel, _, people = apart
    listed = lambda: answered(people, "operator", "admin account list", "Accounts")  # noqa: E731
    easel._wait(lambda: "🟢 `1`" in listed(), "the account is shown as live")
    assert "🟢" in answered(people, "member", "status", "Easel")


def test_on_sqlite_the_bot_does_not_start_by_itself(tmp_path):
    easel = EaselProcess(tmp_path / "easel")
    done = warm.run("engine.cli", "bot", env=environment(**easel.settings, DISCORD_BOT_TOKEN="x" * 30))
    assert done.returncode == 2
    assert "PostgreSQL" in done.stderr
