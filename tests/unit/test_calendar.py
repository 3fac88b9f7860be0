"""The calendar of submissions: what stands in it is read as dates in China, what cannot be is refused with its line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingestion.calendar import china_today, due_days, read_calendar
from ingestion.errors import Problem
from ingestion.forms.form import all_forms
from ingestion.settings import settings
from ingestion.steps.build import build

HEAD = "reporting_year,form,owed_by_level,opens_on,due_on,closes_on\n"


def read(path: Path, *lines: str) -> list[int]:
    path.write_text(HEAD + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return [window.reporting_year for window in read_calendar(path)]


def test_the_calendar_of_the_project_can_be_read() -> None:
    windows = read_calendar()
    assert len(windows) >= 15
    assert {window.form for window in windows} <= set(all_forms())
    assert due_days(windows) == sorted(set(due_days(windows)))


def test_a_day_begins_and_ends_at_midnight_in_china(tmp_path: Path) -> None:
    path = tmp_path / "calendar.csv"
    read(path, "2024,a,2,2025-03-01,2025-05-31,2025-06-30")
    (window,) = read_calendar(path)
    assert window.closes_at == datetime(2025, 6, 30, 16, tzinfo=UTC)


def test_a_machine_in_another_zone_has_the_same_day() -> None:
    late_in_new_york = datetime.fromisoformat("2025-05-30T20:00:00-04:00")
    assert china_today(late_in_new_york) == date(2025, 5, 31)
    assert china_today(datetime(2025, 5, 31, 15, 59, tzinfo=UTC)) == date(2025, 5, 31)
    assert china_today(datetime(2025, 5, 31, 16, 0, tzinfo=UTC)) == date(2025, 6, 1)


@pytest.mark.parametrize(
    ("line", "read_as"),
    [
        ("2024,a,2,2025-03-01,2025-13-31,2025-06-30", "due_on '2025-13-31'"),
        ("2024,a,2,2025-03-01,2025-07-31,2025-06-30", "due_on 2025-07-31"),
        ("2024,a,2,2025-06-01,2025-05-31,2025-06-30", "opens_on 2025-06-01"),
        ("24,a,2,2025-03-01,2025-05-31,2025-06-30", "reporting_year '24'"),
        ("2024,,2,2025-03-01,2025-05-31,2025-06-30", "no form"),
        ("2024,a,,2025-03-01,2025-05-31,2025-06-30", "no owed_by_level"),
        ("2024,a,2,2025-03-01,2025-05-31", "more or fewer cells"),
        ("2024,a,2,2025-03-01,2025-05-31,2025-06-30,more", "more or fewer cells"),
        ("2024,a,2,2023-06-30,2025-05-31,2025-06-30", "2023 of line 2"),
        ("2024,a,*,2024-06-30,2025-05-31,2025-06-30", "2023 of line 2"),
        ("2023,a,2,2024-03-01,2024-05-31,2024-06-30", "2023 of line 2"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(tmp_path: Path, line: str, read_as: str) -> None:
    with pytest.raises(Problem) as caught:
        read(tmp_path / "calendar.csv", "2023,a,2,2024-03-01,2024-05-31,2024-06-30", line)
    assert caught.value.code == "bad-calendar"
    assert caught.value.where == "calendar.csv, line 3"
    assert read_as in caught.value.read


def test_windows_that_nobody_meets_both_may_overlap(tmp_path: Path) -> None:
    first = "2023,a,2,2024-03-01,2024-05-31,2024-06-30"
    assert read(tmp_path / "c.csv", first, "2024,a,3,2024-03-01,2024-05-31,2024-06-30") == [2023, 2024]
    assert read(tmp_path / "c.csv", first, "2024,b,2,2024-03-01,2024-05-31,2024-06-30") == [2023, 2024]


def test_other_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("year,form\n2024,a\n")
    with pytest.raises(Problem, match=r"c\.csv, line 1: columns year, form"):
        read_calendar(path)


def test_a_calendar_that_is_not_there_or_never_ends_is_said(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    with pytest.raises(Problem, match=r"c\.csv, line 1: no such file"):
        read_calendar(path)
    path.write_text(HEAD + '"' + "never closed\n" * 20_000)
    with pytest.raises(Problem, match=r"c\.csv, line \d+: field larger than field limit"):
        read_calendar(path)


def test_a_build_refuses_a_calendar_that_cannot_be_before_it_touches_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "submission_calendar.csv").write_text(f"{HEAD}2020,plan_annex,3,2020-07-01,2020-06-30,2020-12-31\n")
    monkeypatch.setenv("HIW_DBT_PROJECT_DIR", str(tmp_path))
    monkeypatch.setenv("WAREHOUSE_DSN", "postgresql://nobody@127.0.0.1:9/none")
    settings.cache_clear()
    try:
        with pytest.raises(Problem, match="line 2"):
            build(run_id="none")
    finally:
        settings.cache_clear()
