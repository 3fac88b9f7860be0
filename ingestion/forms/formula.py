"""Formulas of a form's lines: the little language of lines.csv, parsed and evaluated.

Five shapes: ``1.1 / 1.2 * 100`` (ratio), ``19.2 - 19.1.1 - 19.1.2`` (sum), ``21.1 / 21.2 * 21.3 / 21.4``
(chain), ``growth(20.1.1)`` (percent change on the year before) and ``mean(46.2)`` (a sum too: half of this year's
and last year's figure together). Operands are line codes; a power of ten from 100 up that ends a ratio or a chain is
its multiplier, so no line may carry such a code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ingestion.errors import Problem

Kind = Literal["ratio", "sum", "growth", "chain"]

_LINE = r"[A-Z]+-?\d+(?:[-.]\d+)*|\d+(?:\.\d+)*"
"""A code that begins with letters may be parted by hyphens (ICU-01-2); a minus after one has blanks around it."""
_TOKEN = re.compile(rf"\s*(?P<code>{_LINE}|[A-Za-z]+\d*)?\s*(?P<mark>[-+*/()])?")
_CODE = re.compile(_LINE)
_MULTIPLIER = re.compile(r"100+")
_TWO_YEARS = re.compile(rf"\s*(growth|mean)\s*\(\s*({_LINE})\s*\)\s*")


@dataclass(frozen=True)
class Term:
    """One operand: a line, ``year_offset`` years from the year of the result, added or multiplied (1) or
    subtracted or divided by (-1)."""

    line_code: str
    year_offset: int
    coefficient: int


@dataclass(frozen=True)
class Formula:
    """A parsed formula, in the columns of ``reference.formula_term``. ``str()`` prints it again."""

    kind: Kind
    multiplier: Decimal
    terms: tuple[Term, ...]

    def __str__(self) -> str:
        if self.kind == "growth":
            return f"growth({self.terms[0].line_code})"
        if self.terms[-1].year_offset:
            return f"mean({self.terms[0].line_code})"
        plus, minus = (" + ", " - ") if self.kind == "sum" else (" * ", " / ")
        text = self.terms[0].line_code
        for term in self.terms[1:]:
            text += (plus if term.coefficient == 1 else minus) + term.line_code
        return text if self.multiplier == 1 else f"{text} * {self.multiplier}"


def parse_formula(text: str) -> Formula:
    """Parse one cell of the ``formula`` column.

    Raises :class:`Problem` (``formula-malformed``), with the character where reading stopped.
    """
    two_years = _TWO_YEARS.fullmatch(text)
    if two_years:
        shape, line = two_years.groups()
        if shape == "mean":
            return Formula("sum", Decimal("0.5"), (Term(line, 0, 1), Term(line, -1, 1)))
        return Formula("growth", Decimal(100), (Term(line, 0, 1), Term(line, -1, -1)))
    codes, marks = _operands(text)
    multiplier = Decimal(1)
    if len(codes) > 2 and marks[-1][0] == "*" and _MULTIPLIER.fullmatch(codes[-1][0]):
        multiplier = Decimal(codes.pop()[0])
        marks.pop()
    for code, position in codes:
        if not _CODE.fullmatch(code) or _MULTIPLIER.fullmatch(code):
            raise _malformed(text, position, "a line code such as 17.2.10")
    is_sum = marks[0][0] in "+-"
    for mark, position in marks:
        if (mark in "+-") != is_sum:
            raise _malformed(text, position, "either sums (+ -) or products (* /), not both")
    signs = [1, *(1 if mark in "+*" else -1 for mark, _ in marks)]
    terms = tuple(Term(code, 0, sign) for (code, _), sign in zip(codes, signs, strict=True))
    if is_sum:
        return Formula("sum", multiplier, terms)
    return Formula("ratio" if signs == [1, -1] else "chain", multiplier, terms)


def evaluate(formula: Formula, values: Mapping[tuple[str, int], Decimal]) -> Decimal | None:
    """The figure that ``formula`` gives for ``values``, keyed by line code and year offset.

    None where an operand is missing or a divisor is zero: a figure that cannot be computed is not 0.
    """
    operands: list[Decimal] = []
    for term in formula.terms:
        value = values.get((term.line_code, term.year_offset))
        if value is None:
            return None
        operands.append(value)
    if formula.kind == "growth":
        now, before = operands
        return None if before == 0 else (now - before) / before * formula.multiplier
    if formula.kind == "sum":
        signed = (term.coefficient * value for term, value in zip(formula.terms, operands, strict=True))
        return sum(signed, Decimal(0)) * formula.multiplier
    above = below = Decimal(1)
    for term, value in zip(formula.terms, operands, strict=True):
        if term.coefficient == 1:
            above *= value
        else:
            below *= value
    return None if below == 0 else above * formula.multiplier / below


def _operands(text: str) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Operands and the operators between them, each with its character position."""
    codes: list[tuple[str, int]] = []
    marks: list[tuple[str, int]] = []
    position = 0
    while True:
        token = _TOKEN.match(text, position)
        if token is None or token["code"] is None:
            raise _malformed(text, position, "a line code such as 17.2.10")
        codes.append((token["code"], token.start("code")))
        if token["mark"] is None:
            break
        marks.append((token["mark"], token.start("mark")))
        position = token.end()
        if token["mark"] in "()":
            raise _malformed(text, token.start("mark"), "an operator + - * /; brackets only as in growth(LINE)")
    if text[token.end() :].strip():
        raise _malformed(text, token.end(), "an operator + - * / or the end")
    if not marks:
        raise _malformed(text, token.end(), "an operator + - * / and a second line")
    return codes, marks


def _malformed(text: str, position: int, expected: str) -> Problem:
    found = text[position : position + 12] or "the end"
    return Problem(
        code="formula-malformed",
        where=f"formula {text!r}, character {position + 1}",
        read=f"read {found!r}",
        expected=expected,
        remedy="Write it as A / B * 100, A + B - C, A / B * C / D, growth(A) or mean(A).",
    )
