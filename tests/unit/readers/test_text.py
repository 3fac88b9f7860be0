"""Text files: encodings told apart, tables found, cells located by characters."""

from __future__ import annotations

import codecs
import csv
from pathlib import Path

import pytest

from ingestion.errors import Problem
from ingestion.readers import Document, read_document

_CSV = "指标,2019年,2020年\n出院人数,36012,37445\n手术占比（%）,31.20,32.47\n"
_ENCODED = {
    "utf-8": _CSV.encode(),
    "utf-8 with mark": codecs.BOM_UTF8 + _CSV.encode(),
    "gb18030": _CSV.encode("gb18030"),
    "utf-16 le with mark": codecs.BOM_UTF16_LE + _CSV.encode("utf-16-le"),
    "utf-16 be with mark": codecs.BOM_UTF16_BE + _CSV.encode("utf-16-be"),
    "utf-16 le": _CSV.encode("utf-16-le"),
    "utf-16 be": _CSV.encode("utf-16-be"),
}


def _read(tmp_path: Path, content: bytes | str, name: str) -> Document:
    path = tmp_path / "landed"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_document(path, name)


@pytest.mark.parametrize("encoding", _ENCODED)
def test_csv_in_every_encoding(encoding: str, tmp_path: Path) -> None:
    table = _read(tmp_path, _ENCODED[encoding], "数据.csv").tables[0]
    assert table.rows == [line.split(",") for line in _CSV.splitlines()]
    assert table.locate(1, 2) == "数据!C2"


def test_csv_delimiters_quotes_and_tsv(tmp_path: Path) -> None:
    assert _read(tmp_path, 'a;b\n"x;y";2\n', "a.csv").tables[0].rows == [["a", "b"], ["x;y", "2"]]
    assert _read(tmp_path, '"a\nb",,3\n', "a.csv").tables[0].rows == [["a\nb", None, "3"]]
    assert _read(tmp_path, "a\tb,c\n", "a.tsv").tables[0].rows == [["a", "b,c"]]
    assert _read(tmp_path, "a，b\n1，2\n", "a.csv").tables[0].rows == [["a", "b"], ["1", "2"]]
    assert _read(tmp_path, "a，b,c\n1，2,3\n", "a.csv").tables[0].rows == [["a，b", "c"], ["1，2", "3"]]
    assert _read(tmp_path, 'a,b\n"=""0012""",3\n', "a.csv").tables[0].rows == [["a", "b"], ["0012", "3"]]


def test_a_quotation_mark_left_open_takes_no_lines_with_it(tmp_path: Path) -> None:
    lines = ["指标,2019年,2020年", *(f"行{n},{n},{n}" for n in range(2, 9))]
    lines[3] = '"行4,4,4'
    with pytest.raises(Problem, match=r"a\.csv: line 4: .* before line 8") as found:
        _read(tmp_path, "\n".join(lines), "a.csv")
    assert found.value.code == "open-quote"
    with pytest.raises(Problem, match="line 4"):
        _read(tmp_path, "\n".join(lines) + "x" * (2 << 20), "a.csv")


def test_a_cell_that_is_too_long_is_not_taken_for_an_open_quotation_mark(tmp_path: Path) -> None:
    usual = csv.field_size_limit()
    _read(tmp_path, "a,b\n" + "x" * (1 << 19) + ",1\n", "a.csv")
    with pytest.raises(Problem, match=r"a\.csv: line 2: a cell of more than 1 MB") as found:
        _read(tmp_path, "a,b\n" + "x" * (2 << 20) + ",1\n", "a.csv")
    assert found.value.code == "long-cell"
    assert csv.field_size_limit() == usual, "data files of ours are read with the usual limit"


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem) as found:
        _read(tmp_path, bytes(range(128, 256)) * 20, "a.txt")
    assert found.value.code == "unknown-encoding"


def test_tab_table_with_a_cell_broken_over_lines(tmp_path: Path) -> None:
    text = "前言\n序号\t指标\t目标\n1\t出院\n人数\t≥100\n2\t床位\t50\n后记\n"
    document = _read(tmp_path, text, "a.txt")
    (table,) = document.tables
    assert table.rows == [["序号", "指标", "目标"], ["1", "出院\n人数", "≥100"], ["2", "床位", "50"]]
    start, end = map(int, table.locate(1, 1).removeprefix("chars ").split("-"))
    assert document.text is not None
    assert document.text[start:end] == "出院\n人数"


@pytest.mark.parametrize(
    "text",
    [
        "| 指标 | 目标 |\n|---|:--:|\n| 出院人数 | 100 |\n| 床位 |  |\n",
        "指标 | 目标\n--- | ---\n出院人数 | 100\n床位 | \n",
        "+----+----+\n|指标|目标|\n+----+----+\n|出院人数|100|\n|床位||\n",
    ],
)
def test_pipe_tables(text: str, tmp_path: Path) -> None:
    document = _read(tmp_path, "说明\n\n" + text + "\n结尾\n", "a.md")
    (table,) = document.tables
    assert [row[0] for row in table.rows] == ["指标", "出院人数", "床位"]
    assert table.rows[1][1] == "100"
    assert document.text is not None
    start, end = map(int, table.locate(1, 1).removeprefix("chars ").split("-"))
    assert document.text[start:end].strip() == "100"


