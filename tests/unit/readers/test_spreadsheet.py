"""Workbooks: values as stored, addresses as on the sender's screen, nothing silently empty."""

from __future__ import annotations

import datetime
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlwt
from fixtures.bad_files import NAMESPACE, SHEET, ods, ods_cell, repack, sheet_xml, workbook, workbook_of_xml
from python_calamine import CalamineWorkbook

from ingestion.errors import Problem
from ingestion.forms.values import read_cell
from ingestion.readers import Document, read_document
from ingestion.readers.document import CellError, Percent, UncalculatedFormula


def _read(tmp_path: Path, content: bytes, name: str = "a.xlsx") -> Document:
    path = tmp_path / "landed"
    path.write_bytes(content)
    return read_document(path, name)


def test_title_rows_keep_their_addresses(tmp_path: Path) -> None:
    table = _read(tmp_path, workbook([[], [None, "标题"], [None, None, 12]])).tables[0]
    assert table.rows[2][2] == 12
    assert table.locate(2, 2) == "填报表!C3"


@pytest.mark.parametrize("title", ["a!b", "it's", '"q"', "表 1"])
def test_odd_sheet_names(title: str, tmp_path: Path) -> None:
    table = _read(tmp_path, workbook([["x"]], title)).tables[0]
    assert (table.name, table.locate(0, 0)) == (title, f"{title}!A1")


def test_hidden_sheets_are_read_and_chart_sheets_passed_over(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["x"])
    book.create_chartsheet("图")
    hidden = book.create_sheet("隐藏", 0)
    hidden["B2"], hidden.sheet_state = 5, "hidden"
    book.save(tmp_path / "a.xlsx")
    assert [table.name for table in read_document(tmp_path / "a.xlsx").tables] == ["Sheet", "隐藏"]


def test_merged_ranges_dates_and_flags(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["合并", None, True, datetime.date(2020, 1, 2)])
    book.active.merge_cells("A1:B2")
    book.save(tmp_path / "a.xlsx")
    table = read_document(tmp_path / "a.xlsx").tables[0]
    assert table.merged == [(0, 0, 1, 1)]
    assert table.rows[0] == ["合并", "", True, datetime.date(2020, 1, 2)]


_CELLS = (
    '<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1" t="str"><v>&lt;mergeCells&gt;!</v></c></row></sheetData>'
)
_FAR = '<row r="99"><c r="ZZ99"><v>1</v></c></row>'
_NAMES_A_SHEET = (
    "<dataValidations><dataValidation><formula1>sheetData!$A$1</formula1></dataValidation></dataValidations>"
)
_MERGED = '<mergeCells count="1"><mergeCell ref="B1:C2"/></mergeCells>'


@pytest.mark.parametrize(
    "sheet",
    [
        _CELLS,
        _CELLS + _MERGED,
        _MERGED + _CELLS,
        _CELLS + _MERGED + _MERGED.replace("B1", "A1"),
        _CELLS + f"<!-- {_MERGED} -->",
        _CELLS + f"<!-- {_MERGED} -->" + _MERGED.replace("B1", "A1"),
        _CELLS + "<mergeCells/>",
        _CELLS + _MERGED.replace("<", "<x:").replace("<x:/", "</x:"),
        _CELLS + _MERGED.replace("mergeCells", "mergeCells\n"),
        "<sheetData/>" + _MERGED,
        _CELLS + _MERGED + _NAMES_A_SHEET,
        _CELLS + _NAMES_A_SHEET,
        "<x:sheetData>" + _CELLS + "</x:sheetData>" + _MERGED.replace("</", _FAR + "</"),
        f"<?x <sheetData>{_FAR}</sheetData>?>" + _CELLS + _MERGED.replace("count", "more='?>' count"),
        _CELLS + '<mergeCells count="1">' + _MERGED.replace(' count="1"', ""),
    ],
)  # fmt: skip
def test_merged_cells_are_read_wherever_a_sheet_tells_of_them(sheet: str, tmp_path: Path) -> None:
    root = f'<worksheet xmlns="{NAMESPACE}" xmlns:x="{NAMESPACE}">'
    content = repack(workbook([["a"]]), {SHEET: root + sheet + "</worksheet>"})
    [table] = _read(tmp_path, content).tables or [None]
    theirs = CalamineWorkbook.from_object(io.BytesIO(content)).get_sheet_by_index(0)
    assert (table.rows if table else []) == theirs.to_python(skip_empty_area=False)
    assert table is None or table.merged == [(*start, *end) for start, end in theirs.merged_cell_ranges]


