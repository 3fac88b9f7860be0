"""Whose figures a file says it holds: one hospital's, another's, or two hospitals'."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
import xlwt
from fixtures.bad_files import chinese, ods, ods_cell, pdf
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
    ("title", "name"),
    [
        ("填报单位：青石县人民医院（盖章）", "青石县人民医院"),
        ("填报单位：__青石县人民医院__（公章）", "青石县人民医院"),
        ("填报单位：青石县人民医院(单位盖章)", "青石县人民医院"),
        ("填报单位：（青石县人民医院）", "青石县人民医院"),
        ("填报单位：青石县人民医院（青石县总医院）", "青石县人民医院(青石县总医院)"),
    ],
)
def test_a_place_for_the_seal_is_no_part_of_a_name(title: str, name: str, tmp_path: Path) -> None:
    _xlsx(tmp_path / "a.xlsx", [[title], *ROWS])
    assert said(tmp_path / "a.xlsx").hospital_name == name


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
        ("填报项目", ["医院年末职工总数", "医院执业医师总数", "县级医院进修人数"], ()),
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


def test_a_name_above_the_column_of_lines_makes_no_hospitals_of_them(tmp_path: Path) -> None:
    above = [["青石县人民医院2020年度填报表"], ["填报单位：青石县人民医院（盖章）", None, "填报日期：2021年4月12日"]]
    rows = [[f"{n}.{name}", "人", 5] for n, name in enumerate(["医院执业医师总数", "县级医院进修人数", "出院人数"], 1)]
    _xlsx(tmp_path / "a.xlsx", [*above, ["填报项目", "单位", "填报值"], *rows])
    assert said(tmp_path / "a.xlsx").others == ()


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


def _two_on_a_sheet(write: Callable[[Path, list[Row]], None]) -> Callable[[Path, list[list[Row]]], None]:
    return lambda path, parts: write(path, [row for rows in parts for row in (*rows, [""])])


def _two_ods(path: Path, parts: list[list[Row]]) -> None:
    rows = ["".join(ods_cell(cell) for cell in row) for rows in parts for row in rows]
    path.write_bytes(ods("".join(f"<table:table-row>{row}</table:table-row>" for row in rows)))


def _two_html(path: Path, parts: list[list[Row]]) -> None:
    _html(path, parts[0])
    first = path.read_text("utf-8").removesuffix("</html>")
    _html(path, parts[1])
    path.write_text(first + path.read_text("utf-8").removeprefix("<html>"), "utf-8")


def _two_docx(path: Path, parts: list[list[Row]]) -> None:
    document = docx.Document()
    for (title, *_), *rows in parts:
        document.add_paragraph(title)
        table = document.add_table(0, len(rows[0]))
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = str(text)
    document.save(str(path))


def _two_pdf(path: Path, parts: list[list[Row]]) -> None:
    pages = []
    for (title, *_), *rows in parts:
        lefts, tops = (30, 330, 390, 470), [560 - 18 * n for n in range(len(rows) + 1)]
        rules = [*(f"30 {y} m 470 {y} l S" for y in tops), *(f"{x} {tops[0]} m {x} {tops[-1]} l S" for x in lefts)]
        texts = [
            (40, 575, title),
            *(
                (x + 2, y - 13, cell)
                for y, row in zip(tops, rows, strict=False)
                for x, cell in zip(lefts, row, strict=False)
            ),
        ]
        words = " ".join(f"1 0 0 1 {x} {y} Tm {chinese(str(cell))}" for x, y, cell in texts)
        pages.append(f"{' '.join(rules)} BT /F2 9 Tf {words} ET".encode())
    path.write_bytes(pdf(pages, page="/MediaBox[0 0 500 600]"))


TWICE: dict[str, Callable[[Path, list[list[Row]]], None]] = {
    "a.xlsx": _two_on_a_sheet(_xlsx), "a.xls": _two_on_a_sheet(_xls), "a.ods": _two_ods,
    "a.csv": _two_on_a_sheet(_text(",")), "a.txt": _two_on_a_sheet(_text("\t")), "a.html": _two_html,
    "a.docx": _two_docx, "a.pdf": _two_pdf,
}  # fmt: skip


@pytest.mark.parametrize("name", TWICE)
@pytest.mark.parametrize("ends", ["", "2020年度填报表", "二级公立医院绩效考核填报表"])
def test_titles_of_two_tables_tell_of_two_hospitals_in_every_format(ends: str, name: str, tmp_path: Path) -> None:
    both = "青石县人民医院", "柳河湾县人民医院"
    TWICE[name](tmp_path / name, [[[hospital + ends], *ROWS] for hospital in both])
    found = said(tmp_path / name)
    assert (found.hospital_name, *(other for other, _ in found.others)) == both
    TWICE[name](tmp_path / name, [[[both[0] + ends], *ROWS], [[f"{both[0]}{ends}（续）"], *ROWS]])
    assert said(tmp_path / name).others == ()


def test_departments_and_campuses_of_one_hospital_are_one(tmp_path: Path) -> None:
    rows = [["数据名", "单位", "Y2020"], ["床位", "张", 40]]
    titles = {
        "心内科": "填报单位：青石县人民医院心内科", "骨科": "填报单位：青石县人民医院骨科", "儿科": "单位名称：儿科",
        "东院": "示例省青石县人民医院（东院区）2020年指标", "康复科": "填报科室：康复科", "青石县人民医院": "2020年",
    }  # fmt: skip
    found = said(Sheets({name: [[title], *rows] for name, title in titles.items()}).save(tmp_path / "d.xlsx"))
    assert found.others == ()
