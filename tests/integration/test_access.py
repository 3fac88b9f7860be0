"""Roles: each login does what its role is for and is refused the rest, by the database itself."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from ingestion import access, cli, review
from ingestion.errors import Problem
from ingestion.local_superset.environment import environment as superset_environment
from ingestion.pipeline import ingest_file
from ingestion.settings import REPOSITORY, settings
from ingestion.steps.build import build
from ingestion.steps.gate import gate
from ingestion.store.logins import address

pytestmark = pytest.mark.integration

RETURN = REPOSITORY / "samples" / "inbox" / "2020" / "H15001" / "return.xlsx"
OWN, OTHER = "H15001", "H15002"
UNREGISTERED = tuple(f"X9000{n}" for n in range(1, 7))
LOGINS = {
    "an_owner": ("owner", ()), "a_loader": ("loader", ()), "an_analyst": ("analyst", ()),
    "an_auditor": ("auditor", ()), "a_clerk": ("hospital", (OWN,)), "two_houses": ("hospital", (OWN, OTHER)),
}  # fmt: skip
REFUSED = psycopg.errors.InsufficientPrivilege


@pytest.fixture(scope="module")
def logins(environment: dict[str, str], models_alone: None) -> dict[str, str]:
    """libpq URL of each login, on a star of two registered hospitals and six others."""
    for hospital_code in (OWN, OTHER, *UNREGISTERED):
        ingest_file(RETURN, hospital_code=hospital_code, reporting_year=2020, run_id="access")
    gate(2020, run_id="access")
    build(run_id="access")
    dsn = environment["WAREHOUSE_DSN"]
    with psycopg.connect(dsn, autocommit=True) as connection:
        made = [access.grant(connection, login, role, codes) for login, (role, codes) in LOGINS.items()]
    return {one.login: address(dsn, login=one.login, password=one.password) for one in made}


@pytest.fixture
def as_login(logins: dict[str, str], request: pytest.FixtureRequest) -> Iterator[psycopg.Connection]:
    with psycopg.connect(logins[request.param], autocommit=True) as connection:
        yield connection


def codes(connection: psycopg.Connection, relation: str) -> set[str]:
    return {code for (code,) in connection.execute(f"select distinct hospital_code from {relation}")}


@pytest.mark.parametrize(
    ("as_login", "statement"),
    [
        ("an_analyst", "select 1 from marts.v_indicator_value"),
        ("an_analyst", "select 1 from marts.fct_indicator_value"),
        ("an_analyst", "select 1 from quality.dq_reconciliation"),
        ("an_analyst", "select 1 from reference_data.submission_calendar"),
        ("an_auditor", "select 1 from marts.v_finding"),
        ("an_auditor", "select 1 from raw.entry"),
        ("an_auditor", "select 1 from audit.validation_result"),
        ("an_auditor", "select 1 from audit.step_outcome"),
        ("a_loader", "select 1 from raw.entry"),
        ("a_loader", "select 1 from audit.submission"),
        ("a_clerk", "select 1 from marts.v_indicator_value"),
        ("a_clerk", "select 1 from marts.v_finding"),
        ("a_clerk", "select 1 from reference_data.submission_calendar"),
        ("an_owner", "select 1 from raw.entry"),
        ("an_owner", "create table marts.of_the_owner (x int); drop table marts.of_the_owner"),
    ],
    indirect=["as_login"],
)
def test_a_role_does_what_it_is_for(as_login: psycopg.Connection, statement: str) -> None:
    as_login.execute(statement)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("as_login", "statement"),
    [
        ("an_analyst", "select 1 from raw.entry"),
        ("an_analyst", "select 1 from audit.submission"),
        ("an_analyst", "select 1 from access.hospital_login"),
        ("an_analyst", "delete from marts.dim_hospital"),
        ("an_analyst", "update marts.fct_indicator_value set value = 0"),
        ("an_analyst", "create table marts.x (x int)"),
        ("an_analyst", "create table public.x (x int)"),
        ("an_analyst", "create temporary table x (x int)"),
        ("an_analyst", "set role hiw_owner"),
        ("an_auditor", "insert into audit.receipt default values"),
        ("an_auditor", "update raw.entry set value_raw = '0'"),
        ("an_auditor", "delete from audit.validation_result"),
        ("an_auditor", "select 1 from access.hospital_login"),
        ("a_loader", "update raw.entry set value_raw = '0'"),
        ("a_loader", "delete from raw.entry"),
        ("a_loader", "create temporary table x (x int)"),
        ("a_loader", "truncate audit.validation_result"),
        ("a_loader", "update audit.submission set revision = 9"),
        ("a_loader", "select 1 from marts.v_indicator_value"),
        ("a_loader", "select 1 from access.hospital_login"),
        ("a_loader", "insert into access.hospital_login values ('a_clerk', 'H15002')"),
        ("a_clerk", "select 1 from raw.entry"),
        ("a_clerk", "create temporary table x (x int)"),
        ("a_clerk", "select 1 from audit.submission"),
        ("a_clerk", "select 1 from quality.dq_reconciliation"),
        ("a_clerk", "select 1 from reference_data.hospital"),
        ("a_clerk", "select 1 from access.hospital_login"),
        ("a_clerk", "insert into access.hospital_login values ('a_clerk', 'H15002')"),
        ("a_clerk", "alter table marts.dim_hospital disable row level security"),
        ("a_clerk", "drop policy reads_own on marts.dim_hospital"),
        ("a_clerk", "copy (select 1) to program 'id'"),
        ("a_clerk", "select lo_import('/etc/passwd')"),
        ("a_clerk", "select pg_read_file('pg_hba.conf')"),
        ("a_clerk", "select rolpassword from pg_authid"),
        ("a_clerk", "set role hiw_analyst"),
        ("a_clerk", "set session authorization an_analyst"),
    ],
    indirect=["as_login"],
)
def test_a_role_is_refused_the_rest(as_login: psycopg.Connection, statement: str) -> None:
    as_login.execute("set default_transaction_read_only = off")  # a setting, not a right
    with pytest.raises(REFUSED):
        as_login.execute(statement)  # type: ignore[arg-type]


@pytest.mark.parametrize("as_login", ["an_analyst"], indirect=True)
def test_an_analyst_reads_every_mart(as_login: psycopg.Connection) -> None:
    relations = as_login.execute(
        "select relname from pg_class where relnamespace = 'marts'::regnamespace and relkind in ('r', 'v')"
    ).fetchall()
    assert len(relations) >= 30
    for (relation,) in relations:
        as_login.execute(f"select 1 from marts.{relation} limit 1")


@pytest.mark.parametrize("as_login", ["a_clerk"], indirect=True)
def test_a_hospital_user_reads_own_rows_of_every_mart(
    as_login: psycopg.Connection, warehouse: psycopg.Connection
) -> None:
    relations = as_login.execute(
        "select 'marts.' || c.relname, a.attname from pg_class as c join pg_attribute as a on a.attrelid = c.oid"
        " where c.relnamespace = 'marts'::regnamespace and c.relkind in ('r', 'v')"
        " and a.attname in ('hospital_code', 'hospital_key') and has_table_privilege(c.oid, 'select')"
    ).fetchall()
    assert len(relations) >= 10
    own_keys = {
        key
        for (key,) in warehouse.execute("select hospital_key from marts.dim_hospital where hospital_code = %s", [OWN])
    }
    seen = {}
    for relation, column in relations:
        rows = {value for (value,) in as_login.execute(f"select distinct {column} from {relation}")}
        assert rows <= ({OWN} if column == "hospital_code" else own_keys), relation
        seen[relation] = rows
    for view in ("v_indicator_value", "v_indicator_trend", "v_finding", "v_lineage"):
        assert seen[f"marts.{view}"] == {OWN}, view
    assert seen["marts.fct_indicator_value"] <= own_keys
    assert codes(warehouse, "marts.v_indicator_value") >= {OWN, OTHER}  # there was something to hide


@pytest.mark.parametrize("as_login", ["a_clerk"], indirect=True)
def test_another_hospitals_id_opens_nothing(as_login: psycopg.Connection, warehouse: psycopg.Connection) -> None:
    [(key,)] = warehouse.execute("select hospital_key from marts.dim_hospital where hospital_code = %s", [OTHER])
    for query in (
        f"select 1 from marts.v_indicator_value where hospital_code = '{OTHER}'",
        f"select 1 from (select * from marts.v_indicator_value where true or hospital_code = '{OTHER}') as v"
        f" where hospital_code <> '{OWN}'",
        f"select 1 from marts.fct_indicator_value where hospital_key = {key}",
        f"select 1 from marts.v_submission where hospital_code = '{OTHER}'",
        f"select 1 from marts.dim_submission where submission_id like '{OTHER}%'",
        f"select 1 from marts.fct_validation_result where hospital_key = {key}",
        "select 1 from pg_stats where schemaname = 'marts' and attname = 'hospital_code'",
    ):
        assert as_login.execute(query).fetchall() == [], query  # type: ignore[arg-type]
    as_login.execute("set row_security = off")
    with pytest.raises(REFUSED):
        as_login.execute("select 1 from marts.dim_hospital")


@pytest.mark.parametrize("as_login", ["an_analyst", "an_auditor", "a_clerk"], indirect=True)
def test_lineage_says_the_same_to_all_who_may_see_the_figure(
    as_login: psycopg.Connection, warehouse: psycopg.Connection
) -> None:
    asked = (
        "select sha256, locator, parser_version, gate_run_id, rules_passed, rules_failed, findings, names, statements,"
        f" dbt_invocation_id from marts.v_lineage where hospital_code = '{OWN}' and line_code = '6' and year = 2020"
    )
    (told,) = as_login.execute(asked).fetchall()  # type: ignore[arg-type]
    assert [told] == warehouse.execute(asked).fetchall()  # type: ignore[arg-type]
    assert told[5] == ["formula-ratio"] and told[-1]


@pytest.mark.parametrize("as_login", ["two_houses"], indirect=True)
def test_a_user_of_two_hospitals_reads_both(as_login: psycopg.Connection) -> None:
    assert codes(as_login, "marts.v_indicator_value") == {OWN, OTHER}


@pytest.mark.parametrize("as_login", ["a_clerk"], indirect=True)
def test_peers_are_told_of_as_large_groups_only(as_login: psycopg.Connection) -> None:
    groups = as_login.execute(
        "select level, min(hospitals), count(*) from peers.v_indicator_peer group by level"
    ).fetchall()
    # Two hospitals of the secondary level are too few; the six that nobody registered have no level and are a group.
    assert [(level, hospitals) for level, hospitals, _ in groups] == [(None, 6)]
    assert groups[0][2] > 100


@pytest.mark.parametrize("as_login", ["a_loader"], indirect=True)
def test_a_loader_ingests_and_validates(
    as_login: psycopg.Connection, logins: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAREHOUSE_DSN", logins["a_loader"])
    settings.cache_clear()
    try:
        outcome = ingest_file(RETURN, hospital_code="X90011", reporting_year=2021, run_id="loader")
        assert outcome.is_taken
        assert gate(2021, run_id="loader").to_json()["parsed"] > 0
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_an_auditor_waives_and_takes_it_back(logins: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAREHOUSE_DSN", logins["an_auditor"])
    settings.cache_clear()
    said = {"reason": "底稿7", "decided_by": "审计处 李明", "rule_id": "formula-ratio", "hospital_code": OWN}
    said |= {"reporting_year": 2020, "line_code": "6"}
    try:
        assert review.decide("waiver", until="2099-12-31", **said).disposition == "waived"
        assert review.decide("waiver", is_withdrawal=True, **said).disposition == "open"
    finally:
        monkeypatch.undo()
        settings.cache_clear()


@pytest.mark.parametrize(
    ("login", "command"), [("an_analyst", "status"), ("an_auditor", "validate"), ("a_loader", "publish")]
)
def test_what_a_role_may_not_ends_as_one_line(
    login: str,
    command: str,
    logins: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("WAREHOUSE_DSN", logins[login])
    monkeypatch.setattr("sys.argv", ["hiw", command, "--year", "2020"])
    settings.cache_clear()
    try:
        with pytest.raises(SystemExit) as ended:
            cli.main()
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    assert ended.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("hiw: ") and login in line and "[not-permitted]" in line


@pytest.mark.parametrize("login", ["an_analyst", "an_auditor", "a_clerk", "a_loader"])
def test_the_databases_of_other_programs_are_closed(
    login: str, logins: dict[str, str], environment: dict[str, str]
) -> None:
    metadata = urlsplit(superset_environment()["SUPERSET_METADATA_DSN"]).path
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(urlunsplit(urlsplit(logins[login])._replace(path=metadata)))


def test_a_login_is_changed_and_taken_back(warehouse: psycopg.Connection, environment: dict[str, str]) -> None:
    dsn = environment["WAREHOUSE_DSN"]
    first = access.grant(warehouse, "moves_on", "analyst")
    second = access.grant(warehouse, "moves_on", "hospital", (OWN,))
    assert first.password != second.password
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address(dsn, login="moves_on", password=first.password))
    with psycopg.connect(address(dsn, login="moves_on", password=second.password)) as connection:
        assert codes(connection, "marts.v_submission") == {OWN}
        access.revoke(warehouse, "moves_on")
        with pytest.raises(psycopg.OperationalError):  # what was open is ended
            connection.execute("select 1")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address(dsn, login="moves_on", password=second.password))


@pytest.mark.parametrize(
    ("login", "role", "hospital_codes", "code"),
    [
        ("postgres; drop", "analyst", (), "bad-login-name"),
        ("hiw_owner", "analyst", (), "bad-login-name"),
        ("admin", "analyst", (), "bad-login-name"),
        ("someone", "superuser", (), "unknown-role"),
        ("someone", "hospital", (), "hospitals-and-role"),
        ("someone", "analyst", (OWN,), "hospitals-and-role"),
    ],
)
def test_what_does_not_go_together_is_refused(
    warehouse: psycopg.Connection, login: str, role: str, hospital_codes: tuple[str, ...], code: str
) -> None:
    with pytest.raises(Problem) as problem:
        access.grant(warehouse, login, role, hospital_codes)
    assert problem.value.code == code


def test_a_login_made_elsewhere_is_left_alone(warehouse: psycopg.Connection) -> None:
    warehouse.execute("create role made_elsewhere login")
    try:
        for step in (
            lambda: access.grant(warehouse, "made_elsewhere", "analyst"),
            lambda: access.revoke(warehouse, "made_elsewhere"),
        ):
            with pytest.raises(Problem, match="made_elsewhere"):
                step()
    finally:
        warehouse.execute("drop role made_elsewhere")
