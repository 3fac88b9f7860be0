"""What a command shows while it works: a bar where somebody looks on, nothing where a program reads."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

WORK = """
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
