-- Every rate, ratio and mean of the reporting year beside the same line of all hospitals that sent in the same form.
-- Amounts and counts are left out: they follow the size of a hospital.
insert into gate.peer_check (
    submission_id, entry_id, form, reporting_year, line_code, period, year, locator, stated, expected, value_type, peers,
    factor, size, score
)
with line as (
    select distinct on (l.form, l.line_code)
        l.form,
        l.line_code,
        l.value_type,
        n.line_code as counted_line_code
    from reference.form_line as l
    inner join reference.formula_term as t
        on l.form = t.form and l.line_code = t.line_code and t.formula_kind in ('ratio', 'chain')
    left join reference.form_line as n
        on t.form = n.form and t.term_line_code = n.line_code and t.term_no = 1 and n.value_type = 'integer'
    order by l.form, l.line_code, t.term_no
),

compared as (
    select
        f.check_id,
        f.base_key,
        f.form,
        f.line_code,
        f.year,
        f.value::double precision as value,
        l.value_type,
        l.counted_line_code
    from gate.figure as f
    inner join line as l on f.form = l.form and f.line_code = l.line_code
    inner join gate.batch_submission as b on f.base_key = b.submission_key and f.year = b.reporting_year
    where f.department_key = '' and not f.is_prior
),

middle as (
    select
        form,
        line_code,
        count(*) as peers,
        percentile_cont(0.5) within group (order by value) as median
    from compared
    group by form, line_code
),

spread as (
    select
        m.form,
        m.line_code,
        m.peers,
        m.median,
        1.4826 * percentile_cont(0.5) within group (order by abs(c.value - m.median)) as deviation
    from middle as m
    inner join compared as c on m.form = c.form and m.line_code = c.line_code
    group by m.form, m.line_code, m.peers, m.median
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
    '≈ ' || trim_scale(round(s.median::numeric, 2)) || ' (n = ' || s.peers || ')' as expected,
    c.value_type,
    s.peers,
    case when c.value > 0 and s.median > 0 then greatest(c.value / s.median, s.median / c.value) end as factor,
    coalesce(n.value, 'Infinity') as size,
    abs(c.value - s.median) / greatest(s.deviation, 1e-6) as score
from compared as c
inner join spread as s on c.form = s.form and c.line_code = s.line_code
inner join gate.entry_check as e on c.check_id = e.check_id
left join gate.figure as n
    on c.base_key = n.base_key and c.counted_line_code = n.line_code and n.department_key = '' and c.year = n.year
