-- Lines that must agree, lines of which one bounds the other, and parts that together cannot exceed a whole, within the
-- rounding of the coarser stated of the figures.
insert into gate.relation_check (
    submission_id, entry_id, form, reporting_year, line_code, period, year, locator, relation, other_line_code, stated,
    expected, difference, tolerance, deviation, scale_slip
)
with related as (
    select
        f.check_id,
        o.check_id as other_check_id,
        r.relation,
        r.line_code,
        r.other_line_code,
        f.value,
        o.value as other_value,
        f.decimals_unit,
        o.decimals_unit as other_decimals_unit,
        greatest(f.decimals_unit, o.decimals_unit) as tolerance
    from gate.figure as f
    inner join reference.line_relation as r
        on f.form = r.form and f.line_code = r.line_code and r.relation in ('same_as', 'at_most')
    inner join gate.figure as o
        on
            f.base_key = o.base_key
            and f.department_key = o.department_key
            and r.other_line_code = o.line_code
            and f.year = o.year
),

odd_one as (
    -- Several lines agree with each other and not with the one that all of them repeat: that one is to be looked at.
    select other_check_id
    from related
    where relation = 'same_as'
    group by other_check_id
    having count(*) > 1 and bool_and(abs(value - other_value) > tolerance) and min(value) = max(value)
),

compared as (
    select
        r.check_id,
        r.other_check_id,
        r.relation,
        r.other_line_code,
        r.value,
        case when r.relation = 'same_as' and n.other_check_id is not null then r.value else r.other_value end
            as other_value,
        r.decimals_unit,
        r.other_decimals_unit,
        r.tolerance
    from related as r
    left join odd_one as n on r.other_check_id = n.other_check_id
    union all
    select
        r.other_check_id as check_id,
        min(r.check_id) as other_check_id,
        r.relation,
        string_agg(r.line_code, ', ' order by r.line_code) as other_line_code,
        r.other_value as value,
        max(r.value) as other_value,
        r.other_decimals_unit as decimals_unit,
        max(r.decimals_unit) as other_decimals_unit,
        max(r.tolerance) as tolerance
    from related as r
    inner join odd_one as n on r.other_check_id = n.other_check_id
    where r.relation = 'same_as'
    group by r.other_check_id, r.relation, r.other_value, r.other_decimals_unit
),

parts as (
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
    c.relation,
    c.other_line_code,
    e.stated,
    case c.relation when 'at_most' then '≤ ' else '' end || p.stated || ' (' || c.other_line_code || ')' as expected,
    c.value - c.other_value as difference,
    c.tolerance,
    (
        case c.relation when 'at_most' then c.value - c.other_value else abs(c.value - c.other_value) end / c.tolerance
    )::double precision as deviation,
    case
        when c.relation != 'same_as' then null
        when abs(c.value - c.other_value) > c.tolerance then coalesce(k.power_of_ten, 0)
        else 0
    end as scale_slip
from compared as c
inner join gate.entry_check as e on c.check_id = e.check_id
inner join gate.entry_check as p on c.other_check_id = p.check_id
left join lateral (
    select p.power_of_ten
    from unnest(array[-2, 2, -3, 3, -4, 4, -8, 8]) as p (power_of_ten)
    where
        c.relation = 'same_as'
        and abs(c.value - c.other_value) > c.tolerance
        and abs(c.value * power(10::numeric, p.power_of_ten) - c.other_value)
        <= least(c.decimals_unit * power(10::numeric, p.power_of_ten) + c.other_decimals_unit, 0.02 * abs(c.other_value))
        and c.other_value != 0
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
