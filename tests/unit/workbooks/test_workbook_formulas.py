"""Formulas of the entry workbooks show what the formula language computes, and nothing until it can be computed."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from calculated import Sheet
from openpyxl import Workbook

from ingestion.forms.form import get_form
from ingestion.forms.formula import evaluate, parse_formula
from ingestion.workbooks.formulas import excel_formula

FORMS = ("secondary_national_return", "tertiary_national_return")
CASES = [(form, line.line_code) for form in FORMS for line in get_form(form).lines.values() if line.formula]


def shown(text: str, values: dict[tuple[str, int], float | str | None], optional: tuple[str, ...] = ()) -> object:
    """What a cell with the formula ``text`` of lines.csv shows over ``values``."""
    sheet = Workbook().worksheets[0]
    places = {key: f"B{row}" for row, key in enumerate(values, 2)}
    for key, value in values.items():
        sheet[places[key]] = value
    sheet["A1"] = excel_formula(parse_formula(text), lambda code, offset: places[code, offset], optional)
    return Sheet(sheet).value("A1")


@pytest.mark.parametrize(("form", "code"), CASES)
def test_a_line_shows_what_its_formula_gives(form: str, code: str) -> None:
    formula = parse_formula(get_form(form).lines[code].formula)
    drawn = random.Random(f"{form} {code}")  # noqa: S311 - figures for a test
    values = {(term.line_code, term.year_offset): float(drawn.randint(1, 90_000)) for term in formula.terms}
    expected = evaluate(formula, {key: Decimal(int(value)) for key, value in values.items()})
    assert expected is not None
    assert shown(str(formula), dict(values)) == pytest.approx(float(expected), abs=0.0051)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1.1 / 1.2 * 100", {("1.1", 0): 5, ("1.2", 0): None}),
        ("1.1 / 1.2 * 100", {("1.1", 0): 5, ("1.2", 0): 0}),
        ("1.1 / 1.2 * 100", {("1.1", 0): "待核实", ("1.2", 0): 4}),
        ("1.1 / 1.2 * 1.3 / 1.4", {("1.1", 0): 5, ("1.2", 0): 4, ("1.3", 0): "", ("1.4", 0): 2}),
        ("1.1 / 1.2 * 1.3 / 1.4", {("1.1", 0): 5, ("1.2", 0): 0, ("1.3", 0): 3, ("1.4", 0): 2}),
        ("growth(1.1)", {("1.1", 0): 5, ("1.1", -1): None}),
        ("growth(1.1)", {("1.1", 0): 5, ("1.1", -1): 0}),
        ("1.1 + 1.2", {("1.1", 0): 5, ("1.2", 0): None}),
    ],
)
def test_a_line_that_cannot_be_computed_shows_nothing(
    text: str, values: dict[tuple[str, int], float | str | None]
) -> None:
    assert shown(text, values) == ""


def test_an_optional_part_of_a_sum_counts_as_nothing_while_it_is_empty() -> None:
    values: dict[tuple[str, int], float | str | None] = {("1.1", 0): 5, ("1.2", 0): None, ("1.3", 0): 2}
    assert shown("1.1 + 1.2 - 1.3", values, optional=("1.2", "1.3")) == 3
    values["1.1", 0] = None
    assert shown("1.1 + 1.2 - 1.3", values, optional=("1.2", "1.3")) == ""
    assert shown("1.1 + 1.2", {("1.1", 0): None, ("1.2", 0): None}, optional=("1.1", "1.2")) == ""
