"""Entries as lines of COPY: figures that stay cells until then say what their entries say."""

from __future__ import annotations

from pathlib import Path

from fixtures.return_variants import Sheets
from hypothesis import given
from hypothesis import strategies as st

from ingestion.entries import COLUMNS, CopyText, Entry
from ingestion.forms.form import get_form
from ingestion.forms.tables.figures import Figures
from ingestion.steps.parse import read_entries

FIGURES = st.floats() | st.floats(min_value=-1e6, max_value=1e6).map(lambda x: round(x, 2)) | st.integers().map(float)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def fields(line: str) -> dict[str, str | None]:
    """What COPY makes of a line."""
    assert line.endswith("\n")
    assert "\n" not in line[:-1]
    texts = [None if field == r"\N" else field for field in line[:-1].split("\t")]
    return dict(zip(COLUMNS, texts, strict=True))


@given(st.lists(FIGURES | TEXTS | st.none(), min_size=1), TEXTS, TEXTS)
def test_lines_of_figures_say_what_their_entries_say(cells: list[float | str | None], label: str, unit: str) -> None:
    form = get_form("department_workbook")
    years = [("{}年".format, "2020"), ("%s{}".format, "2019")]
    rows = [(n, f"{label}{n}", None, ("unknown_line",)) for n in range(-(-len(cells) // 2))]
    sides: list[str] = [unit] * len(rows)
    columns = [cells[::2], [*cells, None][1::2][: len(rows)]]
    block = Figures(form, rows, sides, sides, sides, years, columns, (), False)
    copy = CopyText("H0001-2020-department_workbook-r1")
    entries = list(block.entries(7))
    assert list(block.copy_lines(7, copy)) == [copy.line(entry) for entry in entries]
    assert len(entries) == block.total
    assert [e.ordinal for e in entries] == list(range(8, 8 + len(entries)))
    for line in map(copy.line, entries):
        assert len(fields(line)) == len(COLUMNS)


def test_a_field_is_escaped_as_copy_wants_it() -> None:
    notes = ('say "x"', "a\\b")
    entry = Entry("claim", 1, "chars 0-4", label_raw="a\\b\tc\nd\re%s", notes=notes, detail={"部": "儿\n科"})
    read = fields(CopyText("H1").line(entry))
    assert read["label_raw"] == r"a\\b\tc\nd\re%s"
    assert read["notes"] == r'{"say \\"x\\"","a\\\\b"}'
    assert read["detail"] == r'{"部": "儿\\n科"}'
    assert read["value"] is None
    assert read["is_per_year"] is None


def test_entries_are_a_sequence_however_they_are_kept(tmp_path: Path) -> None:
    rows = [["ID", "名称", "单位", "Y2018", "Y2019"], ["1", "床位", "张", 30, "三十"], ["2", "出院", "人次", None, 7.5]]
    path = Sheets({"儿科": rows, "内科": rows}).save(tmp_path / "d.xlsx")
    entries = read_entries(path, path.name, 2019, None).entries
    assert len(entries) == len(list(entries)) == 6
    assert [e.ordinal for e in entries] == [1, 2, 3, 4, 5, 6]
    assert [e.locator for e in entries[3:]] == ["内科!D2", "内科!E2", "内科!E3"]
    assert {fields(line)["locator"] for line in entries.copy_lines("H1")} == {e.locator for e in entries}
    assert len({fields(line)["entry_id"] for line in [*entries.copy_lines("H1"), *entries.copy_lines("H2")]}) == 12
