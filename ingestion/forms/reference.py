"""Loads the data files of forms, units, names and corrections into schema reference: the gate and dbt join the very
lines that parsing used."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import psycopg
from psycopg import sql

from ingestion.errors import Problem
from ingestion.forms import claim_names, corrections, names
from ingestion.forms.form import all_forms
from ingestion.forms.formula import parse_formula
from ingestion.narrative import wordlists
from ingestion.narrative.units import written_units
from ingestion.settings import settings
from ingestion.store.seeds import seed_bytes

_TABLES = (  # children first
    "data_files", "line_limit", "line_relation", "formula_term", "form_line", "form", "unit", "hospital_name", "alias",
    "correction",
)  # fmt: skip
_SEEDS = ("hospital", "hospital_alias", "indicator_alias", "department_alias", "correction")
_LOCK = 7_215_002
_USED_AND_GONE = """
with gone as (
    select form, null as line_code from reference.form where form <> all(%(forms)s)
    union all
    select form, line_code from reference.form_line
    where form = any(%(forms)s)
        and (form, line_code) not in (select * from unnest(%(form_of_line)s::text[], %(lines)s::text[]))
)
select gone.form, array_agg(distinct gone.line_code order by gone.line_code), count(distinct s.submission_id)
from gone
join audit.submission_status as s on s.form = gone.form and s.status not in ('superseded', 'withdrawn', 'unreadable')
where gone.line_code is null
    or exists (select from raw.entry as e where e.submission_id = s.submission_id and e.line_code = gone.line_code)
group by gone.form
order by gone.form
"""


def fingerprint() -> str:
    """Hash over every data file of every form and the lists of units, names and corrections."""
    digest = sha256((wordlists.DATA / "units.yml").read_bytes())
    folder = settings().forms_dir
    for path in sorted(folder.glob("*/*.*")):
        if path.suffix in {".csv", ".yml"}:
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    digest.update(seed_bytes(_SEEDS))
    return digest.hexdigest()


def sync(connection: psycopg.Connection) -> None:
    """Make schema reference say what the data files say; does nothing where it does already.

    Raises Problem where a data file is wrong, or where forms or lines that submissions use are not in the data files
    of this process; then nothing is changed. Commits.
    """
    current = fingerprint()
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        if connection.execute("select 1 from reference.data_files where fingerprint = %s", [current]).fetchone():
            return
        _check_nothing_used_goes(connection)
        for table in _TABLES:
            connection.execute(sql.SQL("delete from {}").format(sql.Identifier("reference", table)))
        forms = all_forms().values()
        _copy(connection, "form", ((f.name, f.title_zh, f.title_en, f.catalogue, f.entry_kind) for f in forms))
        lines = [(form.name, line) for form in forms for line in form.lines.values()]
        _copy(
            connection,
            "form_line",
            (
                (
                    form,
                    line.line_code,
                    line.ordinal,
                    line.label_zh,
                    line.label_en or None,
                    line.unit or None,
                    line.value_type,
                    line.indicator_code or None,
                    line.is_indicator,
                    line.direction or None,
                    line.formula or None,
                    line.requirement,
                )
                for form, line in lines
            ),
        )
        _copy(connection, "formula_term", (row for form, line in lines if line.formula for row in _terms(form, line)))
        _copy(
            connection,
            "line_relation",
            (
                (form, line.line_code, relation, other)
                for form, line in lines
                for relation, others in (("same_as", line.same_as), ("at_most", line.at_most))
                for other in others
            ),
        )
        limits = [(form.name, limit) for form in forms for limit in form.limits.values()]
        _copy(connection, "line_limit", ((form, limit.line_code, limit.low, limit.high) for form, limit in limits))
        _copy(
            connection,
            "line_relation",
            ((form, limit.line_code, "parts", part) for form, limit in limits for part in limit.parts),
        )
        _copy(connection, "unit", _units(line.unit for _, line in lines if line.unit))
        _copy(connection, "hospital_name", names.hospital_names())
        _copy(connection, "alias", names.aliases())
        _copy(connection, "correction", corrections.declared())
        connection.execute("select audit.keep_corrections()")
        connection.execute("select reference.refresh_names()")
        claim_names.propose_anew(connection)
        connection.execute("insert into reference.data_files (fingerprint) values (%s)", [current])


def _check_nothing_used_goes(connection: psycopg.Connection) -> None:
    """Raise Problem where what submissions stand on would go. A process that nobody told of the folder of forms has
    other forms than the one that loaded the submissions: their figures would lose their meaning with no word."""
    forms = all_forms().values()
    lines = [(form.name, code) for form in forms for code in form.lines]
    gone = connection.execute(
        _USED_AND_GONE,
        {
            "forms": [form.name for form in forms],
            "form_of_line": [form for form, _ in lines],
            "lines": [code for _, code in lines],
        },
    ).fetchall()
    if not gone:
        return
    raise Problem(
        code="used-form-is-missing",
        where=str(settings().forms_dir),
        read="; ".join(f"no {_named(form, codes)}, which {_using(count)}" for form, codes, count in gone),
        expected="every form and line that submissions of the warehouse use",
        remedy="Set HIW_FORMS_DIR to the folder that has them, or withdraw these submissions. Nothing was changed.",
    )


def _named(form: str, codes: list[str | None]) -> str:
    lines = [code for code in codes if code is not None]
    if not lines:
        return f"form {form}"
    more = f" and {len(lines) - 5} more" if len(lines) > 5 else ""
    return f"line{'s' if len(lines) > 1 else ''} {', '.join(lines[:5])}{more} of {form}"


def _using(count: int) -> str:
    return f"{count} submissions use" if count > 1 else "1 submission uses"


def _units(of_lines: Iterable[str]) -> Iterable[tuple[Any, ...]]:
    """Each way a unit is written once, in the form that SQL's macro name_key gives it."""
    units: dict[str, tuple[str, Any]] = {}
    for written, root, factor in written_units(of_lines):
        key = re.sub(r"\s+", "", unicodedata.normalize("NFKC", written)).lower()
        units.setdefault(key, (root, factor))
    return ((key, root, factor) for key, (root, factor) in units.items())


def _terms(form: str, line: Any) -> Iterable[tuple[Any, ...]]:
    formula = parse_formula(line.formula)
    for number, term in enumerate(formula.terms, 1):
        yield (
            form,
            line.line_code,
            formula.kind,
            formula.multiplier,
            number,
            term.line_code,
            term.year_offset,
            term.coefficient,
        )


def _copy(connection: psycopg.Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    statement = sql.SQL("copy {} from stdin").format(sql.Identifier("reference", table))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
