-- Every figure of the reporting year beside that of the year before, both above 0. Changes are looked at as logarithms,
-- so that a doubling and a halving weigh alike. What a growth line says is itself a change, and is left out.
insert into gate.trend_check (
    submission_id, entry_id, form, reporting_year, line_code, period, year, locator, stated, expected, value_type, factor,
    size, own_changes, own_score, peer_changes, peer_score, scale_slip
)
with formula as (
    select distinct
        form,
        line_code,
        formula_kind,
        case when formula_kind = 'ratio' then first_value(term_line_code) over w end as numerator_line_code
    from reference.formula_term
    window w as (partition by form, line_code order by term_no)
),

line as (
    select
        l.form,
        l.line_code,
        l.value_type,
        coalesce(n.line_code, case when l.value_type = 'integer' then l.line_code end) as counted_line_code
    from reference.form_line as l
    left join formula as f on l.form = f.form and l.line_code = f.line_code
    left join reference.form_line as n
        on f.form = n.form and f.numerator_line_code = n.line_code and n.value_type = 'integer'
    where l.value_type in ('integer', 'number', 'percent', 'ratio') and f.formula_kind is distinct from 'growth'
),

reporting as (
    select
        submission_key as base_key,
        reporting_year
    from gate.batch_submission
    where submission_key = base_key
),

change as (
    select
        f.check_id,
        f.base_key,
        f.form,
        f.line_code,
        f.value,
        b.value as previous,
        f.year = r.reporting_year as is_current,
        ln(f.value::double precision / b.value::double precision) as log_change
    from gate.figure as f
    inner join reporting as r on f.base_key = r.base_key
    inner join gate.figure as b
        on
            f.base_key = b.base_key
            and f.line_code = b.line_code
            and f.department_key = b.department_key
            and f.year - 1 = b.year
    where f.department_key = '' and f.value > 0 and b.value > 0
),

own_median as (
    select
        base_key,
        line_code,
        count(*) as changes,
        percentile_cont(0.5) within group (order by log_change) as median
    from change
    where not is_current
    group by base_key, line_code
),

own as (
    select
        m.base_key,
        m.line_code,
        m.changes,
        m.median,
        1.4826 * percentile_cont(0.5) within group (order by abs(c.log_change - m.median)) as deviation
    from own_median as m
    inner join change as c on m.base_key = c.base_key and m.line_code = c.line_code and not c.is_current
    group by m.base_key, m.line_code, m.changes, m.median
),

peer_median as (
    select
        form,
        line_code,
        count(*) as changes,
        percentile_cont(0.5) within group (order by log_change) as median
    from change
    where is_current
    group by form, line_code
),

peer as (
    select
        m.form,
        m.line_code,
        m.changes,
        m.median,
        1.4826 * percentile_cont(0.5) within group (order by abs(c.log_change - m.median)) as deviation
    from peer_median as m
    inner join change as c on m.form = c.form and m.line_code = c.line_code and c.is_current
    group by m.form, m.line_code, m.changes, m.median
)

select
    e.submission_id,
    e.entry_id,
    e.form,
    e.reporting_year,
    e.line_code,
    e.period,
    e.year,
    e.locator,
    e.stated,
    trim_scale(c.previous) || ' (' || e.year - 1 || ')' as expected,
    l.value_type,
    exp(abs(c.log_change)) as factor,
    coalesce(least(n.value, m.value), 'Infinity') as size,
    coalesce(o.changes, 0) as own_changes,
    abs(c.log_change - o.median) / greatest(o.deviation, 1e-6) as own_score,
    p.changes as peer_changes,
    abs(c.log_change - p.median) / greatest(p.deviation, 1e-6) as peer_score,
    case
        when l.value_type = 'percent' and exp(abs(c.log_change)) between 50 and 200 then 2
        when l.value_type in ('integer', 'number') and exp(abs(c.log_change)) between 5e3 and 2e4 then 4
        when l.value_type in ('integer', 'number') and exp(abs(c.log_change)) between 5e7 and 2e8 then 8
        else 0
    end as scale_slip
from change as c
inner join gate.entry_check as e on c.check_id = e.check_id
inner join line as l on c.form = l.form and c.line_code = l.line_code
inner join peer as p on c.form = p.form and c.line_code = p.line_code
left join own as o on c.base_key = o.base_key and c.line_code = o.line_code
left join gate.figure as n
    on c.base_key = n.base_key and l.counted_line_code = n.line_code and n.department_key = '' and e.year = n.year
left join gate.figure as m
    on c.base_key = m.base_key and l.counted_line_code = m.line_code and m.department_key = '' and e.year - 1 = m.year
where c.is_current
