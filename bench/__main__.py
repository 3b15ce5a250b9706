"""Runs the measurements: all, or the named ones.

    python -m bench [PART …] [--quick] [--folder DIR]

Prints each figure as it is found and writes `bench/results.md`. Everything happens on loopback addresses and in a
temporary folder; each part ends by itself.
"""

from __future__ import annotations

import argparse
import importlib
import shlex
import sys
import tempfile
import time
from pathlib import Path

from bench import machine
from bench.report import ORDER, rendered, write

RESULTS = Path(__file__).resolve().parent / "results.md"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(ORDER))
    parser.add_argument("--quick", action="store_true", help="shorter runs; their figures are only a hint")
    parser.add_argument("--folder", type=Path, help="where the databases lie while measuring; its disk is measured")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where the results are written")
    asked = parser.parse_args()
    unknown = set(asked.parts) - set(ORDER)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are: {', '.join(ORDER)}")
    sections: dict[str, str] = {}
    missed = 0
    with tempfile.TemporaryDirectory(prefix="easel-bench-", dir=asked.folder) as made:
        folder = Path(made)
        head = machine.described(folder)
        for part in asked.parts or ORDER:
            module = importlib.import_module(f"bench.{part}")
            print(f"== {part}: {module.TITLE}", flush=True)
            place = folder / part
            place.mkdir()
            before, pace, began = machine.load(), machine.pace(), time.monotonic()
            section = module.run(place, quick=asked.quick)
            missed += sum(figure.holds is False for figure in section.figures)
            circumstances = (
                f"took {time.monotonic() - began:.0f} s; before and after it a load average of {before:.1f} and "
                f"{machine.load():.1f}, a pace of {pace:.0f} and {machine.pace():.0f} ms"
            )
            command = shlex.join(["python", "-m", "bench", part, *(["--quick"] if asked.quick else [])])
            sections[part] = rendered(section, command, circumstances)
            write(asked.out, head, sections)
    print(f"written: {asked.out.name}" + (f"; {missed} figures miss their target" if missed else ""))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
