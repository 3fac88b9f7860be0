"""A new year of a form and a new form by data files alone, as docs/new_year.md and docs/new_form.md have it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from fixtures.return_variants import Figures, Sheets

from ingestion.errors import Problem
from ingestion.forms import reference
from ingestion.pipeline import ingest_file
from ingestion.settings import REPOSITORY, settings
from ingestion.steps.gate import gate
from ingestion.submissions import withdraw

pytestmark = pytest.mark.integration

FORM = "secondary_national_return"


@pytest.fixture
def forms(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A copy of the forms that HIW_FORMS_DIR names."""
    folder = tmp_path / "forms"
    shutil.copytree(REPOSITORY / "ingestion" / "forms", folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    monkeypatch.setenv("HIW_FORMS_DIR", str(folder))
    settings.cache_clear()
    yield folder
    monkeypatch.undo()
    settings.cache_clear()


def test_a_year_with_other_titles_and_lines_is_a_column_and_a_row(
    forms: Path, warehouse: psycopg.Connection, tmp_path: Path
) -> None:
    made = Figures.of(FORM, [2031, 2030], most=40)
    rows = [["考核要素", "量纲", "2030年新口径", "2031年新口径"], *([r[0], r[1], r[3], r[2]] for r in made.rows()),
            ["29.1.互联网诊疗人次", "人次", 5, 6]]  # fmt: skip
    path = Sheets({"新表": [["新版填报表"], *rows]}).save(tmp_path / "r.xlsx")
    before = ingest_file(path, hospital_code="Y1", reporting_year=2031, run_id="t")
    assert before.status == "rejected"

    column_map = forms / FORM / "column_map.csv"
    lines = column_map.read_text("utf-8").splitlines()
    new = {"field": "2031", "label": "考核要素", "unit": "量纲", "value": "20??年新口径"}
    column_map.write_text(
        "\n".join(f"{line},{new.get(line.split(',')[0], line.rsplit(',', 1)[1])}" for line in lines) + "\n", "utf-8"
    )
    with (forms / FORM / "lines.csv").open("a", encoding="utf-8") as file:
        file.write("29.1,互联网诊疗人次,Online visits,人次,integer,EJ001,false,,,,,optional\n")
    settings.cache_clear()
    _forget_forms()
    (tmp_path / "again.xlsx").write_bytes(path.read_bytes())
    after = ingest_file(tmp_path / "again.xlsx", hospital_code="Y1", reporting_year=2031, run_id="t")
    assert (after.status, after.form, after.entries) == ("parsed", FORM, 82)
    found = warehouse.execute(
        "select line_code, period, value from raw.entry where submission_id = %s", [after.submission_id]
    ).fetchall()
    read = {(code, period): float(value) for code, period, value in found}
    assert read == {**made.expected(), ("29.1", "2030"): 5.0, ("29.1", "2031"): 6.0}

    lines_known = "select count(*) from reference.form_line where form = %s and line_code = '29.1'"
    with without_the_setting():
        with pytest.raises(Problem, match=rf"line 29\.1 of {FORM}, which 1 submission uses.*HIW_FORMS_DIR"):
            ingest_file(path, hospital_code="Y2", reporting_year=2031, run_id="t")
        assert warehouse.execute(lines_known, [FORM]).fetchone() == (1,)
        assert warehouse.execute("select count(*) from audit.receipt where hospital_code = 'Y2'").fetchone() == (0,)
        withdraw(warehouse, after.submission_id, reason="test", decided_by="t", run_id="t")
        reference.sync(warehouse)
        assert warehouse.execute(lines_known, [FORM]).fetchone() == (0,), "nothing that counts uses the line any more"


def test_a_form_is_a_folder(forms: Path, warehouse: psycopg.Connection, tmp_path: Path) -> None:
    folder = forms / "infection_report"
    folder.mkdir()
    (folder / "form.yml").write_text(
        "title_zh: 医院感染年报\ntitle_en: Yearly infection report\nentry_kind: value\nlayout: lines_by_year\n"
        'missing_markers: ["--"]\nrecognise:\n  min_known_lines: 3\n',
        "utf-8",
    )
    (folder / "column_map.csv").write_text("field,2020\nline_code,代号\nunit,单位\nlabel,监测项目\n", "utf-8")
    (folder / "lines.csv").write_text(
        "line_code,label_zh,label_en,unit,value_type,indicator_code,is_indicator,direction,formula,same_as,at_most,"
        "requirement\n"
        "G1,感染发病率,Infection rate,%,percent,G1,true,decrease,G1.1 / G1.2 * 100,,,required\n"
        "G1.1,感染例数,Infections,例,integer,G1,false,,,,G1.2,required\n"
        "G1.2,监测例数,Patients watched,例,integer,G1,false,,,,,required\n",
        "utf-8",
    )
    settings.cache_clear()
    _forget_forms()
    rows = [["代号", "监测项目", "单位", "2020年"], ["G1", "感染发病率", "%", 9.99], ["G1.1", "感染例数", "例", 25],
            ["G1.2", "监测例数", "例", 1000]]  # fmt: skip
    path = Sheets({"感染": rows}).save(tmp_path / "g.xlsx")
    outcome = ingest_file(path, hospital_code="F1", reporting_year=2020, run_id="t")
    assert (outcome.status, outcome.form, outcome.entries) == ("parsed", "infection_report", 3)
    run = gate(2020, run_id="t")
    failed = warehouse.execute(
        "select rule_id, line_code, stated, expected from audit.validation_result where gate_run_id = %s"
        " and submission_id = %s and outcome = 'failed'",
        [run.gate_run_id, outcome.submission_id],
    ).fetchall()
    recomputed = [float(expected) for _, code, stated, expected in failed if (code, stated) == ("G1", "9.99")]
    assert recomputed == [2.5], failed

    with without_the_setting(), pytest.raises(Problem, match=r"form infection_report, which 1 submission uses"):
        gate(2020, run_id="t")
    assert warehouse.execute("select count(*) from reference.form_line where form = 'infection_report'").fetchone() == (
        3,
    )


@contextmanager
def without_the_setting() -> Iterator[None]:
    """A process that nobody told of the folder of forms."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HIW_FORMS_DIR")
        settings.cache_clear()
        yield
    settings.cache_clear()


def _forget_forms() -> None:
    """What a new process does: the forms of a folder are read once."""
    from ingestion.forms import form

    form._forms_of.cache_clear()
