{{ config(
    materialized='incremental',
    incremental_strategy='restate',
    indexes=[{'columns': ['indicator_key', 'period_key']}],
    post_hook="{{ as_known_function('indicator_value_as_known_at') }}"
) }}

with indicators as (
    select * from {{ ref('dim_indicator') }}
)

select
    hospital.hospital_key,
    value.submission_key,
    value.entry_id,
    coalesce(line.indicator_key, named.indicator_key) as indicator_key,
    period.period_key,
    department.department_key,
    value.value,
    value.value_high,
    value.grade,
    value.comparator,
    value.unit,
    recomputed.numerator,
    recomputed.denominator,
    recomputed.value_recomputed,
    cast(value.stated_decimals as integer) as stated_decimals,
    value.role,
    value.direction,
    value.subject_zh,
    value.is_flagged,
    value.is_cleared,
    value.correction_id is not null as is_corrected,
    value.correction_id,
    value.value_stated,
    value.value_raw,
    value.locator,
    value.quote,
    greatest(value.valid_from, recomputed.known_from) as valid_from,
    least(value.valid_to, recomputed.known_to) as valid_to,
    least(value.valid_to, recomputed.known_to) is null as is_current,
    value.let_in_at
from {{ ref('int_indicator_value__history') }} as value
-- Left joins into NOT NULL keys: a figure that finds no member of a dimension stops the build, it is not dropped.
left join {{ ref('dim_period') }} as period on value.period_code = period.period_code
left join {{ ref('int_hospital__version') }} as hospital
    on
        value.hospital_code = hospital.hospital_code
        and coalesce(period.end_date, make_date(value.reporting_year, 12, 31)) >= hospital.applies_from
        and coalesce(period.end_date, make_date(value.reporting_year, 12, 31)) < hospital.applies_to
left join indicators as line
    on
        value.form = line.form
        and value.line_code = line.line_code
        and coalesce(period.year, value.reporting_year) >= coalesce(line.since_year, 0)
        and coalesce(period.year, value.reporting_year) <= coalesce(line.until_year, 9999)
left join indicators as named
    on
        value.line_code is null
        and value.measure = 'label:' || named.local_name_key
left join {{ ref('dim_department') }} as department
    on
        value.hospital_code = department.hospital_code
        and value.department_name_key = department.department_name_key
left join {{ ref('int_indicator_value__recomputed') }} as recomputed
    on
        value.submission_id = recomputed.submission_id
        and value.line_code = recomputed.line_code
        and value.period_code = recomputed.period_code
        and value.department_name_key = recomputed.department_name_key
        -- Where an operand was corrected while the figure stood, a row for each result.
        and coalesce(value.valid_from < recomputed.known_to, true)
        and coalesce(value.valid_to > recomputed.known_from, true)
