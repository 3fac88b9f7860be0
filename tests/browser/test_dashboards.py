"""Dashboards as an analyst sees them: every chart draws, figures are those of SQL, Chinese is text."""

from __future__ import annotations

import pytest
from superset_site import (
    DASHBOARDS,
    Seen,
    Site,
    big_number,
    chart,
    choose,
    keep_picture,
    open_dashboard,
    table,
)

pytestmark = pytest.mark.browser

HOSPITAL = "H15004 沙泉县医院"
# The first hospital of the list has sent no plan, and nobody has decided on a finding yet: these are rightly empty.
_MAY_BE_EMPTY = {"规划目标", "目标达成", "核实与豁免"}


@pytest.mark.parametrize("slug", DASHBOARDS)
def test_every_chart_of_a_dashboard_shows_data(admin: Seen, site: Site, slug: str) -> None:
    open_dashboard(admin, site, slug)
    page = admin.page
    charts = page.get_by_test_id("chart-grid-component")
    assert charts.count() >= 5
    assert admin.failed() == []
    assert page.locator("[data-test=chart-grid-component] [role=alert]").count() == 0
    assert all(result["error"] is None and result["status"] == "success" for result in admin.chart_data())

    def bare() -> list[str]:
        drawn = charts.evaluate_all(
            "boxes => boxes.map(b => [b.querySelector('[data-test=slice-header]').innerText.trim(),"
            " !!b.querySelector('canvas, svg.line, .header-line, tbody tr')])"
        )
        return [title for title, has_data in drawn if not has_data and title.split()[0] not in _MAY_BE_EMPTY]

    # A chart whose data are there is still drawn by a part of Superset that is loaded when it is first needed.
    for _ in range(60):
        if not bare():
            break
        page.wait_for_timeout(500)
    assert bare() == []
    keep_picture(page, slug.removeprefix("hiw-"))


def test_a_filter_changes_the_figures_to_what_sql_says(admin: Seen, site: Site) -> None:
    open_dashboard(admin, site, "hiw-collection")
    titles = ("应报", "已收", "缺报", "迟报", "退回")
    before = {title: big_number(admin.page, title) for title in titles}
    assert [before[title] for title in titles] == _collection(site, None)

    choose(admin.page, "collection-region", "示例省南部")

    after = {title: big_number(admin.page, title) for title in titles}
    assert [after[title] for title in titles] == _collection(site, "示例省南部")
    assert after != before


def _collection(site: Site, region: str | None) -> list[str]:
    """Forms owed, received, missing, late and refused for 2020: from the calendar and the register, not the dataset."""
    query = """
        with owed as (
            select h.hospital_code, c.form, c.due_on
            from reference_data.submission_calendar as c
            join marts.dim_hospital as h on h.is_current and c.owed_by_level in ('*', left(h.level_code, 1))
            where c.reporting_year = 2020 and (%(region)s::text is null or h.region_zh = %(region)s)
        ), sent as (
            select s.* from marts.v_submission as s join marts.dim_hospital as h using (hospital_code)
            where
                s.reporting_year = 2020 and h.is_current and s.status not in ('superseded', 'withdrawn')
                and (%(region)s::text is null or h.region_zh = %(region)s)
        )
        select
            (select count(*) from owed),
            (select count(*) from sent),
            (select count(*) from owed left join sent using (hospital_code, form)
             where sent.form is null and owed.due_on < (now() at time zone 'Asia/Shanghai')::date),
            (select count(*) from owed join sent using (hospital_code, form)
             where (received_at at time zone 'Asia/Shanghai')::date > due_on),
            (select count(*) from sent where status in ('rejected', 'unreadable'))
    """
    with site.connect() as connection:
        found = connection.execute(query, {"region": region}).fetchone()
    return [f"{count:,}" for count in found or ()]


