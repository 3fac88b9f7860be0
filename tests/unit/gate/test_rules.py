"""The rule files: what is read from them, and how a slip in one is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingestion.cli import app
from ingestion.errors import Problem
from ingestion.gate.conditions import Condition, row_condition
from ingestion.gate.rules import KINDS, load_rules, load_tables, rules_fingerprint
from ingestion.settings import settings

RULE = """\
- id: percent-impossible
  severity: quarantine
  kind: domain
  forms: [secondary_national_return]
  title_zh: 占比超出范围
  title_en: A share lies outside its range
  remedy_zh: 请核对。
  remedy_en: Check it.
  since_year: 2019
  table: entry_check
  expectation:
    type: expect_column_values_to_be_between
    column: percent_bounded
    min_value: 0
    max_value: 100
    row_condition:
      - {column: entry_kind, is: value}
  expected_text: "0 - 100"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    shutil.copy(settings().expectations_dir / "tables.yml", tmp_path)
    return tmp_path


def write(root: Path, text: str, name: str = "some.yml") -> None:
    (root / "rules" / name).write_text(text, encoding="utf-8")


def test_a_rule_is_read_with_all_it_says(root: Path) -> None:
    write(root, RULE)
    (rule,) = load_rules(root, forms=["secondary_national_return"])
    assert (rule.rule_id, rule.severity, rule.kind, rule.table) == (
        "percent-impossible", "quarantine", "domain", "entry_check",
    )  # fmt: skip
    assert rule.arguments == {"min_value": 0, "max_value": 100}
    assert rule.conditions == (
        Condition("form", "in", ["secondary_national_return"]),
        Condition("reporting_year", "at_least", 2019),
        Condition("entry_kind", "is", "value"),
    )
    assert rule.shows == {"stated": "stated"}
    assert rule.expected_text == "0 - 100"


def test_every_rule_of_the_catalogue_tells_the_clerk_what_to_do_in_both_languages() -> None:
    rules = load_rules()
    assert {rule.severity for rule in rules} == {"reject", "quarantine", "flag", "inform"}
    for rule in rules:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in rule.title_zh + rule.remedy_zh), rule.rule_id
        assert (rule.title_en + rule.remedy_en).isascii(), rule.rule_id


def test_the_catalogue_covers_every_kind_and_is_listed_whole() -> None:
    told = [json.loads(line) for line in CliRunner().invoke(app, ["rules", "--json"]).stdout.splitlines()]
    assert [rule["id"] for rule in told] == [rule.rule_id for rule in load_rules()]
    assert {rule["kind"] for rule in told} == set(KINDS)
    said = {"id", "severity", "kind", "title_zh", "title_en", "remedy_zh", "remedy_en", "since_year", "until_year"}
    assert all(said <= rule.keys() for rule in told)
    listed = CliRunner().invoke(app, ["rules"])
    assert listed.exit_code == 0
    assert all(rule["id"] in listed.stdout for rule in told)


def test_a_rule_holds_for_the_years_it_names(root: Path) -> None:
    write(root, RULE + "  until_year: 2023\n")
    (rule,) = load_rules(root)
    assert rule.years == "2019-2023"
    assert {(c.operator, c.value) for c in rule.conditions if c.column == "reporting_year"} == {
        ("at_least", 2019), ("at_most", 2023),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "right", "line", "read"),
    [
        ("quarantin", "quarantine", 2, "unknown 'quarantin'"),
        ("kind: domains", "kind: domain", 3, "unknown 'domains'"),
        ("forms: [secondary_return]", "forms: [secondary_national_return]", 4, "unknown 'secondary_return'"),
        ("titel_zh", "title_zh", 5, "unknown key titel_zh"),
        ("title_en: 7", "title_en: A share lies outside its range", 6, "7"),
        ("since_year: soon", "since_year: 2019", 9, "'soon'"),
        ("table: entry_checks", "table: entry_check", 10, "unknown 'entry_checks'"),
        ("be_betwen", "be_between", 12, "unknown 'expect_column_values_to_be_betwen'"),
        ("column: percent_bound\n", "column: percent_bounded\n", 13, "unknown 'percent_bound'"),
        ("column: stated\n", "column: percent_bounded\n", 13, "stated is text"),
        ("min_valu: 0", "min_value: 0", 14, "unknown key min_valu"),
        ("max_value: a lot", "max_value: 100", 15, "'a lot'"),
        ("max_value: -1", "max_value: 100", 15, "-1 below min_value 0"),
        ("since_year: 2019\n  until_year: 2018", "since_year: 2019", 10, "until_year before since_year 2019"),
        ("{column: entry_knd, is: value}", "{column: entry_kind, is: value}", 17, "unknown 'entry_knd'"),
        ("{column: entry_kind, iss: value}", "{column: entry_kind, is: value}", 17, "unknown key iss"),
        ("{column: entry_kind, in: value}", "{column: entry_kind, is: value}", 17, "'value'"),
    ],
)
def test_a_slip_is_refused_with_file_and_line(root: Path, wrong: str, right: str, line: int, read: str) -> None:
    assert right in RULE
    write(root, RULE.replace(right, wrong, 1))
    with pytest.raises(Problem) as caught:
        load_rules(root, forms=["secondary_national_return"])
    assert caught.value.where == f"some.yml line {line}"
    assert read in caught.value.read


