"""How much work a call is, counted in lines of the model's own code that run."""

from __future__ import annotations

import sys
from contextlib import suppress

from engine.model.errors import InvalidInput
from engine.model.prompts import read_prompt

COUNTED = ("prompts", "moderation")


class Steps:
    """Counts the lines of the counted packages that are run while it is open."""

    def __init__(self):
        self.taken = 0
        self._before = None

    def __enter__(self):
        self._before = sys.gettrace()
        sys.settrace(self._enter)
        return self

    def __exit__(self, *_):
        sys.settrace(self._before)

    def _enter(self, frame, event, argument):
        return self._line if any(name in frame.f_code.co_filename for name in COUNTED) else None

    def _line(self, frame, event, argument):
        self.taken += event == "line"
        return self._line


def steps_of(work, text):
    read_prompt.cache_clear()  # what was read a moment ago costs nothing
    with Steps() as steps, suppress(InvalidInput):
        work(text)
    return steps.taken
