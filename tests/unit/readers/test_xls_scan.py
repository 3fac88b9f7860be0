"""Percentages and errors of xls workbooks, and where they cannot be read that is said."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlwt

from ingestion.readers import read_document
from ingestion.readers.document import CellError, Percent
from ingestion.readers.xls_scan import UNTOLD, scan


def save(path: Path, formats: dict[str, str]) -> Path:
    book = xlwt.Workbook()
    for name, written in formats.items():
        sheet = book.add_sheet(name)
        sheet.write(2, 1, 0.25, xlwt.easyxf(num_format_str=written))
        sheet.write(3, 1, "25%", xlwt.easyxf(num_format_str=written))
        sheet.write(4, 1, 1, xlwt.easyxf(num_format_str=written))
    book.save(str(path))
    return path


def test_only_numbers_in_a_format_of_percentages_are_percentages(tmp_path: Path) -> None:
    formats = {"a": "0%", "b": "0.00%", "c": '0.00"%"', "d": "General", "e": "[红色]0.0%;-0.0%"}
    document = read_document(save(tmp_path / "x.xls", formats))
    assert [type(table.rows[2][1]) for table in document.tables] == [Percent, Percent, float, float, Percent]
    assert [type(table.rows[4][1]) for table in document.tables] == [Percent, Percent, float, float, Percent]
    assert [table.rows[3][1] for table in document.tables] == ["25%"] * 5
    assert document.notes == ()


def test_errors_are_no_empty_cells(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    sheet.write(0, 0, 5)
    sheet.row(0).set_cell_error(1, "#DIV/0!")
    sheet.row(1).set_cell_error(2, "#REF!")
    book.save(str(tmp_path / "x.xls"))
    rows = read_document(tmp_path / "x.xls").tables[0].rows
    assert rows == [[5, "#DIV/0!", ""], ["", "", "#REF!"]]
    assert [type(rows[0][1]), type(rows[1][2])] == [CellError, CellError]


def test_formats_that_cannot_be_read_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = save(tmp_path / "x.xls", {"a": "0%"})
    assert scan(path) == ({"a": {(2, 1): "%", (4, 1): "%"}}, ())
    content = path.read_bytes()
    for broken in (b"", content[:700], content[:512] + bytes(len(content) - 512)):
        path.write_bytes(broken)
        assert scan(path) == ({}, (UNTOLD,))
    assert capsys.readouterr() == ("", "")
