"""Hospitals, their campuses and their departments in titles, by one list of words."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixtures.return_variants import Sheets

from ingestion.forms.hospital_words import any_of
from ingestion.steps.parse import read_entries

ROWS = [["指标", "单位", "2024年"], ["床位", "张", 40], ["出院人次", "人次", 1000]]


@pytest.mark.parametrize(
    ("title", "hospital", "department"),
    [
        ("青石县人民医院2024年运行数据", "青石县人民医院", None),
        ("青石县人民医院骨科2024年运行数据", None, "骨科"),
        ("青石县疗养院骨科2024年指标", None, "骨科"),
        ("青石县医疗中心2024年度指标", "青石县医疗中心", None),
        ("青石县职业病防治院质量指标", "青石县职业病防治院", None),
        ("青石县人民医院东院区2024年指标", "青石县人民医院东院区", "东院区"),
        ("青石县人民医院（东院区）2024年指标", "青石县人民医院(东院区)", "东院区"),
        ("青石县人民医院分院2024年指标", "青石县人民医院分院", "分院"),
        ("青石县人民医院东院区骨科2024年指标", None, "东院区骨科"),
        ("东院区2024年指标", None, "东院区"),
        ("各院区2024年指标", None, None),
    ],
)
def test_a_title_names_a_hospital_or_a_part_of_it(
    title: str, hospital: str | None, department: str | None, tmp_path: Path
) -> None:
    path = Sheets({"Sheet1": [[title], *ROWS]}).save(tmp_path / "d.xlsx")
    parsed = read_entries(path, path.name, 2024, None)
    assert parsed.title.hospital_name == hospital
    assert {e.department_raw for e in parsed.entries} == {department}


def test_words_stand_longest_first_and_an_unknown_list_is_an_error() -> None:
    assert any_of("departments").index("门诊部") < any_of("departments").index("门诊|")
    with pytest.raises(KeyError):
        any_of("planets")
