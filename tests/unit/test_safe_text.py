"""Text from submissions must not run in the program that opens what we write."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from ingestion.safe_text import escape_cell, writable


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


# Signs that begin a formula, blanks that hide them, what no file can hold, and what may follow.
TEXTS = st.text(
    "=+-@|%\t\r\n＝＋－＠﹢﹦ \u00a0\u2003\u3000\u200b\u2060\u00ad\u3164\ufeff\x00\x85\uffff\ud800\u202e1.,科a'(",
    max_size=8,
)
TEXTS |= st.text(max_size=30)


def begins_formula(text: str) -> bool:
    """Whether a program that opens a workbook or a CSV file could take a text for a formula."""
    unseen = ("Cc", "Cf", "Zl", "Zp", "Zs")
    plain = unicodedata.normalize("NFKC", text)
    seen = [c for c in plain if unicodedata.category(c) not in unseen and c != "\u1160"]
    return "".join(seen).startswith(("=", "+", "-", "@", "|", "%")) and not re.fullmatch(
        r"[+-]?\d[\d,]*(\.\d+)?%?", "".join(seen)
    )


@given(TEXTS)
@example("\u2003=1")
@example("\u2060@SUM(A1)")
def test_nothing_that_is_written_begins_a_formula(text: str) -> None:
    once = escape_cell(text)
    assert once is not None
    assert escape_cell(once) == once
    assert not begins_formula(once)


@given(TEXTS)
@example("a\uffffb")
@example("\ud800")
def test_what_is_writable_can_be_written_and_loses_nothing_that_is_seen(text: str) -> None:
    etree.Element("t").text = writable(text)
    assert [c for c in writable(text) if c.isprintable()] == [c for c in text if c.isprintable()]
