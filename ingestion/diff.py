"""What a resubmission would change: every value, old and new, against what stands accepted."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from psycopg.rows import class_row

from ingestion.store.registry import unknown_submission

# The standing values: of the same hospital, form and year, the newest accepted full revision before this one,
# overlaid value by value by the accepted patches after it; where that year says nothing, what the returns of the years
# before it say. Keys are those of the star (int_indicator_value, int_indicator_target__history), names as read today.
_DIFF = """
with this as (
    select * from audit.submission_status where submission_id = %(submission)s
),
earlier as (
    select s.*, s.reporting_year = this.reporting_year as is_same_year,
        s.status in ('accepted', 'flagged', 'superseded') as is_known
    from audit.submission_status as s, this
    where s.hospital_code = this.hospital_code and s.form = this.form
        and (s.reporting_year, s.revision) < (this.reporting_year, this.revision)
        and exists (
            select from audit.submission_event as v
            where v.submission_id = s.submission_id and v.status in ('accepted', 'flagged')
        )
),
base as (
    select coalesce(max(revision) filter (where revision_kind = 'full' and is_same_year), 0) as revision from earlier
),
compared as (
    select submission_id, reporting_year, revision, true as is_new from this
    union all
    select earlier.submission_id, earlier.reporting_year, earlier.revision, false from earlier, base
    where is_known and case when is_same_year then earlier.revision >= base.revision else status <> 'superseded' end
),
reading as (
    select c.reporting_year, c.revision, c.is_new, r.*,
        coalesce(r.line_code, 'label:' || reference.name_key(r.label_raw)) as measure,
        r.entry_kind = 'target' or (r.entry_kind = 'claim' and r.role = 'target') as is_target
    from raw.reading as r
    join compared as c using (submission_id)
    where r.submission_id = any (array(select submission_id from compared))  -- by its key, in a warehouse of any size
),
keyed as (
    select *,
        case
            when 'cleared' = any (notes) then null
            when entry_kind = 'work_item' then jsonb_strip_nulls(jsonb_build_object(
                'text', value_raw, 'department', department_name
            ))
            else jsonb_strip_nulls(jsonb_build_object(
                'value', value_stated, 'value_high', value_high, 'grade', grade,
                'comparator', case when value_stated is not null then comparator end,
                'unit', case when line_code is null then coalesce(unit, unit_raw) end,
                'text', case when value_stated is null and grade is null then btrim(value_raw) end,
                'direction', direction, 'kind', target_kind, 'benchmark', benchmark,
                'is_per_year', nullif(is_per_year, false), 'baseline', baseline_value, 'baseline_high', baseline_high,
                'department', case when is_target then department_name end
            ))
        end as state,
        case
            when entry_kind = 'work_item' then concat_ws('|', entry_kind, detail ->> 'section_no', row_raw)
            else concat_ws('|',
                entry_kind, measure, period, case when is_target then section_raw else coalesce(
                    reference.name_key(department_name), '') end, subject, role)
        end as thing
    from reading
),
entry as (
    select *,
        -- A plan or report may state the same of the same thing more than once: the first with the first.
        thing || '|' || case when entry_kind in ('target', 'claim', 'work_item')
            then row_number() over (partition by submission_id, thing order by ordinal) else 1 end as value_key
    from keyed
),
old as (
    select distinct on (value_key) * from entry
    where not is_new and (entry_kind <> 'work_item' or reporting_year = (select reporting_year from this))
    order by value_key, reporting_year desc, revision desc, ordinal desc
),
new as (
    select distinct on (value_key) * from entry where is_new
    order by value_key, ordinal desc
)
select
    coalesce(new.line_code, old.line_code) as line_code,
    coalesce(new.label_raw, old.label_raw) as label,
    coalesce(new.period, old.period) as period,
    coalesce(new.department_name, old.department_name) as department,
    case when old.state is null then 'added' when new.state is null then 'removed' else 'changed' end as change,
    array(
        select key from jsonb_object_keys(old.state || new.state) as k (key)
        where old.state -> key is distinct from new.state -> key order by key
    ) as fields,
    old.value_raw as old_raw, old.unit_raw as old_unit,
    old.state as old, old.submission_id as old_submission, old.locator as old_locator,
    new.value_raw as new_raw, new.unit_raw as new_unit,
    new.state as new, new.locator as new_locator
from new
full join old using (value_key)
where (new.value_key is not null
        or ((select revision_kind from this) = 'full' and old.reporting_year = (select reporting_year from this)))
    and new.state is distinct from old.state
order by coalesce(new.ordinal, old.ordinal), 3
"""


@dataclass(frozen=True)
class Change:
    """One value that a submission adds, changes or removes, with both statements and where they stand.

    ``old`` and ``new`` are what is said, field by field (value, unit, comparator, text, baseline …), null where nothing
    is; ``fields`` names those of a changed value that differ. A figure of a line of the form is there in the unit of
    the line; ``old_unit`` and ``new_unit`` are those that the ones as written are in.
    """

    line_code: str | None
    label: str | None
    period: str | None
    department: str | None
    change: str
    fields: list[str]
    old_raw: str | None
    old_unit: str | None
    old: dict[str, Any] | None
    old_submission: str | None
    old_locator: str | None
    new_raw: str | None
    new_unit: str | None
    new: dict[str, Any] | None
    new_locator: str | None

    def to_json(self) -> dict[str, Any]:
        """Structured, for machines."""
        return asdict(self)

    def shown(self) -> tuple[str | None, str | None]:
        """The old and the new statement as written, each with the fields beside the figure that differ, and with its
        unit where that does."""
        return (
            self._shown(self.old_raw, self.old_unit, self.old),
            self._shown(self.new_raw, self.new_unit, self.new),
        )

    def _shown(self, raw: str | None, unit: str | None, said: dict[str, Any] | None) -> str | None:
        beside = [f"{field} {(said or {}).get(field) or '-'}" for field in self.fields if field not in _IN_FIGURE]
        if self.change == "changed" and self.old_unit != self.new_unit and "unit" not in self.fields:
            beside.append(f"unit {unit or '-'}")
        return f"{raw} ({', '.join(beside)})" if beside and said else raw


_IN_FIGURE = {"value", "value_high", "grade", "comparator", "text"}


def diff(connection: psycopg.Connection, submission_id: str) -> list[Change]:
    """Every value that ``submission_id`` changes against what stood accepted before it.

    A patch removes only what it clears by the form's marker; a full revision also removes what it leaves out. Figures
    of a year that an earlier return tells of too are compared with that one. Raises Problem for a submission that
    nobody registered.
    """
    if not connection.execute("select 1 from audit.submission where submission_id = %s", [submission_id]).fetchone():
        raise unknown_submission(submission_id)
    with connection.cursor(row_factory=class_row(Change)) as cursor:
        return cursor.execute(_DIFF, {"submission": submission_id}).fetchall()
