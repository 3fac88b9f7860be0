"""Names with the running numbers of their rows right before them, as where two columns of a page touch: 1床位 and
2出院人次 below 序号指标名称."""

from __future__ import annotations

from functools import lru_cache

from ingestion.forms.normalise import name_key
from ingestion.forms.patterns import Headers
from ingestion.forms.tables.year_columns import YearColumns

_LEAST = 3


def without_numbers(headers: Headers, part: YearColumns, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names without these numbers; the very same where nothing is sure: their title has to name both, and the
    numbers to go on from 1 without a gap, no other name beginning with a digit."""
    # Few names begin so, and most of these have a point or another mark behind it.
    if not names or not names[0].startswith("1"):
        return names
    if not _names_both(headers, part.table.texts(part.labels[-1])[part.title_row]):
        return names
    found: list[str] = []
    number = 1
    for name in names:
        rest = name.removeprefix(str(number))
        if rest != name and rest:
            number += 1
        elif name[:1].isdigit():
            return names
        found.append(rest.lstrip())
    return tuple(found) if number > _LEAST else names


@lru_cache(maxsize=256)
def _names_both(headers: Headers, title: str) -> bool:
    """Whether a title is one of numbers and one of names behind it."""
    key = name_key(title)
    numbers = headers.of("line_no").fits, headers.of("line_code").fits
    return any(
        headers.of("label").fits(key[at:]) and any(fits(key[:at]) for fits in numbers) for at in range(1, len(key))
    )
