"""How the troubles of the one run are dealt, and how the ledger is read for when a session is back."""

from collections import Counter, defaultdict

from bench.drops import _dealt, _follow, _Way


def test_each_kind_strikes_so_often_and_no_account_twice():
    names = [f"account {number}" for number in range(20)]
    hands = dict(_dealt(names, ["silence", "reset", "timeout"], 15))
    assert set(hands) == set(names)
    assert Counter(kind for hand in hands.values() for kind in hand) == {"silence": 15, "reset": 15, "timeout": 15}
    assert all(len(hand) == len(set(hand)) for hand in hands.values())


def row(kind, decision, at, op=None):
    return {"kind": kind, "decision": decision, "mono_us": at, "op": op}


def followed(now, *rows):
    way, back = _Way([], now), defaultdict(list)
    for each in rows:
        _follow(each, way, back)
    return way, dict(back)


def test_back_is_from_the_strike_to_the_next_session():
    struck, taken = row("fault", "tcp_cut", 1_000_000), row("gateway", "accepted", 2_500_000, op=6)
    way, back = followed("tcp_cut", row("gateway", "accepted", 500_000, op=6), struck, taken)
    assert (way.now, back) == (None, {"tcp_cut": [1.5]})


def test_a_refused_resume_counts_only_when_a_resume_was_refused():
    struck, identified = row("fault", "tcp_cut", 1_000_000), row("gateway", "accepted", 2_000_000, op=2)
    way, back = followed("resume_refused", struck, identified)
    assert (way.again, way.now, back) == (True, "resume_refused", {})
    way, back = followed("resume_refused", struck, row("gateway", "refused op9", 1_500_000), identified)
    assert (way.again, way.now, back) == (False, None, {"resume_refused": [1.0]})
