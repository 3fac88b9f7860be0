"""What a command shows while it works: a bar where somebody looks on, nothing where a program reads."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

from ingestion.pipeline import not_read

WORK = """
from ingestion.pipeline import not_read
from ingestion.cli_options import busy
with busy("Counting") as progress:
    progress(3, 7)
print("counted")
"""


def test_a_bar_is_shown_on_a_terminal_and_nowhere_else() -> None:
    leader, follower = pty.openpty()
    with os.fdopen(leader, "rb", buffering=0) as terminal:
        done = subprocess.run(
            [sys.executable, "-c", WORK], stdout=subprocess.PIPE, stderr=follower, env={**os.environ, "TERM": "xterm"},
            check=True,
        )  # fmt: skip
        os.close(follower)
        shown = terminal.read(65536).decode()
    assert "Counting" in shown
    assert "━" in shown
    assert done.stdout == b"counted\n"
    silent = subprocess.run([sys.executable, "-c", WORK], capture_output=True, check=True)
    assert (silent.stdout, silent.stderr) == (b"counted\n", b"")


def test_what_was_not_read_is_told_once_for_all_sheets() -> None:
    of_all = [f"{d}!{c}: column {t!r}" for d in ("儿科", "骨科", "眼科") for c, t in (("A2", "类别"), ("F2", "备注"))]
    told = ("目录: no table of the form", "说明: no table of the form", *of_all, "眼科!G2: column '目标'")
    assert not_read(told) == (
        " (not read: 目录, 说明: no table of the form; 儿科!A2 and 2 like it: column '类别';"
        " 儿科!F2 and 2 like it: column '备注'; 眼科!G2: column '目标')"
    )
    assert not_read((*told, "a: b", "c: b")).endswith("眼科!G2: column '目标' and 2 more)")
    assert not_read(("one alone", "two: alone: both")) == " (not read: one alone; two: alone: both)"
    assert not_read(()) == ""
