"""Arithmetic inside one document: growth against its ends, parts against their total, one fact told twice.

A finding says what is stated, what was expected and cites every figure it compares, so that a reader can go and see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from ingestion.narrative import wordlists
from ingestion.narrative.claims import Claim
from ingestion.narrative.plan_tables import extract_plan_rows
from ingestion.narrative.units import convert


@dataclass(frozen=True)
class Finding:
    """One contradiction in a document.

    kind       'growth', 'parts' or 'told_twice'
    stated     the figure as stated, expected the figure it should be by the others (base units, or % for growth)
    claims     the claims compared; each carries its mention and span in the original text
    """

    kind: str
    message_zh: str
    message_en: str
    stated: float | None
    expected: float | None
    claims: tuple[Claim, ...]

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Spans of the cited figures in the original text."""
        return tuple((claim.start, claim.end) for claim in self.claims)

    def to_json(self) -> dict[str, Any]:
        """Return the finding as a dictionary that json.dumps accepts."""
        return {
            "kind": self.kind,
            "message_zh": self.message_zh,
            "message_en": self.message_en,
            "stated": self.stated,
            "expected": self.expected,
            "citations": [
                {"start": c.start, "end": c.end, "mention": c.mention, "quote": c.quote} for c in self.claims
            ],
        }


_NOT_ADDED = ("%", "permille", "percentage_point", "rank", "grade", "ratio", None)


def check_document(claims: list[Claim], text: str) -> list[Finding]:
    """Return the contradictions among the `claims` extracted from `text`, in the order of the text."""
    told = sorted([*claims, *_table_targets(text)], key=lambda c: c.start)
    found = [*_growth(claims, text), *_parts(claims, text), *_told_twice(told, text)]
    return sorted(found, key=lambda f: f.spans)


def _table_targets(text: str) -> list[Claim]:
    """Return the targets of plan tables as claims, so that a table and the prose around it can be compared."""
    claims = []
    for row in extract_plan_rows(text):
        at = text.find(row.target_raw or "\0", row.start, row.end)
        if at >= 0 and row.target.comparator not in ("increment", "qualitative", None):
            target = row.target
            claims.append(
                Claim(
                    start=at,
                    mention=row.target_raw or "",
                    value=target.value,
                    value_high=target.value_high,
                    grade=target.grade,
                    unit=target.unit,
                    unit_raw=row.unit,
                    comparator=target.comparator or "=",
                    measure=row.indicator,
                    role="target",
                    direction=None,
                    period=None,
                    subject=None,
                    quote=text[row.start : row.end],
                    rule="row of a plan table",
                )
            )
    return claims


def _growth(claims: list[Claim], text: str) -> Iterator[Finding]:
    """从2100人次增至3700人次，增幅达76.19%: the change must follow from its ends."""
    for start, end, change in zip(claims, claims[1:], claims[2:], strict=False):
        if (start.role, change.role) != ("start", "change") or end.role not in ("end", "target"):
            continue
        if _has(text, start.end, change.start, "。；") or None in (start.value, end.value, change.value):
            continue
        expected = _expected_changes(start, end, change)
        slack = 0.5 * 10 ** -_decimals(change.mention) + 1e-9
        if start.comparator != "=" or end.comparator != "=":
            slack += wordlists.load("checks")["slack"] * max(map(abs, expected), default=0)
        if expected and all(abs(abs(_value(change)) - abs(value)) > slack for value in expected):
            shown = round(expected[0], 2)
            yield Finding(
                "growth",
                f"“{change.measure}”由{start.mention}到{end.mention}，应为{shown:g}，文中写{change.mention}",
                f"{start.mention} to {end.mention} makes {shown:g}, stated {change.mention}",
                _value(change),
                shown,
                (start, end, change),
            )


