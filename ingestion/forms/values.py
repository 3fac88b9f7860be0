"""The figure in a cell: exact decimals, every normalisation named, nothing forced into a number."""

from __future__ import annotations

import datetime
import math
import re
from decimal import Decimal
from typing import Any, NamedTuple

from ingestion.forms.form import Line
from ingestion.forms.header_units import is_same_kind, is_unit
from ingestion.narrative.numerals import half_width
from ingestion.narrative.quantities import parse_number
from ingestion.narrative.targets import parse_target
from ingestion.readers.document import CellError, Percent, UncalculatedFormula, shown

_FIGURE = re.compile(r"[-+]?\d[\d,，.．]*\s*[%％]?")
_PLAIN = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{1,20})?")
_DIGITS = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?")
_FOOTNOTE = re.compile(
    r"(?P<figure>.*[0-9０-９%％‰])\s*(?:[*＊※#＃†‡]+|[①-⑳]|[(（\[【]?\s*注\s*[0-9一二三四五①-⑳]{0,2}\s*[)）\]】]?|\[[0-9]{1,2}\])",
    re.DOTALL,
)
"""A figure with the mark of a footnote behind it: 98.5*, 1776①, 2271（注1）. What may belong to the figure, a raised
digit or △, is none."""
_BRACKETED = re.compile(r"\(([¥￥]?\d[\d,]*(?:\.\d+)?%?)\)")
"""A negative figure as accounts are written: (1,234.50)."""
_REMARKED = re.compile(r"(?P<figure>[^()]*\d[^()]*)\((?P<remark>[^()\d]{1,30})\)")
"""A figure and a remark behind it; a remark with a figure of its own leaves open which is meant."""
_GAP = re.compile(r"\d\s+\d")
_GROUPS = re.compile(r"(?<!\d)\d{1,3}(?:[^\S\r\n]\d{3})+(?!\d)")
_LONGEST_FIGURE = 60
"""Characters of a cell that may still be a figure with its unit; a longer one is prose."""
_MOST_DIGITS = 20
_EXACT = 1e15
"""Whole numbers below this are exact as a spreadsheet stores them."""
_EXACT_LENGTH = 16
"""Characters of a number with a point that has at most 15 digits: it is shown as it is stored."""


class Reading(NamedTuple):
    """What a cell says: value in the unit of its line, decimals as written, grade as text, notes on how it was read,
    and how the figure is compared (``>=`` for ≥95%).

    ``decimals`` is negative where a scale word (万, 亿) leaves the last digits of a whole number unsaid; ``unit`` is
    the one that the cell itself states, where nothing else does.
    """

    value: Decimal | None
    decimals: int | None = None
    grade: str | None = None
    notes: tuple[str, ...] = ()
    unit: str | None = None
    comparator: str = "="


def looks_like_figure(cell: Any) -> bool:
    """Whether a cell is a number or shows one, perhaps with a percent sign."""
    return isinstance(cell, (int, float)) or (isinstance(cell, str) and bool(_FIGURE.fullmatch(cell.strip())))


def read_cell(cell: Any, line: Line | None, *, unit: str | None = None, missing: bool = False) -> Reading:
    """Read one cell of a return.

    A number is taken as it is. Text is read by the parser that forms and prose share; what it cannot read stays text
    and is noted ``not_a_number``, for the gate to judge. ``unit`` is that of the column where no line of a form says
    one: 100万元 is 100 there where 万元 stands. ``missing`` marks a cell that says "none" (``cleared``).
    """
    if missing:
        return Reading(None, notes=("cleared",))
    if type(cell) is float or type(cell) is int:
        return _number(cell)
    if isinstance(cell, Percent):
        return _percent(cell, line)
    if isinstance(cell, UncalculatedFormula):
        return Reading(None, notes=("not_a_number", "formula_without_value"))
    if isinstance(cell, CellError):
        return Reading(None, notes=("not_a_number", "error_value"))
    if isinstance(cell, (bool, datetime.date, datetime.time, datetime.timedelta)):
        return Reading(None, notes=("not_a_number", type(cell).__name__))
    return _text(str(cell), line, line.unit if line else unit)


def plain_number(cell: float) -> tuple[str, int] | None:
    """A number as shown and its decimals, where what is stored is what was typed; None where ``read_cell`` is needed
    to tell. The text is the value, too."""
    text = repr(cell)
    if len(text) > _EXACT_LENGTH or "e" in text or "n" in text:  # with an exponent; nan, inf
        return None
    whole, _, decimals = text.partition(".")
    return (text, len(decimals)) if decimals != "0" else (whole if cell else "0", 0)


def _percent(cell: Percent, line: Line | None) -> Reading:
    """A figure shown as a percentage is one, unless its line is measured in something else: then it is as stored."""
    if line and line.unit and not is_same_kind(line.unit, "%"):
        plain = _number(float(cell))
        return plain._replace(notes=(*plain.notes, "percent_format", "unit_differs"))
    shown_as = shown(cell) or ""
    if not math.isfinite(cell):
        return _number(float(cell))
    return _in_range(Decimal(shown_as.removesuffix("%")), ("percent_format",))._replace(unit="%")


