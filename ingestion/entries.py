"""The one record that every parser yields and that load takes.

An entry is a figure, a target, a work item or a claim of one submission: the words of the source (``*_raw``), where
they stand (``locator``), and beside them the parser's reading. Raw mirrors the source; whether an entry is
acceptable is decided later, by the gate.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Literal, NamedTuple, get_args

EntryKind = Literal["value", "target", "work_item", "claim"]

PARSER_VERSION = "2"
"""Raised when the reading of a source changes, so that an auditor can tell which parser read a figure."""


class Entry(NamedTuple):
    """One entry; the fields are the columns of ``raw.entry`` of the same name, and the tuple is a row of COPY.

    ``period`` is a year (``2020``), a span (``2021-2025``) or a state (``as_of:2025``). ``value`` is in base units of
    ``unit`` as the form states it. ``stated_decimals`` counts the decimals as written: it decides rounding tolerance.
    ``notes`` names every normalisation and suspicion (``number_stored_as_text``, ``not_a_number``, ...).
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


def entry_keys(submission_id: str) -> Callable[[Entry], int]:
    """What gives the entries of a submission their keys: signed 64-bit numbers, hashed from the submission, the kind
    and the locator, never from the position."""
    begun = {k: blake2b(f"{submission_id}\x1f{k}\x1f".encode(), digest_size=8) for k in get_args(EntryKind)}

    def key(entry: Entry) -> int:
        digest = begun[entry.entry_kind].copy()
        digest.update(entry.locator.encode())
        return int.from_bytes(digest.digest(), "big", signed=True)

    return key


COLUMNS: tuple[str, ...] = Entry._fields
"""Columns that an entry fills, in the order of the record."""
