"""How a database tells a private job from the others: by the JSON of its seldom fields."""

from __future__ import annotations

from sqlalchemy import func

from engine.store.tables import jobs

PRIVATE = '%"private":true%'
"""In `jobs.seldom`, where words are escaped: a quotation mark of somebody's stands behind a backslash."""

IS_PRIVATE = func.coalesce(jobs.c.seldom, "").like(PRIVATE)
