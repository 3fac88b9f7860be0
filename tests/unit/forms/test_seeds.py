"""Lists that people keep, as a spreadsheet program or a slip may leave them: refused by file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.errors import Problem
from ingestion.forms import corrections, names
from ingestion.store.seeds import refuse_unreadable


def _read_all() -> list[tuple[object, ...]]:
    return [*names.hospital_names(), *names.aliases(), *corrections.declared()]


@pytest.mark.parametrize(
    ("seed", "row", "said"),
    [
        ("hospital", "H15099,某医院", r"hospital\.csv line \d+: more or fewer cells than columns; expected 10 cells"),
        (
            "hospital",
            "H1,甲,,2A,二级甲等,1,省,综合医院,2015/1/1,",
            r"line \d+: valid_from '2015/1/1'; expected a date as",
        ),
        ("hospital_alias", "H15001,某医院,2020-01-01,2019-01-01", r"valid_from 2020-01-01 after valid_to 2019-01-01"),
        ("hospital_alias", "HXXXX,某医院,,", r"hospital_alias\.csv line \d+: hospital 'HXXXX'; expected a code of"),
        (
            "indicator_alias",
            "national_secondary,999,某指标,,",
            r"line \d+: line '999' of catalogue 'national_secondary'",
        ),
        ("indicator_alias", "nosuch,1,某指标,,", r"line \d+: line '1' of catalogue 'nosuch'"),
        ("indicator_alias", "national_secondary,1,,,", r"line \d+: no alias_zh"),
        (
            "indicator_alias",
            "national_secondary,2,手术占比,,",
            r"'手术占比' as 2, while line 2 has it as 1; expected one",
        ),
        ("department_alias", "H15001,某科,,,", r"line \d+: no hospital or no department that is meant"),
        ("correction", "X1,C1,secondary_national_return,2021,99.9,,2021,,1,2,r,p,approved", r"line 99\.9 of form sec"),
        ("correction", "X1,C1,nosuch,2021,1,,2021,,1,2,r,p,approved", r"line 1 of form nosuch"),
        ("correction", "X1,C1,secondary_national_return,2021年,1,,2021,,1,2,r,p,approved", r"reporting_year '2021年'"),
    ],
)
def test_a_row_that_cannot_be_is_refused_by_its_line(seed: str, row: str, said: str, seeds: Path) -> None:
    with (seeds / f"{seed}.csv").open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    with pytest.raises(Problem, match=said):
        _read_all()


@pytest.mark.parametrize("seed", ["hospital", "hospital_alias", "indicator_alias", "department_alias", "correction"])
def test_a_list_in_another_encoding_or_without_a_column_is_refused(seed: str, seeds: Path) -> None:
    path = seeds / f"{seed}.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text, encoding="gb18030")
    with pytest.raises(Problem, match=rf"{seed}\.csv: text that is not UTF-8; expected UTF-8; Excel writes it as"):
        _read_all()
    path.write_text(text + '"' + "never closed\n" * 20_000, encoding="utf-8")
    with pytest.raises(Problem, match=rf"{seed}\.csv line \d+: field larger than .*; expected a quotation mark closed"):
        _read_all()
    path.write_text(text.replace(text.split(",")[0], "id", 1), encoding="utf-8-sig")
    with pytest.raises(Problem, match=rf"{seed}\.csv line 1: no column {text.split(',')[0]}; expected the columns"):
        _read_all()


@pytest.mark.parametrize("seed", ["peer_group", "plan_period", "grade_scale"])
def test_a_list_that_only_the_build_reads_is_refused_by_its_name_as_well(seed: str, seeds: Path) -> None:
    refuse_unreadable()
    path = seeds / f"{seed}.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text, encoding="gb18030")
    with pytest.raises(Problem, match=rf"{seed}\.csv: text that is not UTF-8; expected UTF-8; Excel writes it as"):
        refuse_unreadable()
    path.write_text(text + "some,\n", encoding="utf-8")
    with pytest.raises(Problem, match=rf"{seed}\.csv line \d+: more or fewer cells than columns; expected \d cells"):
        refuse_unreadable()


def test_a_name_may_mean_another_line_in_another_time(seeds: Path) -> None:
    with (seeds / "indicator_alias.csv").open("a", encoding="utf-8") as file:
        file.write("national_secondary,1,某率,,2019-12-31\nnational_secondary,2,某率,2020-01-01,\n")
    assert [row[4:] for row in names.aliases() if row[2] == "某率"] == [
        ("1", None, "2019-12-31"), ("2", "2020-01-01", None),
    ]  # fmt: skip
