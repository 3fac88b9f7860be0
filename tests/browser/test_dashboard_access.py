"""Who may see what in Superset, and what it says when something is wrong: nothing leaks."""

from __future__ import annotations

import json
from urllib.parse import quote

import psycopg
import pytest
from playwright.sync_api import Browser
from superset_site import Seen, Site, open_dashboard, sign_in, table, user_page

pytestmark = pytest.mark.browser

OTHERS = ("H15001", "H15002", "H15003", "柳河湾", "青石县", "云岭市")


def test_a_wrong_password_is_refused_in_one_clear_line(browser: Browser, site: Site) -> None:
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, site, "admin", "not-the-password")
    page.get_by_text("Invalid username or password").wait_for()
    unknown = context.new_page()
    sign_in(unknown, site, "nobody", "not-the-password")
    unknown.get_by_text("Invalid username or password").wait_for()  # the same words: names cannot be tried out
    page.goto(f"{site.url}/api/v1/dashboard/")
    assert "dashboard_title" not in page.content()
    context.close()


def test_without_a_session_nothing_is_told(browser: Browser, site: Site) -> None:
    seen = user_page(browser, site, "admin")
    open_dashboard(seen, site, "hiw-collection")
    seen.page.context.clear_cookies()  # what an expired session is to the server
    seen.answers.clear()
    seen.page.reload()
    seen.page.wait_for_url("**/login/**")
    refused = seen.page.request.post(f"{site.url}/api/v1/chart/data", data={"queries": []})
    assert refused.status in {401, 403, 400}
    assert "H15001" not in refused.text() + seen.bodies()
    seen.page.context.close()


def test_a_hospital_user_sees_own_rows_alone(hospital: Seen, site: Site) -> None:
    for slug in ("hiw-scorecard", "hiw-collection", "hiw-audit"):
        open_dashboard(hospital, site, slug)
        assert hospital.page.locator("[data-test=chart-grid-component] [role=alert]").count() == 0, slug
        said = hospital.bodies()
        assert "H15004" in said
        assert [other for other in OTHERS if other in said] == [], slug
    assert {row["医院"] for row in table(hospital.page, "从数值到来源")} == {"H15004 沙泉县医院"}


def test_another_hospital_named_in_the_address_shows_nothing(hospital: Seen, site: Site) -> None:
    mask = (
        "(NATIVE_FILTER-audit-hospital:(id:NATIVE_FILTER-audit-hospital,ownState:(),extraFormData:"
        "(filters:!((col:hospital_code,op:IN,val:!('H15001')))),filterState:(label:H15001,value:!(H15001))))"
    )
    open_dashboard(hospital, site, f"hiw-audit/?native_filters={quote(mask)}")
    data = hospital.chart_data()
    assert data
    assert "柳河湾" not in hospital.bodies()
    assert all("H15001" not in json.dumps(result["data"]) for result in data)


@pytest.mark.parametrize(
    "value",
    [
        "H15001",
        "' or '1'='1",
        "H15004'; drop table marts.dim_hospital; --",
        "x') union select rolpassword from pg_authid --",
    ],
)
def test_what_is_typed_into_a_filter_is_a_value_and_nothing_else(hospital: Seen, site: Site, value: str) -> None:
    answer = _ask(hospital, site, [{"col": "hospital_code", "op": "IN", "val": [value]}])
    assert answer.status == 200
    [result] = answer.json()["result"]
    assert result["data"] == []
    assert site.sql("select count(*) from marts.dim_hospital") > [(0,)]


