"""What the measurements hold against Easel, by the simulator's ledger."""

import pytest

from bench.verdict import Stored, compared


def a_job(state="DONE", *marks, job_id="a", **values):
    return Stored(job_id, "words", state, None, None, 1, marks=list(marks or [("first", "1")]), **values)


def posted(account="first", nonce="1", decision="accepted", interaction="i1"):
    path = "/api/v9/interactions"
    return {
        "kind": "request",
        "path": path,
        "account": account,
        "nonce": nonce,
        "decision": decision,
        "interaction": interaction,
    }


def finished(account="first", nonce="1", picture="red", interaction="i1"):
    return {
        "kind": "job",
        "state": "finished",
        "account": account,
        "nonce": nonce,
        "interaction": interaction,
        "picture": picture,
        "message": "m1",
    }


def refused(nonce="1", interaction="i1"):
    row = finished(nonce=nonce, interaction=interaction)
    return {**row, "state": "refused", "decision": "Queue full"}


TYPED = {"kind": "human", "account": "first", "nonce": "1", "interaction": "h1"}
WRONGS = ("lost", "doubled", "swapped", "strangers", "unfinished", "failed", "findable")


def wrongs(jobs, ledger, shown=None, answered=()):
    """Which kinds of wrong are found."""
    verdict = compared({job.job_id: job for job in jobs}, ledger, shown or {}, answered)
    return [name for name in WRONGS if getattr(verdict, name)]


@pytest.mark.parametrize(
    ("jobs", "ledger", "shown", "expected"),
    [
        ([a_job()], [posted(), finished()], {"a": "red"}, []),
        ([a_job()], [posted(), finished()], {"a": "blue"}, ["swapped"]),
        ([a_job()], [posted(), finished()], {}, ["swapped"]),
        ([a_job()], [posted()], {"a": "red"}, ["swapped"]),
        ([a_job()], [posted(), posted(interaction="i2"), finished()], {"a": "red"}, ["doubled"]),
        ([a_job()], [posted(), posted(decision="duplicate nonce"), finished()], {"a": "red"}, ["doubled"]),
        ([], [posted(), finished()], {}, ["strangers"]),
        ([a_job("SENT")], [posted()], {}, ["unfinished"]),
        ([a_job("FAILED")], [posted(decision="server_error")], {}, ["failed"]),
        ([a_job("FAILED")], [posted(), finished()], {}, ["lost", "failed"]),
        ([a_job("NEEDS_ATTENTION")], [posted()], {}, []),
        ([a_job("NEEDS_ATTENTION")], [posted(), finished()], {}, ["findable"]),
    ],
)
def test_each_kind_of_wrong_is_found(jobs, ledger, shown, expected):
    assert wrongs(jobs, ledger, shown) == expected


def test_an_id_that_was_given_out_and_is_not_stored_is_a_loss():
    assert wrongs([a_job()], [posted(), finished()], {"a": "red"}, answered=["a", "b"]) == ["lost"]


def test_two_accounts_may_use_one_nonce():
    jobs = [a_job(job_id="a"), a_job("DONE", ("second", "1"), job_id="b")]
    ledger = [
        *(posted(), finished()),
        *(posted("second", interaction="i2"), finished("second", picture="blue", interaction="i2")),
    ]
    assert wrongs(jobs, ledger, {"a": "red", "b": "blue"}) == []
    assert wrongs(jobs, ledger, {"a": "blue", "b": "red"}) == ["swapped"]


def test_what_the_owner_typed_is_nobodys_picture_though_its_nonce_is_ours():
    typed = finished(picture="the owner's", interaction="h1")
    for order in ([finished(), typed], [typed, finished()]):
        ledger = [posted(), TYPED, *order]
        assert wrongs([a_job()], ledger, {"a": "red"}) == []
        assert wrongs([a_job()], ledger, {"a": "the owner's"}) == ["swapped"]


def test_what_a_full_queue_turned_away_was_not_taken():
    job = a_job("DONE", ("first", "1"), ("first", "2"))
    ledger = [posted(), refused(), posted(nonce="2", interaction="i2"), finished(nonce="2", interaction="i2")]
    assert wrongs([job], ledger, {"a": "red"}) == []


def test_jobs_that_were_judged_before_are_left_out_but_still_ours():
    jobs = {"a": a_job(), "b": a_job("SENT", ("first", "2"), job_id="b")}
    ledger = [posted(), finished(), posted(nonce="2", interaction="i2")]
    verdict = compared(jobs, ledger, {"a": "red"}, leaving_out=["b"])
    assert (list(verdict.jobs), verdict.unfinished, verdict.strangers) == (["a"], [], [])
