-- Every required line of the form in every full submission: whether a figure for the reporting year stands in it.
-- An empty cell lends its locator, so that the clerk is sent to the cell to fill in.
insert into gate.completeness_check (
    submission_id, entry_id, form, reporting_year, line_code, period, year, locator, stated, expected, is_present
)
with in_year as (
    select
        base_key,
        line_code,
        bool_or(coalesce(value is not null, false) or is_number is false or (value_type in ('grade', 'text') and stated != '' and coalesce(notes_text, '') !~ '\mcleared\M'))
            as is_present,
        min(locator) as locator
    from gate.entry_check
    where entry_kind = 'value' and is_line_known and year = reporting_year
    group by base_key, line_code
)

select
    b.submission_id,
    null::bigint as entry_id,
    b.form,
    b.reporting_year,
    l.line_code,
    b.reporting_year::text as period,
    b.reporting_year as year,
    i.locator,
    '' as stated,
    l.label_zh as expected,
    coalesce(i.is_present, false) as is_present
from gate.batch_submission as b
inner join reference.form_line as l on b.form = l.form and l.requirement = 'required'
left join in_year as i on b.base_key = i.base_key and l.line_code = i.line_code
where b.submission_key = b.base_key and b.revision_kind = 'full'
