"""Whole documents of our own, each figure marked where it stands: all are read as marked, and nothing else is."""

import re
from pathlib import Path

import pytest

from ingestion.narrative.claims import Claim, extract_claims

NARRATIVES = Path(__file__).resolve().parents[2] / "fixtures" / "narratives"
_MARK = re.compile(r"\[\[([^|\]]+)\|([^|\]]*)\|([^|\]]*)\|([^|\]]+?)(\|optional)?\]\]")


def plain_and_marks(marked: str) -> tuple[str, list[tuple[range, tuple[str, ...], bool]]]:
    """Return the text without its marks, and of each mark its span there, its reading and whether it is optional."""
    parts, marks, at, length = [], [], 0, 0
    for found in _MARK.finditer(marked):
        parts += [marked[at : found.start()], found[1]]
        start = length + found.start() - at
        length, at = start + len(found[1]), found.end()
        marks.append((range(start, length), (found[2], found[3], found[4]), bool(found[5])))
    return "".join([*parts, marked[at:]]), marks


def reading(claim: Claim) -> tuple[str, ...]:
    """Return value, unit and comparator of a claim as a mark writes them."""
    value = claim.grade or "~".join(f"{v:.12g}" for v in (claim.value, claim.value_high) if v is not None)
    return value, claim.unit or "", claim.comparator


@pytest.mark.parametrize("path", sorted(NARRATIVES.glob("*.txt")), ids=lambda path: path.stem)
def test_a_document_is_read_as_marked(path):
    text, marks = plain_and_marks(path.read_text(encoding="utf-8"))
    claims = extract_claims(text)
    wrong = [(c.start, c.mention) for c in claims if text[c.start : c.end] != c.mention or c.mention not in c.quote]
    assert wrong == []
    left = list(claims)
    for span, said, is_optional in marks:
        over = [c for c in left if c.start < span.stop and span.start < c.end]
        if not is_optional and [reading(c) for c in over] != [said]:
            wrong.append((text[span.start : span.stop], said, [(c.mention, *reading(c)) for c in over]))
        left = [c for c in left if c not in over]
    assert (wrong, [(c.mention, c.quote) for c in left]) == ([], [])
