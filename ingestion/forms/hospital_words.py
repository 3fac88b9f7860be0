"""What hospitals and their parts are called: the words of hospital_words.yml, for patterns of titles and names."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from ingestion.narrative.wordlists import alternatives

_FILE = Path(__file__).with_name("hospital_words.yml")


def any_of(*lists: str) -> str:
    """A regular expression that matches a word of one of the lists, the longest first; KeyError for an unknown list."""
    return alternatives(word for name in lists for word in _words()[name])


@cache
def _words() -> dict[str, list[str]]:
    words: dict[str, list[str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return words
