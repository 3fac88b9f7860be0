"""Word lists, read once from their files and kept.

The lists carry the knowledge of the domain, so that a new counter or verb is a line of data and not code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).with_name("data")
"""Folder of the lists of the narrative grammar."""


@cache
def load(name: str, folder: Path = DATA) -> Any:
    """Return the content of ``<folder>/<name>.yml``; raises FileNotFoundError for an unknown list."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with (folder / f"{name}.yml").open(encoding="utf-8") as handle:
        return yaml.load(handle, Loader=loader)  # noqa: S506  both loaders are the safe ones


def alternatives(words: Iterable[str]) -> str:
    """Return a regular expression that matches one of `words` literally, the longest first."""
    return "|".join(re.escape(str(word)) for word in sorted(set(words), key=lambda w: (-len(str(w)), str(w))))
