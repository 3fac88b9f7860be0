"""Targets and how far they are: plans, what is reported later, a plan adjusted, a year restated."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ingestion.pipeline import ingest_file
from ingestion.settings import REPOSITORY, settings
from ingestion.steps.build import build
from ingestion.steps.gate import gate

pytestmark = pytest.mark.integration

HOSPITAL = "X70001"

PLAN = """\
序号\t规划指标\t单位\t“十三五”末现状\t“十四五”规划目标\t责任部门
1\t开放床位\t张\t1000\t1200以上\t医务科
2\t门诊次均等候\t分钟\t40\t30以下\t门诊部
3\t重点专科\t个\t1\t2~3\t医务科
4\t领先学科\t个\t6\t新增2\t科教科
5\t日间手术率\t%\t20\t提升3-5个百分点\t医务科
6\t单位能耗\t吨\t100\t减少20%\t后勤科
7\t引进博士\t人\t/\t每年6人以上\t人事科
8\t满意度\t分\t/\t高于全市平均水平\t质控科
9\t国考等级\t/\tB+\tA\t院办
10\t床护比\t/\t1:0.4\t1:0.5\t护理部
11\t文化建设\t/\t/\t持续加强\t党办
12\t平均住院日\t天\t9\t8以下\t医务科
13\t业务收入\t万元\t50000\t60000以上\t财务科
14\t科研经费\t万元\t/\t500以上\t科教科
15\t护士占比\t%\t/\t55\t护理部
16\t急诊人次\t人次\t/\t20000以上\t急诊科
17\t职工健康体检率\t%\t100\t100\t工会
18\t智慧门诊\t项\t/\t10\t信息科
"""

# label, unit, figures of 2021 to 2025; None: not reported that year
FIGURES: list[tuple[str, str, tuple[object, ...]]] = [
    ("开放床位", "张", (1050, None, 1100, 1180, 1210)),
    ("门诊次均等候", "分钟", (37, 37, 33, 32, 31)),
    ("重点专科", "个", (1, 1, 2, 2, 4)),
    ("领先学科", "个", (6, 7, 7, 8, 8)),
    ("日间手术率", "%", (20.6, 21, 21.5, 22, 22.9)),
    ("单位能耗", "吨", (95, 92, 89, 83, 80)),
    ("引进博士", "人", (6, 4, 7, None, 8)),
    ("满意度", "分", (90, 91, 92, 93, 94)),
    ("床护比", "", ("1:0.42", "1:0.44", "1:0.46", "1:0.48", "1:0.5")),
    ("平均住院日", "天", (8.8, 8.6, 8.4, 8.2, 7.9)),
    ("业务收入", "元", (520000000, 530000000, 570000000, 590000000, 610000000)),
    ("科研经费", "项", (12, 14, 15, 16, 18)),
    ("护士占比", "%", (50, 51, 52, 53, 54)),
    ("职工健康体检率", "%", (100, 99, 100, 100, 100)),
]

# label, year -> status, progress; worked by hand
VERDICTS = {
    ("开放床位", 2021): ("on_track", "0.25"),  # expected 1040
    ("开放床位", 2022): ("no_data", None),
    ("开放床位", 2023): ("behind", "0.5"),  # expected 1120
    ("开放床位", 2025): ("achieved", "1.05"),
    ("门诊次均等候", 2021): ("on_track", "0.3"),  # expected 38
    ("门诊次均等候", 2022): ("behind", "0.3"),  # expected 36
    ("门诊次均等候", 2025): ("missed", "0.9"),
    ("重点专科", 2022): ("behind", "0"),
    ("重点专科", 2025): ("achieved", "3"),
    ("领先学科", 2021): ("behind", "0"),  # expected 6.4
    ("领先学科", 2022): ("on_track", "0.5"),  # expected 6.8
    ("领先学科", 2023): ("behind", "0.5"),  # expected 7.2
    ("领先学科", 2024): ("achieved", "1"),
    ("日间手术率", 2021): ("on_track", "0.2"),
    ("日间手术率", 2025): ("missed", "0.9667"),
    ("单位能耗", 2021): ("on_track", "0.25"),
    ("单位能耗", 2023): ("behind", "0.55"),
    ("单位能耗", 2025): ("achieved", "1"),
    ("引进博士", 2021): ("achieved", "0.2"),
    ("引进博士", 2022): ("missed", "0.2"),
    ("引进博士", 2024): ("no_data", "0.4"),
    ("引进博士", 2025): ("achieved", "0.6"),
    ("满意度", 2025): ("not_measurable", None),
    ("国考等级", 2025): ("no_data", None),
    ("床护比", 2023): ("on_track", "0.6"),
    ("床护比", 2025): ("achieved", "1"),
    ("文化建设", 2025): ("not_measurable", None),
    ("平均住院日", 2025): ("not_measurable", "1.1"),
    ("业务收入", 2022): ("behind", "0.3"),
    ("业务收入", 2025): ("achieved", "1.1"),
    ("科研经费", 2025): ("not_measurable", None),
    ("护士占比", 2023): ("not_measurable", None),
    ("护士占比", 2025): ("missed", None),
    ("急诊人次", 2025): ("no_data", None),
    ("职工健康体检率", 2022): ("behind", None),
    ("职工健康体检率", 2025): ("achieved", None),
}

WORK_PLAN = """\
松原市中心医院2025年工作要点

