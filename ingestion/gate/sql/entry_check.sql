-- The effective entries of the batch, with what the rules of a single entry look at.
insert into gate.entry_check (
    submission_id, entry_id, base_key, form, reporting_year, revision_kind, entry_kind, line_code, period,
    year, department_key, locator, stated, value, stated_decimals, value_type, copy_no, is_line_known, is_number,
    is_finite, percent_bounded, percent_open, percent_growth, count_value, count_fraction, quantity_value,
    is_within_limits, limits_text, unit_stated, unit_expected, is_unit_as_expected, notes_text, years_ahead
)
with submission as materialized (
    select
        *,
        count(*) over (partition by base_key) > 1 as is_patched
    from gate.batch_submission
),

-- Not kept: most submissions are not patched, and those that are can be read by themselves.
batch_entry as not materialized (
    select
        b.base_key,
        b.form,
        b.reporting_year,
        b.revision,
        b.revision_kind,
        e.submission_id,
        e.entry_id,
        e.ordinal,
        e.entry_kind,
        e.line_code,
        e.period,
        e.locator,
        e.value_raw,
        e.value,
        e.stated_decimals,
        e.unit_raw,
        e.notes,
        coalesce(e.department_name, '') as department_key,
        coalesce(e.line_code, e.label_raw, e.locator) as line_key,
        b.is_patched
    from submission as b
    inner join raw.reading as e on b.submission_id = e.submission_id
),

effective as (
    select *
    from batch_entry
    where not is_patched
    union all
    -- Where patches were sent, an entry counts if none newer has its line, period and department.
    select (newest.e).*
    from (
        select
            e,
            e.revision = max(e.revision) over (
                partition by e.base_key, e.entry_kind, e.line_key, e.period, e.department_key
            ) as is_newest
        from batch_entry as e
        where e.is_patched
    ) as newest
    where newest.is_newest
),

repeated as (
    select
        submission_id,
        line_key,
        period,
        department_key
    from effective
    where entry_kind = 'value'
    group by submission_id, line_key, period, department_key
    having count(*) > 1
),

copied as (
    select
        e.submission_id,
        e.entry_id,
        row_number() over (
            partition by e.submission_id, e.line_key, e.period, e.department_key
            -- The row of which code and name go together is the line itself.
            order by e.notes && array['label_differs', 'code_differs'], e.ordinal, e.entry_id
        ) as copy_no
    from repeated as r
    inner join effective as e
        on
            r.submission_id = e.submission_id
            and r.line_key = e.line_key
            and r.period is not distinct from e.period
            and r.department_key = e.department_key
            and e.entry_kind = 'value'
),

formula as (
    select distinct
        form,
        line_code,
        formula_kind
    from reference.formula_term
),

bounded as (
    -- A share cannot exceed 100 where its numerator is part of its denominator.
    select
        n.form,
        n.line_code
    from reference.formula_term as n
    inner join reference.formula_term as d on n.form = d.form and n.line_code = d.line_code
    inner join reference.line_relation as r
        on
            n.form = r.form
            and n.term_line_code = r.line_code
            and d.term_line_code = r.other_line_code
            and r.relation = 'at_most'
    where n.formula_kind = 'ratio' and n.coefficient = 1 and d.coefficient = -1
),

line as (
    select
        l.form,
        l.line_code,
        l.value_type,
        nullif(l.unit, '') as unit,
        m.line_code is not null as has_limits,
        m.low,
        m.high,
        case
            when l.value_type != 'percent' or m.line_code is not null then null
            when f.formula_kind = 'growth' then 'growth'
            when f.formula_kind is null or b.line_code is not null then 'bounded'
            else 'open'
        end as percent_kind
    from reference.form_line as l
    left join formula as f on l.form = f.form and l.line_code = f.line_code
    left join bounded as b on l.form = b.form and l.line_code = b.line_code
    left join reference.line_limit as m on l.form = m.form and l.line_code = m.line_code
),

form_with_lines as (
    select distinct form
    from reference.form_line
)

select
    e.submission_id,
    e.entry_id,
    e.base_key,
    e.form,
    e.reporting_year,
    e.revision_kind,
    e.entry_kind,
    e.line_code,
    e.period,
    case when e.period ~ '^[0-9]{4}$' then e.period::integer end as year,
    e.department_key,
    e.locator,
    e.value_raw as stated,
    e.value,
    coalesce(e.stated_decimals, scale(trim_scale(e.value))) as stated_decimals,
    l.value_type,
    case when e.entry_kind = 'value' then coalesce(c.copy_no, 1) end as copy_no,
    case when e.entry_kind = 'value' and f.form is not null then l.line_code is not null end as is_line_known,
    case
        when
            e.entry_kind = 'value'
            and (
                l.value_type in ('integer', 'number', 'percent', 'ratio')
                -- Whatever a line is to hold, it is none of these.
                or e.notes && array['error_value', 'formula_without_value', 'date', 'datetime', 'time', 'timedelta', 'bool']
            )
            and (e.value is not null or 'not_a_number' = any(e.notes))
            then e.value is not null
    end as is_number,
    abs(e.value) < 'Infinity'::numeric and e.value != 'NaN'::numeric as is_finite,
    case when l.percent_kind = 'bounded' then e.value end as percent_bounded,
    case when l.percent_kind = 'open' then e.value end as percent_open,
    case when l.percent_kind = 'growth' then e.value end as percent_growth,
    case when l.value_type = 'integer' and not l.has_limits then e.value end as count_value,
    case when l.value_type = 'integer' and abs(e.value) < 'Infinity'::numeric then e.value - trunc(e.value) end
        as count_fraction,
    case when l.value_type in ('number', 'ratio') and not l.has_limits then e.value end as quantity_value,
    case
        when l.has_limits and (l.low is not null or l.high is not null)
            then e.value between coalesce(l.low, '-Infinity') and coalesce(l.high, 'Infinity')
    end as is_within_limits,
    case
        when l.low is not null and l.high is not null then l.low || ' – ' || l.high
        when l.low is not null then '≥ ' || l.low
        when l.high is not null then '≤ ' || l.high
    end as limits_text,
    nullif(e.unit_raw, '') as unit_stated,
    l.unit as unit_expected,
    case
        when l.unit is null or e.entry_kind != 'value' then null
        when 'unit_differs' = any(e.notes) then false
        when e.unit_raw is null or e.unit_raw in ('', '--', '-', '/', '—') then null
        else
            e.unit_raw = l.unit
            or lower(replace(normalize(e.unit_raw, nfkc), ' ', '')) = lower(replace(normalize(l.unit, nfkc), ' ', ''))
    end as is_unit_as_expected,
    case when cardinality(e.notes) > 0 then array_to_string(e.notes, ' ') end as notes_text,
    case
        when e.entry_kind = 'value' and e.period ~ '^[0-9]{4}$' then e.period::integer - e.reporting_year
    end as years_ahead
from effective as e
left join copied as c on e.submission_id = c.submission_id and e.entry_id = c.entry_id
left join line as l on e.form = l.form and e.line_code = l.line_code
left join form_with_lines as f on e.form = f.form
