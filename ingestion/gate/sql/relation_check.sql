-- Lines that must agree, lines of which one bounds the other, and parts that together cannot exceed a whole, within the
-- rounding of the coarser stated of the figures.
insert into gate.relation_check (
    submission_id, entry_id, form, reporting_year, line_code, period, year, locator, relation, other_line_code, stated,
    expected, difference, tolerance, deviation, scale_slip
)
with parts as (
    select
        f.check_id,
        f.value - sum(o.value) as difference,
        greatest(f.decimals_unit, max(o.decimals_unit)) as tolerance,
        sum(o.value) as total,
        string_agg(r.other_line_code, ' + ' order by r.other_line_code) as part_line_codes
    from gate.figure as f
    inner join reference.line_relation as r on f.form = r.form and f.line_code = r.line_code and r.relation = 'parts'
    inner join gate.figure as o
        on
            f.base_key = o.base_key
            and f.department_key = o.department_key
            and r.other_line_code = o.line_code
            and f.year = o.year
    where not f.is_prior
    group by f.check_id, f.value, f.decimals_unit
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
        as deviation,
    case
        when r.relation != 'same_as' then null
        when abs(f.value - o.value) > t.tolerance then coalesce(k.power_of_ten, 0)
        else 0
    end as scale_slip
from gate.figure as f
inner join reference.line_relation as r
    on f.form = r.form and f.line_code = r.line_code and r.relation in ('same_as', 'at_most')
inner join gate.figure as o
    on
        f.base_key = o.base_key
        and f.department_key = o.department_key
        and r.other_line_code = o.line_code
        and f.year = o.year
inner join gate.entry_check as e on f.check_id = e.check_id
inner join gate.entry_check as p on o.check_id = p.check_id
cross join lateral (select greatest(f.decimals_unit, o.decimals_unit) as tolerance) as t
left join lateral (
    select p.power_of_ten
    from unnest(array[-2, 2, -3, 3, -4, 4, -8, 8]) as p (power_of_ten)
    where
        r.relation = 'same_as'
        and abs(f.value - o.value) > t.tolerance
        and abs(f.value * power(10::numeric, p.power_of_ten) - o.value)
        <= least(f.decimals_unit * power(10::numeric, p.power_of_ten) + o.decimals_unit, 0.02 * abs(o.value))
        and o.value != 0
    limit 1
) as k on true
union all
select
    e.submission_id,
    e.entry_id,
    e.form,
    e.reporting_year,
    e.line_code,
    e.period,
    e.year,
    e.locator,
    'parts' as relation,
    p.part_line_codes as other_line_code,
    e.stated,
    '≥ ' || trim_scale(p.total) || ' (' || p.part_line_codes || ')' as expected,
    p.difference,
    p.tolerance,
    (-p.difference / p.tolerance)::double precision as deviation,
    null::integer as scale_slip
from parts as p
inner join gate.entry_check as e on p.check_id = e.check_id
