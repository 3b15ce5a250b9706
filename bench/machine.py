"""On what machine something was measured, and how busy it was meanwhile."""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def described(folder: Path) -> str:
    """The head of the results: who measured, in words."""
    p50, worst = fsync_milliseconds(folder)
    rows = [
        ("processor", f"{_processor()}, {os.cpu_count()} cores"),
        ("memory", f"{_memory() / 2**30:.1f} GiB"),
        ("system", f"{_system()}, kernel {platform.release()}"),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("pace", f"a fixed piece of Python (`bench/machine.py`, `pace`) takes {pace():.0f} ms of CPU"),
        ("disk", f"{_filesystem(folder)}; write of 4 kB and fsync: p50 {p50:.2f} ms, worst of 50 {worst:.2f} ms"),
        ("written", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, by `python -m bench`"),
    ]
    lines = ["# Results", "", "Written by `make bench`; what each part measures and how is told in", ""]
    lines[2] += " [docs/performance.md](../docs/performance.md)."
    lines += ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows), ""]
    return "\n".join(lines)


def load() -> float:
    """The load average of the last minute."""
    return os.getloadavg()[0]


def pace() -> float:
    """CPU milliseconds that a fixed piece of Python takes now: more when somebody else is on the same silicon."""
    took = []
    for _ in range(3):
        began = time.thread_time()
        sum(number * number for number in range(1_000_000))
        took.append((time.thread_time() - began) * 1000)
    return sorted(took)[1]


def fsync_milliseconds(folder: Path, times: int = 50) -> tuple[float, float]:
    """Median and worst of: 4 kB written and synced."""
    took = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(times):
            began = time.perf_counter()
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
            took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took), max(took)


def cpu_seconds(pid: int) -> float:
    """CPU seconds a process has used, all threads, user and system."""
    return _used(Path(f"/proc/{pid}/stat"))


def thread_seconds(pid: int) -> dict[int, float]:
    """The same by thread; the main thread has the process's number."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            found[int(task.name)] = _used(task / "stat")
        except FileNotFoundError:
            continue  # it ended meanwhile
    return found


def _used(stat: Path) -> float:
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def busy_seconds() -> float:
    """CPU seconds that everybody on this machine has used, all cores together."""
    user, nice, system, _idle, _iowait, irq, softirq, *_ = map(
        int, Path("/proc/stat").read_text().partition("\n")[0].split()[1:]
    )
    return (user + nice + system + irq + softirq) / TICK


def resident_bytes(pid: int) -> int:
    """Resident memory of a process (RSS)."""
    return _status_bytes(pid, "VmRSS:")


def peak_bytes(pid: int) -> int:
    """The most that was ever resident."""
    return _status_bytes(pid, "VmHWM:")


def _status_bytes(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"the kernel tells no {name}")


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which that share lies (nearest rank)."""
    ranked = sorted(values)
    if not ranked:
        return float("nan")
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return sys.platform


def _filesystem(folder: Path) -> str:
    best, kind = "", "unknown"
    for line in Path("/proc/mounts").read_text().splitlines():
        _, place, name, *_ = line.split()
        if str(folder.resolve()).startswith(place.rstrip("/") + "/") and len(place) > len(best):
            best, kind = place, name
    return kind
