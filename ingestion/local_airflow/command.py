"""Airflow's own command, run to its end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ingestion.errors import Problem

AIRFLOW = str(Path(sys.executable).with_name("airflow"))
"""The command of the environment that we run in."""


def airflow(
    variables: Mapping[str, str], *arguments: str, code: str, remedy: str, timeout: float | None = None
) -> None:
    """Run ``airflow`` with these arguments, ``variables`` as its environment, and keep what it says to itself.

    Raises Problem with its last words, ``code`` and ``remedy`` where it fails.
    """
    done = subprocess.run(
        [AIRFLOW, *arguments], env=dict(variables), capture_output=True, text=True, check=False, timeout=timeout
    )
    if done.returncode:
        raise Problem(
            code=code,
            where="airflow " + " ".join(arguments[:2]),
            read=" | ".join((done.stderr or done.stdout).strip().splitlines()[-3:]),
            expected="exit 0",
            remedy=remedy,
        )
