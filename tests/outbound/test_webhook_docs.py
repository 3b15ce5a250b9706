"""What docs/webhooks.md tells receivers holds for what the courier sends."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from engine.outbound.courier import signed
from engine.ports import Letter

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def is_ours():
    """The check by hand, as the page has it."""
    (code,) = [block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "def is_ours" in block]
    found: dict = {}
    exec(code, found)
    return found["is_ours"]


def test_the_check_by_hand_takes_what_is_ours_and_nothing_else():
    body = '{"prompt":"a red fox “ünïcode”"}'.encode()
    headers = signed(
        Letter(webhook_id="msg_1_7", url="https://a.example", body=body, at=datetime.now(UTC), secret=SECRET)
    )
    check = is_ours()
    assert check(SECRET, headers, body)
    assert not check(SECRET, headers, body + b" ")
    assert not check(SECRET, {**headers, "webhook-id": "msg_1_8"}, body)
    assert not check("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", headers, body)
