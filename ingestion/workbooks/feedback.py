"""The answer to a submission: its sheets as they were sent, wrong cells coloured and explained, and a list of findings.

A mended copy of it can be sent back as it is: every cell stands where it stood.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.errors import Problem
from ingestion.gate.rules import SEVERITIES
from ingestion.readers import Table, read_document
from ingestion.refusals import refusal_zh
from ingestion.settings import settings
from ingestion.store import database
from ingestion.workbooks import styles
from ingestion.workbooks.findings import SEVERITY_NAMES, STATUS_NAMES, Answer, Finding, answer

FINDINGS_TITLE = "校验结果 Findings"
_MOST_CELLS = 200_000
"""Cells copied in all: a larger file is answered by its list of findings and the first rows of its sheets."""
_WIDEST = 48
_LONGEST_COMMENT = 2_000
_HEADER = (
    "编码 Code", "名称 Label", "单元格 Cell", "期间 Period", "填报值 Stated", "应为 Expected", "差值 Difference",
    "规则 Rule", "规则名称", "Rule title", "严重程度 Severity", "处理 Disposition", "处理建议", "Remedy",
    "核实或豁免 Decision", "原文 Quote",
)  # fmt: skip
_WIDTHS = (18, 34, 16, 10, 16, 20, 14, 22, 30, 34, 18, 20, 40, 44, 36, 40)
_CELL_COLUMN = _HEADER.index("单元格 Cell") + 1
_SEVERITY_COLUMN = _HEADER.index("严重程度 Severity") + 1

# Fill and text. Colours that stay apart for the colour-blind (Okabe and Ito), and text dark enough on each.
_COLOURS = {
    "reject": ("D55E00", "FFFFFF"),
    "quarantine": ("E69F00", "000000"),
    "flag": ("F0E442", "000000"),
    "inform": ("A6D8F5", "000000"),
}
_DISPOSITIONS = {
    "accepted": "接受 accepted",
    "flagged": "接受，有提示 flagged",
    "quarantined": "隔离 quarantined",
}
Places = dict[str, Cell]
"""Copied cells by their locator."""


def write_feedback(submission_id: str, path: Path) -> Path:
    """Write the feedback workbook of a submission to ``path`` (.xlsx) and return it.

    Findings are those of the newest gate run over the submission. Raises Problem for an unknown submission, or a
    ``path`` that does not end in .xlsx; a file that cannot be read again is answered without its sheets.
    """
    with database.connect() as connection:
        found = answer(connection, submission_id)
    return write_answer(found, path)


def write_answer(found: Answer, path: Path) -> Path:
    """Write an answer as a workbook to ``path`` (.xlsx) and return it."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = FINDINGS_TITLE
    tables, remark = _tables(found)
    places, is_cut = _copy(workbook, tables, {f.locator for f in found.findings if f.locator})
    if is_cut:
        remark = f"原表较大，只复制了前面的部分。 The file is large: only the first {_MOST_CELLS:,} cells are copied."
    _mark(places, found.findings)
    first = _summary(sheet, found, remark)
    _list(sheet, first, found.findings, places)
    workbook.properties.title = f"{FINDINGS_TITLE} {found.submission_id}"
    workbook.properties.creator = "Hospital Indicator Warehouse"
    return styles.save(workbook, path)


def _tables(found: Answer) -> tuple[list[Table], str | None]:
    """Tables of the landed file whose cells have addresses; with a remark where there are none."""
    try:
        document = read_document(settings().landing_dir / found.landing_path, found.file_name)
    except (Problem, OSError) as problem:
        return [], f"原文件无法显示。{refusal_zh(str(problem))} The file cannot be shown: {problem}"
    tables = [table for table in document.tables if "!" in table.locate(0, 0)]
    if not tables:
        return [], "原文件不是表格，问题按原文列出。 The file is no workbook: findings are listed with their words."
    return tables, None


def _copy(workbook: Workbook, tables: Sequence[Table], cited: set[str]) -> tuple[Places, bool]:
    """Copy tables sheet by sheet, cell by cell at its address; returns the cells that findings cite."""
    places: Places = {}
    left, is_cut = _MOST_CELLS, False
    for table in tables:
        sheet = workbook.create_sheet(styles.sheet_title(workbook, table.name))
        wide: dict[int, int] = defaultdict(int)
        for r, row in enumerate(table.rows):
            left -= len(row)
            if left < 0:
                is_cut = True
                break
            for c, value in enumerate(row):
                locator = table.locate(r, c) if cited else ""
                if value in (None, "") and locator not in cited:
                    continue
                cell = styles.at(sheet, r + 1, c + 1)
                styles.put(cell, value)
                cell.alignment = styles.WRAPPED
                wide[c] = max(wide[c], sum(2 if ord(character) > 0x2E80 else 1 for character in str(value or "")))
                if locator in cited:
                    places[locator] = cell
        styles.widths(sheet, (min(max(wide[c] + 2, 8), _WIDEST) for c in range(max(wide, default=-1) + 1)))
        styles.printed(sheet, landscape=True)
    return places, is_cut