def test_a_hospital_user_cannot_send_sql(hospital: Seen, site: Site) -> None:
    token = hospital.page.request.get(f"{site.url}/api/v1/security/csrf_token/")
    refused = _post(hospital, site, "/api/v1/sqllab/execute/", {"database_id": 1, "sql": "select 1"})
    assert token.status in {401, 403}
    assert refused.status in {400, 401, 403}
    # A chart's own expressions are SQL that a user may write: the warehouse decides what they reach.
    for expression in (
        "(select string_agg(hospital_code, ',') from marts.dim_hospital)",
        "(select string_agg(file_name, ',') from marts.dim_submission)",
        "(select max(value_raw) from raw.entry)",
        "(select string_agg(login::text, ',') from access.hospital_login)",
    ):
        metric = {"expressionType": "SQL", "sqlExpression": f"max({expression}::text)", "label": "x"}
        answer = _ask(hospital, site, [], metrics=[metric], columns=[])
        assert [other for other in OTHERS if other in answer.text()] == [], answer.text()[:500]


def _ask(seen: Seen, site: Site, filters: list, metrics: list | None = None, columns: list | None = None):
    """The answer to a query of the findings, as a page's script would send it."""
    [chart] = [
        one
        for one in seen.page.request.get(f"{site.url}/api/v1/chart/?q=(page_size:100)").json()["result"]
        if one["slice_name"].startswith("发现明细")
    ]
    query = {
        "filters": filters,
        "metrics": metrics or ["findings"],
        "columns": columns if columns is not None else ["hospital"],
    }
    body = {
        "datasource": {"id": chart["datasource_id"], "type": "table"}, "queries": [query],
        "result_format": "json", "result_type": "full",
    }  # fmt: skip
    return _post(seen, site, "/api/v1/chart/data", body)


def _post(seen: Seen, site: Site, path: str, body: dict):
    """The answer to a request that a page of the user sends, with the token that the page holds."""
    seen.page.goto(f"{site.url}/superset/welcome/")
    token = seen.page.locator("#csrf_token").first.input_value()
    return seen.page.request.post(f"{site.url}{path}", data=body, headers={"X-CSRFToken": token, "Referer": site.url})


def test_a_login_that_is_taken_back_opens_nothing(browser: Browser, site: Site) -> None:
    seen = user_page(browser, site, "shencha")
    open_dashboard(seen, site, "hiw-audit")
    assert seen.chart_data()
    seen.page.goto("about:blank")  # an open dashboard goes to the login by itself as soon as it asks for anything
    site.hiw("revoke", "shencha")
    seen.answers.clear()
    seen.page.goto(f"{site.url}/superset/dashboard/hiw-audit/")
    seen.page.wait_for_url("**/login/**")
    assert seen.chart_data() == []
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(site.dsn_of("shencha"))
    seen.page.context.close()


def test_a_warehouse_that_is_down_is_told_in_clear_words(browser: Browser, site: Site) -> None:
    seen = user_page(browser, site, "admin")
    open_dashboard(seen, site, "hiw-collection")
    with site.warehouse_closed():
        seen.answers.clear()
        seen.page.get_by_test_id("refresh-button").click()
        seen.page.locator("[data-test=chart-grid-component] [role=alert]").first.wait_for()
        said = seen.bodies() + seen.page.content()
        assert "仓库暂时连不上" in said
        assert "The warehouse cannot be reached" in said
        assert "Traceback" not in said
        assert "psycopg2" not in said
        assert not [secret for secret in site.secrets() if secret in said]
    open_dashboard(seen, site, "hiw-collection")
    assert seen.page.locator("[data-test=chart-grid-component] [role=alert]").count() == 0
    site.hiw("stop")  # Superset's own database is on the same server: not even its pages can be put together
    try:
        seen.answers.clear()
        assert seen.page.goto(f"{site.url}/superset/dashboard/hiw-collection/").status == 503
        assert seen.page.get_by_role("heading").inner_text() == "⊘ 暂时连不上 Cannot be reached just now"
        refused = seen.page.request.get(f"{site.url}/api/v1/dashboard/", headers={"Accept": "application/json"})
        assert refused.status == 503
        said = seen.page.content() + refused.text()
        assert not [word for word in (*site.secrets(), "Traceback", "psycopg2", "127.0.0.1") if word in said]
    finally:
        site.hiw("dsn")
    open_dashboard(seen, site, "hiw-collection")
    assert seen.page.locator("[data-test=chart-grid-component] [role=alert]").count() == 0
    seen.page.context.close()
