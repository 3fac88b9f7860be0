-- The figures that formulas and relations join. A figure is taken to be rounded to the decimals it states; a count is
-- exact, unless it is told in 万 or 亿.
insert into gate.figure (
    check_id, base_key, department_key, form, line_code, year, value, half_unit, decimals_unit, is_prior
)
select
    e.check_id,
    e.base_key,
    e.department_key,
    e.form,
    e.line_code,
    e.year,
    e.value,
    case when e.value_type = 'integer' and e.stated_decimals >= 0 then 0 else u.decimals_unit end as half_unit,
    u.decimals_unit,
    false as is_prior
from gate.entry_check as e
cross join lateral (select 0.5 * power(10::numeric, -e.stated_decimals) as decimals_unit) as u
where e.entry_kind = 'value' and e.copy_no = 1 and e.is_finite and e.is_line_known and e.year is not null
union all
select
    null::bigint as check_id,
    b.submission_key as base_key,
    p.department_key,
    p.form,
    p.line_code,
    p.year,
    p.value,
    case when p.is_count then 0 else p.decimals_unit end as half_unit,
    p.decimals_unit,
    true as is_prior
from gate.prior_figure as p
inner join gate.batch_submission as b
    on p.hospital_code = b.hospital_code and p.form = b.form and b.submission_key = b.base_key
where
    not exists (
        select from gate.entry_check as e
        where e.base_key = b.submission_key and e.year = p.year and e.entry_kind = 'value'
    )
