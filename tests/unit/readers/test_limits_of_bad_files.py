"""Every hostile or odd file ends as one Problem that says where and what to do."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from fixtures.bad_files import HEAVY, SHEET, UNREADABLE, ods, ods_cell, pdf, repack, workbook

from ingestion.errors import Problem
from ingestion.readers import ods_scan, read_document
from ingestion.readers import pdf as pdf_reader
from ingestion.steps import parse


@pytest.mark.parametrize("case", [name for name in UNREADABLE if name not in HEAVY])
def test_a_bad_file_is_one_problem(case: str, tmp_path: Path) -> None:
    bad = UNREADABLE[case]
    path = tmp_path / bad.file_name
    bad.write(path)
    with pytest.raises(Problem) as found:
        read_document(path)
    assert found.value.code == bad.code
    assert bad.file_name in found.value.where
    assert found.value.remedy.endswith(".")


def test_a_far_cell_is_named_by_its_address(tmp_path: Path) -> None:
    UNREADABLE["far cell"].write(tmp_path / "a.xlsx")
    with pytest.raises(Problem, match=r"sheet1\.xml!XFD1048576"):
        read_document(tmp_path / "a.xlsx")


def test_a_page_that_takes_too_long_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_reader, "_SECONDS_A_PAGE", 0.1)
    (tmp_path / "a.pdf").write_bytes(pdf([b"", b"0 0 m 9 9 l S " * 100_000]))
    with pytest.raises(Problem, match=r"a\.pdf: page 2: a page that takes more than 0\.1 seconds") as found:
        pdf_reader.read(tmp_path / "a.pdf", "a.pdf")
    assert found.value.code == "too-heavy"


@pytest.mark.parametrize("kind", ["folder", "link", "pipe"])
def test_only_plain_files_are_opened(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    match kind:
        case "folder":
            path.mkdir()
        case "link":
            (tmp_path / "real.xlsx").write_bytes(workbook([["a"]]))
            path.symlink_to(tmp_path / "real.xlsx")
        case "pipe":
            os.mkfifo(path)
    with pytest.raises(Problem) as found:
        read_document(path)
    assert found.value.code == "not-a-file"
    with pytest.raises(Problem) as found:
        read_document(tmp_path / "missing.docx")
    assert (found.value.code, found.value.where) == ("no-such-file", str(tmp_path / "missing.docx"))


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a\x00b.xlsx", "x" * 5000, "\u202exslx.a", "CON"])
def test_the_senders_name_is_only_a_label(name: str, tmp_path: Path) -> None:
    path = tmp_path / "landed"
    path.write_bytes(workbook([["a", 1]]))
    assert read_document(path, name).tables[0].rows == [["a", 1.0]]


def test_macros_and_external_links_are_noted_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsm"
    path.write_bytes(
        repack(workbook([["a", 1]]), {"xl/vbaProject.bin": b"x", "xl/externalLinks/externalLink1.xml": b"<x/>"})
    )
    document = read_document(path)
    assert document.notes == ("macros", "links to other workbooks")
    assert document.tables[0].rows == [["a", 1.0]]


def test_rows_that_an_ods_workbook_writes_out_come_to_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ods_scan, "_MOST_ROWS", 50)
    rows = (
        f"<table:table-row>{ods_cell(1)}</table:table-row>"
        + "<table:table-row><table:table-cell/></table:table-row>" * 49
    )
    (tmp_path / "a.ods").write_bytes(ods(rows))
    assert read_document(tmp_path / "a.ods").tables[0].rows == [[1.0]]
    (tmp_path / "b.ods").write_bytes(ods(rows + "<table:table-row/>"))
    with pytest.raises(Problem, match=r"b\.ods: 表1: more than 50 rows") as found:
        read_document(tmp_path / "b.ods")
    assert found.value.code == "odd-container"


def test_a_submission_has_no_end_of_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse, "MOST_ENTRIES", 3)
    path = tmp_path / "a.csv"
    path.write_text("indicator,year,value\n" + "".join(f"n{n},2020,{n}\n" for n in range(3)), encoding="utf-8")
    assert len(parse.read_entries(path, path.name, 2020, None).entries) == 3
    with path.open("a", encoding="utf-8") as file:
        file.write("more,2020,1\nand more,2020,1\n")
    with pytest.raises(Problem, match=r"a\.csv: a!C5: more than 3 figures"):
        parse.read_entries(path, path.name, 2020, None)
    monkeypatch.setattr(parse, "MOST_ROWS", 5)
    with pytest.raises(Problem, match=r"a\.csv: a: 6 rows and more"):
        parse.read_entries(path, path.name, 2020, None)
    path.write_text("indicator,year,value\n" + "\n" * 9 + "n1,2020,1\n", encoding="utf-8")
    assert len(parse.read_entries(path, path.name, 2020, None).entries) == 1


def test_merged_cells_are_found_at_once_among_many(tmp_path: Path) -> None:
    """Looked through for every cell of the table, they would take minutes."""
    rows = [["序号", "指标", "单位", "2025年目标值", "责任部门"], *([n, f"指标{n}", "%", n, None] for n in range(5000))]
    rows[1][4] = "医务部"
    merged = "".join(f'<mergeCell ref="H{n}:H{n + 1}"/>' for n in range(1, 200_000, 2))
    with zipfile.ZipFile(io.BytesIO(content := workbook(rows))) as archive:
        sheet = archive.read(SHEET).decode()
    told = f'</sheetData><mergeCells>{merged}<mergeCell ref="E2:E5001"/></mergeCells>'
    (tmp_path / "a.xlsx").write_bytes(repack(content, {SHEET: sheet.replace("</sheetData>", told)}))
    entries = parse.read_entries(tmp_path / "a.xlsx", "a.xlsx", 2020, "plan_annex").entries
    assert len(entries) == 5000
    assert {(entry.department_raw, entry.notes) for entry in entries} == {("医务部", ())}
