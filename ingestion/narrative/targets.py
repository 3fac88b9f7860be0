"""The one parser of target language, for plan tables, forms and prose alike.

``parse_target("提升3-5个百分点")`` is a change of 3 to 5 points, ``parse_target("七", unit="级")`` is a
grade, ``parse_target("高于国家平均水平")`` is relative to a benchmark. What cannot be parsed stays text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from ingestion.narrative import wordlists
from ingestion.narrative.grades import read_grade
from ingestion.narrative.numerals import Number
from ingestion.narrative.quantities import Quantity, is_empty, parse_number, tidy
from ingestion.narrative.ranks import read_rank
from ingestion.narrative.units import read_unit


@dataclass(frozen=True)
class Target:
    """What a target says.

    comparator    '=', '>=', '>', '<=', '<', '~', 'range', 'increment', 'qualitative'; None for an empty cell
    kind          'level', 'increment' (so many more), 'change' (by so much), 'range', 'grade', 'relative',
                  'ratio', 'qualitative' or 'none' (nothing stated)
    value         base units: 15 万 is 150000, percent is the figure before %; value_high closes a range
    grade         the grade as text ('七级', 'B++', '三级甲等'); value then holds its level where it has one
    unit          canonical unit, or None
    direction     'increase' or 'decrease' of a change, 'above' or 'below' a benchmark, else None
    is_per_year   the figure holds for each year (每年6人以上, or a label that says 每年)
    change_basis  'points', 'percent' or 'times' (翻一番) for a change that is so expressed
    benchmark     the yardstick of a relative target, e.g. 国家平均水平
    notes         names of the normalisations made
    """

    raw: str
    comparator: str | None
    kind: str
    value: Number | None = None
    value_high: Number | None = None
    grade: str | None = None
    unit: str | None = None
    direction: str | None = None
    is_per_year: bool = False
    change_basis: str | None = None
    benchmark: str | None = None
    notes: tuple[str, ...] = ()


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    lists = wordlists.load("targets")
    either = wordlists.alternatives
    changes = either(lists["increase"] + lists["decrease"])
    to_level = either(lists["to_level"])
    relation = either(lists["relation"]["above"] + lists["relation"]["below"])
    return {
        "when": re.compile(r"^(?:(?:力争|争取)?[到至]?20\d\d年(?:末|年末|年底|底)?[前，,:]?|[到至]20\d\d(?=达))"),
        "lead": re.compile(f"^(?:{either(lists['lead'])})"),
        "year": re.compile(either(lists["per_year"])),
        "change": re.compile(f"^(?:同比|较.{{1,8}}?)?(?P<verb>{changes})(?P<to>{to_level})?了?"),
        "double": re.compile(r"^翻(?:一番|番|倍|了一番)$"),
        "relative": re.compile(f"^(?P<relation>{relation})(?P<benchmark>[^0-9]{{2,20}})$"),
        "benchmark": re.compile(either(lists["benchmark"])),
        "tail": re.compile(r"(?:[,，;；。(（且并].*|[/每]年|的?水平|的?目标)$"),
    }


def parse_target(raw: Any, *, unit: str | None = None, label: str | None = None) -> Target:
    """Read the target a plan, form or sentence states.

    raw    the cell or phrase as written; None, blank, ``/`` and ``--`` mean that nothing is stated
    unit   the unit the table declares (``人``, ``%``, ``级``, ``万元``), used where the cell writes none
    label  the indicator's name; it may carry 每年 (per year) or call for a grade
    """
    text_raw = "" if raw is None else str(raw)
    if is_empty(raw):
        return Target(text_raw, None, "none")
    text, notes = tidy(text_raw)
    patterns = _patterns()
    per_year = bool(patterns["year"].search(text) or patterns["year"].search(label or ""))
    phrase = _without_lead(patterns["year"].sub("", text))
    if not phrase:
        return _qualitative(text_raw, per_year, notes)
    return (
        _relative(text_raw, phrase, per_year, notes)
        or _graded(text_raw, phrase, unit, label, per_year, notes)
        or _ranked(text_raw, phrase, per_year, notes)
        or _changed(text_raw, phrase, unit, per_year, notes)
        or _level(text_raw, phrase, unit, per_year, notes)
        or _qualitative(text_raw, per_year, notes)
    )


def _without_lead(text: str) -> str:
    """Strip words that only say "this is a target" and the year it is meant for."""
    before = None
    while before != text:
        before = text
        text = _patterns()["when"].sub("", text, count=1).lstrip(",，:;")
        if not parse_number(text):  # 控制在5%以内 loses 控制在, but 不低于 stays with its figure
            text = _patterns()["lead"].sub("", text, count=1)
    return text.rstrip("。.;；,，")


def _relative(raw: str, phrase: str, per_year: bool, notes: list[str]) -> Target | None:
    found = _patterns()["relative"].match(phrase)
    if not found or not _patterns()["benchmark"].search(found["benchmark"]):
        return None
    above = found["relation"] in wordlists.load("targets")["relation"]["above"]
    return Target(
        raw,
        "qualitative",
        "relative",
        direction="above" if above else "below",
        is_per_year=per_year,
        benchmark=found["benchmark"],
        notes=tuple(notes),
    )


def _graded(
    raw: str, phrase: str, unit: str | None, label: str | None, per_year: bool, notes: list[str]
) -> Target | None:
    declared = read_unit(unit)
    grade = read_grade(phrase, is_declared=bool(declared and declared.name == "grade"))
    if grade is None:
        return None
    return Target(
        raw,
        ">=" if grade.at_least else "=",
        "grade",
        value=grade.level,
        grade=grade.text,
        unit="grade",
        is_per_year=per_year,
        notes=tuple(notes),
    )


def _ranked(raw: str, phrase: str, per_year: bool, notes: list[str]) -> Target | None:
    rank = read_rank(phrase)
    if rank is None:
        return None
    return Target(
        raw,
        rank.comparator,
        "level",
        value=rank.value,
        unit="rank",
        is_per_year=per_year,
        benchmark=rank.scope,
        notes=tuple(notes),
    )


def _changed(raw: str, phrase: str, unit: str | None, per_year: bool, notes: list[str]) -> Target | None:
    lists = wordlists.load("targets")
    if _patterns()["double"].match(phrase):
        return Target(
            raw,
            "=",
            "change",
            value=2,
            unit="ratio",
            direction="increase",
            is_per_year=per_year,
            change_basis="times",
            notes=tuple(notes),
        )
    found = _patterns()["change"].match(phrase)
    if not found:
        return None
    direction = "increase" if found["verb"] in lists["increase"] else "decrease"
    quantity = _number(phrase[found.end() :], unit)
    if quantity is None:
        return None
    if found["to"]:
        return _target(raw, quantity, "level", direction, per_year, notes)
    if quantity.unit == "percentage_point":
        return _target(raw, quantity, "change", direction, per_year, notes, basis="points")
    if quantity.unit == "%" and quantity.unit_raw:
        return _target(raw, quantity, "change", direction, per_year, notes, basis="percent")
    if found["verb"] in lists["increment"]:
        return _target(raw, quantity, "increment", direction, per_year, notes, comparator="increment")
    return _target(raw, quantity, "change", direction, per_year, notes)


def _level(raw: str, phrase: str, unit: str | None, per_year: bool, notes: list[str]) -> Target | None:
    quantity = _number(phrase, unit)
    if quantity is None:
        return None
    kind = "ratio" if quantity.parts else "range" if quantity.comparator == "range" else "level"
    return _target(raw, quantity, kind, None, per_year, notes)


def _number(phrase: str, unit: str | None) -> Quantity | None:
    """Read the figure of a phrase, at need without a remark behind it that holds no figure of its own."""
    quantity = parse_number(phrase, unit)
    if quantity is None:
        bare = _patterns()["tail"].sub("", phrase, count=1)
        if bare != phrase and not re.search(r"\d", phrase[len(bare) :]):
            quantity = parse_number(bare, unit)
    return quantity


def _target(
    raw: str,
    quantity: Quantity,
    kind: str,
    direction: str | None,
    per_year: bool,
    notes: list[str],
    *,
    comparator: str | None = None,
    basis: str | None = None,
) -> Target:
    all_notes = tuple(dict.fromkeys([*notes, *quantity.notes]))
    return Target(
        raw,
        comparator or quantity.comparator,
        kind,
        value=quantity.base_value,
        value_high=quantity.base_value_high,
        unit=quantity.unit,
        direction=direction,
        is_per_year=per_year,
        change_basis=basis,
        notes=all_notes,
    )


def _qualitative(raw: str, per_year: bool, notes: list[str]) -> Target:
    lists = wordlists.load("targets")
    rising = any(word in raw for word in lists["better"])
    falling = any(word in raw for word in lists["worse"])
    direction = None if rising == falling else "increase" if rising else "decrease"
    return Target(raw, "qualitative", "qualitative", direction=direction, is_per_year=per_year, notes=tuple(notes))
