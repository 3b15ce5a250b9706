"""Keeps out of a process what our libraries would load and Easel never uses: httpx's own program and its colours."""

from __future__ import annotations

import sys

sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # says "not there", and httpx does without
