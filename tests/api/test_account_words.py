"""What an account's condition is called in both services' words: the table of docs/api/states.md."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.api.account_words import AccountWords, account_words
from engine.model.accounts import AccountState
from engine.model.details import AccountFacts, AccountInfo
from engine.model.sightings import Trouble
from tests.contracts.session_contract import account_at

ACCOUNT = account_at("http://127.0.0.1:9")
KNOWN = AccountFacts(username="ypontonx")
STOPPED = AccountState.STOPPED
TO_VERIFY = "VERIFYING"


def mode(word):
    return replace(KNOWN, info=AccountInfo(mode=word))


@pytest.mark.parametrize(
    ("changes", "live", "words"),
    [
        ({}, False, AccountWords(TO_VERIFY, "pending", None, True)),
        ({}, True, AccountWords("FAST", "active", None, True)),
        ({"facts": KNOWN}, False, AccountWords("FAST", "active", None, True)),
        ({"facts": mode("fast")}, True, AccountWords("FAST", "active", None, True)),
        ({"facts": mode("turbo")}, True, AccountWords("FAST", "active", None, True)),
        ({"facts": mode("relax")}, True, AccountWords("RELAX", "active", None, True)),
        ({"state": AccountState.PAUSED}, True, AccountWords(TO_VERIFY, "error", "paused", False)),
        ({"state": STOPPED, "trouble": Trouble.TERMS}, True, AccountWords(TO_VERIFY, "tos", "terms", False)),
        (
            {"state": STOPPED, "trouble": Trouble.MODERATION},
            True,
            AccountWords(TO_VERIFY, "tos", "moderation", False),
        ),
        ({"state": STOPPED, "trouble": Trouble.BLOCKED}, True, AccountWords("BANNED", "banned", "blocked", False)),
        ({"state": STOPPED, "trouble": Trouble.CAPTCHA}, True, AccountWords(TO_VERIFY, "error", "captcha", False)),
        ({"state": STOPPED, "trouble": Trouble.BILLING}, True, AccountWords(TO_VERIFY, "error", "billing", False)),
        (
            {"state": STOPPED, "trouble": Trouble.TOKEN, "reason": "closed with 4004"},
            False,
            AccountWords(TO_VERIFY, "error", "closed with 4004", False),
        ),
    ],
)
def test_each_condition_has_its_words(changes, live, words):
    assert account_words(replace(ACCOUNT, **changes), live=live) == words
