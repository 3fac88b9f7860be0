-- Every figure whose line has a formula: stated, recomputed from the lines as stated, and what rounding explains.
-- The rounding of the operands is carried to the result to first order.
insert into gate.formula_check (
    submission_id, entry_id, form, reporting_year, line_code, period, year, locator, formula_kind, stated, expected,
    recomputed, difference, tolerance, deviation, scale_slip, missing_operands
)
with reported_year as (
    select distinct
        base_key,
        year
    from gate.figure
    where not is_prior
),

operand as (
    select
        f.check_id,
        f.decimals_unit,
        t.formula_kind,
        t.multiplier,
        t.year_offset,
        t.coefficient,
        o.value,
        o.half_unit,
        case when o.value is null then t.term_line_code end as missing,
        o.value is not null or y.year is not null as is_expected
    from gate.figure as f
    inner join reference.formula_term as t on f.form = t.form and f.line_code = t.line_code
    left join gate.figure as o
        on
            f.base_key = o.base_key
            and f.department_key = o.department_key
            and t.term_line_code = o.line_code
            and f.year + t.year_offset = o.year
    left join reported_year as y on f.base_key = y.base_key and f.year + t.year_offset = y.year
    where not f.is_prior
),

gathered as (
    select
        check_id,
        decimals_unit,
        formula_kind,
        multiplier,
        count(missing) = 0 as is_complete,
        bool_and(is_expected) as is_expected,
        -- A total none of whose parts is given (an earlier year, say) claims nothing that could be checked.
        count(value) > 0 as is_claimed,
        array_agg(missing) filter (where missing is not null) as missing,
        sum(coefficient * value) as total,
        sum(half_unit) as total_half_unit,
        gate.product(case when coefficient = 1 then value end) as above,
        gate.product(case when coefficient = -1 then value end) as below,
        sum(half_unit / nullif(abs(value), 0)) as relative_half_unit,
        sum(half_unit) filter (where coefficient = 1) as above_half_unit,
        sum(half_unit) filter (where coefficient = -1) as below_half_unit
    from operand
    group by check_id, decimals_unit, formula_kind, multiplier
),

computed as (
    select
        check_id,
        decimals_unit,
        formula_kind,
        missing,
        case
            when not is_complete then null
            when formula_kind = 'sum' then total * multiplier
            when formula_kind = 'growth' then (above - below) * multiplier / nullif(below, 0)
            else above * multiplier / nullif(coalesce(below, 1), 0)
        end as recomputed,
        case
            when not is_complete then null
            when formula_kind = 'sum' then total_half_unit * multiplier
            when formula_kind = 'growth'
                then
                    multiplier * (
                        above_half_unit / nullif(abs(below), 0) + abs(above) * below_half_unit / nullif(below * below, 0)
                    )
            else abs(above * multiplier / nullif(coalesce(below, 1), 0)) * coalesce(relative_half_unit, 0)
        end as operand_rounding
    from gathered
    -- The first year of a return has no year before it: its growth cannot be checked, which is no finding.
    where is_expected and is_claimed
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
    c.formula_kind,
    e.stated,
    trim_scale(round(c.recomputed, greatest(e.stated_decimals, 2)))::text as expected,
    c.recomputed,
    e.value - c.recomputed as difference,
    t.tolerance,
    (abs(e.value - c.recomputed) / t.tolerance)::double precision as deviation,
    case
        when abs(e.value - c.recomputed) > t.tolerance then coalesce(k.power_of_ten, 0)
        when c.recomputed is not null then 0
    end as scale_slip,
    case
        when c.missing is not null
            then (select string_agg(m.line_code, ', ' order by m.line_code) from unnest(c.missing) as m (line_code))
    end as missing_operands
from computed as c
inner join gate.entry_check as e on c.check_id = e.check_id
cross join lateral (
    select c.decimals_unit + c.operand_rounding as tolerance
) as t
-- The power of ten by which the stated figure must be multiplied to agree: a fraction in place of a percentage, yuan in
-- place of ten thousand yuan. What agrees by being rounded away does not count.
left join lateral (
    select p.power_of_ten
    from unnest(array[-2, 2, -3, 3, -4, 4, -8, 8]) as p (power_of_ten)
    where
        abs(e.value - c.recomputed) > t.tolerance
        and abs(e.value * power(10::numeric, p.power_of_ten) - c.recomputed)
        <= least(c.decimals_unit * power(10::numeric, p.power_of_ten) + c.operand_rounding, 0.02 * abs(c.recomputed))
        and c.recomputed != 0
    limit 1
) as k on true