@pytest.mark.parametrize(
    "renamed",
    [
        {"xl/": "xl\\", "xl\\worksheets/": "xl\\worksheets\\"},
        {"xl/": "XL/", "styles": "Styles"},
        {"/xl/worksheets/": "/xl/data/"},
        {"/xl/worksheets/sheet1.xml": "/xl/sharedStrings/1.rels"},
    ],
)
def test_parts_are_found_under_whatever_name(renamed: dict[str, str], tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["A1"].number_format, book.active["B1"] = 0.5, "0%", "=1+1"
    book.save(packed := io.BytesIO())
    moved = io.BytesIO()
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(moved, "w") as new:
        for name in old.namelist():
            content, path = old.read(name), name
            for before, after in renamed.items():
                path = path.replace(before.lstrip("/"), after.lstrip("/"))
                if before.startswith("/"):
                    content = content.replace(before.encode(), after.encode())
            member = zipfile.ZipInfo(path)
            member.filename = path  # which makes slashes of backslashes on some systems
            new.writestr(member, content)
    [table] = _read(tmp_path, moved.getvalue()).tables
    assert table.rows == [[Percent(0.5), UncalculatedFormula("=1+1")]]
    assert [type(cell) for cell in table.rows[0]] == [Percent, UncalculatedFormula]


def test_a_dimension_that_lies_is_not_believed(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="3"><c r="C3"><v>3</v></c></row>'
    for dimension in ("A1", "A1:XFD1048576"):
        content = repack(workbook([["a"]]), {SHEET: sheet_xml(rows, dimension=dimension)})
        assert _read(tmp_path, content).tables[0].rows == [[1, "", ""], ["", "", ""], ["", "", 3]]


@pytest.mark.parametrize("result", ["", "<v></v>", "<v/>", "<v />"])
def test_a_formula_without_result_is_not_an_empty_cell(result: str, tmp_path: Path) -> None:
    data = f'<row r="1"><c r="A1"><v>2</v></c><c r="B1"><f>A1*2</f>{result}</c></row>'
    cell = _read(tmp_path, workbook_of_xml(data)).tables[0].rows[0][1]
    assert isinstance(cell, UncalculatedFormula)
    assert cell == "=A1*2"
    assert "formula_without_value" in read_cell(cell, None).notes


def test_a_shared_formula_without_result_is_marked_beyond_the_filled_cells(tmp_path: Path) -> None:
    data = (
        '<row r="1"><c r="A1"><v>2</v></c></row>'
        '<row r="2"><c r="B2"><f t="shared" ref="B2:B3" si="0">A1</f></c></row>'
        '<row r="3"><c r="B3"><f t="shared" si="0"/></c></row>'
    )
    rows = _read(tmp_path, workbook_of_xml(data)).tables[0].rows
    assert rows == [[2, ""], ["", "=A1"], ["", "=…"]]


def test_a_formula_with_its_result_is_the_result(tmp_path: Path) -> None:
    data = '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>"a"</f><v>a</v></c></row>'
    assert _read(tmp_path, workbook_of_xml(data)).tables[0].rows == [[2, "a"]]


@pytest.mark.parametrize("kind", ['t="e"', "t='e'", 's="0" t="e"'])
def test_error_values_are_kept(kind: str, tmp_path: Path) -> None:
    data = f'<row r="1"><c r="A1"><v>1</v></c><c r="B1" {kind}><f>1/0</f><v>#DIV/0!</v></c></row>'
    cell = _read(tmp_path, workbook_of_xml(data)).tables[0].rows[0][1]
    assert isinstance(cell, CellError)
    assert cell == "#DIV/0!"
    assert "error_value" in read_cell(cell, None).notes


def test_text_that_looks_like_a_command_stays_text(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for column, text in enumerate(["=cmd|' /C calc'!A0", "+1", "-1", "@x"], 1):
        cell = book.active.cell(1, column, text)
        cell.data_type = "s"
    book.save(tmp_path / "a.xlsx")
    assert read_document(tmp_path / "a.xlsx").tables[0].rows == [["=cmd|' /C calc'!A0", "+1", "-1", "@x"]]


def test_many_rows_are_read_whole(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{r}"><c r="A{r}"><v>{r}</v></c></row>' for r in range(1, 12_001))
    table = _read(tmp_path, workbook_of_xml(rows)).tables[0]
    assert [row[0] for row in table.rows] == list(range(1, 12_001))


def test_ods(tmp_path: Path) -> None:
    gap = '<table:table-cell table:number-columns-repeated="2"/>'
    row = ods_cell(1) + gap + ods_cell(2.5)
    table = _read(tmp_path, ods(f"<table:table-row>{row}</table:table-row>"), "a.ods").tables[0]
    assert table.rows == [[1, "", "", 2.5]]
    assert table.locate(0, 3) == "表1!D1"


def test_ods_formulas_without_result_and_errors(tmp_path: Path) -> None:
    row = (
        f"<table:table-row>{ods_cell(1)}"
        '<table:table-cell table:formula="of:=[.A1]*2"/>'
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="">'
        "<text:p>#DIV/0!</text:p></table:table-cell></table:table-row>"
    )
    cells = _read(tmp_path, ods(row), "a.ods").tables[0].rows[0]
    assert cells == [1, "=[.A1]*2", "#DIV/0!"]
    assert [type(cell) for cell in cells[1:]] == [UncalculatedFormula, CellError]


def test_an_ods_formula_that_comes_to_nothing_is_empty(tmp_path: Path) -> None:
    formula = 'table:formula="of:=IF([.A1]=1;&quot;&quot;;2)"'
    of_libreoffice = f"<table:table-cell {formula}><text:p/></table:table-cell>"
    of_gnumeric = f'<table:table-cell {formula} office:value-type="string" office:string-value=""/>'
    row = f"<table:table-row>{ods_cell(1)}{of_libreoffice}{of_gnumeric}{ods_cell(2)}</table:table-row>"
    assert _read(tmp_path, ods(row), "a.ods").tables[0].rows[0] == [1, "", "", 2]


@pytest.mark.parametrize("is_apart", [False, True])
def test_an_ods_percentage_is_told_by_the_format_of_its_style(is_apart: bool, tmp_path: Path) -> None:
    """Gnumeric calls it a number, and keeps the formats in a part of their own; a sign that is written says nothing."""
    formats = (
        '<number:percentage-style style:name="ND-0"><number:number/><number:text>%</number:text>'
        '</number:percentage-style><number:number-style style:name="ND-1"><number:number/><number:text>%</number:text>'
        "</number:number-style>"
    )
    styles = "".join(
        f'<style:style style:name="ACE-{n}" style:family="table-cell" style:data-style-name="{name}"/>'
        for n, name in enumerate(("General", "ND-0", "ND-1"))
    )
    spaces = 'xmlns:style="{0}:style:1.0" xmlns:number="{0}:datastyle:1.0"'.format(
        office := "urn:oasis:names:tc:opendocument:xmlns"
    )
    row = "".join(ods_cell(0.5, f' table:style-name="ACE-{n}"') for n in (0, 1, 2, 9)) + ods_cell(0.5)
    with zipfile.ZipFile(io.BytesIO(plain := ods(f"<table:table-row>{row}</table:table-row>"))) as archive:
        content = archive.read("content.xml").decode()
    automatic = f"<office:automatic-styles {spaces}>{'' if is_apart else formats}{styles}</office:automatic-styles>"
    content = content.replace("<office:body>", f"{automatic}<office:body>")
    apart = (
        f'<office:document-styles xmlns:office="{office}:office:1.0" {spaces}><office:styles>{formats}</office:styles>'
        "</office:document-styles>"
    )
    more = {"styles.xml": apart} if is_apart else {}
    [cells] = _read(tmp_path, repack(plain, {"content.xml": content, **more}), "a.ods").tables[0].rows
    assert [type(cell) for cell in cells] == [float, Percent, float, float, float]


def test_an_indented_ods_is_read(tmp_path: Path) -> None:
    row = f"<table:table-row>{ods_cell(1)}{ods_cell('出院 人次')}</table:table-row>"
    plain = ods(row)
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        content = archive.read("content.xml").decode()
    for tag in ("<table:", "</table:"):
        content = content.replace(tag, f"\n  {tag}")
    read = [
        _read(tmp_path, workbook, "a.ods").tables[0].rows
        for workbook in (plain, repack(plain, {"content.xml": content}))
    ]
    assert read[0] == read[1] == [[1, "出院 人次"]]


def test_an_old_workbook(tmp_path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("填报表")
    for row, cells in enumerate([["指标", "2020年"], ["出院人数", 37445], ["占比", "32.47"]]):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    book.save(str(tmp_path / "a.xls"))
    table = read_document(tmp_path / "a.xls").tables[0]
    assert table.rows == [["指标", "2020年"], ["出院人数", 37445], ["占比", "32.47"]]
    assert table.locate(1, 1) == "填报表!B2"


def test_a_nul_in_a_text_is_read_as_no_character(tmp_path: Path) -> None:
    """Spreadsheet programs write it as ``_x0000_``; no database keeps one."""
    rows = _read(tmp_path, workbook([["床_x0000_位", 5.0]])).tables[0].rows
    assert rows == [["床\ufffd位", 5.0]]
    text = "指标,年份\n" + "床位,2020\n" * 1000 + "出院\0人次,2020\0\n"
    rows = _read(tmp_path, text.encode(), "a.csv").tables[0].rows
    assert rows[-1] == ["出院\ufffd人次", "2020\ufffd"]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("is_long", [False, True])
def test_however_a_container_is_packed(method: int, is_long: bool, tmp_path: Path) -> None:
    """Stored or packed, with long sizes, with bytes behind the header of a part and a comment at the end."""
    path = tmp_path / "r.xlsx"
    plain = zipfile.ZipFile(io.BytesIO(workbook([["指标", 1.5], ["住院", "二"]])))
    with zipfile.ZipFile(path, "w") as packed:
        packed.comment = "填报表".encode()
        for name in [*plain.namelist(), "xl/media/图.png"]:
            member = zipfile.ZipInfo(name)
            member.compress_type, member.extra = method, b"\x99\x99\x04\x00abcd"
            with packed.open(member, "w", force_zip64=is_long) as part:
                part.write(plain.read(name) if name in plain.namelist() else b"\x89PNG")
    assert read_document(path).tables[0].rows == [["指标", 1.5], ["住院", "二"]]


def test_damaged_texts_are_refused(tmp_path: Path) -> None:
    """Even one character that a broken transfer changed: it may be in a name or in a figure kept as text."""
    container = workbook([[f"指标{n}"] for n in range(2000)])
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(container)) as plain, zipfile.ZipFile(packed, "w") as stored:
        for name in plain.namelist():
            stored.writestr(name, plain.read(name))
    path = tmp_path / "r.xlsx"
    path.write_bytes(packed.getvalue().replace(b"1999</t>", b"1990</t>"))
    with pytest.raises(Problem, match="CRC"):
        read_document(path)


def test_hidden_sheets_are_told_in_every_format(tmp_path: Path) -> None:
    modern, old = openpyxl.Workbook(), xlwt.Workbook(encoding="utf-8")
    for number, name in enumerate(("填报表", "旧稿")):
        sheet = modern.create_sheet(name)
        sheet.append([1.0])
        sheet.sheet_state = ("visible", "veryHidden")[number]
        sheet = old.add_sheet(name)
        sheet.write(0, 0, 1.0)
        sheet.visibility = number
    modern.remove(modern.active)
    modern.save(tmp_path / "a.xlsx")
    old.save(str(tmp_path / "a.xls"))
    row = f"<table:table-row>{ods_cell(1)}</table:table-row>"
    style = (
        '<office:automatic-styles xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"><style:style '
        'style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>'
        "</office:automatic-styles><office:body>"
    )
    hidden = f'</table:table><table:table table:name="旧稿" table:style-name="ta2">{row}</table:table>'
    with zipfile.ZipFile(io.BytesIO(opened := ods(row))) as archive:
        content = archive.read("content.xml").decode()
    content = content.replace("</table:table>", hidden).replace("<office:body>", style)
    (tmp_path / "a.ods").write_bytes(repack(opened, {"content.xml": content}))
    for name in ("a.xlsx", "a.xls", "a.ods"):
        assert [table.is_hidden for table in read_document(tmp_path / name).tables] == [False, True], name


_RAW_TEXT = [
    ("<![CDATA[12]]>", "12"),
    ("1<![CDATA[2]]>", "12"),
    ("1<!-- <![CDATA[9 -->2", "12"),
    ("<!-- 9 -->12", "12"),
    ("1<?x 9?>2", "12"),
    ("<![CDATA[a<b&c>!]]>", "a<b&c>!"),
    ("<![CDATA[-->]]><!--]]>-->", "-->"),
]
_LARGE = {"xl/media/image1.png": b"\0" * (9 << 20)}


def _kinds_of_text(text: str) -> dict[str, bytes]:
    """Workbooks whose first cell holds a text, by how it is kept."""
    shared = f'<sst xmlns="{NAMESPACE}"><si><t>{text}</t></si></sst>'
    cells = {kind: f'<row r="1"><c r="A1" {cell}</c><c r="B1"><v>9</v></c></row>' for kind, cell in (
        ("result", f't="str"><v>{text}</v>'),
        ("inline", f't="inlineStr"><is><t>{text}</t></is>'),
        ("shared", 't="s"><v>0</v>'),
    )}  # fmt: skip
    found = {kind: repack(workbook_of_xml(row), {"xl/sharedStrings.xml": shared}) for kind, row in cells.items()}
    return found | {"ods": ods(f"<table:table-row>{ods_cell(text)}{ods_cell(9)}</table:table-row>")}


@pytest.mark.parametrize(("text", "meant"), _RAW_TEXT)
def test_raw_text_and_text_beside_comments_are_read(text: str, meant: str, tmp_path: Path) -> None:
    for kind, content in _kinds_of_text(text).items():
        name = "a.ods" if kind == "ods" else "a.xlsx"
        assert _read(tmp_path, content, name).tables[0].rows == [[meant, 9]], kind
    if meant == "12":
        number = f'<row r="1"><c r="A1"><v>{text}</v></c></row>'
        assert _read(tmp_path, workbook_of_xml(number)).tables[0].rows == [[12]]


def test_what_a_comment_parts_is_seen_before_it_is_laid_out(tmp_path: Path) -> None:
    row = '<row r="1"><c r="A1"><v>1</v></c><<!-- -->c r="XFD1048576"><v>1</v></c></row>'
    with pytest.raises(Problem) as caught:
        _read(tmp_path, workbook_of_xml(row))
    assert caught.value.code == "far-cell"


@pytest.mark.parametrize("text", ["<![CDATA[12]]>", "1<!-- 9 -->2"])
def test_raw_text_in_a_large_workbook_is_refused(text: str, tmp_path: Path) -> None:
    for kind, content in _kinds_of_text(text).items():
        with pytest.raises(Problem) as caught:
            _read(tmp_path, repack(content, _LARGE), "a.ods" if kind == "ods" else "a.xlsx")
        assert caught.value.code == "odd-text", kind
        part = {"ods": "content.xml", "shared": "xl/sharedStrings.xml"}.get(kind, SHEET)
        assert caught.value.where.endswith(part)
