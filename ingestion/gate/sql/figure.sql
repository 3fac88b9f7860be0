-- The figures that formulas and relations join. A figure is taken to be rounded to the decimals it states; a count is
-- exact.
insert into gate.figure (check_id, base_key, department_key, form, line_code, year, value, half_unit, decimals_unit)
select
    e.check_id,
    e.base_key,
    e.department_key,
    e.form,
    e.line_code,
    e.year,
    e.value,
    case when e.value_type = 'integer' then 0 else u.decimals_unit end as half_unit,
    u.decimals_unit
from gate.entry_check as e
cross join lateral (select 0.5 * power(10::numeric, -e.stated_decimals) as decimals_unit) as u
where e.entry_kind = 'value' and e.copy_no = 1 and e.is_finite and e.is_line_known and e.year is not null