一、提升医疗质量
1.扩充床位，开放床位达到1150张以上。（牵头部门：医务科、护理部）
2.加强院感防控，手卫生依从率不低于90%。（牵头部门：院感科）
二、加强信息化
3.推进智慧门诊和智慧管理。（牵头部门：信息科、门诊部）
4.开展专科护士培训。（牵头部门：护理部）
"""


def rows(connection: psycopg.Connection, query: str, *values: object) -> list[tuple[Any, ...]]:
    return connection.execute(query, values).fetchall()  # type: ignore[arg-type]


def submit(folder: Path, name: str, text: str, form: str, kind: str = "full") -> None:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    outcome = ingest_file(
        file, hospital_code=HOSPITAL, reporting_year=2025, form=form, revision_kind=kind, run_id="attainment"
    )
    assert outcome.status == "parsed", outcome.line()


def figures() -> str:
    lines = ["指标,单位,年份,数值"]
    for label, unit, of_years in FIGURES:
        for year, figure in zip(range(2021, 2026), of_years, strict=True):
            if figure is not None:
                lines.append(f"{label},{unit},{year},{figure}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def built(environment: dict[str, str], models_alone: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The star of these submissions, with a change of 口径 declared among the project's seeds."""
    folder = tmp_path_factory.mktemp("plans")
    project = folder / "dbt_project"
    shutil.copytree(REPOSITORY / "dbt_project", project)
    with (project / "seeds" / "definition_break.csv").open("a", encoding="utf-8") as seed:
        seed.write("tidy_csv,业务收入,2024,按新会计制度核算,reckoned by the new accounting rules\n")
    submit(folder, "规划附表.txt", "医院“十四五”发展规划主要指标\n\n" + PLAN, "plan_annex")
    submit(folder, "工作要点.txt", WORK_PLAN, "work_plan")
    submit(folder, "历年指标.csv", figures(), "tidy_csv")
    gate(2025, run_id="attainment")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HIW_DBT_PROJECT_DIR", str(project))
        settings.cache_clear()
        build(run_id="attainment")
        yield folder
    settings.cache_clear()


def test_every_kind_of_target_gets_the_verdict_worked_by_hand(built: Path, warehouse: psycopg.Connection) -> None:
    found = {
        (label, year): (status, progress)
        for label, year, status, progress in rows(
            warehouse,
            "select label_zh, year, status, progress from marts.v_target_attainment where horizon = '2021-2025'",
        )
    }
    assert len(found) == 18 * 5
    wanted = {key: (status, None if p is None else Decimal(p)) for key, (status, p) in VERDICTS.items()}
    assert {key: found[key] for key in wanted} == wanted