def _number(cell: float) -> Reading:
    if abs(cell) < _EXACT and cell == (whole := int(cell)):
        return Reading(Decimal(whole), 0)
    if not math.isfinite(cell):
        return Reading(None, notes=("not_a_number", "not_finite"))
    # repr() gives the shortest figure that is this number: mostly the one that was typed.
    text = repr(cell)
    if len(text) > _EXACT_LENGTH or "e" in text:
        text = format(cell, ".15g") if isinstance(cell, float) else text
        return _in_range(Decimal(text), ())
    return Reading(Decimal(text), len(text) - text.index(".") - 1 if "." in text else 0)


def _text(text: str, line: Line | None, unit: str | None) -> Reading:
    if line and line.value_type == "grade" and len(text) <= _LONGEST_FIGURE:
        target = parse_target(text, unit=unit)
        if target.value is not None and target.value_high is None:
            return Reading(Decimal(str(target.value)), 0, target.grade, ("number_stored_as_text", *target.notes))
    if _PLAIN.fullmatch(text):
        return _in_range(Decimal(text), ("number_stored_as_text",))
    plain = half_width(text).strip() if len(text) <= _LONGEST_FIGURE else ""
    if not plain or _GAP.search(_GROUPS.sub("", plain)):  # 12 34 are two figures, 12 345 is one
        return Reading(None, notes=("not_a_number",))
    if marked := _FOOTNOTE.fullmatch(text):
        bare = _text(marked["figure"], line, unit)
        return bare if bare.value is None else bare._replace(notes=(*bare.notes, "footnote_mark"))
    if bracketed := _BRACKETED.fullmatch(plain):
        positive = _text(bracketed[1], line, unit)
        negative = None if positive.value is None else -positive.value
        return positive._replace(value=negative, notes=(*positive.notes, "bracketed_negative"))
    if remarked := _REMARKED.fullmatch(plain):
        if is_unit(remarked["remark"]):
            return _text(remarked["figure"].strip() + remarked["remark"], line, unit)
        bare = _text(remarked["figure"].strip(), line, unit)
        return bare if bare.value is None else bare._replace(notes=(*bare.notes, "remark_in_cell"))
    return _quantity(text, plain, line, unit)


def _quantity(text: str, plain: str, line: Line | None, unit: str | None) -> Reading:
    """The one figure of a text, ``plain`` in half-width letters."""
    quantity = parse_number(text.lstrip("'"), unit)  # what a spreadsheet writes before a number kept as text
    if quantity is None and unit and text.strip().endswith(unit):
        # A unit that only its form knows, written behind the figure: 0.01吨标煤/万元.
        bare = _text(text.strip().removesuffix(unit), line, unit)
        return bare if bare.value is None else bare._replace(notes=(*bare.notes, "unit_in_cell"))
    if quantity is None or quantity.value_high is not None or (quantity.parts and not _is_of_ratios(plain, line, unit)):
        return Reading(None, notes=("not_a_number",))
    # A ratio is written as text by its form; any other figure stored as text is a slip worth naming.
    kind = () if quantity.parts else ("number_stored_as_text",)
    hedged = () if quantity.comparator == "=" else (f"comparator {quantity.comparator}",)
    reading = _in_range(Decimal(str(quantity.value)), (*kind, *hedged, *quantity.notes))
    reading = reading._replace(unit=None if unit else quantity.unit_raw, comparator=quantity.comparator)
    written = _DIGITS.search(plain) if "scale_word" in quantity.notes else None
    if not (reading.value and written):
        return reading
    # 4.49亿元 is known to the nearest million: its last digit stands so many places before the point.
    digits = Decimal(written[0].replace(",", ""))
    places = (reading.value / digits).adjusted() if digits else 0
    return reading._replace(decimals=decimals(digits) - places) if digits.scaleb(places) == reading.value else reading


def _is_of_ratios(plain: str, line: Line | None, unit: str | None) -> bool:
    """Whether 1:1.55 can be a figure here: on a line of ratios, or where nothing says that another unit counts. 1/2 may
    as well be a half, or one of two: it needs to be said that ratios are counted."""
    if line:
        return line.value_type == "ratio"
    return ":" in unit or not is_unit(unit) if unit else "/" not in plain


def _in_range(value: Decimal, notes: tuple[str, ...]) -> Reading:
    """A reading of ``value``, unless no hospital has so many of anything (1e400 in a cell is a slip or an attack)."""
    if value and not -_MOST_DIGITS <= value.adjusted() <= _MOST_DIGITS:
        return Reading(None, notes=("not_a_number", "out_of_range"))
    return Reading(value, decimals(value), notes=notes)


def decimals(value: Decimal) -> int:
    """Decimals of a figure as written, trailing zeros after the point included."""
    exponent = value.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0
