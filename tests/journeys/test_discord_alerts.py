"""What operators are told of in their alerts channel, each from its cause to the message at the simulator's Discord."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from tests.fakes.webhook_receiver import WebhookReceiver
from tests.journeys.people import ART, People, bot_settings, labels

pytestmark = pytest.mark.timeout(180)
STAFF = "Studio/staff"
NO_DISK_GIB = 1_000_000
"""More than any disk of tests has."""
LOOKS = 9.0
"""Two looks for what is to be told, and the way to Discord."""


@pytest.fixture
def receiver():
    made = WebhookReceiver()
    yield made
    made.stop()


class Watch:
    """The alerts channel as the operator sees it."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._seen = 0

    def posts(self) -> list[dict]:
        return self._people.sees("operator", STAFF)

    def saying(self, words: str) -> list[dict]:
        return [each for each in self.posts() if words in each["content"]]

    def within_ten_seconds(self, since: datetime, title: str, words: str) -> None:
        """The alert is posted, and in time by Discord's own clock."""
        found = self._people.until(
            "operator", lambda message: title in message["content"] and words in message["content"], STAFF
        )
        assert (datetime.fromisoformat(found["timestamp"]) - since).total_seconds() <= 10


def begun(start_simulator, start_easel, **settings):
    simulator = start_simulator(community=True, accounts=2, job_ms=300, first_ms=50, progress_events=1)
    easel = start_easel(simulator, accounts=2, **bot_settings(simulator), **settings)
    people = People(simulator)
    people.wait_connected(easel)
    people.connect(easel)
    return simulator, easel, people


def chooses_channel(people: People) -> Watch:
    wanted = {"as": "operator", "channel": ART, "name": "admin alerts channel", "options": {"channel": "staff"}}
    people._acted("/commands", wanted)
    people.until("operator", lambda message: "Noted" in message["content"])
    return Watch(people)


def test_four_causes_are_told_in_the_alerts_channel_in_time_and_once(start_simulator, start_easel, receiver):
    simulator, easel, people = begun(start_simulator, start_easel, ALLOW_NETWORKS="127.0.0.0/8")
    first, second = simulator.accounts
    watch = chooses_channel(people)
    told = []

    def is_told(since, title, words):
        watch.within_ten_seconds(since, title, words)
        told.append(words)

    simulator.order("embed", title="Tides are turning", match="Tides", account=first["id"])
    since = datetime.now(UTC)
    simulator.by_hand(account=first["id"], type="imagine", prompt="a fox by hand, Tides")
    is_told(since, "not known", "Tides are turning")

    receiver.answers(410)
    people.slash("operator", "admin webhook", url=receiver.url())
    people.until("operator", lambda message: receiver.place in message["content"])
    since = datetime.now(UTC)
    assert "U1" in labels(people.result("member", people.slash("member", "imagine", prompt="a red fox")))
    is_told(since, "Webhooks do not arrive", "1 webhook was given up")
    receiver.answers(200)

    simulator.change_account(first["id"], fast_hours=0.2)
    since = datetime.now(UTC)
    (number,) = (row[0] for row in easel.query("SELECT id FROM accounts ORDER BY id LIMIT 1"))
    people.slash("operator", "admin account info", account=str(number))
    is_told(since, "Fast hours run low", "less than 15 minutes")

    since = datetime.now(UTC)
    simulator.change_account(second["id"], revoked=True)
    is_told(since, "needs its owner", "account")

    time.sleep(LOOKS)  # nothing may come in a while: there is no event to wait for
    posts = [each["content"] for each in watch.posts()]
    assert [sum(words in post for post in posts) for words in told[:3]] == [1, 1, 1]
    assert len(posts) == 1 + len(told), "\n".join(posts)

    since = datetime.now(UTC)
    simulator.change_account(first["id"], fast_hours=0)
    people.slash("operator", "admin account info", account=str(number))
    is_told(since, "Fast hours run low", "no fast hours are left")


def test_a_disk_that_is_nearly_full_is_told_in_the_alerts_channel_in_time_and_once(start_simulator, start_easel):
    _, easel, people = begun(start_simulator, start_easel, DISK_ALERT_GIB=NO_DISK_GIB)
    since = datetime.now(UTC)
    watch = chooses_channel(people)
    watch.within_ten_seconds(since, "The disk is nearly full", f"less than {NO_DISK_GIB} GiB is free")
    assert easel.stop() == 0
    easel.start()
    people.wait_connected(easel)
    time.sleep(LOOKS)  # nothing may come in a while: there is no event to wait for
    assert len(watch.saying("nearly full")) == 1
