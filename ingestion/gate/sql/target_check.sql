-- Every target of a plan in the batch. Whether more is better is known where the target is named like an indicator of a
-- national return, or says so itself.
insert into gate.target_check (
    submission_id, entry_id, form, reporting_year, line_code, period, year, locator, stated, expected, target_kind,
    is_readable, range_width, baseline_stated, is_baseline_readable, is_unit_given, gain, step, previous_stated
)
with named_line as materialized (
    select
        n.name,
        min(direction) as direction
    from reference.form_line
    cross join lateral (select gate.plain_name(label_zh) as name) as n
    where direction is not null
    group by n.name
    having count(distinct direction) = 1
),

target as (
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
        e.label_raw,
        e.target_kind,
        e.value,
        e.value_high,
        e.unit,
        e.grade,
        e.baseline_raw,
        e.baseline_value,
        case
            when e.target_kind not in ('level', 'range') or e.is_per_year then null
            else
                case coalesce(n.direction, e.direction, case when e.comparator in ('<', '<=') then 'decrease' end)
                    when 'increase' then 1
                    when 'decrease' then -1
                end
        end as sense,
        lag(c.stated) over w as previous_stated,
        lag(e.value) over w as previous_value,
        first_value(e.value) over w as first_value,
        last_value(e.value) over (w rows between unbounded preceding and unbounded following) as last_value
    from gate.entry_check as c
    inner join raw.reading as e on c.submission_id = e.submission_id and c.entry_id = e.entry_id
    left join named_line as n on gate.plain_name(e.label_raw) = n.name
    where c.entry_kind = 'target'
    -- A trajectory: levels of one indicator, in one unit, for years that follow each other.
    window
        w as (
            partition by
                c.submission_id,
                gate.plain_name(e.label_raw),
                e.section_raw,
                e.unit,
                e.department_name,
                e.target_kind = 'level' and not coalesce(e.is_per_year, false) and c.year is not null and e.grade is null
            order by c.year, e.ordinal
        )
)

select
    submission_id,
    entry_id,
    form,
    reporting_year,
    line_code,
    period,
    year,
    locator,
    stated,
    label_raw as expected,
    target_kind,
    coalesce(target_kind, 'none') not in ('qualitative', 'none') as is_readable,
    value_high - value as range_width,
    baseline_raw as baseline_stated,
    case
        when baseline_raw is null or baseline_raw in ('', '/', '-', '--', '—', '无') then null
        else baseline_value is not null
    end as is_baseline_readable,
    case when value is not null and grade is null then unit is not null end as is_unit_given,
    -- Of a range, the end that asks for most.
    sense * (case when sense = 1 then coalesce(value_high, value) else value end - baseline_value) as gain,
    case
        when target_kind = 'level' and year is not null and grade is null
            then coalesce(sense, sign(last_value - first_value)) * (value - previous_value)
    end as step,
    previous_stated
from target
