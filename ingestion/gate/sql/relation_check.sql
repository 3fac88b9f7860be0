-- Lines that must agree, and lines of which one bounds the other, within the rounding of the coarser stated of the two.
insert into gate.relation_check (
    submission_id, entry_id, form, reporting_year, line_code, period, year, locator, relation, other_line_code, stated,
    expected, difference, tolerance, deviation
)
with figure as materialized (
    select *
    from gate.entry_check
    where entry_kind = 'value' and copy_no = 1 and is_finite and is_line_known and year is not null
)

select
    f.submission_id,
    f.entry_id,
    f.form,
    f.reporting_year,
    f.line_code,
    f.period,
    f.year,
    f.locator,
    r.relation,
    r.other_line_code,
    f.stated,
    case r.relation when 'at_most' then '≤ ' else '' end || o.stated || ' (' || r.other_line_code || ')' as expected,
    f.value - o.value as difference,
    t.tolerance,
    case r.relation when 'at_most' then f.value - o.value else abs(f.value - o.value) end / t.tolerance as deviation
from figure as f
inner join reference.line_relation as r on f.form = r.form and f.line_code = r.line_code
inner join figure as o
    on
        f.base_submission_id = o.base_submission_id
        and f.department_key = o.department_key
        and r.other_line_code = o.line_code
        and f.year = o.year
cross join lateral (
    select 0.5 * power(10::numeric, -least(f.stated_decimals, o.stated_decimals)) as tolerance
) as t
