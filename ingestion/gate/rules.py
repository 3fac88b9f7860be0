"""The rule catalogue: expectations/rules/*.yml, read and checked. These files are the only source of rules."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

from ingestion.gate.conditions import OPERATORS, Condition, Operator
from ingestion.gate.located_yaml import Located, load
from ingestion.settings import settings

SEVERITIES = ("reject", "quarantine", "flag", "inform")
"""Gravest first."""
KINDS = ("structure", "domain", "arithmetic", "cross-line", "cross-form", "cross-year", "peer")
TEXTS = ("title_zh", "title_en", "remedy_zh", "remedy_en")
_REQUIRED = {"id", "severity", "kind", "forms", *TEXTS, "table", "expectation"}
_OPTIONAL = {"since_year", "until_year", "shows", "expected_text"}
_SHOWS = ("stated", "expected", "difference")

ARGUMENTS: dict[str, dict[str, tuple[type, ...]]] = {
    "expect_column_values_to_be_between": {
        "min_value": (int, float),
        "max_value": (int, float),
        "strict_min": (bool,),
        "strict_max": (bool,),
    },
    "expect_column_values_to_be_in_set": {"value_set": (list,)},
    "expect_column_values_to_not_be_in_set": {"value_set": (list,)},
    "expect_column_values_to_match_regex": {"regex": (str,)},
    "expect_column_values_to_not_match_regex": {"regex": (str,)},
    "expect_column_values_to_not_be_null": {},
    "expect_column_values_to_be_null": {},
}
"""Expectations that a rule may use: each judges row by row and names the rows that fail."""
_JUDGES_NULLS = {"expect_column_values_to_not_be_null", "expect_column_values_to_be_null"}
_NUMERIC_ONLY = {"expect_column_values_to_be_between"}
_TEXT_ONLY = {"expect_column_values_to_match_regex", "expect_column_values_to_not_match_regex"}


@dataclass(frozen=True)
class Rule:
    """One rule. ``conditions`` say which rows of ``table`` it looks at; those where ``column`` is null are left out
    unless ``judges_nulls``. ``shows`` names the columns that a finding takes stated, expected and difference from."""

    rule_id: str
    severity: str
    kind: str
    title_zh: str
    title_en: str
    remedy_zh: str
    remedy_en: str
    forms: tuple[str, ...] | None
    since_year: int | None
    until_year: int | None
    table: str
    expectation: str
    column: str
    arguments: dict[str, Any]
    conditions: tuple[Condition, ...]
    shows: dict[str, str]
    expected_text: str | None

    @property
    def judges_nulls(self) -> bool:
        """Whether a null is judged rather than left out."""
        return self.expectation in _JUDGES_NULLS

    @property
    def years(self) -> str:
        """The reporting years that the rule is for; empty where it is for all."""
        if self.since_year is None and self.until_year is None:
            return ""
        return f"{self.since_year or ''}-{self.until_year or ''}"

    def to_json(self) -> dict[str, Any]:
        """The rule for machines, in the words of the rule files."""
        record = asdict(self) | {"conditions": [asdict(condition) for condition in self.conditions]}
        return {"id": record.pop("rule_id")} | record


def load_tables(root: Path | None = None) -> dict[str, dict[str, str]]:
    """Columns that rules may look at: table -> column -> type, from expectations/tables.yml."""
    tables = load((root or settings().expectations_dir) / "tables.yml").plain
    return {name: {c: about["type"] for c, about in table["columns"].items()} for name, table in tables.items()}


def load_rules(root: Path | None = None, *, forms: Iterable[str] | None = None) -> list[Rule]:
    """All rules, in the order of files and of rules in them. ``forms`` are the known ones, where that is to be checked.

    Raises Problem with file and line for a typing error, an unknown column, an id that stands twice, a word that is
    none of the allowed ones.
    """
    folder = root or settings().expectations_dir
    tables = load_tables(folder)
    known_forms = set(forms) if forms is not None else None
    rules: dict[str, Rule] = {}
    for path in sorted((folder / "rules").glob("*.yml")):
        document = load(path)
        if not isinstance(document.value, list):
            raise document.wrong("no list", "a list of rules, each beginning with `- id:`")
        for item in document.value:
            rule = _rule(item, tables, known_forms)
            if rule.rule_id in rules:
                raise item.value["id"].wrong(f"id {rule.rule_id} a second time", "an id of its own for each rule")
            rules[rule.rule_id] = rule
    return list(rules.values())


def rules_fingerprint(root: Path | None = None) -> str:
    """Hash over the rule files and the tables they look at."""
    folder = root or settings().expectations_dir
    digest = sha256()
    for path in [folder / "tables.yml", *sorted((folder / "rules").glob("*.yml"))]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _rule(item: Located, tables: dict[str, dict[str, str]], known_forms: set[str] | None) -> Rule:
    fields = _mapping(item, _REQUIRED, _OPTIONAL, "rule")
    rule_id = fields["id"]
    if not isinstance(rule_id.value, str) or not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", rule_id.value):
        raise rule_id.wrong(repr(rule_id.value), "an id in small letters, such as percent-impossible")
    for name in TEXTS:
        _one_of_type(fields[name], str)
    table = _one_of(fields["table"], tables)
    columns = tables[table]
    expectation, column, arguments, conditions = _expectation(fields["expectation"], columns)
    years = {name: _one_of_type(fields[name], int) for name in ("since_year", "until_year") if name in fields}
    if years.get("since_year", 0) > years.get("until_year", 9999):
        raise fields["until_year"].wrong(f"until_year before since_year {years['since_year']}", "the later year")
    forms = _forms(fields["forms"], known_forms)
    limits = [Condition("form", "in", list(forms))] if forms else []
    limits += [Condition("reporting_year", "at_least", years["since_year"])] if "since_year" in years else []
    limits += [Condition("reporting_year", "at_most", years["until_year"])] if "until_year" in years else []
    return Rule(
        rule_id=rule_id.value,
        severity=_one_of(fields["severity"], SEVERITIES),
        kind=_one_of(fields["kind"], KINDS),
        **{name: fields[name].value.strip() for name in TEXTS},
        forms=forms,
        since_year=years.get("since_year"),
        until_year=years.get("until_year"),
        table=table,
        expectation=expectation,
        column=column,
        arguments=arguments,
        conditions=(*limits, *conditions),
        shows=_shows(fields.get("shows"), columns),
        expected_text=_one_of_type(fields["expected_text"], str) if "expected_text" in fields else None,
    )


def _expectation(item: Located, columns: dict[str, str]) -> tuple[str, str, dict[str, Any], tuple[Condition, ...]]:
    kind = item.value.get("type") if isinstance(item.value, dict) else None
    if kind is None:
        raise item.wrong("an expectation without type", "type: " + ", ".join(ARGUMENTS))
    name = _one_of(kind, ARGUMENTS)
    allowed = ARGUMENTS[name]
    fields = _mapping(item, {"type", "column"}, {*allowed, "row_condition"}, name)
    column = _one_of(fields["column"], columns)
    if name in _NUMERIC_ONLY and columns[column] not in ("number", "integer"):
        raise fields["column"].wrong(f"{column} is {columns[column]}", "a column that holds numbers")
    if name in _TEXT_ONLY and columns[column] != "text":
        raise fields["column"].wrong(f"{column} is {columns[column]}", "a column that holds text")
    arguments = {}
    for argument, types in allowed.items():
        if argument in fields:
            arguments[argument] = _argument(fields[argument], types)
    if name in _NUMERIC_ONLY and not arguments.keys() & {"min_value", "max_value"}:
        raise item.wrong("neither min_value nor max_value", "at least one bound")
    if arguments.get("min_value", -math.inf) > arguments.get("max_value", math.inf):
        raise fields["max_value"].wrong(
            f"{arguments['max_value']} below min_value {arguments['min_value']}", "bounds between which something lies"
        )
    if (missing := allowed.keys() - arguments.keys()) and name not in _NUMERIC_ONLY:
        raise item.wrong(f"{name} without {', '.join(sorted(missing))}", "the argument that it judges by")
    return name, column, arguments, _conditions(fields.get("row_condition"), columns)


def _argument(item: Located, types: tuple[type, ...]) -> Any:
    value: Any = item.plain
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        raise item.wrong(repr(value), " or ".join(kind.__name__ for kind in types))
    if isinstance(value, list) and not value:
        raise item.wrong("an empty set", "at least one value")
    if types == (str,):
        try:
            re.compile(str(value).replace(r"\m", r"\b").replace(r"\M", r"\b"))  # word ends of PostgreSQL
        except re.error as error:
            raise item.wrong(f"{value}: {error}", "a regular expression") from None
    return value


def _conditions(item: Located | None, columns: dict[str, str]) -> tuple[Condition, ...]:
    if item is None:
        return ()
    if not isinstance(item.value, list):
        raise item.wrong("no list", "a list such as - {column: relation, is: same_as}")
    found = []
    for part in item.value:
        fields = _mapping(part, {"column"}, set(OPERATORS), "row condition")
        column = _one_of(fields.pop("column"), columns)
        if len(fields) != 1:
            raise part.wrong(f"{len(fields)} comparisons", "one of " + ", ".join(get_args(Operator)))
        operator, value = next(iter(fields.items()))
        if (operator in ("in", "not_in")) != isinstance(value.value, list) or value.value in (None, []):
            raise value.wrong(repr(value.plain), "a list of values" if operator in ("in", "not_in") else "one value")
        if operator == "is_null" and not isinstance(value.value, bool):
            raise value.wrong(repr(value.value), "true or false")
        found.append(Condition(column, operator, value.plain))  # type: ignore[arg-type]
    return tuple(found)


def _shows(item: Located | None, columns: dict[str, str]) -> dict[str, str]:
    shown = {name: name for name in _SHOWS if name in columns}
    if item is None:
        return shown
    fields = _mapping(item, set(), set(_SHOWS), "shows")
    return shown | {name: _one_of(column, columns) for name, column in fields.items()}


def _forms(item: Located, known: set[str] | None) -> tuple[str, ...] | None:
    if item.value == "*":
        return None
    if not isinstance(item.value, list) or not item.value:
        raise item.wrong(repr(item.plain), '"*" or a list of forms')
    return tuple(_one_of(part, known) if known is not None else _one_of_type(part, str) for part in item.value)


def _mapping(item: Located, required: set[str], optional: set[str], what: str) -> dict[str, Located]:
    if not isinstance(item.value, dict):
        raise item.wrong(repr(item.plain), f"a {what} with " + ", ".join(sorted(required)))
    for key, value in item.value.items():
        if key not in required | optional:
            raise value.wrong(f"unknown key {key} of a {what}", "one of " + ", ".join(sorted(required | optional)))
    if missing := required - item.value.keys():
        raise item.wrong(f"a {what} without {', '.join(sorted(missing))}", "all of " + ", ".join(sorted(required)))
    return dict(item.value)


def _one_of(item: Located, allowed: Iterable[str]) -> str:
    if not isinstance(item.value, str) or item.value not in allowed:
        raise item.wrong(f"unknown {item.value!r}", "one of " + ", ".join(allowed))
    return item.value


def _one_of_type(item: Located, kind: type) -> Any:
    if not isinstance(item.value, kind) or isinstance(item.value, bool) or item.value == "":
        raise item.wrong(repr(item.plain), {str: "some text", int: "a year"}[kind])
    return item.value
