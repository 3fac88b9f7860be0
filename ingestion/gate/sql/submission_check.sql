-- Every submission of the batch as it was sent, before any patch was laid over it.
insert into gate.submission_check (
    submission_id, form, reporting_year, revision_kind, stated, expected, entries, figures_in_year, known_line_pct
)
with own as (
    select
        e.submission_id,
        count(*) as entries,
        count(*) filter (where e.value is not null and e.period = b.reporting_year::text) as figures_in_year,
        100.0 * count(l.line_code) / nullif(count(*) filter (where e.entry_kind = 'value'), 0) as known_line_pct
    from gate.batch_submission as b
    inner join raw.entry as e on b.submission_id = e.submission_id
    left join reference.form_line as l on b.form = l.form and e.line_code = l.line_code and e.entry_kind = 'value'
    group by e.submission_id
)

select
    b.submission_id,
    b.form,
    b.reporting_year,
    b.revision_kind,
    coalesce(o.entries, 0)::text as stated,
    b.reporting_year::text as expected,
    coalesce(o.entries, 0) as entries,
    case when f.entry_kind = 'value' then coalesce(o.figures_in_year, 0) end as figures_in_year,
    case when exists (select from reference.form_line as l where l.form = b.form) then round(o.known_line_pct, 1) end
        as known_line_pct
from gate.batch_submission as b
left join own as o on b.submission_id = o.submission_id
left join reference.form as f on b.form = f.form
