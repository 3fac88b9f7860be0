"""Where the annotated documents lie, for tests that measure against them."""

import json
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="no annotated documents (../shared/data)")


def document(name: str) -> str:
    """Return the text of one annotated document."""
    return (SHARED / "documents" / f"{name}.txt").read_text(encoding="utf-8")


def gold(name: str) -> list[dict]:
    """Return the records of one gold file."""
    lines = (SHARED / "gold" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]
