"""A short campaign over the whole document; `make schemathesis` runs the long one."""

from __future__ import annotations

import pytest

from tests.openapi.campaign import run
from tests.openapi.throwaway import Throwaway

pytestmark = [pytest.mark.timeout(300), pytest.mark.filterwarnings("default")]


def test_no_generated_call_breaks_what_the_document_says(tmp_path):
    with Throwaway(tmp_path) as place:
        report = run(place, examples=1, systematic=False)
    assert not report.violations, report
    assert not report.errors, report
    assert report.server_errors == 0, report
    assert report.never_accepted == [], report
    assert report.cases > 300
