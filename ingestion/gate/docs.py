"""Data Docs: what a gate run found, as pages for people, in Chinese and in English.

Great Expectations judges; these pages say what it judged in the words of the rules, with the cell, what is stated there
and what was expected. Its own pages name expectations and columns and fetch scripts, styles and fonts from elsewhere;
these hold all they need and render with no network. They are written from schema audit, so that they can be written
again at any time: ``index.html`` lists the runs, ``rules.html`` the rules, ``runs/<gate run>.html`` is one run; beside
each page lies its English twin, ``*.en.html``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from psycopg.rows import dict_row

from ingestion.gate.rules import KINDS, SEVERITIES, Rule

LANGUAGES = {"zh": "", "en": ".en"}
"""Language -> what stands before .html in the names of its pages."""
SHOWN_FINDINGS = 50
"""Findings that a page shows for each rule; all of them stand in marts.v_finding."""
SHOWN_SUBMISSIONS = 200

_TEMPLATES = Path(__file__).resolve().parents[1] / "templates"

_RUNS = "select * from audit.gate_run order by finished_at desc"
_SUBMISSIONS = """
    select
        s.submission_id, s.hospital_code, f.title_zh as form_zh, f.title_en as form_en, s.revision, s.file_name,
        d.entries, d.flagged, d.quarantined, count(v.rule_id) filter (where v.outcome = 'failed') as findings,
        coalesce(bool_or(r.severity = 'reject' and v.outcome = 'failed'), false) as is_rejected,
        coalesce(bool_or(r.severity in ('flag', 'quarantine') and v.outcome = 'failed'), false) as is_flagged
    from (
        select
            submission_id,
            count(*) as entries,
            count(*) filter (where disposition = 'flagged') as flagged,
            count(*) filter (where disposition = 'quarantined') as quarantined
        from audit.entry_disposition
        where gate_run_id = %(run)s
        group by submission_id
        union all
        -- A submission in which nothing was read has findings but no entry.
        select distinct v.submission_id, 0, 0, 0
        from audit.validation_result as v
        where
            v.gate_run_id = %(run)s
            and not exists (
                select from audit.entry_disposition as e
                where e.gate_run_id = %(run)s and e.submission_id = v.submission_id
            )
    ) as d
    inner join audit.submission as s using (submission_id)
    left join reference.form as f using (form)
    left join audit.validation_result as v on v.gate_run_id = %(run)s and v.submission_id = d.submission_id
    left join audit.rule as r using (rule_id)
    group by s.submission_id, s.hospital_code, f.title_zh, f.title_en, s.revision, s.file_name, d.entries, d.flagged,
        d.quarantined
    order by findings desc, s.submission_id
    limit %(limit)s
"""
_OUTCOMES = """
    select rule_id, sum(checked)::bigint as checked, sum(failed)::bigint as failed, count(*) filter (where failed > 0)
        as submissions
    from audit.rule_outcome where gate_run_id = %(run)s group by rule_id
"""
_FINDINGS = """
    select n.*, l.label_zh, l.label_en, e.label_raw
    from (
        select
            v.*, s.hospital_code, s.form,
            row_number() over (
                partition by v.rule_id, v.outcome order by s.hospital_code, v.submission_id, v.line_code, v.period
            ) as position_no,
            count(*) over (partition by v.rule_id, v.outcome) as found
        from audit.validation_result as v
        inner join audit.submission as s using (submission_id)
        where v.gate_run_id = %(run)s
    ) as n
    left join reference.form_line as l on n.form = l.form and n.line_code = l.line_code
    left join raw.entry as e on n.submission_id = e.submission_id and n.entry_id = e.entry_id
    where n.position_no <= %(limit)s
    order by n.rule_id, n.outcome, n.position_no
"""


def run_page(gate_run_id: str, language: str = "zh") -> str:
    """Path of a run's page below the folder of Data Docs."""
    return f"runs/{gate_run_id}{LANGUAGES[language]}.html"


def write(connection: psycopg.Connection, rules: Sequence[Rule], folder: Path, gate_run_id: str) -> None:
    """Write the pages of a gate run, the list of runs and the catalogue of rules below ``folder``."""
    words = yaml.safe_load((_TEMPLATES / "data_docs.yml").read_text(encoding="utf-8"))
    pages = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    (folder / "runs").mkdir(parents=True, exist_ok=True)
    with connection.cursor(row_factory=dict_row) as cursor:
        runs = cursor.execute(_RUNS).fetchall()
        about_run = _run(cursor, rules, next(run for run in runs if run["gate_run_id"] == gate_run_id))
    contents: dict[str, dict[str, Any]] = {
        "index": {"runs": [run | {"page": run_page(run["gate_run_id"])} for run in runs]},
        "rules": {"kinds": by_kind(rules)},
        f"runs/{gate_run_id}": about_run,
    }
    for name, content in contents.items():
        depth, kind = name.count("/"), "run" if "/" in name else name
        for language, suffix in LANGUAGES.items():
            twin = next(other for other in LANGUAGES if other != language)
            page = pages.get_template(f"data_docs_{kind}.html.j2").render(
                **content,
                page=kind,
                language=language,
                words=words[language],
                home="../" * depth,
                suffix=suffix,
                twin=Path(name).name + LANGUAGES[twin] + ".html",
                twin_name=words[twin]["language"],
            )
            (folder / f"{name}{suffix}.html").write_text(page, encoding="utf-8")


def by_kind(rules: Sequence[Rule]) -> list[tuple[str, list[Rule]]]:
    """Rules under their kind, kinds and severities in the order of the catalogue."""
    ordered = sorted(rules, key=lambda rule: (KINDS.index(rule.kind), SEVERITIES.index(rule.severity)))
    return [(kind, list(group)) for kind, group in groupby(ordered, key=lambda rule: rule.kind)]


def _run(cursor: psycopg.Cursor[dict[str, Any]], rules: Sequence[Rule], run: dict[str, Any]) -> dict[str, Any]:
    """What the page of a run shows. Rules are those of today; one that has gone since has no section any more."""
    about = {"run": run["gate_run_id"]}
    outcomes = {row["rule_id"]: row for row in cursor.execute(_OUTCOMES, about)}
    findings: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in cursor.execute(_FINDINGS, about | {"limit": SHOWN_FINDINGS}):
        findings.setdefault((row["rule_id"], row["outcome"]), []).append(row)
    judged = [
        {
            "rule": rule,
            "checked": outcomes.get(rule.rule_id, {}).get("checked", 0),
            "failed": outcomes.get(rule.rule_id, {}).get("failed", 0),
            "submissions": outcomes.get(rule.rule_id, {}).get("submissions", 0),
            "findings": findings.get((rule.rule_id, "failed"), []),
            "open": findings.get((rule.rule_id, "not_evaluable"), []),
        }
        for _, group in by_kind(rules)
        for rule in group
    ]
    submissions = cursor.execute(_SUBMISSIONS, about | {"limit": SHOWN_SUBMISSIONS}).fetchall()
    return {
        "run": run,
        "submissions": submissions,
        "failed": sorted((j for j in judged if j["failed"]), key=lambda j: SEVERITIES.index(j["rule"].severity)),
        "unevaluated": [j for j in judged if j["open"]],
        "passed": [j for j in judged if not j["failed"] and j["checked"]],
        "idle": [j for j in judged if not j["checked"]],
    }
