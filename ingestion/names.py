"""Names that nobody knows yet: listed with a proposal, decided by a person, respected by every later run.

A name is resolved exactly after normalisation, else by an alias that stands in a seed or that a person confirmed; what
is left is loaded and listed here. A proposal is a look-alike, never taken by itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg.rows import class_row

from ingestion.errors import Problem
from ingestion.forms.claim_names import line_catalogues
from ingestion.forms.form import all_forms
from ingestion.forms.names import label_key
from ingestion.forms.normalise import name_key, split_code
from ingestion.narrative.indicators import Catalogue, Indicator
from ingestion.store import locks

KINDS = ("hospital", "indicator", "department")
_BRACKETS = re.compile("[()（）]")
"""A hospital's second name stands in brackets behind its first."""
_LEAST_ALIKE = 60.0
"""Names of departments are short: half of 心内科 and 心血管内科 is the same, and so is 神经内科."""

_LINES = """
select 'indicator' as kind, s.form as scope, r.label_raw as name, min(r.unit_raw) as unit,
    count(*) as entries, array_agg(distinct s.hospital_code order by s.hospital_code) as hospitals,
    min(r.locator) as locator
from raw.reading as r
join audit.submission_status as s using (submission_id)
where s.reporting_year = %(year)s and r.entry_kind = 'value' and r.line_code is null
    and s.status not in ('superseded', 'withdrawn', 'unreadable')
    and s.form in (select form from reference.form_line)
group by s.form, r.label_raw
order by s.form, count(*) desc, r.label_raw
"""
# Which figures a department states, the first by their hashes: of two that state the same, some are mostly among them.
_DEPARTMENTS = """
select 'department' as kind, s.hospital_code as scope, r.department_name as name, null as unit, count(*) as entries,
    array[s.hospital_code] as hospitals, min(r.locator) as locator,
    (array_agg(distinct hashtextextended(concat_ws('|', submission_id, r.label_raw, r.period), 0)))[:24] as states
from raw.reading as r
join audit.submission_status as s using (submission_id)
where s.reporting_year <= %(year)s and r.entry_kind = 'value' and r.department_name is not null
    and s.status not in ('superseded', 'withdrawn', 'unreadable')
group by s.hospital_code, r.department_name
order by s.hospital_code, count(*) desc, r.department_name
"""
_HOSPITALS = """
select 'hospital' as kind, '' as scope, n.name, null as unit,
    count(*) as entries, array_agg(distinct s.hospital_code order by s.hospital_code) as hospitals,
    min(n.locator) as locator
from audit.submission_status as s
join audit.submission_event as v on v.submission_id = s.submission_id and v.status = 'parsed'
cross join lateral (
    select v.detail -> 'title' ->> 'hospital_name' as name, v.detail -> 'title' ->> 'hospital_locator' as locator
    union all
    select other ->> 0, other ->> 1 from jsonb_array_elements(v.detail -> 'title' -> 'others') as o (other)
) as n
where s.reporting_year = %(year)s and s.status not in ('superseded', 'withdrawn', 'unreadable')
    and n.name is not null
    and not exists (
        select from reference.standing_hospital_name as r where r.name_key = reference.name_key(n.name)
    )
group by n.name
order by 3
"""
# A hospital that reports by a return is asked about the lines of that return; any other about those of each.
_CLAIMS = """
with standing as (
    select submission_id, hospital_code, form, reporting_year
    from audit.submission_status
    where status not in ('superseded', 'withdrawn', 'unreadable')
),
returns as (
    select distinct hospital_code, form from standing
    where form in (select form from reference.form where catalogue is not null)
)
select 'indicator' as kind, p.form as scope, p.measure as name,
    min(e.unit_raw) as unit, count(*) as entries,
    array_agg(distinct s.hospital_code order by s.hospital_code) as hospitals, min(e.locator) as locator,
    p.line_code as target, p.score::float as score
from standing as s
join raw.entry as e using (submission_id)
join reference.standing_claim_proposal as p on p.measure = e.label_raw
where s.reporting_year = %(year)s and e.entry_kind = 'claim'
    and (s.hospital_code not in (select hospital_code from returns)
         or (s.hospital_code, p.form) in (select hospital_code, form from returns))
    and not exists (
        select from reference.name_in_force as n
        where n.kind = 'indicator' and n.scope = p.form and n.name_key = reference.label_key(p.measure)
            and n.year = s.reporting_year
    )
group by p.form, p.measure, p.line_code, p.score
order by p.form, count(*) desc, p.measure, p.score desc, p.line_code
"""
_REFUSED = "select kind, scope, name_key, target from reference.refused_name"


@dataclass(frozen=True)
class _Seen:
    kind: str
    scope: str
    name: str
    unit: str | None
    entries: int
    hospitals: list[str]
    locator: str | None
    target: str | None = None
    score: float | None = None
    states: Sequence[int] = ()


