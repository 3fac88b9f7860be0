-- Every required line of the form in every full submission: whether a figure for the reporting year stands in it. Where
-- nothing of an indicator was filled in, that is one finding at its first line, not one at each.
-- An empty cell lends its locator, so that the clerk is sent to the cell to fill in.
insert into gate.completeness_check (
    submission_id, entry_id, form, reporting_year, line_code, period, year, locator, stated, expected, indicator_code,
    is_present, is_indicator_present
)
with in_year as (
    select
        base_key,
        line_code,
        bool_or(
            value is not null
            or is_number is false
            or (value_type in ('grade', 'text') and stated != '' and coalesce(notes_text, '') !~ '\mcleared\M')
        ) as is_present,
        min(locator) as locator
    from gate.entry_check
    where entry_kind = 'value' and is_line_known and year = reporting_year
    group by base_key, line_code
),

-- Of every indicator its required lines; those that are optional still tell that the indicator was not left out.
line as (
    select
        b.submission_id,
        b.form,
        b.reporting_year,
        l.line_code,
        l.label_zh,
        l.requirement,
        coalesce(l.indicator_code, l.line_code) as indicator_code,
        i.locator,
        coalesce(i.is_present, false) as is_present,
        count(*) filter (where i.is_present) over one_indicator as lines_present,
        row_number() over (one_indicator order by l.requirement = 'required' desc, l.ordinal) as position_no
    from gate.batch_submission as b
    inner join reference.form_line as l on b.form = l.form and l.requirement != 'none'
    left join in_year as i on b.base_key = i.base_key and l.line_code = i.line_code
    where b.submission_key = b.base_key and b.revision_kind = 'full'
    window one_indicator as (partition by b.submission_id, coalesce(l.indicator_code, l.line_code))
)

select
    submission_id,
    null::bigint as entry_id,
    form,
    reporting_year,
    line_code,
    reporting_year::text as period,
    reporting_year as year,
    locator,
    '' as stated,
    label_zh as expected,
    indicator_code,
    case when lines_present > 0 then is_present end as is_present,
    case when position_no = 1 then lines_present > 0 end as is_indicator_present
from line
where requirement = 'required'
