"""Every cell is where its locator says, wherever the table begins and whatever is empty around it."""

from __future__ import annotations

import csv
import re
import tempfile
from pathlib import Path

import openpyxl
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from ingestion.readers import read_document

TEXTS = st.text("科室年费%甲a-", min_size=1, max_size=4)
CELLS = st.dictionaries(
    st.tuples(st.integers(1, 40) | st.integers(1, 5), st.integers(1, 30) | st.integers(1, 4)),
    st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6).map(lambda figure: round(figure, 3)) | TEXTS,
    min_size=1,
    max_size=25,
)


@settings(max_examples=settings.default.max_examples // 3)
@given(st.dictionaries(st.sampled_from(["表一", "Sheet 2", "a'b!c", "2020年"]), CELLS, min_size=1, max_size=3))
@example({"表一": {(40, 30): 1}, "a'b!c": {(3, 2): "科", (3, 4): 5}})
def test_a_cell_of_a_workbook_is_where_its_locator_says(sheets: dict[str, dict[tuple[int, int], object]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, cells in sheets.items():
        sheet = book.create_sheet(name)
        for (row, column), value in cells.items():
            sheet.cell(row, column, value)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "return.xlsx"
        book.save(path)
        found = cells_by_locator(path)
    assert found == {
        f"{name}!{get_column_letter(column)}{row}": value
        for name, cells in sheets.items()
        for (row, column), value in cells.items()
    }


def cells_by_locator(path: Path) -> dict[str, object]:
    """The filled cells of a file as they are read, each by its locator."""
    return {
        table.locate(r, c): value
        for table in read_document(path).tables
        for r, row in enumerate(table.rows)
        for c, value in enumerate(row)
        if value not in (None, "")
    }


@given(CELLS)
@example({(3, 2): "科", (5, 1): 7})
def test_a_cell_of_a_csv_file_is_where_its_locator_says(cells: dict[tuple[int, int], object]) -> None:
    width, height = max(c for _, c in cells), max(r for r, _ in cells)
    rows = [[str(cells.get((r, c), "")) for c in range(1, width + 1)] for r in range(1, height + 1)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "return.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
        found = cells_by_locator(path)
    assert found == {f"return!{get_column_letter(c)}{r}": str(value) for (r, c), value in cells.items()}
    assert all(re.fullmatch(r"return![A-Z]+\d+", place) for place in found)