def test_the_scorecard_shows_the_accepted_figures_of_the_hospital_and_year(admin: Seen, site: Site) -> None:
    open_dashboard(admin, site, "hiw-scorecard")
    choose(admin.page, "scorecard-hospital", HOSPITAL)
    choose(admin.page, "scorecard-year", "2019")

    shown = {row["指标"].split(" ")[0]: row["数值"] for row in table(admin.page, "指标评分卡")}
    stated = site.sql(
        "select v.line_code, v.value, coalesce(v.unit, i.unit) from marts.v_indicator_value as v"
        " join marts.dim_indicator as i"
        " on (i.form, i.line_code, i.name_zh) = (v.form, v.line_code, v.label_zh)"
        " where v.hospital_code = 'H15004' and v.year = 2019 and i.indicator_kind = 'indicator'"
    )
    assert len(stated) >= 10
    for line_code, value, unit in stated:
        # A figure below one keeps four places, so that tonnes of coal a 10,000 yuan are not all 0.02.
        places = 4 if abs(value) < 1 and unit != "%" else 2
        assert _figure(shown[line_code]) == round(float(value), places), (line_code, shown[line_code], unit)
        assert unit is None or unit in shown[line_code] or ":" in shown[line_code]
    assert len(shown) == len(stated)


def test_hospitals_stand_in_the_order_of_their_rank(admin: Seen, site: Site) -> None:
    open_dashboard(admin, site, "hiw-comparison")
    bars = {"placed_hospital", "figure_value"}
    drawn = next(result for result in admin.chart_data() if bars <= {*result["colnames"]})

    ranked = site.sql(
        "select b.rank_no || ' ' || h.hospital_code || ' ' || h.hospital_name_zh, b.value from marts.rpt_benchmark as b"
        " join marts.dim_hospital as h using (hospital_key) join marts.dim_indicator as i using (indicator_key)"
        " join marts.dim_period as p using (period_key) where b.peer_group_kind = 'level' and i.line_code = '1'"
        " and p.year = 2020 and left(h.level_code, 1) = '2' order by b.rank_no"
    )
    assert len(ranked) >= 6
    assert [(row["placed_hospital"], row["figure_value"]) for row in drawn["data"]] == [
        (hospital, float(value)) for hospital, value in ranked
    ]


def _figure(text: str) -> float:
    """The number of a figure as shown: `32.47 %`, `1:1.55`, `7,420 元`."""
    number = text.split(" ")[0].replace(",", "")
    return float(number.removeprefix("1:").removesuffix(":1"))


def test_from_a_figure_the_way_leads_to_its_source(admin: Seen, site: Site) -> None:
    open_dashboard(admin, site, "hiw-scorecard")
    row = chart(admin.page, "指标评分卡").locator("tbody tr").filter(has_text="6 抗菌药物使用强度")
    assert "△" in row.inner_text()  # a flagged figure is seen to be flagged
    with admin.page.context.expect_page() as opened:
        row.get_by_role("link", name="来源").click()
    page = opened.value
    page.set_viewport_size({"width": 1500, "height": 2700})
    source = table(page, "从数值到来源") if _drawn(page) else []
    page.close()

    [stated] = site.sql(
        "select value_raw, locator from marts.fct_indicator_value join marts.dim_indicator using (indicator_key)"
        " join marts.dim_hospital using (hospital_key) join marts.dim_period using (period_key)"
        " where hospital_code = 'H15001' and line_code = '6' and year = 2020"
    )
    assert {row["指标"].split(" ")[0] for row in source} == {"6"}
    assert stated in {(row["原文"], row["位置"]) for row in source}


def _drawn(page) -> bool:
    from superset_site import wait_until_drawn

    wait_until_drawn(page)
    return True


def test_chinese_is_drawn_with_a_chinese_font(admin: Seen, site: Site) -> None:
    open_dashboard(admin, site, "hiw-collection")
    assert "报送进度" in admin.page.get_by_test_id("editable-title-input").input_value()
    # A glyph that no font has is drawn as a box: two different characters then look the same.
    widths = admin.page.evaluate(
        """() => ['医', '院', '指', '标'].map(c => {
            const canvas = document.createElement('canvas'); canvas.width = canvas.height = 40;
            const pen = canvas.getContext('2d');
            pen.font = '30px ' + getComputedStyle(document.body).fontFamily;
            pen.fillText(c, 2, 32);
            return canvas.toDataURL();
        })"""
    )
    assert len(set(widths)) == 4


def test_nothing_is_asked_of_another_server(admin: Seen, site: Site) -> None:
    open_dashboard(admin, site, "hiw-collection")
    assert [request.url for request in admin.outward] == []