def _expected_changes(start: Claim, end: Claim, change: Claim) -> list[float]:
    difference = _value(end) - _value(start)
    percent = difference / _value(start) * 100 if start.value else float("inf")
    if change.unit == "percentage_point":
        return [difference]
    if "年均" in change.quote and change.unit == "%":
        return _yearly_rates(start, end, change)
    if change.unit == "ratio":
        return [_value(end) / _value(start) if start.value else float("inf"), percent / 100]
    if change.unit == "%":
        # the share of a share: writers say % where they mean points
        return [percent, difference] if start.unit == "%" else [percent]
    return [difference]


def _yearly_rates(start: Claim, end: Claim, change: Claim) -> list[float]:
    """年均增长: the yearly rate over the period's years, counted with or without the first one."""
    years = re.fullmatch(r"(\d{4})-(\d{4})", change.period or "")
    if not years or not start.value or not end.value:
        return []
    span = int(years[2]) - int(years[1])
    return [((_value(end) / _value(start)) ** (1 / n) - 1) * 100 for n in (span, span + 1) if n > 0]


def _parts(claims: list[Claim], text: str) -> Iterator[Finding]:
    """共承担13项，其中7项为甲、6项为乙: parts do not exceed their total, and make it up where they are all named."""
    lists = wordlists.load("checks")
    marks = {word: kind for kind in ("subset", "complete") for word in lists[kind]}
    pattern = re.compile(wordlists.alternatives(marks))
    for i, claim in enumerate(claims[:-1]):
        following = claims[i + 1]
        between = text[claim.end : following.start]
        mark = pattern.search(between)
        if not mark or claim.unit in _NOT_ADDED or claim.value is None or not _is_alike(claim, following):
            continue
        if re.search("[。；].", between[: mark.start()].strip()) or len(between) > 60:
            continue  # 其中 may open the next sentence, but not a later one
        totals = _totals(claims, i, text)
        parts = _members(claims, i + 1, text, is_enclosed=re.search("[(（]", between) is not None)
        # 三、四级手术分别为…: named ones need not be all; 分别为… behind the total itself must be
        is_named = mark[0].startswith("分别") and bool(between[: mark.start()].strip("，,、 \n"))
        is_whole = marks[mark[0]] == "complete" and not is_named
        # people are counted in several categories at once: only a part larger than its total is wrong
        parts = [max(parts, key=lambda p: _value(p))] if claim.unit == "person" and not is_whole else parts
        if not parts:
            continue
        total, parts_sum = max(_value(c) for c in totals), sum(_value(p) for p in parts)
        is_exact = all(c.comparator == "=" for c in (*totals, *parts))
        exceeds = parts_sum > total * (1 if is_exact else 1 + lists["slack"]) + 1e-9
        is_short = is_whole and len(parts) > 1 and is_exact and parts_sum < total - 1e-9
        if exceeds or is_short:
            yield Finding(
                "parts",
                f"“{claim.measure}”总数{claim.mention}，各部分合计{parts_sum:g}",
                f"total {claim.mention}, parts add up to {parts_sum:g}",
                total,
                parts_sum,
                (claim, *parts),
            )


def _totals(claims: list[Claim], i: int, text: str) -> list[Claim]:
    """The figure before 其中, and where 其中 opens a sentence, its companions of the same unit in the one before."""
    totals = [claims[i]]
    if _has(text, claims[i].end, claims[i + 1].start, "。"):
        for earlier in reversed(claims[:i]):
            if _has(text, earlier.end, claims[i].start, "。；") or earlier.unit != claims[i].unit:
                break
            totals.append(earlier)
    return [c for c in totals if c.value is not None]


def _is_alike(one: Claim, other: Claim) -> bool:
    """Counted things add up only in the same counter: 台 and 家 do not."""
    return one.unit == other.unit and (one.unit != "count" or one.unit_raw == other.unit_raw)


def _members(claims: list[Claim], first: int, text: str, is_enclosed: bool) -> list[Claim]:
    """The run of figures of one unit from `first` to the end of its sentence."""
    members = [claims[first]]
    for claim in claims[first + 1 :]:
        gap = text[members[-1].end : claim.start]
        if not _is_alike(claim, members[0]) or claim.value is None or len(gap) > 40:
            break
        if re.search("[。；]|其中|共|总", gap) or (is_enclosed and re.search("[)）]", gap)):
            break
        members.append(claim)
    return [m for m in members if m.value is not None and m.role != "change"]


