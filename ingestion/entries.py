"""The one record that every parser yields and that load takes.

An entry is a figure, a target, a work item or a claim of one submission: the words of the source (``*_raw``), where
they stand (``locator``), and beside them the parser's reading. Raw mirrors the source; whether an entry is
acceptable is decided later, by the gate.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import accumulate
from typing import Any, Literal, NamedTuple, Protocol, overload

EntryKind = Literal["value", "target", "work_item", "claim"]

PARSER_VERSION = "8"
"""Raised when the reading of a source changes, so that an auditor can tell which parser read a figure."""


class Entry(NamedTuple):
    """One entry; the fields are the columns of ``raw.entry`` of the same name.

    ``period`` is a year (``2020``), a span (``2021-2025``) or a state (``as_of:2025``). ``value`` is in base units of
    ``unit`` as the form states it. ``stated_decimals`` counts the decimals as written (-6 for 4.49亿): it decides
    rounding tolerance. ``notes`` names every normalisation and suspicion (``number_stored_as_text``,
    ``not_a_number``, ...).
    """

    entry_kind: EntryKind
    ordinal: int
    locator: str
    section_raw: str | None = None
    row_raw: str | None = None
    label_raw: str | None = None
    unit_raw: str | None = None
    department_raw: str | None = None
    period_raw: str | None = None
    value_raw: str | None = None
    baseline_raw: str | None = None
    line_code: str | None = None
    period: str | None = None
    value: Decimal | None = None
    value_high: Decimal | None = None
    stated_decimals: int | None = None
    grade: str | None = None
    comparator: str | None = None
    unit: str | None = None
    baseline_value: Decimal | None = None
    baseline_high: Decimal | None = None
    target_kind: str | None = None
    is_per_year: bool | None = None
    direction: str | None = None
    benchmark: str | None = None
    role: str | None = None
    subject: str | None = None
    notes: tuple[str, ...] = ()
    detail: dict[str, Any] | None = None
    quote: str | None = None


COLUMNS: tuple[str, ...] = ("submission_id", "entry_id", "parser_version", *Entry._fields)
"""Columns of a line of ``CopyText``."""
MARK: Any = object()
"""Stands in an entry for what ``copy_pattern`` leaves open."""
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class CopyText:
    """Writes the entries of a submission as the lines that COPY takes into ``raw.entry``, columns as in ``COLUMNS``."""

    def __init__(self, submission_id: str) -> None:
        self.submission_id = submission_id

    def line(self, entry: Entry) -> str:
        """The line of an entry."""
        key = self.key_of(entry.entry_kind)(entry.locator)
        return "\t".join(map(_copied, (self.submission_id, key, PARSER_VERSION, *entry))) + "\n"

    def key_of(self, kind: EntryKind) -> Callable[[str], int]:
        """What gives entries of a kind their keys, by locator: signed 64-bit numbers, hashed from the submission, the
        kind and the locator, never from the position."""
        of_submission = _hash(f"{self.submission_id}\x1f{kind}")
        return lambda locator: of_submission ^ _hash(locator)


@lru_cache(maxsize=65536)
def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def copy_pattern(entry: Entry) -> str:
    """The lines of entries that differ in their submissions, in their keys and in what is ``MARK`` here: a format for
    the operator ``%``."""
    fields = (MARK, MARK, PARSER_VERSION, *entry)
    return "\t".join("%s" if field is MARK else _copied(field).replace("%", "%%") for field in fields) + "\n"


def _copied(field: Any) -> str:
    """A field as COPY takes it."""
    if field is None:
        return "\\N"
    if isinstance(field, tuple):
        return _copied_words(field)
    if isinstance(field, dict):
        field = json.dumps(field, ensure_ascii=False)
    text = str(field)
    return text if text.isprintable() and "\\" not in text else text.translate(_ESCAPES)


@lru_cache(maxsize=4096)
def _copied_words(words: tuple[str, ...]) -> str:
    """Words as an array of texts."""
    quoted = (re.sub(r'(["\\])', r"\\\1", word) for word in words)
    return _copied("{" + ",".join(f'"{word}"' for word in quoted) + "}")


class Block(Protocol):
    """Entries that are made when they are asked for, numbered from the one that follows ``after``."""

    @property
    def total(self) -> int: ...

    def entries(self, after: int) -> Iterator[Entry]: ...

    def copy_lines(self, after: int, copy: CopyText) -> Iterator[str]: ...


class Entries(Sequence[Entry]):
    """The entries of one form in reading order."""

    def __init__(self, parts: Iterable[Entry | Block]) -> None:
        self._parts = list(parts)
        self._totals = [1 if isinstance(part, Entry) else part.total for part in self._parts]

    def copy_lines(self, submission_id: str) -> Iterator[str]:
        """All of them as lines of COPY; see ``CopyText``."""
        copy = CopyText(submission_id)
        for part, after in self._numbered():
            if isinstance(part, Entry):
                yield copy.line(part)
            else:
                yield from part.copy_lines(after, copy)

    def _numbered(self) -> Iterator[tuple[Entry | Block, int]]:
        """Each part with the number of entries before it."""
        return zip(self._parts, accumulate(self._totals, initial=0), strict=False)

    def __iter__(self) -> Iterator[Entry]:
        for part, after in self._numbered():
            if isinstance(part, Entry):
                yield part
            else:
                yield from part.entries(after)

    def __len__(self) -> int:
        return sum(self._totals)

    @overload
    def __getitem__(self, at: int) -> Entry: ...

    @overload
    def __getitem__(self, at: slice) -> list[Entry]: ...

    def __getitem__(self, at: int | slice) -> Entry | list[Entry]:
        return self._made[at]

    @cached_property
    def _made(self) -> list[Entry]:
        return list(self)
