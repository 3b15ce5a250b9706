"""No message costs more than its length: twice the length, at most two and a half times the work.

Steps are lines of Easel's own code that run, counted by the interpreter: the same on every machine. What one call of a
regular expression does counts as one such step, so its growth is measured too, on texts so long that a square would
show whatever else the machine does.
"""

from __future__ import annotations

import sys
import time

import msgspec
import pytest

from engine.drivers.midjourney import answers, content, evidence
from engine.drivers.midjourney.wire import Reader
from engine.model import correlation
from tests.drivers.captures import CHANNEL, NOW, USER, message

OWNER = " - <@300000000000000001> (45%) (fast)"
WORST = {
    "stars": "**" * 1500,
    "dashes": " - " * 1500,
    "stars and dashes": "** - " * 1200,
    "nested braces": "{" * 1500 + "}" * 1500,
    "hyphens": "-" * 6000,
    "flags": " --a" * 1500,
    "mentions": "<@1>" * 1500,
    "open links": "[(" * 1500,
    "brackets": "(" * 3000,
    "blanks": " " * 6000,
    "links": "https://" * 700,
    "uuid halves": "3baac4ee-dadd-5929-" * 300,
    "moments": "<t:1:R>" * 700,
}
FORMS = {
    "bare": lambda text: message(content=text),
    "in a job's line": lambda text: message(content=f"**{text}**{OWNER}"),
    "behind a job's line": lambda text: message(content=f"**p**{OWNER} {text}"),
    "before the prompt": lambda text: message(content=f"{text}**p**{OWNER}"),
    "in an embed": lambda text: message(content="", embeds=[{"title": "Blocked", "description": text}]),
    "as a footer": lambda text: message(content="", embeds=[{"title": "x", "footer": {"text": f"/imagine {text}"}}]),
    "in /info": lambda text: message(content="", embeds=[{"title": "Your info", "description": f"**{text}**: {text}"}]),
    "in shorten": lambda text: message(content="", embeds=[{"description": f"## Shortened prompts\n1️⃣ {text}"}]),
    "in settings": lambda text: message(content=f"Adjust your settings here. Current suffix: `{text}"),
    "in a seed's letter": lambda text: message(content=f"**p**{OWNER}\n**seed** {text}"),
    "as a file's name": lambda text: message(content=f"**p**{OWNER}", attachments=[{"filename": text, "url": text}]),
    "as a button": lambda text: message(
        content=f"**p**{OWNER}", components=[{"type": 1, "components": [{"type": 2, "custom_id": text}]}]
    ),
}


def read(form: str, text: str) -> None:
    content._rest.cache_clear()
    content._verb.cache_clear()
    body = msgspec.json.encode(FORMS[form](text))
    assert Reader(CHANNEL, USER).read("MESSAGE_CREATE", body, NOW)


def steps(form: str, text: str) -> int:
    """Lines of code that run while the text is read."""
    count = 0

    def trace(frame, event, _):
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        read(form, text)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", WORST)
def test_twice_the_length_costs_at_most_two_and_a_half_times_the_steps(form, text):
    read(form, text)  # whatever is built once in a process is built now
    assert steps(form, WORST[text] * 2) <= 2.5 * steps(form, WORST[text])


def seconds(work, *args) -> float:
    """The least CPU time of several runs: what the work itself needs."""
    best = float("inf")
    for _ in range(5):
        begun = time.thread_time()
        work(*args)
        best = min(best, time.thread_time() - begun)
    return best


WORKS = {
    "a line": lambda text: content.read(f"**{text}**{OWNER}"),
    "a text": answers.read_text,
    "evidence": lambda text: evidence.keep(msgspec.json.encode({"content": text})),
    "words": correlation.plain_words,
}


@pytest.mark.parametrize("work", WORKS)
@pytest.mark.parametrize("text", WORST)
def test_eight_times_the_length_costs_nothing_like_its_square(work, text):
    short = WORST[text] * 4
    assert seconds(WORKS[work], short * 8) <= 24 * max(seconds(WORKS[work], short), 0.0005)
