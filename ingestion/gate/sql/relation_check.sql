-- Lines that must agree, and lines of which one bounds the other, within the rounding of the coarser stated of the two.
insert into gate.relation_check (
    submission_id, entry_id, form, reporting_year, line_code, period, year, locator, relation, other_line_code, stated,
    expected, difference, tolerance, deviation
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
    r.relation,
    r.other_line_code,
    e.stated,
    case r.relation when 'at_most' then '≤ ' else '' end || p.stated || ' (' || r.other_line_code || ')' as expected,
    f.value - o.value as difference,
    t.tolerance,
    (case r.relation when 'at_most' then f.value - o.value else abs(f.value - o.value) end / t.tolerance)::double precision
        as deviation
from gate.figure as f
inner join reference.line_relation as r on f.form = r.form and f.line_code = r.line_code
inner join gate.figure as o
    on
        f.base_key = o.base_key
        and f.department_key = o.department_key
        and r.other_line_code = o.line_code
        and f.year = o.year
inner join gate.entry_check as e on f.check_id = e.check_id
inner join gate.entry_check as p on o.check_id = p.check_id
cross join lateral (select greatest(f.decimals_unit, o.decimals_unit) as tolerance) as t
