"""A document that is a plan's table and the prose around it: two submissions, nothing lost."""

from pathlib import Path

import pytest

from ingestion.errors import Problem
from ingestion.steps.parse import read_entries

SAMPLES = Path(__file__).resolve().parents[3] / "samples" / "inbox"
PLAN = SAMPLES / "2020" / "H15003" / "十四五发展规划.docx"
PROSE = "某医院“十四五”规划\n到2025年，床位达到800张，职工1200人，博士10名，论文80篇。\n附表  主要指标\n"
ROWS = [("序号", "指标", "单位", "现状值", "目标值"), ("1", "硕士", "人", "439", "600人以上"),
        ("2", "重点专科", "个", "1", "2~3"), ("3", "论文", "篇", "84", "120")]  # fmt: skip


def test_the_table_and_the_text_of_a_plan_are_both_read() -> None:
    parsed = read_entries(PLAN, PLAN.name, 2020, None)
    assert [(part.form.name, len(part.entries)) for part in parsed.parts] == [("plan_annex", 16), ("plan_text", 8)]
    (text,) = parsed.beside
    assert parsed.text is None
    assert text.text
    for claim in text.entries:
        start, end = map(int, claim.locator.removeprefix("chars ").split("-"))
        assert text.text[start:end] == claim.value_raw


@pytest.mark.parametrize("separator", ["\t", "  "])
def test_figures_of_the_table_are_not_claims_again(separator: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.txt"
    path.write_text(PROSE + "\n".join(separator.join(row) for row in ROWS), encoding="utf-8")
    parsed = read_entries(path, path.name, 2021, None)
    (text,) = parsed.beside
    assert {claim.value_raw for claim in text.entries} == {"800张", "1200人", "10名", "80篇"}


def test_a_form_that_the_sender_names_is_read_alone() -> None:
    assert read_entries(PLAN, PLAN.name, 2020, "plan_annex").beside == ()
    assert read_entries(PLAN, PLAN.name, 2020, "plan_text").form.name == "plan_text"
    annex = SAMPLES / "2021" / "H15006" / "规划附表.txt"
    assert read_entries(annex, annex.name, 2021, None).beside == (), "a table without prose"
    with pytest.raises(Problem, match="form-not-found"):
        read_entries(annex, annex.name, 2021, "plan_text")
