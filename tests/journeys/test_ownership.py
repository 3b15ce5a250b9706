"""Two processes on one PostgreSQL: a stopped owner that wakes after a takeover neither writes nor submits."""

from __future__ import annotations

import signal
import time
from datetime import datetime

import psycopg
import pytest
from cryptography.fernet import Fernet

from tests.journeys.processes import EaselProcess, assert_nothing_lost_doubled_or_swapped, imagine, wait_final

LEASE = 3
AUDITED = ("accounts", "jobs", "job_updates", "submissions", "results", "wire_evidence")
"""Everything that follows from an account's session."""

AUDIT = """
CREATE TABLE audit (
    at timestamptz DEFAULT clock_timestamp(), who text DEFAULT session_user, what text, was jsonb, now jsonb
);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit (what, was, now) VALUES (TG_TABLE_NAME, to_jsonb(OLD), to_jsonb(NEW));
    RETURN NULL;
END $$;
"""


class Audit:
    """Which process wrote what, and when, by the database's own word: each has a user of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        with psycopg.connect(url) as connection:
            connection.execute(AUDIT)
            for table in AUDITED:
                when = f"AFTER INSERT OR UPDATE OR DELETE ON {table}"
                connection.execute(f"CREATE TRIGGER note {when} FOR EACH ROW EXECUTE FUNCTION note()")

    def ask(self, question: str, *values: object) -> list[tuple]:
        with psycopg.connect(self._url) as connection:
            return connection.execute(question, values).fetchall()

    def taken_over(self, by: str, accounts: int) -> datetime:
        """Wait until `by` takes that many accounts from now on; the moment of the last one."""
        ((since,),) = self.ask("SELECT clock_timestamp()")
        taken = (
            "SELECT count(*), max(at) FROM audit "
            "WHERE who = %s AND at > %s AND what = 'accounts' AND now->'epoch' <> was->'epoch'"
        )
        end = time.monotonic() + 30
        while (found := self.ask(taken, by, since)[0])[0] < accounts:
            assert time.monotonic() < end, "nobody took the accounts over"
            time.sleep(0.05)
        return found[1]

    def writes(self, by: str, since: datetime) -> list[tuple]:
        return self.ask("SELECT what, now FROM audit WHERE who = %s AND at > %s", by, since)

    def nonces(self, by: str) -> set[str]:
        rows = self.ask("SELECT now->>'nonce' FROM audit WHERE who = %s AND what = 'submissions'", by)
        return {nonce.lstrip("0") for (nonce,) in rows}


@pytest.mark.timeout(240)
def test_an_owner_that_slept_past_its_lease_writes_and_sends_nothing(postgres, start_simulator, tmp_path):
    # nothing but its lease tells the sleeper: the new owner cannot resume, so the old connection stays open, and no
    # heartbeat is missed so soon
    simulator = start_simulator(speed=8, accounts=2, heartbeat_ms=41_250)
    with postgres.database() as url:
        name = url.partition("@/")[2].partition("?")[0]
        audit = Audit(url)
        users = [f"{name}_one", f"{name}_two"]
        shared = {
            "SECRET_KEY": Fernet.generate_key().decode(),
            "LEASE_SECONDS": LEASE,
            "POST_TIMEOUT_SECONDS": 0.5,
            "PACE_SECONDS": 0.4,
            "COPY_PICTURES": "no",
        }
        for user in users:
            postgres.execute("postgres", f"CREATE ROLE {user} SUPERUSER LOGIN")
        houses = {
            user: EaselProcess(tmp_path / user, simulator, DATABASE_URL=postgres.url(name, user=user), **shared)
            for user in users
        }
        try:
            told = _take_turns(simulator, audit, houses)
            assert_nothing_lost_doubled_or_swapped(simulator, houses[users[0]], told)
        finally:
            for house in houses.values():
                house.signal(signal.SIGCONT)
                house.stop()


def _take_turns(simulator, audit: Audit, houses: dict[str, EaselProcess]) -> dict[str, dict]:
    (first, one), (second, two) = houses.items()
    for account in simulator.accounts:
        one.link(account)
    one.start()
    one.wait_live(2)
    two.start()
    two.share_key(one)
    job_ids: list[str] = []
    for sleeper, owner in ((first, second), (second, first)):
        asleep, awake = houses[sleeper], houses[owner]
        with asleep.client() as client:
            job_ids += [imagine(client, f"{sleeper} fox {n}") for n in range(10)]
        time.sleep(1.0)
        simulator.order("resume_refused", count=2)
        asleep.signal(signal.SIGSTOP)
        taken_at = audit.taken_over(owner, 2)
        with awake.client() as client:
            job_ids += [imagine(client, f"{owner} heron {n}") for n in range(4)]
        awake.wait_live(2)
        asleep.signal(signal.SIGCONT)
        with awake.client() as client:
            told = wait_final(client, job_ids, 90)
        time.sleep(1.0)
        assert audit.writes(sleeper, taken_at) == []
        assert _posts_since(simulator, audit.nonces(sleeper), taken_at) == []
        assert len(_posts_since(simulator, audit.nonces(owner), taken_at)) > 4
        assert audit.writes(owner, taken_at)
        assert not [line for line in asleep.log.read_text().splitlines() if "Traceback" in line]
    return told


def _posts_since(simulator, nonces: set[str], since: datetime) -> list[dict]:
    posts = [row for row in simulator.ledger("request") if row["path"].endswith("/interactions")]
    return [row for row in posts if row["nonce"] in nonces and row["at"] > since.timestamp() * 1000]