def _told_twice(claims: list[Claim], text: str) -> Iterator[Finding]:
    """The same measure, unit, period and kind with figures that exclude each other."""
    groups: dict[str, list[Claim]] = {}
    for claim in claims:
        key = _core(claim.measure)
        if claim.role in ("observed", "end", "target") and len(key) >= wordlists.load("checks")["shortest_measure"]:
            groups.setdefault(key, []).append(claim)
    for group in groups.values():
        if len(group) > wordlists.load("checks")["most_tellings"]:
            continue
        for one, other in combinations(group, 2):
            is_contrary = _is_same_fact(one, other) and _excludes(one, other)
            if is_contrary and _has(text, one.end, other.start, "。；\n") and not _is_among(one, other, group, text):
                yield Finding(
                    "told_twice",
                    f"“{one.measure}”前后不一：{one.mention}，{other.mention}",
                    f"the same fact told twice: {one.mention} and {other.mention}",
                    None if other.value is None else _value(other),
                    None if one.value is None else _value(one),
                    (one, other),
                )


def _is_among(one: Claim, other: Claim, group: list[Claim], text: str) -> bool:
    """B++甚至A级 said twice: each sentence names several figures, and one of them agrees with the other sentence."""

    def companions(claim: Claim) -> list[Claim]:
        return [c for c in group if not _has(text, min(c.end, claim.end), max(c.start, claim.start), "。；\n")]

    return any(not _excludes(a, b) for a in companions(one) for b in companions(other))


def _core(measure: str) -> str:
    """Return the measure without words that do not tell two measures apart."""
    filler = wordlists.alternatives(wordlists.load("checks")["filler"])
    return re.sub(f"{filler}|[^\\u4e00-\\u9fffA-Za-z0-9]", "", measure)


def _is_same_fact(one: Claim, other: Claim) -> bool:
    if (one.role == "target") != (other.role == "target") or one.subject != other.subject:
        return False
    if one.unit == "rank" and one.measure != other.measure:
        return False
    if one.role == "target" and None in (one.period, other.period):
        return True  # a plan's table names its horizon once, in the header
    if one.role == "target" and one.period != "annual" != other.period:
        return str(one.period)[-4:] == str(other.period)[-4:]  # by the end of a plan and in its last year is the same
    return one.period == other.period


def _excludes(one: Claim, other: Claim) -> bool:
    if one.unit == "grade" and other.unit == "grade":
        return one.grade != other.grade
    if None in (one.value, other.value):
        return False
    a, b = _interval(one), _interval(other, one.unit)
    return a is not None and b is not None and (a[1] < b[0] - 1e-9 or b[1] < a[0] - 1e-9)


def _interval(claim: Claim, unit: str | None = None) -> tuple[float, float] | None:
    """Return the values a claim allows, in `unit` where the two units convert (亩 and m2), else None."""
    slack = wordlists.load("checks")["slack"]
    low = _value(claim)
    high = low if claim.value_high is None else float(claim.value_high)
    if unit not in (None, claim.unit):
        low_there, high_there = (convert(value, claim.unit or "", unit or "") for value in (low, high))
        if low_there is None or high_there is None:
            return None
        low, high = low_there * (1 - slack / 10), high_there * (1 + slack / 10)
    return {
        "~": (low * (1 - slack), high * (1 + slack)),
        ">": (low, high * (1 + slack)),
        ">=": (low, float("inf")),
        "<=": (float("-inf"), high),
        "<": (float("-inf"), high),
    }.get(claim.comparator, (low, high))


def _decimals(mention: str) -> int:
    found = re.search(r"[.．](\d+)", mention)
    return len(found[1]) if found else 0


def _value(claim: Claim) -> float:
    return float("nan") if claim.value is None else float(claim.value)


def _has(text: str, start: int, end: int, marks: str) -> bool:
    return re.compile(f"[{marks}]").search(text, start, end) is not None