def test_a_verdict_names_its_reason_its_answer_and_what_is_needed(built: Path, warehouse: psycopg.Connection) -> None:
    beds = rows(
        warehouse,
        "select goal_value, actual_value, expected_value, gap, required_yearly_rate, trajectory, reason_zh, reason_en,"
        " assumption_zh, actual_form, actual_locator, is_latest from marts.v_target_attainment"
        " where label_zh = '开放床位' and year = 2023",
    )
    assert beds == [
        (
            1200, 1100, 1120, 100, 50, "linear",
            "未到期，进度落后于假设的轨迹", "Not due yet; behind the assumed trajectory",
            "假设：规划期内每年等量推进", "tidy_csv", beds[0][10], False,
        )
    ]  # fmt: skip
    assert beds[0][10]
    reasons = dict(
        rows(
            warehouse,
            "select i.name_zh, f.reason_code from marts.fct_target_attainment f join marts.dim_indicator i"
            " using (indicator_key) where f.year = 2025",
        )
    )
    assert reasons["平均住院日"] == "never_scored"
    assert reasons["满意度"] == "no_benchmark"
    assert reasons["科研经费"] == "unit_mismatch"
    assert reasons["文化建设"] == "stated_in_words"
    assert reasons["急诊人次"] == "not_reported"
    money = rows(
        warehouse,
        "select goal_value, actual_value, unit from marts.v_target_attainment"
        " where label_zh = '业务收入' and year = 2025",
    )
    assert money == [(600000000, 610000000, "元")]
    yearly = rows(
        warehouse,
        "select years_judged, years_met from marts.v_target_attainment where label_zh = '引进博士' and is_latest",
    )
    assert yearly == [(4, 3)]


def test_a_missing_year_gives_no_change_and_says_so(built: Path, warehouse: psycopg.Connection) -> None:
    trend = rows(
        warehouse,
        "select year, change, change_pct, no_change_code from marts.v_indicator_trend where label_zh = '开放床位'"
        " order by year",
    )
    assert trend == [
        (2021, None, None, "first_year"), (2023, None, None, "year_missing"),
        (2024, 80, Decimal("7.2727"), None), (2025, 30, Decimal("2.5424"), None),
    ]  # fmt: skip


def test_a_declared_break_ends_a_series_and_says_what_changed(built: Path, warehouse: psycopg.Connection) -> None:
    trend = rows(
        warehouse,
        "select year, series_since_year, change, no_change_code, no_change_reason_zh, no_change_reason_en"
        " from marts.v_indicator_trend where label_zh = '业务收入' and year >= 2023 order by year",
    )
    assert trend == [
        (2023, 2021, 40000000, None, None, None),
        (2024, 2024, None, "definition_changed", "口径变化：按新会计制度核算",
         "Definition changed: reckoned by the new accounting rules"),
        (2025, 2024, 20000000, None, None, None),
    ]  # fmt: skip


def test_items_have_their_departments_and_answers(built: Path, warehouse: psycopg.Connection) -> None:
    leads = rows(
        warehouse,
        "select w.item_no, string_agg(d.department_name_zh, '|' order by b.lead_no)"
        " from marts.bridge_work_item_department b"
        " join marts.fct_work_item w using (hospital_key, submission_key, entry_id)"
        " join marts.dim_department d on d.department_key = b.department_key group by 1 order by 1",
    )
    assert leads == [("1", "医务科|护理部"), ("2", "院感科"), ("3", "信息科|门诊部"), ("4", "护理部")]
    answers = rows(
        warehouse,
        "select raw_text, outcome, answer_year, answer_value from marts.rpt_work_item_target order by value desc",
    )
    assert answers == [("1150张以上", "reached", 2025, 1210), ("不低于90%", "unanswered", None, None)]
    unanswered = {
        name
        for (name,) in rows(
            warehouse, "select name_zh from marts.rpt_unanswered_target join marts.dim_indicator using (indicator_key)"
        )
    }
    assert unanswered == {"国考等级", "文化建设", "急诊人次"}, "智慧门诊 has an item, the others have figures"


