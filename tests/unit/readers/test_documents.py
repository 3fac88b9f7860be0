"""Word, HTML and PDF: tables with merged and nested cells, text as a reader sees it."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest
from fixtures.bad_files import chinese, pdf, word

from ingestion.errors import Problem
from ingestion.readers import Document, read_document


def _read(tmp_path: Path, content: bytes, name: str) -> Document:
    path = tmp_path / "landed"
    path.write_bytes(content)
    return read_document(path, name)


def test_word_table_with_merged_cells(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("附表")
    table = document.add_table(3, 3)
    for row in range(3):
        for column in range(3):
            table.cell(row, column).text = f"{row}{column}"
    table.cell(0, 0).merge(table.cell(0, 1)).text = "横"
    table.cell(1, 2).merge(table.cell(2, 2)).text = "竖"
    document.save(str(tmp_path / "a.docx"))
    read = read_document(tmp_path / "a.docx")
    assert read.tables[0].rows == [["横", None, "02"], ["10", "11", "竖"], ["20", "21", None]]
    assert read.tables[0].merged == [(0, 0, 0, 1), (1, 2, 2, 2)]
    assert read.tables[0].locate(1, 2) == "table 1!C2"
    assert read.text is not None
    assert read.text.splitlines()[:2] == ["附表", "横\t\t02"]


def test_word_table_inside_a_cell_is_a_table_of_its_own(tmp_path: Path) -> None:
    document = docx.Document()
    outer = document.add_table(1, 2)
    outer.cell(0, 0).text = "外"
    outer.cell(0, 1).add_table(1, 1).cell(0, 0).text = "内"
    document.save(str(tmp_path / "a.docx"))
    outside, inside = read_document(tmp_path / "a.docx").tables
    assert outside.rows[0][0] == "外"
    assert "内" not in str(outside.rows)
    assert (inside.rows, inside.locate(0, 0)) == ([["内"]], "table 1!B1 table 1!A1")


def test_word_text_with_changes_accepted(tmp_path: Path) -> None:
    body = (
        "<w:p><w:r><w:t>手术</w:t></w:r><w:ins><w:r><w:t>占比</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>人数</w:delText></w:r></w:del></w:p>"
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>控件</w:t><w:tab/><w:t>内</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    assert _read(tmp_path, word(body), "a.docx").text == "手术占比\n控件\t内"


def test_word_spans_are_held_to_a_sane_width(tmp_path: Path) -> None:
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="2000000000"/></w:tcPr><w:p><w:r><w:t>宽</w:t></w:r></w:p></w:tc>'
    table = _read(tmp_path, word(f"<w:tbl><w:tr>{cell}</w:tr></w:tbl>"), "a.docx").tables[0]
    assert table.rows[0][0] == "宽"
    assert len(table.rows[0]) <= 500


_HTML = (
    "<table><thead><tr><th rowspan=2>指标</th><th colspan=2>年度</th></tr><tr><th>2019年<th>2020年</tr></thead>"
    "<tr><td>出院人数<td>36012<td>37445</tr></table>"
)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", _HTML.encode()),
        ("a.xls", f"<html><meta http-equiv=Content-Type content='text/html; charset=gb2312'>{_HTML}".encode("gb18030")),
        ("a.htm", b"\xff\xfe" + f"<html>{_HTML}".encode("utf-16-le")),
        ("a.html", f'<?xml version="1.0" encoding="utf-8"?><html>{_HTML}'.encode()),
    ],
)
def test_html_tables(name: str, content: bytes, tmp_path: Path) -> None:
    (table,) = _read(tmp_path, content, name).tables
    assert table.rows == [["指标", "年度", None], [None, "2019年", "2020年"], ["出院人数", "36012", "37445"]]
    assert table.merged == [(0, 0, 1, 0), (0, 1, 0, 2)]
    assert table.locate(2, 2) == "table 1!C3"


def test_html_laid_out_by_tables_keeps_figures_apart(tmp_path: Path) -> None:
    inner = "<table><tr><td>内</td><td><comment>x</comment>1</td></tr></table>"
    content = f"<table><tr><td>页眉{inner}</td></tr></table><script>x</script>"
    document = _read(tmp_path, content.encode(), "a.html")
    assert [table.rows for table in document.tables] == [[["页眉"]], [["内", "1"]]]
    assert "x" not in (document.text or "")


def test_a_workbook_saved_as_a_page_keeps_the_names_of_its_sheets(tmp_path: Path) -> None:
    table = "<table><tr><td>床位</td><td>1</td></tr></table>"
    content = (
        "<h1>总览</h1><a href='#t0'>骨科</a><br><a href='#t1'>质控</a><br><a href='#t2'>质控</a><hr>"
        f"<a name='t0'><h1>工作表 1: <em>骨科</em></h1></a>{table}"
        f"<a name=t1><h1>工作表 2: <em>质控</em></h1></a>{table}"
        f"<a name=t2></a>{table}{table}"
    )
    tables = _read(tmp_path, content.encode(), "a.html").tables
    assert [(one.name, one.is_sheet) for one in tables] == [
        ("骨科", True), ("质控", True), ("table 3", False), ("table 4", False),
    ]  # fmt: skip
    assert tables[0].caption == ("总览", "工作表 1: 骨科")
    assert tables[1].locate(0, 1) == "质控!B1"


def test_html_entities_are_not_expanded_from_files(tmp_path: Path) -> None:
    content = '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><table><tr><td>&x;</td></tr></table>'
    assert "root:" not in str(_read(tmp_path, content.encode(), "a.html"))


def test_pdf_tables_by_page_and_box(tmp_path: Path) -> None:
    lines = " ".join(f"50 {y} m 250 {y} l S" for y in (300, 330, 360)) + " ".join(
        f" {x} 300 m {x} 360 l S" for x in (50, 150, 250)
    )
    texts = {(60, 340): "Line", (160, 340): "2020", (60, 310): "Beds", (160, 310): "512"}
    stream = lines + " BT /F1 10 Tf " + " ".join(f"1 0 0 1 {x} {y} Tm ({t}) Tj" for (x, y), t in texts.items()) + " ET"
    document = _read(tmp_path, pdf([stream.encode()]), "a.pdf")
    (table,) = document.tables
    assert table.rows == [["Line", "2020"], ["Beds", "512"]]
    assert table.locate(1, 1) == "page 1 table 1 box 150,70,250,100 row 2 column 2"
    assert "Beds 512" in (document.text or "")


def _ruled(rows: list[tuple[str, ...]]) -> bytes:
    """A page with a table of columns 100 points wide and rows 20 points high, from the top left down."""
    width, height = 50 + 100 * len(rows[0]), 380 - 20 * len(rows)
    lines = [f"50 {380 - 20 * n} m {width} {380 - 20 * n} l S" for n in range(len(rows) + 1)]
    lines += [f"{x} 380 m {x} {height} l S" for x in range(50, width + 1, 100)]
    cells = [(55 + 100 * c, 365 - 20 * r, text) for r, row in enumerate(rows) for c, text in enumerate(row)]
    texts = [f"1 0 0 1 {x} {y} Tm ({text}) Tj" for x, y, text in cells]
    return " ".join([*lines, "BT /F1 10 Tf", *texts, "ET"]).encode()


def test_pdf_table_that_goes_on_over_pages_is_one(tmp_path: Path) -> None:
    head, first, second = ("Line", "2020", "2019"), [("Beds", "512", "498")] * 3, [("Staff", "1", "")] * 3
    other = [("Line", "2020"), ("Beds", "512")]
    pages = map(_ruled, ([head, *first], second, [head, *first], other))
    one, anew, last = _read(tmp_path, pdf(list(pages)), "a.pdf").tables
    assert one.rows == [list(head), *map(list, first), *map(list, second)]
    assert anew.rows == [list(head), *map(list, first)], "with its header again it is another table"
    assert last.rows == list(map(list, other)), "as it is with other columns"
    assert one.locate(3, 1).startswith("page 1 table 1 box")
    assert one.locate(4, 1) == "page 2 table 1 box 150,20,250,40 row 5 column 2"


_UPRIGHT, _ON_ITS_SIDE = "/MediaBox[0 0 400 500]", "/MediaBox[0 0 500 400]"


@pytest.mark.parametrize(
    ("page", "turn", "box"),
    [
        (_UPRIGHT, "", "150,140,250,160"),
        (f"{_UPRIGHT}/Rotate 90", "", "340,150,360,250"),
        (f"{_UPRIGHT}/Rotate 180", "", "150,340,250,360"),
        (f"{_UPRIGHT}/Rotate -90", "", "140,150,160,250"),
        (_ON_ITS_SIDE, "0 -1 1 0 0 400 cm", "340,150,360,250"),
        (_ON_ITS_SIDE, "0 1 -1 0 500 0 cm", "140,150,160,250"),
        (f"{_ON_ITS_SIDE}/Rotate 270", "0 -1 1 0 0 400 cm", "150,140,250,160"),
        (f"{_UPRIGHT}/CropBox[20 0 400 490]", "", "130,130,230,150"),
    ],
)
def test_pdf_pages_are_read_however_they_lie(page: str, turn: str, box: str, tmp_path: Path) -> None:
    rows = [("Line", "2020", "2019"), ("Beds", "512", "498"), ("Staff", "77", "78")]
    footer = b" BT /F1 8 Tf 1 0 0 1 180 12 Tm (Page 1 of 1) Tj ET"
    document = _read(tmp_path, pdf([f"q {turn} ".encode() + _ruled(rows) + b" Q" + footer], page=page), "a.pdf")
    (table,) = document.tables
    assert table.rows == list(map(list, rows))
    assert table.locate(1, 1) == f"page 1 table 1 box {box} row 2 column 2"
    assert "Beds 512 498" in (document.text or "")


def _texts(*placed: tuple[float, float, str], before: str = "") -> bytes:
    """A page of texts, each where it begins, over the ruled table of three columns and three rows."""
    words = " ".join(f"1 0 0 1 {x} {y} Tm ({text}) Tj" for x, y, text in placed)
    return _ruled([("", "", "")] * 3) + f" {before} BT /F1 10 Tf {words} ET".encode()


def test_pdf_figures_are_of_the_cell_they_cover_and_else_marked(tmp_path: Path) -> None:
    wide, wider = "123456789012345678.25", "1234567890123456789012345.5"  # 114 and 148 points in columns of 100
    placed = [(55, 365, "Line"), (155, 365, wide), (255.2, 365, "498"), (55, 345, "Beds"), (200, 345, wider)]
    placed += [(155, 325, "7"), (252, 325, wide)]
    document = _read(tmp_path, pdf([_texts(*placed)]), "a.pdf")
    (table,) = document.tables
    assert table.rows == [
        ["Line", wide, "498"],
        ["Beds", f"{wider}\ufffd", f"{wider}\ufffd"],
        ["", "7", f"{wide}\ufffd"],  # what runs out of the table may be cut off
    ]
    (note,) = document.notes
    assert note.startswith("page 1 table 1 box 150,40,250,60 row 2 column 2 and 2 more: text runs over the rule")


def test_pdf_figures_over_lines_are_one_where_they_fill_the_cell(tmp_path: Path) -> None:
    full = "12345678901234567"  # 94.5 of 100 points
    placed = [
        (52, 372, full),
        (52, 362, "89.5"),
        (155, 372, "512"),
        (155, 362, "498"),
        (255, 372, "Full"),
        (255, 362, "name"),
    ]
    document = _read(tmp_path, pdf([_texts(*placed)]), "a.pdf")
    assert document.tables[0].rows[0] == [f"{full}89.5", "512\n498\ufffd", "Full\nname"]
    (note,) = document.notes
    assert note.startswith("page 1 table 1 box 150,20,250,40 row 1 column 2: figures over several lines")


def test_pdf_marks_over_a_table_are_none_of_its_text(tmp_path: Path) -> None:
    stamp = "BT /F1 30 Tf 0.7 0.7 -0.7 0.7 90 300 Tm (DRAFT 7) Tj 1 0 0 1 60 330 Tm (COPY 9) Tj ET"
    bold = [(55.3, 365, "Line"), (55, 365, "Line"), (155, 365, "2020"), (155.3, 365, "2020")]
    document = _read(tmp_path, pdf([_texts((255, 365, "498"), *bold, before=stamp)]), "a.pdf")
    (table,) = document.tables
    assert table.rows[0] == ["Line", "2020", "498"]
    assert set(map(tuple, table.rows[1:])) == {("", "", "")}


def test_pdf_tables_without_a_border_at_the_sides_are_whole(tmp_path: Path) -> None:
    rules = " ".join(
        [*(f"50 {y} m 350 {y} l S" for y in (380, 360, 340, 320)), *(f"{x} 380 m {x} 320 l S" for x in (150, 250))]
    )
    rows = [("Line", "2020", "2019"), ("Beds", "512", "498"), ("Staff", "77", "78")]
    words = " ".join(
        f"1 0 0 1 {55 + 100 * c} {365 - 20 * r} Tm ({text}) Tj"
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    )
    stripes = "0.9 g 50 340 300 20 re f 0 g"
    document = _read(tmp_path, pdf([f"{stripes} {rules} BT /F1 10 Tf {words} ET".encode()]), "a.pdf")
    assert [table.rows for table in document.tables] == [list(map(list, rows))]


_TITLES = ("Line", "Unit", "2020", "2019")


def _unruled(rows: list[tuple[str, ...]], *, below: str = "") -> bytes:
    """A page with a table without lines: names and units set left, figures right, 16 points from row to row."""
    texts = []
    for r, row in enumerate(rows):
        for left, text in zip((50, 200, 260, 330), row, strict=True):
            shift = 40 - 5.56 * len(text) if text.replace(".", "").isdigit() and row is not _TITLES else 0
            texts.append(f"1 0 0 1 {left + shift:.2f} {380 - 16 * r} Tm ({text}) Tj")
    return " ".join(["BT /F1 10 Tf", *texts, below, "ET"]).encode()


def test_pdf_table_without_lines_goes_on_over_pages(tmp_path: Path) -> None:
    first = [("Beds", "n", "512", "498"), ("Rate of use", "", "9.5", ""), ("Staff", "n", "12345", "1")]
    footer = "1 0 0 1 180 20 Tm (Page 1 of 3) Tj"
    second = [("Nurses", "n", "3", "2"), ("Share", "", "", "40.25"), ("Rooms", "n", "77", "78")]
    pages = [_unruled([_TITLES, *first], below=footer), _unruled(second), _unruled([("Doctors", "n", "7", "8")])]
    document = _read(tmp_path, pdf(pages), "a.pdf")
    (table,) = document.tables
    filled = [[cell or None for cell in row] for row in (*first, *second)]
    assert table.rows == [list(_TITLES), *filled, ["Doctors", "n", "7", "8"]]
    assert table.locate(7, 2) == "page 3 table 1 box 294,12,300,22 row 8 column 3"
    assert document.notes == ()


def test_pdf_names_over_lines_are_one_cell(tmp_path: Path) -> None:
    texts = [(50, 380, "Line"), (200, 380, "Unit"), (260, 380, "2020")]
    for r, name in enumerate((["Beds"], ["Patients that", "were discharged"], ["Days", "of", "stay"], ["Staff"])):
        top = 355 - 50 * r
        texts += [(50, top - 12 * n + 6 * (len(name) - 1), text) for n, text in enumerate(name)]
        texts += [(200, top, "n"), (260, top, str(100 + r))]
    stream = " ".join(["BT /F1 10 Tf", *(f"1 0 0 1 {x} {y} Tm ({text}) Tj" for x, y, text in texts), "ET"])
    (table,) = _read(tmp_path, pdf([stream.encode()]), "a.pdf").tables
    assert table.rows == [
        ["Line", "Unit", "2020"],
        ["Beds", "n", "100"],
        ["Patients that\nwere discharged", "n", "101"],
        ["Days\nof\nstay", "n", "102"],
        ["Staff", "n", "103"],
    ]


def test_pdf_columns_that_cannot_be_told_apart_are_named(tmp_path: Path) -> None:
    rows = [_TITLES, ("Beds", "n", "512", "498"), ("A name that runs far over its unit", "n", "1", "2")]
    document = _read(tmp_path, pdf([_unruled(rows)]), "a.pdf")
    assert document.tables == []
    assert document.notes[0].startswith(
        "page 1 box 50,12,370,54: columns without lines that cannot be told apart; print"
    )


_LEFTS = (50, 130, 200, 290)


def _set(rows: list[tuple[str, ...]], rights: tuple[int, ...], *, top: int = 380, step: int = 16) -> str:
    """A table without lines: titles and texts set left in four columns, figures below them to the right."""
    texts = []
    for r, row in enumerate(rows):
        for left, right, text in zip(_LEFTS, rights, row, strict=True):
            is_figure = r > 0 and text.replace(".", "").isdigit()
            texts.append(f"1 0 0 1 {right - _wide(text) if is_figure else left:.2f} {top - step * r} Tm ({text}) Tj")
    return f"BT /F1 10 Tf {' '.join(texts)} ET"


def _wide(text: str) -> float:
    return 5.56 * len(text) - 2.78 * text.count(".")


_HEAD = ("Line", "Unit", "2020", "2019")
_FULL = [("Beds", "n", "512.25", "498"), ("Staff", "n", "1234567890.25", "7"), ("Rooms", "n", "", "78.5")]


def test_pdf_figures_close_together_are_of_two_columns(tmp_path: Path) -> None:
    rights = (0, 0, 284, 350)  # the figure of 2020 ends four points before the widest of 2019 begins
    rows = [_HEAD, *_FULL[:2], ("Rooms", "n", "3", "12345678.25")]
    (table,) = _read(tmp_path, pdf([_set(rows, rights).encode()]), "a.pdf").tables
    assert table.rows == list(map(list, rows))


def test_pdf_tables_without_lines_below_each_other_keep_their_columns(tmp_path: Path) -> None:
    other = [_HEAD, ("Nurses", "n", "51", "49"), ("Doctors", "n", "23", "24")]
    page = _set([_HEAD, *_FULL], (0, 0, 270, 360)) + " " + _set(other, (0, 0, 282, 390), top=260)
    one, two = _read(tmp_path, pdf([page.encode()]), "a.pdf").tables
    assert one.rows == [list(_HEAD), *([cell or None for cell in row] for row in _FULL)]
    assert two.rows == list(map(list, other))


def test_pdf_figures_of_one_column_that_are_not_aligned_are_refused(tmp_path: Path) -> None:
    heads = ("Name", "Item", "2018", "2017")
    page = _set([_HEAD, *_FULL], (0, 0, 270, 360)) + " " + _set([heads, *_FULL], (0, 0, 284, 390), top=300)
    document = _read(tmp_path, pdf([page.encode()]), "a.pdf")
    assert document.tables == []
    assert document.notes[0].startswith("page 1 box 50,12,390,150: columns without lines that cannot be told apart")
    assert "512" not in (document.text or ""), "nor are they prose"


def test_pdf_codes_close_to_names_are_columns_of_their_own(tmp_path: Path) -> None:
    rows = [("Code", "Name", "2020"), ("12.2.10", "Staff", "77"), ("12.2.11", "Rooms", "3"), ("1.1", "Beds", "512")]
    titled = [(50, 380, "Code"), (150, 380, "Name"), (200, 380, "2020")]  # the title of the names is set in the middle
    texts = [(x, 364 - 16 * r, t) for r, row in enumerate(rows[1:]) for x, t in zip((50, 86, 200), row, strict=True)]
    stream = " ".join(["BT /F1 10 Tf", *(f"1 0 0 1 {x} {y} Tm ({text}) Tj" for x, y, text in (*titled, *texts)), "ET"])
    (found,) = _read(tmp_path, pdf([stream.encode()]), "a.pdf").tables
    assert found.rows == list(map(list, rows))


def test_pdf_figures_over_lines_without_rules_are_one_where_they_fill_their_column(tmp_path: Path) -> None:
    texts = [(50, 380, "Line"), (150, 380, "2020"), (250, 380, "2019")]
    for y, name, *figures in (
        (350, "Beds", "512", "498"),
        (310, "Funds", "1234567\n89.25", "12\n345"),
        (270, "Staff", "7", "8765432"),
    ):
        lines = [figure.split("\n") for figure in figures]
        texts += [(50, y, name)]
        texts += [
            (150 + 100 * c, y + 6 * (len(f) - 1) - 12 * n, t) for c, f in enumerate(lines) for n, t in enumerate(f)
        ]
    stream = " ".join(["BT /F1 10 Tf", *(f"1 0 0 1 {x} {y} Tm ({text}) Tj" for x, y, text in texts), "ET"])
    (table,) = _read(tmp_path, pdf([stream.encode()]), "a.pdf").tables
    assert table.rows[1:] == [["Beds", "512", "498"], ["Funds", "123456789.25", "12\n345"], ["Staff", "7", "8765432"]]


def test_pdf_text_over_other_text_is_refused(tmp_path: Path) -> None:
    names = [f"1 0 0 1 50 {300 - 20 * row} Tm {chinese('同期出院患者手术人数')}" for row in range(6)]
    figures = [f"1 0 0 1 {95 + row} {300 - 20 * row} Tm {chinese('一二三四五')}" for row in range(6)]
    stamp = f"1 0 0 1 55 305 Tm {chinese('已审核')}"
    (tmp_path / "a.pdf").write_bytes(pdf([f"BT /F2 10 Tf {' '.join([*names, *figures])} ET".encode()]))
    with pytest.raises(Problem) as refused:
        read_document(tmp_path / "a.pdf")
    assert (refused.value.code, refused.value.where) == ("overprinted-text", "a.pdf: page 1 box 90,91,100,101")
    (tmp_path / "b.pdf").write_bytes(pdf([f"BT /F2 10 Tf {' '.join([*names, stamp])} ET".encode()]))
    assert "同期出院患者手术人数" in (read_document(tmp_path / "b.pdf").text or "")


def test_pdf_text_that_runs_another_way_is_told_of(tmp_path: Path) -> None:
    upright = "".join(
        f"1 0 0 1 20 {380 - 12 * n} Tm (A line of text that runs from left to right) Tj " for n in range(8)
    )
    aside = "".join(f"0 1 -1 0 {100 + 14 * n} 20 Tm (Beds 512 498 Staff) Tj " for n in range(5))
    document = _read(tmp_path, pdf([f"BT /F1 10 Tf {upright} {aside} ET".encode()]), "a.pdf")
    (note,) = document.notes
    assert note.startswith("page 1: text that runs another way than the rest, 'Beds 512 498")


def _at(left: int, top: int, rows: int = 2) -> str:
    """The rules of a table of two columns, 60 points wide, and its rows, 20 points high; no text."""
    across = [f"{left} {top - 20 * n} m {left + 120} {top - 20 * n} l S" for n in range(rows + 1)]
    return " ".join([*across, *(f"{left + x} {top} m {left + x} {top - 20 * rows} l S" for x in (0, 60, 120))])


@pytest.mark.parametrize(
    ("titles", "left", "right"),
    [
        ([(55, 370, "Bones"), (225, 370, "Children")], ("All", "Bones"), ("All", "Children")),
        ([(55, 372, "Bones"), (225, 364, "Children")], ("All", "Bones"), ("All", "Bones", "Children")),
        ([(55, 370, "Bones")], ("All", "Bones"), ("All", "Bones")),
        ([(55, 382, "Bones"), (55, 368, "Work"), (225, 368, "Quality")],
         ("All", "Bones", "Work"), ("All", "Bones", "Quality")),
        ([(160, 370, "Hospital and its departments")], ("All", "Hospital and its departments"),
         ("All", "Hospital and its departments")),
    ],
)  # fmt: skip
def test_pdf_titles_of_tables_side_by_side_are_of_their_own(
    titles: list[tuple[int, int, str]], left: tuple[str, ...], right: tuple[str, ...], tmp_path: Path
) -> None:
    """What stands above one of them alone is of all of them where it is higher than what the other has."""
    texts = [(180, 396, "All"), *titles, (50, 300, "Notes"), (50, 270, "Wards"), (55, 245, "Line"), (115, 245, "2020")]
    for x in (50, 220):
        texts += [(x + 5, 345, "Line"), (x + 65, 345, "2020"), (x + 5, 325, "Beds"), (x + 65, 325, "9")]
    words = " ".join(f"1 0 0 1 {x} {y} Tm ({text}) Tj" for x, y, text in texts)
    page = f"{_at(50, 360)} {_at(220, 359)} {_at(50, 260)} BT /F1 10 Tf {words} ET"
    document = _read(tmp_path, pdf([page.encode()], page="/MediaBox[0 0 400 410]"), "a.pdf")
    assert [table.caption for table in document.tables] == [left, right, ("Notes", "Wards")]


def _cut(between: list[tuple[int, int, str]], *, step: int = 20, head: tuple[str, str] = ("Rooms", "77")) -> bytes:
    """Two ruled tables below each other, ``step`` points apart, and texts between them."""
    rows = [(360, ("Line", "2020")), (340, ("Beds", "512")), (320 - step, head), (300 - step, ("Doctors", "8"))]
    texts = [(x, top - 15, text) for top, row in rows for x, text in zip((55, 115), row, strict=True)]
    words = " ".join(f"1 0 0 1 {x} {y} Tm ({text}) Tj" for x, y, text in (*texts, *between))
    return f"{_at(50, 360)} {_at(50, 320 - step)} BT /F1 10 Tf {words} ET".encode()


def test_pdf_rows_without_rules_between_ruled_ones_are_rows(tmp_path: Path) -> None:
    (table,) = _read(tmp_path, pdf([_cut([(55, 305, "Staff"), (120, 305, "1234")])]), "a.pdf").tables
    assert table.rows == [["Line", "2020"], ["Beds", "512"], ["Staff", "1234"], ["Rooms", "77"], ["Doctors", "8"]]
    assert table.locate(2, 1) == "page 1 table 1 box 120,87,142,97 row 3 column 2"
    assert table.locate(4, 1) == "page 1 table 1 box 110,120,170,140 row 5 column 2"
    assert table.caption == ()


@pytest.mark.parametrize(
    "page",
    [
        _cut([(55, 305, "Children")]),
        _cut([(55, 305, "Staff of all 3 departments")]),
        _cut([(55, 309, "Staff of"), (120, 303, "1234"), (55, 298, "all")], step=30),
        _cut([(55, 305, "Staff"), (120, 305, "1234")], head=("Line", "2020")),
        _cut([(55, 305, "Staff"), (120, 305, "1234"), (200, 305, "7")]),
    ],
    ids=["a title", "over two columns", "a name of two lines", "a header again", "beside the columns"],
)
def test_pdf_what_may_be_no_row_parts_tables(page: bytes, tmp_path: Path) -> None:
    assert [len(table.rows) for table in _read(tmp_path, pdf([page]), "a.pdf").tables] == [2, 2]
