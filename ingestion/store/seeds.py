"""The seeds of the dbt project as the steps read them: lists people keep of hospitals, dates, names, corrections."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from ingestion.settings import settings


def seed_path(name: str) -> Path:
    """The file of a seed."""
    return settings().dbt_project_dir / "seeds" / f"{name}.csv"


def read_seed(name: str) -> list[dict[str, str]]:
    """Rows of a seed, each a column -> text; a seed that is not there has none."""
    path = seed_path(name)
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def seed_bytes(names: Iterable[str]) -> bytes:
    """Content of several seeds, to tell whether any has changed."""
    return b"\0".join(seed_path(name).read_bytes() if seed_path(name).exists() else b"" for name in names)
