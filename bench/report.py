"""What a benchmark says, and the page it ends on.

A module ``bench/bench_<step>.py`` has ``run(size: str) -> list[Ratio]``. It is called with ``size`` ``small`` (seconds)
or ``national`` (a national year: 3,000 returns of 150 lines), inside a fresh and empty warehouse of its own:
``settings()`` and ``database.connect()`` already point there, and both are thrown away afterwards. A module measures
its step and its limit in the same call, so that a busy machine slows both.
"""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

SIZES = ("small", "national")


@dataclass(frozen=True)
class Ratio:
    """One step against its limit: ``measured`` and ``limit`` are in ``unit`` (seconds unless said), both of this run.

    ``most`` is the highest ratio that is wanted, None where none was set. ``note`` tells the size of the work.
    """

    step: str
    what: str
    against: str
    measured: float
    limit: float
    most: float | None = None
    unit: str = "s"
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times the limit the step takes."""
        return self.measured / self.limit

    @property
    def is_met(self) -> bool:
        """Whether the ratio is within what is wanted; True where nothing was set."""
        return self.most is None or self.ratio <= self.most

    def line(self) -> str:
        """One line for people."""
        wanted = "" if self.most is None else f", wanted at most {self.most:g}: {'met' if self.is_met else 'NOT MET'}"
        return (
            f"{self.step}: {self.what} {self.measured:.3g} {self.unit}, {self.against} {self.limit:.3g} {self.unit},"
            f" ratio {self.ratio:.2f}{wanted}" + (f" ({self.note})" if self.note else "")
        )


def write_page(path: Path, size: str, ratios: list[Ratio], seconds: float) -> None:
    """Write the results as a page in Markdown, with the machine they were seen on."""
    rows = [
        f"| {r.step} | {r.what} | {r.against} | {r.measured:.3g} {r.unit} | {r.limit:.3g} {r.unit} | {r.ratio:.2f} "
        f"| {'' if r.most is None else f'{r.most:g}'} | {'' if r.most is None else 'yes' if r.is_met else '**no**'} "
        f"| {r.note} |"
        for r in ratios
    ]
    command = "make bench" if size == "small" else f"make bench SIZE={size}"
    lines = [
        "# Benchmarks",
        "",
        "Every step is measured against its limit in the same run, so that the ratio says something about the code and",
        "not about the machine. This page is written by the run itself; do not edit it.",
        "",
        f"- command: `{command}`, {seconds:.0f} seconds in all",
        f"- when: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"- machine: {machine()}",
        "",
        "| step | what | limit | measured | limit measured | ratio | at most | met | work |",
        "|---|---|---|---:|---:|---:|---:|---|---|",
        *rows,
        "",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")


def peak_mb() -> float:
    """The most memory that this process has held, in MB; by getrusage a child would begin with its parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def machine() -> str:
    """Processor, cores, memory, system and Python of this machine."""
    info = Path("/proc/cpuinfo")
    names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")] \
        if info.exists() else []  # fmt: skip
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"{names[0] if names else platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
        f"{memory:.0f} GB, {platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"load {load:.1f} at the end"
    )
