"""What a spreadsheet program does to a workbook when it saves it: computes the formulas and stores what they show.

A small evaluator of its own for the functions that our workbooks use, so that a wrong formula does not check itself.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

_TOKEN = re.compile(r'\s*(?:(\d+(?:\.\d+)?)|("[^"]*")|([A-Z]+\d+)|([A-Z]+)(?=\()|(<>|<=|>=|[-+*/(),<>=]))')
_CELL = re.compile(r'<c r="([A-Z]+\d+)"([^>]*)><f>(.*?)</f><v\s*/?>(?:</v>)?</c>')
ERROR = "#DIV/0!"


class Sheet:
    """Values of a sheet, computed as they are asked for."""

    def __init__(self, sheet: Worksheet) -> None:
        self._sheet = sheet
        self._known: dict[str, Any] = {}

    def value(self, address: str) -> Any:
        """What the cell shows: a number, a text, an error, or None when empty."""
        if address not in self._known:
            stored = self._sheet[address].value
            is_formula = self._sheet[address].data_type == "f"
            self._known[address] = _Parser(stored[1:], self).result() if is_formula else stored
        return self._known[address]


class _Parser:
    def __init__(self, text: str, sheet: Sheet) -> None:
        self._tokens, at = [], 0
        while at < len(text):
            token = _TOKEN.match(text, at)
            assert token, f"cannot read {text[at:]!r}"
            self._tokens.append(token.groups())
            at = token.end()
        self._at, self._sheet = 0, sheet

    def result(self) -> Any:
        value = self._compared()
        assert self._at == len(self._tokens), "something follows the formula"
        return value

    def _mark(self, *wanted: str) -> str | None:
        if self._at < len(self._tokens) and self._tokens[self._at][4] in wanted:
            self._at += 1
            return self._tokens[self._at - 1][4]
        return None

    def _compared(self) -> Any:
        left = self._added()
        while mark := self._mark("=", "<>", "<", ">"):
            right = self._added()
            if isinstance(left, str) or isinstance(right, str):
                left = left == right if mark == "=" else left != right
            else:
                left, right = left or 0, right or 0  # an empty cell counts as 0
                left = {"=": left == right, "<>": left != right, "<": left < right, ">": left > right}[mark]
        return left

    def _added(self) -> Any:
        left = self._multiplied()
        while mark := self._mark("+", "-"):
            right = self._multiplied()
            left = _number(left, right, lambda a, b, mark=mark: a + b if mark == "+" else a - b)
        return left

    def _multiplied(self) -> Any:
        left = self._single()
        while mark := self._mark("*", "/"):
            right = self._single()
            if mark == "*":
                left = _number(left, right, lambda a, b: a * b)
            else:
                left = _number(left, right, lambda a, b: ERROR if b == 0 else a / b)
        return left

    def _single(self) -> Any:
        if self._mark("-"):
            return _number(0, self._single(), lambda a, b: a - b)
        if self._mark("("):
            value = self._compared()
            assert self._mark(")")
            return value
        number, text, cell, function, _ = self._tokens[self._at]
        self._at += 1
        if number:
            return float(number)
        if text is not None:
            return text[1:-1]
        if cell:
            return self._sheet.value(cell)
        assert self._mark("(")
        arguments = [self._compared()]
        while self._mark(","):
            arguments.append(self._compared())
        assert self._mark(")")
        return _call(function, arguments)


def _number(left: Any, right: Any, reckon: Any) -> Any:
    for value in (left, right):
        if isinstance(value, str):
            return value if value.startswith("#") else "#VALUE!"
    return reckon(left or 0, right or 0)


def _call(function: str, arguments: list[Any]) -> Any:
    if function == "IF":
        condition, then, otherwise = arguments
        return condition if isinstance(condition, str) else (then if condition else otherwise)
    if function == "COUNT":
        return float(sum(isinstance(value, (int, float)) for value in arguments))
    if function == "N":
        return arguments[0] if isinstance(arguments[0], (int, float)) else 0.0
    assert function == "ROUND", f"{function} is none of our functions"
    value, places = arguments
    return value if isinstance(value, str) else round(value + (1e-9 if value > 0 else -1e-9), int(places))


def calculate(path: Path, target: Path) -> Path:
    """Write ``path`` to ``target`` with every formula's result stored beside it, as a spreadsheet program does."""
    workbook = load_workbook(path)
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for member in source.infolist():
            content = source.read(member)
            number = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", member.filename)
            if number:
                sheet = Sheet(workbook.worksheets[int(number[1]) - 1])
                content = _CELL.sub(lambda found, sheet=sheet: _stored(found, sheet), content.decode()).encode()
            copy.writestr(member, content)
    return target


def _stored(found: re.Match[str], sheet: Sheet) -> str:
    address, attributes, formula = found.groups()
    value = sheet.value(address)
    kind = ' t="str"' if isinstance(value, str) else ""
    return f'<c r="{address}"{attributes}{kind}><f>{formula}</f><v>{value}</v></c>'