@dataclass(frozen=True)
class UnknownName:
    """A name that means nothing yet, where it stands, and the look-alike that a person may confirm (None without one).

    ``scope`` is the form of an indicator and the hospital of a department; ``target`` the line code, the department's
    name or the hospital's code. ``score`` says how alike the names are, 0 to 100.
    """

    kind: str
    scope: str
    name: str
    entries: int
    hospitals: list[str]
    locator: str | None
    target: str | None = None
    target_name: str | None = None
    score: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Structured, for machines."""
        return asdict(self)


def unknown_names(connection: psycopg.Connection, reporting_year: int) -> list[UnknownName]:
    """Names of a year that are no line, department or hospital known so far, each with its best proposal.

    A department is listed only where it looks like one that the hospital writes more often: there is no register of
    departments; what a claim measures only where it looks like a line: any other is a fact of its own. A proposal that
    somebody refused is not made again.
    """
    refused = set(connection.execute(_REFUSED).fetchall())
    found: list[UnknownName] = []
    catalogues = line_catalogues()
    for seen in _seen(connection, _LINES, reporting_year):
        form, key = all_forms()[seen.scope], label_key(seen.name)
        choices = catalogues[seen.scope][0].alike(split_code(seen.name)[1])
        best = next((m for m in choices if ("indicator", seen.scope, key, m.code) not in refused), None)
        found.append(_named(seen, best.code, form.lines[best.code].label_zh, best.score) if best else _named(seen))
    proposed: dict[tuple[str, str], UnknownName] = {}
    for seen in _seen(connection, _CLAIMS, reporting_year):  # the most alike line of each first
        line = all_forms()[seen.scope].lines[str(seen.target)]
        proposed.setdefault((seen.scope, seen.name), _named(seen, seen.target, line.label_zh, seen.score))
    found += proposed.values()
    found += _look_alikes(list(_seen(connection, _DEPARTMENTS, reporting_year)), refused)
    registered = connection.execute("select name_zh, hospital_code from reference.hospital_name")
    register: dict[str, str] = dict(registered.fetchall())
    hospitals = Catalogue(Indicator(name, name) for name in register)
    for seen in _seen(connection, _HOSPITALS, reporting_year):
        alike = sorted(
            (match for name in {seen.name, *_BRACKETS.split(seen.name)} for match in hospitals.alike(name)),
            key=lambda match: (-match.score, match.code),
        )
        best = next((m for m in alike if ("hospital", "", name_key(seen.name), register[m.code]) not in refused), None)
        found.append(_named(seen, register[best.code], best.code, best.score) if best else _named(seen))
    return found


def _seen(connection: psycopg.Connection, query: str, year: int) -> list[_Seen]:
    with connection.cursor(row_factory=class_row(_Seen)) as cursor:
        return cursor.execute(query, {"year": year}).fetchall()


def _named(seen: _Seen, *proposal: Any) -> UnknownName:
    return UnknownName(seen.kind, seen.scope, seen.name, seen.entries, seen.hospitals, seen.locator, *proposal)


def _look_alikes(departments: list[_Seen], refused: set[tuple[Any, ...]]) -> Iterator[UnknownName]:
    """Departments of a hospital that look like another of its departments with more figures; two that state the same
    figure in one file are two."""
    by_hospital: dict[str, list[_Seen]] = defaultdict(list)
    for seen in departments:
        by_hospital[seen.scope].append(seen)
    for hospital, known in by_hospital.items():
        states = {seen.name: frozenset(seen.states) for seen in known}
        for number, seen in enumerate(known):
            if not number:
                continue
            others = Catalogue((Indicator(other.name, other.name) for other in known[:number]), _LEAST_ALIKE)
            key = name_key(seen.name)
            apart = {other.name for other in known[:number] if not states[seen.name].isdisjoint(other.states)}
            alike = (match for match in others.alike(seen.name) if match.code not in apart)
            best = next((m for m in alike if ("department", hospital, key, m.code) not in refused), None)
            if best:
                yield _named(seen, best.code, best.code, best.score)


def decide(
    connection: psycopg.Connection,
    kind: str,
    name: str,
    target: str,
    *,
    scope: str,
    reason: str,
    decided_by: str,
    is_refusal: bool = False,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> None:
    """Write down that ``name`` means ``target`` (or, ``is_refusal``, that it does not); every later run goes by it.

    Adds a row to audit.name_decision in the caller's transaction, which nobody validates or builds beside. Raises
    Problem for a kind, form, line or hospital that there is not, or where nobody answers for it.
    """
    if kind not in KINDS:
        raise _wrong("kind", kind, "one of " + ", ".join(KINDS))
    if not reason.strip() or not decided_by.strip():
        raise _wrong("decision", "no reason or nobody who decides", "why, and who says so")
    if valid_from and valid_to and valid_from > valid_to:
        raise _wrong("decision", f"valid from {valid_from} to {valid_to}", "the first day before the last")
    locks.share_in_transaction(connection)
    if kind == "indicator":
        if scope not in all_forms() or target not in all_forms()[scope].lines:
            raise _wrong(scope or "form", f"line {target}", "a form and one of its line codes (--scope FORM)")
    elif kind == "department" and not scope:
        raise _wrong("department", name, "the hospital it belongs to, or * (--scope HOSPITAL)")
    elif (
        kind == "hospital"
        and not connection.execute(
            "select 1 from reference.hospital_name where hospital_code = %s", [target]
        ).fetchone()
    ):
        raise _wrong("hospital", target, "the code of a registered hospital")
    connection.execute(
        "insert into audit.name_decision (kind, scope, name, name_key, target, is_refusal, valid_from, valid_to,"
        " reason, decided_by) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            kind, "" if kind == "hospital" else scope, name, label_key(name) if kind == "indicator" else name_key(name),
            target, is_refusal, valid_from, valid_to, reason, decided_by,
        ],
    )  # fmt: skip
    connection.execute("select reference.refresh_names()")


def _wrong(where: str, read: str, expected: str) -> Problem:
    return Problem(
        code="name-decision",
        where=where,
        read=read,
        expected=expected,
        remedy="`hiw names --year Y` lists the names that wait for a decision.",
    )
