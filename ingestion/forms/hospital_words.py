"""What hospitals and their parts are called: the words of hospital_words.yml, for patterns of titles and names."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from ingestion.forms.normalise import name_key
from ingestion.narrative.wordlists import alternatives, load


def words_of(name: str) -> tuple[str, ...]:
    """The words of a list, as written; KeyError for an unknown one."""
    return tuple(load("hospital_words", Path(__file__).parent)[name])


def any_of(*lists: str) -> str:
    """A regular expression that matches a word of one of the lists, the longest first; KeyError for an unknown list."""
    return alternatives(word for name in lists for word in words_of(name))


def is_whole(name: str) -> bool:
    """Whether a name is the whole hospital's on whatever sheet: 全院, 医院合计."""
    return bool(_patterns()[0].fullmatch(name_key(name)))


def is_total(name: str) -> bool:
    """Whether a name is a total's and does not say of what: 合计."""
    return bool(_patterns()[1].fullmatch(name_key(name)))


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    whole, total = any_of("whole"), any_of("totals")
    return re.compile(f"(?:{whole})(?:{total})?"), re.compile(total)