def _mark(places: Places, findings: Sequence[Finding]) -> None:
    """Colour each cited cell by its gravest finding, and say in a comment what is wrong and what to do."""
    of_cell: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.locator in places:
            of_cell[finding.locator].append(finding)
    for locator, found in of_cell.items():
        cell = places[locator]
        worst = min(found, key=lambda finding: SEVERITIES.index(finding.severity))
        _colour(cell, worst.severity)
        text = styles.plain("\n\n".join(map(_explain, found)))[:_LONGEST_COMMENT]
        cell.comment = Comment(text, "校验 Check", height=60 + 75 * min(len(found), 4), width=340)


def _explain(finding: Finding) -> str:
    symbol, name = SEVERITY_NAMES[finding.severity]
    lines = [f"{symbol} {name}：{finding.title_zh}"]
    if finding.stated:
        lines.append(f"填报值 stated: {finding.stated}")
    if finding.expected:
        lines.append(f"应为 expected: {finding.expected}")
    return "\n".join([*lines, finding.remedy_zh, finding.remedy_en])


def _colour(cell: Cell, severity: str) -> None:
    fill, text = _COLOURS[severity]
    cell.fill = PatternFill("solid", fgColor=fill)
    cell.font = Font(name=styles.PLAIN.name, size=10, bold=True, color=text)
    cell.border = styles.THIN


def _summary(sheet: Worksheet, found: Answer, remark: str | None) -> int:
    """What was sent and what became of it; returns the row of the list's header."""
    styles.put_row(sheet, 1, ["校验结果 Findings"], styles.TITLE)
    validated = found.gate_run_id or "尚未校验 not yet validated"
    about: list[tuple[str, Any]] = [
        ("报送 Submission", found.submission_id),
        ("文件 File", found.file_name),
        ("收到 Received", str(found.received_at)[:19]),
        ("状态 Status", STATUS_NAMES.get(found.status, found.status)),
        ("校验批次 Gate run", validated),
        ("读取 Parsed", found.parsed),
    ]
    if found.gate_run_id:
        about += [
            ("接受（含有提示） Accepted, flagged included", found.accepted),
            ("其中有提示 Flagged", found.flagged),
            ("隔离 Quarantined", found.quarantined),
        ]
    if found.reason and found.status in ("unreadable", "rejected"):
        about.append(("原因 Reason", f"{refusal_zh(found.reason)} {found.reason}".strip()))
    if remark:
        about.append(("说明 Remark", remark))
    for row, (name, value) in enumerate(about, 2):
        styles.put_row(sheet, row, [name, None, value])
        styles.at(sheet, row, 1).font = styles.BOLD
        styles.at(sheet, row, 3).alignment = styles.LEFT
    first = len(about) + 3
    for row, severity in enumerate(SEVERITIES, first):
        symbol, name = SEVERITY_NAMES[severity]
        found_of = sum(finding.severity == severity for finding in found.findings)
        styles.put_row(sheet, row, [f"{symbol} {name}", None, found_of])
        _colour(styles.at(sheet, row, 1), severity)
        styles.at(sheet, row, 3).alignment = styles.LEFT
    return first + len(SEVERITIES) + 1


def _list(sheet: Worksheet, first: int, findings: Sequence[Finding], places: Places) -> None:
    """The findings, gravest first, each with a link to its cell."""
    styles.header(sheet, first, _HEADER)
    for row, finding in enumerate(findings, first + 1):
        symbol, name = SEVERITY_NAMES[finding.severity]
        disposition = _DISPOSITIONS.get(finding.disposition or "", "整份报送 whole submission")
        if finding.disposition is None and (finding.line_code or finding.locator):
            disposition = "待补充 to be supplied"
        values = (
            finding.line_code, finding.label, finding.locator, finding.period, _figure(finding.stated),
            _figure(finding.expected), finding.difference, finding.rule_id, finding.title_zh, finding.title_en,
            f"{symbol} {name}", disposition, finding.remedy_zh, finding.remedy_en,
            finding.decision, finding.quote,
        )  # fmt: skip
        styles.put_row(sheet, row, values)
        for column in range(1, len(values) + 1):
            styles.at(sheet, row, column).border, styles.at(sheet, row, column).alignment = styles.THIN, styles.WRAPPED
        _colour(styles.at(sheet, row, _SEVERITY_COLUMN), finding.severity)
        target = places.get(finding.locator or "")
        if target is not None:
            cell = styles.at(sheet, row, _CELL_COLUMN)
            # A location inside the workbook, not an address: nothing here points outside.
            place = f"{quote_sheetname(target.parent.title)}!{target.coordinate}"
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=place)
            cell.font = styles.LINK
    styles.widths(sheet, _WIDTHS)
    sheet.freeze_panes = f"A{first + 1}"
    last = first + max(len(findings), 1)
    sheet.auto_filter.ref = f"A{first}:{get_column_letter(len(_HEADER))}{last}"
    styles.printed(sheet, landscape=True)


def _figure(text: str | None) -> Any:
    """A figure as a number, so that a spreadsheet can reckon with it; anything else as it is."""
    try:
        number = Decimal(text or "")
    except InvalidOperation:
        return text
    return number if number.is_finite() else text
