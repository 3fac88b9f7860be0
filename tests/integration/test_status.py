"""Who owes what: by the calendar of a year and the level that a hospital had in it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import psycopg
import pytest
from openpyxl import load_workbook
from test_gate import clean_figures, ingest, write_return

from ingestion.settings import settings
from ingestion.status import Owed, status
from ingestion.steps.gate import gate

pytestmark = pytest.mark.integration


def test_a_hospital_owes_what_its_level_of_that_year_asks_for(
    warehouse: psycopg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = tmp_path / "seeds"
    shutil.copytree(settings().dbt_project_dir / "seeds", seeds)
    header = (seeds / "hospital.csv").read_text(encoding="utf-8").splitlines()[0]
    versions = [
        "U0001,临江市第一医院,,3A,三级甲等,159901,示例省北部,综合医院,2022-03-01,",
        "U0001,临江县医院,,2A,二级甲等,159901,示例省北部,综合医院,2015-01-01,2022-03-01",
        "U0001,临江省医院,,3A,三级甲等,159901,示例省北部,综合医院,2999-01-01,",
    ]
    (seeds / "hospital.csv").write_text("\n".join([header, *versions, ""]), encoding="utf-8")
    calendar = ["reporting_year,form,owed_by_level,opens_on,due_on,closes_on"]
    for year in (2012, 2020, 2022):
        calendar += [
            f"{year},{form},{level},{year + 1}-03-01,{year + 1}-05-31,{year + 1}-06-30"
            for form, level in (("secondary_national_return", "2"), ("tertiary_national_return", "3"))
        ]
    (seeds / "submission_calendar.csv").write_text("\n".join([*calendar, ""]), encoding="utf-8")
    monkeypatch.setenv("HIW_DBT_PROJECT_DIR", str(tmp_path))
    settings.cache_clear()
    try:
        owed = {
            year: [(o.hospital_name_zh, o.form) for o in status(warehouse, year, date(2026, 1, 1)) if o.due_on]
            for year in (2012, 2020, 2022)
        }
    finally:
        settings.cache_clear()
    assert owed == {
        2012: [("临江县医院", "secondary_national_return")],
        2020: [("临江县医院", "secondary_national_return")],
        2022: [("临江市第一医院", "tertiary_national_return")],
    }


def test_a_form_is_on_time_by_its_first_revision_and_the_accepted_one_stands(
    warehouse: psycopg.Connection, tmp_path: Path
) -> None:
    def of_hospital() -> Owed:
        (owed,) = (
            o for o in status(warehouse, 2021, date(2026, 1, 1)) if (o.hospital_code, o.form) == ("H15010", form)
        )
        return owed

    form, figures = "secondary_national_return", clean_figures(2021)
    assert of_hospital().arrival == "missing"
    ingest(write_return(tmp_path / "1.xlsx", figures), "H15010", 2021)
    # Received in time, as nothing that a test receives today can be.
    with warehouse.transaction():
        warehouse.execute("alter table audit.submission disable trigger all")
        warehouse.execute(
            "update audit.submission set received_at = '2022-05-20T00:00Z' where hospital_code = 'H15010'"
        )
        warehouse.execute("alter table audit.submission enable trigger all")
    gate(2021, run_id="t")
    other_hospital = load_workbook(write_return(tmp_path / "2.xlsx", figures))
    other_hospital.worksheets[0].insert_rows(1)
    other_hospital.worksheets[0]["A1"] = "青石县人民医院 2021年度绩效考核填报表"
    other_hospital.save(tmp_path / "2.xlsx")
    ingest(tmp_path / "2.xlsx", "H15010", 2021)
    gate(2021, run_id="t")
    owed = of_hospital()
    assert (owed.arrival, owed.received_on, owed.status) == ("on time", date(2022, 5, 20), "rejected")
    assert (owed.submission_id, owed.standing_id) == (f"H15010-2021-{form}-r2", f"H15010-2021-{form}-r1")
