-- Every target of a plan in the batch.
insert into gate.target_check (
    submission_id, entry_id, form, reporting_year, line_code, period, year, locator, stated, expected, target_kind,
    is_readable, range_width, baseline_stated, is_baseline_readable, is_unit_given
)
select
    c.submission_id,
    c.entry_id,
    c.form,
    c.reporting_year,
    c.line_code,
    c.period,
    c.year,
    c.locator,
    c.stated,
    e.label_raw as expected,
    e.target_kind,
    coalesce(e.target_kind, 'none') not in ('qualitative', 'none') as is_readable,
    e.value_high - e.value as range_width,
    e.baseline_raw as baseline_stated,
    case
        when e.baseline_raw is null or e.baseline_raw in ('', '/', '-', '--', '—', '无') then null
        else e.baseline_value is not null
    end as is_baseline_readable,
    case when e.value is not null and e.grade is null then e.unit is not null end as is_unit_given
from gate.entry_check as c
inner join raw.entry as e on c.submission_id = e.submission_id and c.entry_id = e.entry_id
where c.entry_kind = 'target'
