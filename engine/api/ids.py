"""Which texts can be the id of a job; the others are answered like an unknown one, without a look at the store."""

from __future__ import annotations

import re

from engine.model.errors import NotFound

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def job_id_of(text: str) -> str:
    """The id as we store it.

    Raises:
        NotFound: no job can have it.
    """
    lowered = text.strip().lower()
    if not _UUID.fullmatch(lowered):
        raise NotFound("no such job")
    return lowered