_TOLD = (
    "select to_jsonb(f) - '{valid_to,is_current}'::text[] from marts.target_attainment_as_known_at(%s) f"
    " order by entry_id, year, valid_from"
)
"""All that attainment said at a moment, but for how long it was to stand."""


def test_restating_a_year_leaves_what_was_known_before(built: Path, warehouse: psycopg.Connection) -> None:
    def known_at(moment: datetime) -> list[tuple[Any, ...]]:
        return rows(
            warehouse,
            "select i.name_zh, f.value from marts.indicator_value_as_known_at(%s) f join marts.dim_indicator i"
            " using (indicator_key) join marts.dim_period p using (period_key) where p.year = 2023 order by 1",
            moment,
        )

    (before,) = rows(warehouse, "select clock_timestamp()")[0]
    then = known_at(before)
    assert ("开放床位", 1100) in then
    judged = rows(warehouse, _TOLD, before)
    assert len(judged) == 18 * 5 + 2, "and two of the work plan"
    patch = "指标,单位,年份,数值\n开放床位,张,2023,1130\n重点专科,个,2023,--\n"
    submit(built, "补正.csv", patch, "tidy_csv", "patch")
    adjusted = PLAN.replace("1200以上", "1150以上")
    submit(built, "中期调整.txt", "医院“十四五”发展规划主要指标（中期调整）\n\n" + adjusted, "plan_annex")
    gate(2025, run_id="attainment")
    build(run_id="attainment")
    assert known_at(before) == then, "yesterday's dashboard is reproducible"
    (after,) = rows(warehouse, "select clock_timestamp()")[0]
    changed = dict(then)
    changed |= {"开放床位": 1130, "重点专科": None}
    assert dict(known_at(after)) == changed, "a patch changes what it names and clears what it marks"

    assert rows(warehouse, _TOLD, before) == judged, "nor does what was thought of the targets change afterwards"
    verdicts = (
        "select version_no, raw_text, first_raw_text, expected_value, actual_value, status, first_status, is_current"
        " from marts.v_target_attainment_history where label_zh = %s and year = 2023 order by valid_from"
    )
    assert rows(warehouse, verdicts, "开放床位") == [
        (1, "1200以上", "1200以上", 1120, 1100, "behind", "behind", False),
        (2, "1150以上", "1200以上", 1090, 1130, "on_track", "on_track", True),
    ], "as promised and known first; as adjusted, beside what the figure comes to by the first promise"
    assert [found[4:6] for found in rows(warehouse, verdicts, "重点专科")] == [(2, "achieved"), (None, "no_data")]
    assert len(rows(warehouse, verdicts, "床护比")) == 2, "a new submission states it: another row with the same words"
    stands = rows(warehouse, "select status, count(*) from marts.v_target_attainment group by 1 order by 1")
    assert stands == rows(
        warehouse, "select status, count(*) from marts.target_attainment_as_known_at(%s) group by 1 order by 1", after
    )
    assert sum(count for _, count in stands) == len(judged)
    targets = rows(
        warehouse,
        "select count(*) from marts.indicator_target_as_known_at(%s) join marts.dim_submission using (submission_key)"
        " where form = 'plan_annex' union all"
        " select count(*) from marts.indicator_target_as_known_at(%s) join marts.dim_submission using (submission_key)"
        " where form = 'plan_annex'",
        before, after,
    )  # fmt: skip
    assert targets == [(18,), (18,)]
    assert rows(warehouse, "select count(*) from quality.dq_reconciliation where not is_reconciled") == [(0,)]
