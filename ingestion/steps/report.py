"""Report: the figures of a run for people, and the pages where they find them."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import psycopg
from jinja2 import Environment, FileSystemLoader

from ingestion.refusals import refusal_zh
from ingestion.run_summary import RunSummary, summarise_run
from ingestion.settings import settings
from ingestion.steps.report_files import write_files
from ingestion.store import database, locks, registry
from ingestion.store.outcomes import now, record

_TEMPLATES = Environment(loader=FileSystemLoader(Path(__file__).resolve().parents[1] / "templates"), autoescape=True)

# What each line of the summary counts: (name, label zh, label en, SQL with one parameter, the reporting year).
_COUNTS: tuple[tuple[str, str, str, str], ...] = (
    (
        "submissions",
        "收到的报送",
        "submissions received",
        "select count(*) from audit.submission where reporting_year = %s",
    ),
    ("refused", "未能接收的文件", "files not taken in", "select count(*) from ({refused}) r"),
    ("parsed", "解析的条目", "entries parsed", "select parsed from ({run}) r"),
    ("accepted", "接受", "entries accepted", "select accepted from ({run}) r"),
    ("flagged", "其中有提示", "of these flagged", "select flagged from ({run}) r"),
    ("quarantined", "隔离", "entries quarantined", "select quarantined from ({run}) r"),
    (
        "findings",
        "校验发现",
        "findings",
        "select count(*) from audit.validation_result where gate_run_id = (select gate_run_id from ({run}) r)",
    ),
    (
        "values",
        "指标事实",
        "indicator values in the star",
        "select count(*) from marts.v_indicator_value v join marts.dim_submission s using (submission_id)"
        " where s.reporting_year = %s",
    ),
    (
        "targets",
        "规划目标",
        "targets in the star",
        "select count(*) from marts.fct_indicator_target t join marts.dim_submission s using (submission_key)"
        " where s.reporting_year = %s",
    ),
)
_REFUSED = (
    "select subject, message from (select distinct on (subject) subject, status, message from audit.step_outcome"
    " where step in ('land', 'parse') and reporting_year = %s order by subject, outcome_id desc) newest"
    " where status = 'refused' order by subject"
)
_PUBLISHED_IN_STAR = (
    "update marts.fct_submission_lifecycle as f set published_at = e.first_at"
    " from marts.dim_submission as s join (select submission_id, min(occurred_at) as first_at"
    " from audit.submission_event where status = 'published' group by submission_id) as e using (submission_id)"
    " where f.submission_key = s.submission_key and f.published_at is distinct from e.first_at"
)
_SHARED_PAGES = (
    ("validation report", "校验报告", "{run}.html"),
    ("validation (English)", "校验报告（英文）", "{run}.en.html"),
    ("dbt docs", "dbt 文档", "dbt_docs/index.html"),
)
"""Pages that are not of one year: (name, name in Chinese, path below the reports folder)."""
_ALL_RUNS = "data_docs/index.html"
_RUN_PAGE = "select docs_path from audit.gate_run where reporting_year = %s order by finished_at desc limit 1"
_RUN = "select * from audit.gate_run where reporting_year = %s order by finished_at desc limit 1"


@dataclass(frozen=True)
class Count:
    """One figure of the summary, with its label in both languages."""

    name: str
    label_zh: str
    label_en: str
    value: int | None


@dataclass(frozen=True)
class ReportOutcome:
    """What a year's run came to, and where its pages are. A count is None where that step has not run yet."""

    reporting_year: int
    counts: tuple[Count, ...]
    problems: tuple[str, ...]
    warehouse: str
    pages: dict[str, str]
    run: RunSummary | None = None

    def summary(self) -> str:
        """The summary for a terminal."""
        lines = [f"Reporting year {self.reporting_year}"]
        lines += [f"  {c.label_en:<30} {'-' if c.value is None else format(c.value, ','):>9}" for c in self.counts]
        lines += self.run.lines() if self.run else []
        if self.problems:
            lines += ["", "Not taken in:", *(f"  {line}" for line in self.problems)]
        lines += [
            "",
            "Where to look:",
            f"  {'warehouse':<20} {self.warehouse}   (URL with password: .venv/bin/hiw dsn)",
        ]
        lines += [f"  {name:<20} {place}" for name, place in self.pages.items()]
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """The same, structured."""
        return asdict(self) | {"counts": {count.name: count.value for count in self.counts}}


def summarise(reporting_year: int) -> ReportOutcome:
    """Counts of the newest state of a reporting year, and the pages that exist."""
    with database.connect(autocommit=True) as connection:
        counts = tuple(
            Count(name, zh, en, _count(connection, query, reporting_year)) for name, zh, en, query in _COUNTS
        )
        problems = tuple(_located(*row) for row in connection.execute(_REFUSED, [reporting_year]))
        run = connection.execute(_RUN_PAGE, [reporting_year]).fetchone()
        address = urlsplit(database.dsn())
    return ReportOutcome(
        reporting_year,
        counts,
        problems,
        f"{address.hostname}:{address.port or 5432}{address.path}",
        _pages(run[0] if run else None),
    )


