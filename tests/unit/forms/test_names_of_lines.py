"""A document without the name of any line of a form is told from the form quickly, and never wrongly."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from ingestion.forms.form import Line, all_forms, get_form
from ingestion.forms.tables.lines import identify, is_any_named

FORM = get_form("tertiary_national_return")


@example(FORM.lines["46"], "{code} {label}（{more}）", "")
@given(
    st.sampled_from(list(FORM.lines.values())),
    st.sampled_from(["{label}", "{code}.{label}", "{code}{label}", "{code} {label}（{more}）", "{label:.5}", "{more}"]),
    st.text(max_size=6),
)
def test_where_no_name_may_be_a_lines_none_is_known(line: Line, spelling: str, more: str) -> None:
    written = spelling.format(code=line.line_code, label=line.label_zh, more=more)
    known, notes = identify(FORM, written, None, None, 0)
    # A code that is a mere number names a line in its column, yet no form: every column of figures holds such numbers.
    is_number = re.fullmatch(r"[\W_]*\d+[\W_]*", unicodedata.normalize("NFKC", written))
    if known and "label_differs" not in notes and not is_number:
        assert is_any_named(FORM, frozenset([written, "别的"]))


FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
MARKS = ["{}", "▲{}", "★ {}", "{}▲", "\u3000{}  "]


@given(
    st.sampled_from([line for form in all_forms().values() for line in form.lines.values()]),
    st.sampled_from(
        ["{code}.{label}", "{code}、{label}", "{code} {label}", "{code}．{label}", "{code}{label}", "{label}"]
    ),
    st.sampled_from(MARKS),
    st.booleans(),
    st.integers(0, 40),
)
@example(FORM.lines["3"], "{code}{label}", "▲{}", False, 0)
def test_a_line_is_known_by_its_name_however_it_is_marked(
    line: Line, spelling: str, mark: str, is_wide: bool, broken_at: int
) -> None:
    form = next(form for form in all_forms().values() if line in form.lines.values())
    label = line.label_zh[:broken_at] + "\n" + line.label_zh[broken_at:] if broken_at else line.label_zh
    written = mark.format(spelling.format(code=line.line_code, label=label))
    known, notes = identify(form, written.translate(FULL_WIDTH) if is_wide else written, None, None, line.ordinal - 1)
    assert known is not None
    assert known == line or ("{code}" not in spelling and known.label_zh == line.label_zh)
    assert notes == ()