def test_a_header_broken_inside_its_cells_and_the_rest_of_a_last_cell(tmp_path: Path) -> None:
    text = (
        "指标\t单位\t2020年\n完成值\t2025年\n目标值\t责任部门\n一、服务\n开放床位\t张\t300\t400\t医务部、\n护理部\n"
        "平均住院日\t天\t8\t7\t各临床\n科室\n二、人才\n博士\t名\t1\t5\t人事科\n"
    )
    (table,) = _read(tmp_path, text, "plan.txt").tables
    assert [["".join((c or "").split()) for c in row] for row in table.rows] == [
        ["指标", "单位", "2020年完成值", "2025年目标值", "责任部门"],
        ["一、服务"],
        ["开放床位", "张", "300", "400", "医务部、护理部"],
        ["平均住院日", "天", "8", "7", "各临床科室"],
        ["二、人才"],
        ["博士", "名", "1", "5", "人事科"],
    ]


def test_a_row_that_lacks_its_last_cells_takes_in_no_row_below(tmp_path: Path) -> None:
    text = (
        "序号\t指标\t单位\t2024年\t2023年\t说明\n17.2.11\t其他收入\t元\t5.5\t6.5\n18\t医保基金的比例\n18.1\t门急诊\t%\t7\t8\n"
        "（三）医疗质量与安全\n19\t▲满意度\nJX01901\t人数\t人\t9\t10\n20\t收入增幅\n"
    )
    (table,) = _read(tmp_path, text, "a.txt").tables
    assert table.rows[1:] == [
        ["17.2.11", "其他收入", "元", "5.5", "6.5"], ["18", "医保基金的比例"], ["18.1", "门急诊", "%", "7", "8"],
        ["（三）医疗质量与安全"], ["19", "▲满意度"], ["JX01901", "人数", "人", "9", "10"], ["20", "收入增幅"],
    ]  # fmt: skip


def test_prose_with_one_pipe_is_no_table(tmp_path: Path) -> None:
    assert _read(tmp_path, "甲|乙\n一段话\n", "a.txt").tables == []


def test_tables_set_with_blanks(tmp_path: Path) -> None:
    text = (
        "主要指标\n序号  指标      单位  2020年  2025年\n1     床位      张    1000    1500\n"
        "2     床护比          1:0.4   1:0.6\n　3     出院人数　人    3　 5\n以上指标  由规划办解释。\n"
    )
    document = _read(tmp_path, text, "a.txt")
    (table,) = document.tables
    assert table.rows[:3] == [
        ["序号", "指标", "单位", "2020年", "2025年"],
        ["1", "床位", "张", "1000", "1500"],
        ["2", "床护比", None, "1:0.4", "1:0.6"],
    ]
    start, end = map(int, table.locate(1, 4).removeprefix("chars ").split("-"))
    assert document.text is not None
    assert document.text[start:end] == "1500"


def test_a_title_between_rows_set_with_blanks_is_a_row(tmp_path: Path) -> None:
    text = (
        "序号  指标      单位  2020年  2025年\n1     床位      张    1000    1500\n（二）医疗质量\n"
        "2     床护比          1:0.4   1:0.6\n单病种\n3     出院人数  人    3       5\n"
        "（三）效益\n4     收入\n4.1   门诊收入  元    3       5\n"
        "二、收入情况\n序号  项目      金额\n1     药品      12.5\n2     检查      13.5\n"
    )
    first, second = _read(tmp_path, text, "a.txt").tables
    assert [row[0] for row in first.rows] == [
        "序号",
        "1",
        "（二）医疗质量",
        "2",
        "单病种",
        "3",
        "（三）效益",
        "4",
        "4.1",
    ]
    assert second.rows == [["序号", "项目", "金额"], ["1", "药品", "12.5"], ["2", "检查", "13.5"]]


def test_prose_with_wide_blanks_is_no_table(tmp_path: Path) -> None:
    text = "　　一段话  有空格。\n　　又一段话。\n签字：  日期：  盖章\n　　完。\n"
    assert _read(tmp_path, text, "a.txt").tables == []


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t"])
def test_a_table_of_text_is_read_under_a_workbooks_name(mark: str, encoding: str, tmp_path: Path) -> None:
    """Information systems export tables of text under the name .xls, and spreadsheet programs open them."""
    path = tmp_path / "export.xls"
    rows = [["指标", "2020年"], *(["床位", str(n)] for n in range(1000))]
    path.write_bytes("\r\n".join(map(mark.join, rows)).encode(encoding))
    (table,) = read_document(path).tables
    assert table.rows == rows
    assert table.locate(1, 1) == "export!B2"
