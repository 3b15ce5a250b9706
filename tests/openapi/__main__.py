"""`python -m tests.openapi`: the whole campaign on a throw-away workspace; the exit code is 1 if anything is wrong."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.openapi.campaign import run
from tests.openapi.throwaway import Throwaway

CASES = 10_000
EXAMPLES = 8


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.openapi", description=__doc__.partition("`: ")[2])
    parser.add_argument("--cases", type=int, default=CASES, help="at least so many")
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="generated for each operation")
    parser.add_argument("--only", default="", help="a regular expression of paths")
    parser.add_argument("--quick", action="store_true", help="only the generated cases, without the systematic ones")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="easel-openapi-") as folder, Throwaway(Path(folder)) as place:
        report = run(place, examples=asked.examples, least=asked.cases, systematic=not asked.quick, only=asked.only)
    sys.stdout.write(f"{report}\n")
    return 1 if report.violations or report.errors or report.server_errors or report.never_accepted else 0


if __name__ == "__main__":
    sys.exit(main())
