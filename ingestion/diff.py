"""What a resubmission would change: every value, old and new, against what stands accepted."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import class_row

from ingestion.store.registry import unknown_submission

# The standing values: of the same hospital, form and year, the newest accepted full revision before this one,
# overlaid value by value by the accepted patches after it.
_DIFF = """
with this as (
    select * from audit.submission_status where submission_id = %(submission)s
),
earlier as (
    select s.* from audit.submission_status as s, this
    where s.hospital_code = this.hospital_code and s.form = this.form and s.reporting_year = this.reporting_year
        and s.revision < this.revision and s.status in ('accepted', 'flagged', 'superseded')
),
base as (
    select coalesce(max(revision) filter (where revision_kind = 'full'), 0) as revision from earlier
),
entry as (
    select e.*, s.revision,
        concat_ws('|', e.entry_kind, coalesce(e.line_code, e.label_raw), e.period, e.department_raw) as value_key
    from raw.entry as e
    join (select * from this union all select earlier.* from earlier, base where earlier.revision >= base.revision) as s
        using (submission_id)
),
old as (
    select distinct on (value_key) * from entry where submission_id <> %(submission)s
    order by value_key, revision desc, ordinal
),
new as (
    select distinct on (value_key) * from entry where submission_id = %(submission)s
    order by value_key, ordinal
)
select
    coalesce(new.line_code, old.line_code) as line_code,
    coalesce(new.label_raw, old.label_raw) as label,
    coalesce(new.period, old.period) as period,
    coalesce(new.department_raw, old.department_raw) as department,
    case
        when old.value_key is null then 'added'
        when new.value_key is null or 'cleared' = any (new.notes) then 'removed'
        else 'changed'
    end as change,
    old.value_raw as old_raw, old.value as old_value, old.submission_id as old_submission, old.locator as old_locator,
    new.value_raw as new_raw, new.value as new_value, new.locator as new_locator
from new
full join old using (value_key)
where (new.value_key is not null or (select revision_kind from this) = 'full')
    and (new.value, new.value_high, new.grade, new.value_raw is null or new.value is not null)
        is distinct from (old.value, old.value_high, old.grade, old.value_raw is null or old.value is not null)
order by coalesce(new.ordinal, old.ordinal), 3
"""


@dataclass(frozen=True)
class Change:
    """One value that a submission adds, changes or removes, with both statements and where they stand."""

    line_code: str | None
    label: str | None
    period: str | None
    department: str | None
    change: str
    old_raw: str | None
    old_value: Decimal | None
    old_submission: str | None
    old_locator: str | None
    new_raw: str | None
    new_value: Decimal | None
    new_locator: str | None

    def to_json(self) -> dict[str, Any]:
        """Structured, for machines."""
        return asdict(self)


def diff(connection: psycopg.Connection, submission_id: str) -> list[Change]:
    """Every value that ``submission_id`` changes against what stood accepted before it.

    A patch removes only what it clears by the form's marker; a full revision also removes what it leaves out.
    Raises Problem for a submission that nobody registered.
    """
    if not connection.execute("select 1 from audit.submission where submission_id = %s", [submission_id]).fetchone():
        raise unknown_submission(submission_id)
    with connection.cursor(row_factory=class_row(Change)) as cursor:
        return cursor.execute(_DIFF, {"submission": submission_id}).fetchall()
