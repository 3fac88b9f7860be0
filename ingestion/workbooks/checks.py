"""Data validation of cells: what a spreadsheet program lets a person type, by the type of the line."""

from __future__ import annotations

from collections.abc import Iterable

from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.forms.form import Form, Line
from ingestion.forms.formula import parse_formula

LEVELS = {"级": range(9)}
"""Levels to choose from, by the unit of a graded line: electronic medical records are graded 0 to 8."""

_LARGEST = "1000000000000000"
"""Beyond any figure of a return: the bound only keeps words out."""

_MESSAGES = {
    "integer": "请填写不小于 0 的整数。\nA whole number, 0 or more.",
    "number": "请填写数值，不带单位和文字。\nA number, without unit or words.",
    "percent": "请填写百分数的数值，如 32.47。\nA figure in percent, such as 32.47.",
    "percent_bounded": "请填写 0 至 100 之间的数值，如 32.47。\nA share in percent, 0 to 100, such as 32.47.",
    "level": "请从列表中选择等级（数字）。\nChoose a level from the list.",
    "ratio": "请填写数值，或如 1:1.55 的比值。\nA number, or a ratio such as 1:1.55.",
    "text": "文字说明，不超过 500 字。\nA text of at most 500 characters.",
    "year": "请填写四位年份，如 2020。\nA year in four digits, such as 2020.",
}


def rule_of(line: Line, form: Form) -> str:
    """Name of the validation for a line: its type, and ``percent_bounded`` where a share cannot pass 100."""
    if line.value_type == "percent" and is_bounded(line, form):
        return "percent_bounded"
    if line.value_type == "grade":
        return "level" if line.unit in LEVELS else "text"
    return line.value_type


def is_bounded(line: Line, form: Form) -> bool:
    """Whether the numerator of a share is part of its denominator (``at_most``), so that it lies within 0 to 100."""
    if not line.formula or line.line_code in form.limits:
        return False
    formula = parse_formula(line.formula)
    if formula.kind != "ratio":
        return False
    numerator, denominator = (term.line_code for term in formula.terms)
    return denominator in form.lines[numerator].at_most


def add(sheet: Worksheet, rule: str, cells: Iterable[str]) -> None:
    """Lay the validation ``rule`` on cells or ranges; without cells, on none."""
    places = list(cells)
    if not places:
        return
    validation = _validation(rule, places[0].split(":")[0])
    validation.errorTitle = validation.promptTitle = "填报检查 Check"
    validation.error = validation.prompt = _MESSAGES[rule]
    validation.showErrorMessage = validation.showInputMessage = True
    for place in places:
        validation.add(place)
    sheet.add_data_validation(validation)


def _validation(rule: str, first: str) -> DataValidation:
    if rule == "integer":
        return DataValidation("whole", operator="greaterThanOrEqual", formula1="0", allow_blank=True)
    if rule == "percent_bounded":
        return DataValidation("decimal", operator="between", formula1="0", formula2="100", allow_blank=True)
    if rule == "level":
        return DataValidation("list", formula1=f'"{",".join(map(str, LEVELS["级"]))}"', allow_blank=True)
    if rule == "ratio":
        # Relative to the first cell of the range; both colons, for an input method may write the wide one.
        ratio = f'OR(ISNUMBER({first}),ISNUMBER(SEARCH(":",{first})),ISNUMBER(SEARCH("：",{first})))'
        return DataValidation("custom", formula1=ratio, allow_blank=True)
    if rule == "text":
        return DataValidation("textLength", operator="lessThanOrEqual", formula1="500", allow_blank=True)
    if rule == "year":
        return DataValidation("whole", operator="between", formula1="1990", formula2="2099", allow_blank=True)
    # number, percent: any number, but no text.
    return DataValidation("decimal", operator="between", formula1=f"-{_LARGEST}", formula2=_LARGEST, allow_blank=True)