def test_a_rule_without_a_remedy_is_refused(root: Path) -> None:
    write(root, RULE.replace("  remedy_zh: 请核对。\n", ""))
    with pytest.raises(Problem, match="without remedy_zh"):
        load_rules(root)


def test_an_id_that_stands_twice_is_refused_where_it_stands_again(root: Path) -> None:
    write(root, RULE, "a.yml")
    write(root, "# the same again\n" + RULE, "b.yml")
    with pytest.raises(Problem) as caught:
        load_rules(root)
    assert caught.value.where == "b.yml line 2"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("- id: a\n  severity: [reject\n  kind: domain\n", 3),
        ("- id: a\n  severity: reject\n  id: b\n", 3),
        ("id: a\n", 1),
        ("", 1),
    ],
)
def test_what_is_no_list_of_rules_is_refused_with_its_line(root: Path, text: str, line: int) -> None:
    write(root, text)
    with pytest.raises(Problem) as caught:
        load_rules(root)
    assert caught.value.where == f"some.yml line {line}"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("标题".encode("gb18030"), "some.yml: text that is not UTF-8"),
        (b"- id: \x01", "some.yml: unacceptable character #x0001"),
        (b"- id: a\n  since_year: 2020-13-01\n", "some.yml line 2: month must be in 1..12"),
        (b"- ? [a]\n  : b\n", "some.yml line 1: a list or mapping as a key"),
    ],
)
def test_what_is_no_text_or_no_yaml_is_refused_by_its_file(root: Path, written: bytes, said: str) -> None:
    (root / "rules" / "some.yml").write_bytes(written)
    with pytest.raises(Problem) as caught:
        load_rules(root)
    assert str(caught.value).startswith(said)


def test_the_fingerprint_follows_the_files(root: Path) -> None:
    write(root, RULE)
    before = rules_fingerprint(root)
    assert rules_fingerprint(root) == before
    write(root, RULE.replace("max_value: 100", "max_value: 101"))
    assert rules_fingerprint(root) != before


@pytest.mark.parametrize(
    ("condition", "in_sql", "stored"),
    [
        (Condition("form", "is", "a'b"), "\"form\" = 'a''b'", {"operator": "==", "parameter": "a'b"}),
        (Condition("year", "at_least", 2020), '"year" >= 2020', {"operator": ">=", "parameter": 2020}),
        (Condition("form", "in", ["a", "b"]), "\"form\" in ('a', 'b')", {"operator": "IN", "parameter": ["a", "b"]}),
        (Condition("form", "not_in", ["a"]), "\"form\" not in ('a')", {"operator": "NOT_IN", "parameter": ["a"]}),
        (Condition("year", "is_null", True), '"year" is null', {"is_null": True}),
        (Condition("year", "is_null", False), '"year" is not null', {"is_null": False}),
    ],
)
def test_a_condition_says_the_same_to_sql_and_to_the_expectation(
    condition: Condition, in_sql: str, stored: dict[str, object]
) -> None:
    assert condition.to_sql().as_string(None) == in_sql
    expectation = condition.to_expectation()
    assert expectation["column"] == {"name": condition.column}
    assert stored.items() <= expectation.items()


def test_conditions_of_one_rule_must_all_hold() -> None:
    one, two = Condition("form", "is", "a"), Condition("year", "is", 2020)
    assert row_condition([]) is None
    assert row_condition([one]) == one.to_expectation()
    assert row_condition([one, two]) == {"type": "and", "conditions": [one.to_expectation(), two.to_expectation()]}


def test_every_column_of_the_tables_is_explained() -> None:
    assert {kind for columns in load_tables().values() for kind in columns.values()} == {
        "text", "number", "integer", "boolean",
    }  # fmt: skip