def publish(reporting_year: int, *, run_id: str) -> ReportOutcome:
    """Write the summary page of a year, the audit report of every hospital and the answer to every submission under the
    reports folder, and mark the accepted submissions as published.

    Publishing an unchanged year again rewrites the same page and adds no event. The build before could not know of the
    publication that follows it: what the star says of that is brought up to date here, so that the next build of an
    unchanged warehouse finds nothing to change.
    """
    started = now()
    with database.connect() as connection:
        locks.take_in_transaction(connection)
        due = connection.execute(
            "select submission_id from audit.submission_status where reporting_year = %s"
            " and status in ('accepted', 'flagged') and (published_at is null or published_at < status_at)"
            " order by submission_id",
            [reporting_year],
        ).fetchall()
        for (submission_id,) in due:
            registry.add_event(connection, submission_id, "published", run_id=run_id)
        _tell_star(connection)
        connection.commit()
        outcome = summarise(reporting_year)
        record(
            connection,
            run_id=run_id,
            step="report",
            subject=str(reporting_year),
            reporting_year=reporting_year,
            status="done",
            rows_out=len(due),
            message=f"{len(due)} submissions published",
            started_at=started,
        )
        connection.commit()
        counts = {count.name: count.value for count in outcome.counts}
        run = summarise_run(connection, run_id=run_id, reporting_year=reporting_year, counts=counts, now=now())
    outcome = replace(outcome, run=run)
    with database.connect(autocommit=True) as connection:
        write_files(connection, reporting_year)
    _write_pages(outcome)
    _write_front_page()
    written = {
        f"{name} {reporting_year}": str(settings().reports_dir / str(reporting_year) / page)
        for name, page in (("summary", "index.html"), ("audit reports", "hospitals.html"))
    } | {"all years": str(settings().reports_dir / "index.html")}
    return replace(outcome, pages=outcome.pages | written)


def _write_pages(outcome: ReportOutcome) -> None:
    folder = settings().reports_dir / str(outcome.reporting_year)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "summary.json").write_text(
        json.dumps(outcome.to_json(), ensure_ascii=False, indent=2, default=str) + "\n", encoding="utf-8"
    )
    (folder / "index.html").write_text(
        _TEMPLATES.get_template("summary.html.j2").render(outcome=outcome, links=_links(outcome.pages, folder)),
        encoding="utf-8",
    )


def _write_front_page() -> None:
    """The page that opens the reports folder, and where it is served, its address: every year, and what is of all."""
    folder = settings().reports_dir
    shared = [(zh, name, path.format(run=_ALL_RUNS.removesuffix(".html"))) for name, zh, path in _SHARED_PAGES]
    (folder / "index.html").write_text(
        _TEMPLATES.get_template("reports.html.j2").render(
            years=sorted((path.parent.name for path in folder.glob("[0-9]*/index.html")), reverse=True),
            shared=[page for page in shared if (folder / page[2]).exists()],
        ),
        encoding="utf-8",
    )


def _tell_star(connection: psycopg.Connection) -> None:
    """Write the times of publication into the star, where there is one."""
    try:
        with connection.transaction():
            connection.execute(_PUBLISHED_IN_STAR)
    except psycopg.errors.UndefinedTable:  # not built yet
        return


def _count(connection: psycopg.Connection, query: str, reporting_year: int) -> int | None:
    try:
        row = connection.execute(query.format(run=_RUN, refused=_REFUSED), [reporting_year]).fetchone()
    except psycopg.errors.UndefinedTable:  # the star is not built yet
        return None
    return int(row[0]) if row and row[0] is not None else None


def _located(subject: str, message: str) -> str:
    """A message that begins with the file's name begins with its year and hospital: many send a return.xlsx. What to do
    follows in Chinese."""
    path = PurePosixPath(subject)
    located = "/".join((*path.parts[-3:-1], message)) if message.startswith(path.name) else message
    return f"{located} {refusal_zh(message)}".strip()


def _pages(run_page: str | None) -> dict[str, str]:
    """Pages for people that exist now, by what they are. ``run_page`` is the year's page in Data Docs, in Chinese."""
    reports = settings().reports_dir
    run = (run_page or _ALL_RUNS).removesuffix(".html")
    known = {
        **{name: reports / path.format(run=run) for name, _, path in _SHARED_PAGES},
        **{f"summary {path.parent.name}": path for path in sorted(reports.glob("[0-9]*/index.html"))},
        **{f"audit reports {path.parent.name}": path for path in sorted(reports.glob("[0-9]*/hospitals.html"))},
    }
    return {name: str(path) for name, path in known.items() if path.exists()}


def _links(pages: dict[str, str], folder: Path) -> dict[str, str]:
    """``pages`` as links relative to ``folder``, so that the reports folder can be moved or served."""
    return {
        f"{zh} {name}": Path(os.path.relpath(pages[name], folder)).as_posix()
        for name, zh, _ in _SHARED_PAGES
        if name in pages
    } | {
        "审核报告与反馈表 audit reports and feedback workbooks": "hospitals.html",
        "全部年度 all years": "../index.html",
    }
