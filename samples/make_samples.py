"""Write samples/inbox from the figures in samples/data. The written files are committed; run this after a change.

.venv/bin/python samples/make_samples.py
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from ingestion.forms.form import Line, get_form
from ingestion.forms.formula import evaluate, parse_formula

HERE = Path(__file__).parent
DATA = HERE / "data"
INBOX = HERE / "inbox"
FORM = get_form("secondary_national_return")
ANNEX_HEADER = ("序号", "规划指标", "单位", "“十三五”末现状", "“十四五”规划目标", "负责科室")
DOCUMENT_TIME = "2021-01-15T00:00:00Z"
"""Written into every file, so that unchanged data give unchanged bytes."""

Figures = dict[tuple[str, int], str]


@dataclass(frozen=True)
class Look:
    """How a return is laid out: rows above the header, year header, and what stands between code and label."""

    title_rows: tuple[str, ...] = ()
    year_header: str = "{}年"
    after_code: str = "."
    years_as_text: tuple[int, ...] = ()


def main(inbox: Path = INBOX) -> None:
    """Write every sample under ``inbox``."""
    real = read_figures("H15001")
    write_return(inbox / "2020/H15001/return.xlsx", real, (2020, 2019, 2018, 2017), Look())

    clean = completed(read_figures("H15002"), (2020, 2019, 2018, 2017))
    titled = Look(("二级公立医院绩效考核填报表", "填报单位：青石县人民医院", ""), "{}年度", " ", (2020, 2018))
    write_return(inbox / "2020/H15002/2020年度填报表.xlsx", clean, (2020, 2019, 2018, 2017), titled)
    write_return(inbox / "2019/H15002/2019年度填报表.xlsx", clean, (2019, 2018, 2017), titled)

    faulty = completed(read_figures("H15004"), (2020, 2019)) | read_figures("H15004.faults")
    write_return(inbox / "2020/H15004/return.xlsx", faulty, (2020, 2019), Look(year_header="Y{}"))

    for hospital, figures in peers(read_figures("H15002"), (2020, 2019)):
        write_return(inbox / f"2020/{hospital}/return.xlsx", completed(figures, (2020, 2019)), (2020, 2019), Look())

    report = (DATA / "H15001.report.txt").read_text(encoding="utf-8")
    place(inbox / "2020/H15001/2020年工作总结.txt").write_text(report, encoding="utf-8")
    place(inbox / "2020/H15005/return.xlsx").write_text(
        "本文件是导出失败后留下的文字，不是工作簿。\n", encoding="utf-8"
    )
    write_plan_document(inbox / "2020/H15003/十四五发展规划.docx", DATA / "H15003.annex.csv")
    for place_of_plan, hospital, name, plans in (
        ("2021/H15006/规划附表.txt", "H15006", "白桦岭市第二医院", ("十三五", "十四五")),
        ("2020/H15002/十三五规划附表.txt", "H15002", "青石县人民医院", ("十二五", "十三五")),
    ):
        write_plan_text(inbox / place_of_plan, DATA / f"{hospital}.annex.csv", name, plans)


def read_figures(name: str) -> Figures:
    """Figures of one data file, by line code and year, without the empty cells."""
    figures: Figures = {}
    for row in rows_of(DATA / f"{name}.csv"):
        code = row.pop("line_code")
        figures |= {(code, int(year)): text for year, text in row.items() if text}
    return figures


def peers(base: Figures, years: Iterable[int]) -> Iterable[tuple[str, Figures]]:
    """Hospitals like another one, so that there is a group to compare with: its typed figures times the size of each,
    some lines times a factor of their own; a grade is stated as it is."""
    wanted = set(years)
    for row in rows_of(DATA / "peers.csv"):
        hospital, size = row.pop("hospital_code"), Decimal(row.pop("size"))
        figures: Figures = {}
        for (code, year), text in base.items():
            line = FORM.lines[code]
            if year not in wanted:
                continue
            if line.value_type == "grade":
                figures[code, year] = row.get(code, text)
                continue
            value = Decimal(text) * size * Decimal(row.get(code, "1"))
            figures[code, year] = str(value.quantize(Decimal(1) if line.value_type == "integer" else Decimal("0.01")))
        yield hospital, figures


def completed(given: Figures, years: Iterable[int]) -> Figures:
    """``given`` with every line that follows from it: shared lines first, then formulas, rounded as a form states
    them. A growth without a year before is stated as ``/``."""
    figures = dict(given)
    waiting = [(line, year) for line in FORM.lines.values() for year in sorted(years)]
    while True:
        left = [(line, year) for line, year in waiting if not follow(figures, line, year)]
        if len(left) == len(waiting):
            break
        waiting = left
    for line, year in waiting:
        if line.formula.startswith("growth"):
            figures[line.line_code, year] = "/"
    return figures


def follow(figures: Figures, line: Line, year: int) -> bool:
    """Fill in one cell where it is known or can be; True once it is filled."""
    if (line.line_code, year) in figures:
        return True
    shared = figures.get((line.same_as[0], year)) if line.same_as else None
    if shared is None and line.formula:
        formula = parse_formula(line.formula)
        terms = {(t.line_code, t.year_offset): figures.get((t.line_code, year + t.year_offset)) for t in formula.terms}
        known = {key: Decimal(text) for key, text in terms.items() if text}
        value = evaluate(formula, known)
        shared = None if value is None else stated(line, value)
    if shared is not None:
        figures[line.line_code, year] = shared
    return shared is not None


def stated(line: Line, value: Decimal) -> str:
    """A computed figure as a form states it: two decimals, four for energy, ``1:X`` for a ratio."""
    step = Decimal("0.0001") if line.unit.startswith("吨标煤/") else Decimal("0.01")
    text = f"{value.quantize(step).normalize():f}"
    return f"1:{text}" if line.value_type == "ratio" else text


def write_return(path: Path, figures: Figures, years: tuple[int, ...], look: Look) -> None:
    """One return as a workbook, lines in the order of the form."""
    monitored = {row["line_code"] for row in rows_of(DATA / "monitored.csv")}
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet("医院")
    header = ["指标名称", "单位", "行次", *(look.year_header.format(year) for year in years), "说明"]
    for number, title in enumerate(look.title_rows, 1):
        sheet.append([title])
        sheet.merge_cells(start_row=number, end_row=number, start_column=1, end_column=len(header))
        sheet.cell(number, 1).alignment = Alignment(horizontal="center")
    sheet.append(header)
    for cell in sheet[sheet.max_row]:
        cell.font = Font(bold=True)
    for line in FORM.lines.values():
        mark = "▲" if line.line_code in monitored else ""
        name = f"{line.line_code}{look.after_code}{line.label_zh}{mark}"
        cells = [cell_value(figures.get((line.line_code, year)), year in look.years_as_text) for year in years]
        sheet.append([name, line.unit or "--", line.ordinal, *cells])
    sheet.column_dimensions["A"].width = 48
    store(path, book.save)


def cell_value(text: str | None, as_text: bool) -> str | int | float | None:
    """A figure as a number cell, or as text where the sheet stores its numbers so."""
    if text is None or as_text or not re.fullmatch(r"-?\d+(\.\d+)?", text):
        return text
    return float(text) if "." in text else int(text)


def write_plan_document(path: Path, annex: Path) -> None:
    """A five-year plan with prose and the annex table: section rows, merged departments, cells broken over lines."""
    document = Document()
    for paragraph in (DATA / "H15003.prose.txt").read_text(encoding="utf-8").splitlines():
        if paragraph.startswith("# "):
            document.add_heading(paragraph[2:], level=1)
        elif paragraph:
            document.add_paragraph(paragraph)
    add_annex(document, list(rows_of(annex)))
    store(path, document.save)


def add_annex(document: WordDocument, rows: list[dict[str, str]]) -> None:
    """The annex table of a plan."""
    table = document.add_table(rows=1, cols=len(ANNEX_HEADER), style="Table Grid")
    for cell, title in zip(table.rows[0].cells, ANNEX_HEADER, strict=True):
        cell.text = broken(title)
    for number, (section, members) in enumerate(groupby(rows, key=lambda row: row["section"])):
        heading = table.add_row().cells
        heading[0].merge(heading[-1]).text = f"{'一二三四五六七八九'[number]}、{section}"
        first_of_department = None
        for row in members:
            cells = table.add_row().cells
            written = [row["row_no"], row["indicator"], row["unit"], row["baseline"], row["target"]]
            for cell, text in zip(cells, written, strict=False):
                cell.text = broken(text)
            if row["department"] or first_of_department is None:
                first_of_department = cells[5]
                first_of_department.text = broken(row["department"])
            else:
                merged = first_of_department.merge(cells[5])
                merged.text = merged.text.strip()


def write_plan_text(path: Path, annex: Path, hospital: str, plans: tuple[str, str]) -> None:
    """The annex as extracted from print: tabs between cells, breaks inside words left as spaces. ``plans`` are the
    plan before, whose end is the baseline, and the plan itself."""
    lines = ["附件", "", f"{hospital}“{plans[1]}”发展规划主要指标", ""]
    titles = [title.replace("“十三五”", f"“{plans[0]}”").replace("“十四五”", f"“{plans[1]}”") for title in ANNEX_HEADER]
    lines.append("\t".join(broken(title, " ") for title in titles))
    for number, (section, members) in enumerate(groupby(rows_of(annex), key=lambda row: row["section"])):
        lines.append(f"{'一二三四五六七八九'[number]}、{section}" + "\t" * (len(ANNEX_HEADER) - 1))
        for row in members:
            cells = [row["row_no"], row["indicator"], row["unit"], row["baseline"], row["target"], row["department"]]
            lines.append("\t".join(broken(text, " ") for text in cells))
    place(path).write_text("\n".join(lines) + "\n", encoding="utf-8")


def broken(text: str, mark: str = "\n") -> str:
    """``text`` broken as a narrow table column breaks it: a long department name before its last three characters,
    a header after the name of the plan."""
    if text.endswith("科") and len(text) > 4:
        return text[:-3] + mark + text[-3:]
    return re.sub(r"(?<=五”)(?=[末规])", mark, text)


def rows_of(path: Path) -> Iterable[dict[str, str]]:
    """Rows of a data file."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def place(path: Path) -> Path:
    """``path``, its folder made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def store(path: Path, save: Callable[[Any], None]) -> None:
    """Write what ``save`` puts into a stream, with every time stamp inside set to :data:`DOCUMENT_TIME`."""
    made = io.BytesIO()
    save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(place(path), "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", DOCUMENT_TIME.encode(), content)
            entry = zipfile.ZipInfo(name, date_time=(2021, 1, 15, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(entry, content)


if __name__ == "__main__":
    main()
