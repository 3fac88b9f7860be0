"""Whose figures a file says it holds: one hospital's, another's, or two hospitals'."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
import xlwt
from fixtures.return_variants import Figures, Row, Sheets

from ingestion.forms.title import Title
from ingestion.steps.parse import read_entries

MADE = Figures.of("secondary_national_return", [2020], most=25)
HEADER = ["指标名称", "单位", "2020年"]
ROWS = [HEADER, *([f"{li.line_code}.{li.label_zh}", li.unit, MADE.value(li, 2020)] for li in MADE.lines)]
TITLE = "青石县人民医院2020年度绩效考核填报表"


def said(path: Path, year: int = 2020) -> Title:
    parsed = read_entries(path, path.name, year, None)
    told = [note for note in parsed.unread if note.startswith("names more than one hospital")]
    assert bool(told) == bool(parsed.title.others)
    assert all(name in told[0] and locator in told[0] for name, locator in parsed.title.others)
    return parsed.title


def _xlsx(path: Path, rows: list[Row]) -> None:
    Sheets({"表": rows}).save(path)


def _xls(path: Path, rows: list[Row]) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            sheet.write(r, c, cell)
    book.save(str(path))


def _text(mark: str) -> Callable[[Path, list[Row]], None]:
    def write(path: Path, rows: list[Row]) -> None:
        path.write_text("\n".join(mark.join(map(str, row)) for row in rows) + "\n", "utf-8")

    return write


def _html(path: Path, rows: list[Row]) -> None:
    table = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows[1:])
    path.write_text(f"<html><h1>{rows[0][0]}</h1><table>{table}</table></html>", "utf-8")


def _docx(path: Path, rows: list[Row]) -> None:
    document = docx.Document()
    document.add_paragraph(rows[0][0])
    table = document.add_table(0, len(rows[1]))
    for row in rows[1:]:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = str(text)
    document.save(str(path))


WRITERS: dict[str, Callable[[Path, list[Row]], None]] = {
    "a.xlsx": _xlsx, "a.xls": _xls, "a.csv": _text(","), "a.txt": _text("\t"), "a.html": _html, "a.docx": _docx,
}  # fmt: skip


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("title", [TITLE, "填报单位：青石县人民医院"])
def test_a_title_says_whose_it_is_in_every_format(title: str, name: str, tmp_path: Path) -> None:
    WRITERS[name](tmp_path / name, [[title], *ROWS])
    found = said(tmp_path / name)
    assert (found.hospital_name, found.others) == ("青石县人民医院", ())


@pytest.mark.parametrize(
    ("sheets", "places"),
    [
        ({"一": [[TITLE], *ROWS], "二": [["柳河湾县人民医院2020年度填报表"], *ROWS]}, ("一!A1", "二!A1")),
        ({"青石县人民医院": ROWS, "柳河湾县人民医院": ROWS}, ("青石县人民医院!A1", "柳河湾县人民医院!A1")),
        ({"一": [[TITLE], *ROWS], "说明": [["x"]], "柳河湾县人民医院": ROWS}, ("一!A1", "柳河湾县人民医院!A1")),
    ],
)
def test_two_hospitals_on_two_sheets_are_both_named(
    sheets: dict[str, list[Row]], places: tuple[str, str], tmp_path: Path
) -> None:
    found = said(Sheets(sheets).save(tmp_path / "a.xlsx"))
    assert (found.hospital_name, found.hospital_locator) == ("青石县人民医院", places[0])
    assert found.others == (("柳河湾县人民医院", places[1]),)


@pytest.mark.parametrize(
    ("title", "names", "others"),
    [
        ("医院名称", ["青石县人民医院", "青石县人民医院", "柳河湾县人民医院"], (("柳河湾县人民医院", "a!A4"),)),
        ("hospital_code", ["H15001", "H15001", "H15002"], (("H15002", "a!A4"),)),
        ("hospital_code", ["H15001"] * 3, ()),
        ("医院", ["青石县人民医院"] * 3, ()),
        ("填报单位", ["心内科", "骨科", "儿科"], ()),
    ],
)
def test_a_column_says_of_each_row_whose_it_is(
    title: str, names: list[str], others: tuple[Any, ...], tmp_path: Path
) -> None:
    rows = [
        [title, "指标", "年份", "数值", "单位"],
        *([name, "床位", 2018 + n, 5, "张"] for n, name in enumerate(names)),
    ]
    _text(",")(tmp_path / "a.csv", rows)
    found = said(tmp_path / "a.csv")
    assert found.others == others
    assert found.hospital_locator in (None, "a!A2")


def test_two_parts_of_a_document_say_whose_they_are(tmp_path: Path) -> None:
    document = docx.Document()
    for name in ("青石县人民医院", "柳河湾县人民医院"):
        document.add_paragraph(f"填报单位：{name}")
        table = document.add_table(0, 3)
        for row in ROWS:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = str(text)
    document.save(str(tmp_path / "a.docx"))
    found = said(tmp_path / "a.docx")
    assert [found.hospital_name, *(name for name, _ in found.others)] == ["青石县人民医院", "柳河湾县人民医院"]


def test_departments_and_campuses_of_one_hospital_are_one(tmp_path: Path) -> None:
    rows = [["数据名", "单位", "Y2020"], ["床位", "张", 40]]
    titles = {
        "心内科": "填报单位：青石县人民医院心内科", "骨科": "填报单位：青石县人民医院骨科", "儿科": "单位名称：儿科",
        "东院": "示例省青石县人民医院（东院区）2020年指标", "康复科": "填报科室：康复科", "青石县人民医院": "2020年",
    }  # fmt: skip
    found = said(Sheets({name: [[title], *rows] for name, title in titles.items()}).save(tmp_path / "d.xlsx"))
    assert found.others == ()
