"""Formats of xls workbooks tell a percentage, and where they cannot be read that is said."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlwt

from ingestion.readers import read_document
from ingestion.readers.document import Percent
from ingestion.readers.xls_formats import UNTOLD, percent_cells


def save(path: Path, formats: dict[str, str]) -> Path:
    book = xlwt.Workbook()
    for name, written in formats.items():
        sheet = book.add_sheet(name)
        sheet.write(2, 1, 0.25, xlwt.easyxf(num_format_str=written))
        sheet.write(3, 1, "25%", xlwt.easyxf(num_format_str=written))
    book.save(str(path))
    return path


def test_only_numbers_in_a_format_of_percentages_are_percentages(tmp_path: Path) -> None:
    formats = {"a": "0%", "b": "0.00%", "c": '0.00"%"', "d": "General", "e": "[红色]0.0%;-0.0%"}
    document = read_document(save(tmp_path / "x.xls", formats))
    assert [type(table.rows[2][1]) for table in document.tables] == [Percent, Percent, float, float, Percent]
    assert [table.rows[3][1] for table in document.tables] == ["25%"] * 5
    assert document.notes == ()


def test_formats_that_cannot_be_read_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = save(tmp_path / "x.xls", {"a": "0%"})
    assert percent_cells(path) == ({"a": {(2, 1): "%"}}, ())
    content = path.read_bytes()
    for broken in (b"", content[:700], content[:512] + bytes(len(content) - 512)):
        path.write_bytes(broken)
        assert percent_cells(path) == ({}, (UNTOLD,))
    assert capsys.readouterr() == ("", "")
