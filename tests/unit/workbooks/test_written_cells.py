"""Text of a submission in a workbook of ours: it opens, nothing in it runs, and it says what was sent."""

from __future__ import annotations

import io
import re

from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from python_calamine import CalamineWorkbook

from ingestion.safe_text import escape_cell, writable
from ingestion.workbooks import styles

TEXTS = st.text("=+-@|%\t\r\n＝ \u3000\u00a0\u200b\x00\x0b\uffff\ud800\U0001f3e5'_x003D科1.,#N/A", max_size=12)
TEXTS |= st.text(max_size=40)


@settings(max_examples=settings.default.max_examples // 3)
@given(st.lists(TEXTS, min_size=1, max_size=12))
@example(["_x003D_1+1", "_x005F_", "a_x000D_b_x000A_", "#N/A", "TRUE", "=1"])
def test_what_is_written_opens_runs_nothing_and_reads_the_same(texts: list[str]) -> None:
    workbook, file = Workbook(), io.BytesIO()
    sheet = workbook.worksheets[0]
    for row, text in enumerate(texts, 1):
        styles.put(styles.at(sheet, row, 1), text)
        styles.at(sheet, row, 1).comment = Comment(styles.plain(text), "校验 Check")
    workbook.save(file)
    stored = load_workbook(file).worksheets[0]
    assert {stored.cell(row, 1).data_type for row in range(1, len(texts) + 1)} <= {"s", "n", "inlineStr"}
    assert all(
        stored.cell(row, 1).value is None for row in range(1, len(texts) + 1) if not styles.plain(texts[row - 1])
    )
    shown = (
        CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue()))
        .get_sheet_by_index(0)
        .to_python(skip_empty_area=False)
    )
    assert [row[0] for row in shown] == [_written(text) for text in texts][: len(shown)]
    assert not any(map(_written, texts[len(shown) :]))


def _written(text: str) -> str:
    plain = writable(text)
    return plain if re.fullmatch(r"[-－—–/%％‰]{1,4}", plain) else escape_cell(plain) or ""


@settings(max_examples=settings.default.max_examples // 3)
@given(st.lists(st.text("科'[]:*?/\\ \x00\uffff\U00020bb7Aa", max_size=40) | TEXTS, max_size=4))
@example(["科" * 30 + "'科", "\U00020bb7" * 20, "a", "A", "'", "a\nb"])
def test_any_name_makes_a_sheet_that_programs_open(names: list[str]) -> None:
    workbook, file = Workbook(), io.BytesIO()
    for name in names:
        workbook.create_sheet(styles.sheet_title(workbook, name))
    workbook.save(file)
    titles = workbook.sheetnames
    assert len({title.casefold() for title in titles}) == len(names) + 1
    for title in titles:
        assert 0 < len(title.encode("utf-16-le")) <= 62
        assert not set(title) & set("[]:*?/\\")
        assert title.strip("' ") == title
    assert CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue())).sheet_names == titles
