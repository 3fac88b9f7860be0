-- Every required line of the form in every full submission: whether a figure for the reporting year stands in it. Where
-- nothing of an indicator was filled in, that is one finding at its first line, not one at each.
-- A cell that is empty, or says that there is nothing, lends its locator: the clerk is sent to the cell to fill in.
insert into gate.completeness_check (
    submission_id, entry_id, form, reporting_year, line_code, period, year, locator, stated, expected, indicator_code,
    is_present, is_indicator_present
)
with line as (
    -- Of every indicator the first of its required lines speaks for the whole.
    select
        form,
        line_code,
        label_zh,
        requirement,
        coalesce(indicator_code, line_code) as indicator_code,
        row_number() over (
            partition by form, coalesce(indicator_code, line_code)
            order by requirement = 'required' desc, ordinal
        ) = 1 as is_first
    from reference.form_line
    where requirement != 'none'
),

in_year as (
    select
        e.base_key,
        e.line_code,
        l.indicator_code,
        bool_or(
            e.value is not null
            or e.is_number is false
            or (e.value_type in ('grade', 'text') and e.stated != '' and coalesce(e.notes_text, '') !~ '\mcleared\M')
        ) as is_present,
        min(e.locator) as locator
    from gate.entry_check as e
    inner join line as l on e.form = l.form and e.line_code = l.line_code
    where e.entry_kind = 'value' and e.is_line_known and e.year = e.reporting_year
    group by e.base_key, e.line_code, l.indicator_code
),

-- Lines that are optional still tell that the indicator was not left out.
indicator_in_year as (
    select
        base_key,
        indicator_code
    from in_year
    group by base_key, indicator_code
    having bool_or(is_present)
),

-- As the parser found them in the file.
empty_cell as (
    select
        b.base_key,
        c.key as line_code,
        min(c.value) as locator
    from gate.batch_submission as b
    inner join audit.submission_event as v on b.submission_id = v.submission_id and v.status = 'parsed'
    cross join lateral jsonb_each_text(v.detail -> 'empty_cells') as c
    where b.submission_key = b.base_key
    group by b.base_key, c.key
)

select
    b.submission_id,
    null::bigint as entry_id,
    b.form,
    b.reporting_year,
    l.line_code,
    b.reporting_year::text as period,
    b.reporting_year as year,
    coalesce(i.locator, m.locator) as locator,
    '' as stated,
    l.label_zh as expected,
    l.indicator_code,
    case when a.base_key is not null then coalesce(i.is_present, false) end as is_present,
    case when l.is_first then a.base_key is not null end as is_indicator_present
from gate.batch_submission as b
inner join line as l on b.form = l.form and l.requirement = 'required'
left join in_year as i on b.base_key = i.base_key and l.line_code = i.line_code
left join indicator_in_year as a on b.base_key = a.base_key and l.indicator_code = a.indicator_code
left join empty_cell as m on b.base_key = m.base_key and l.line_code = m.line_code
where b.submission_key = b.base_key and b.revision_kind = 'full'
