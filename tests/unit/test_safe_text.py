"""Text from submissions must not run in the program that opens what we write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.safe_text import escape_cell


@pytest.mark.parametrize(
    "text", ["=cmd|' /C calc'!A0", "+1+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "　=1", " =1", "-", "|x"]
)
def test_formulas_are_escaped(text: str) -> None:
    assert escape_cell(text) == "'" + text


@pytest.mark.parametrize("text", ["-3.5", "+2", "-12,158", "-13.64%", "出院人数", "", "a=b", "1-2"])
def test_figures_and_plain_text_stay(text: str) -> None:
    assert escape_cell(text) == text


def test_unwritable_characters_are_dropped() -> None:
    assert escape_cell("a\x00b\u202ec\x1bd") == "abcd"
    assert escape_cell("\x00=1") == "'=1"
    assert escape_cell(None) is None


@given(st.text(max_size=30))
def test_nothing_that_is_written_begins_a_formula(text: str) -> None:
    once = escape_cell(text)
    assert once is not None
    assert escape_cell(once) == once
    assert once.lstrip()[:1] not in ("=", "@", "＝", "＠")
