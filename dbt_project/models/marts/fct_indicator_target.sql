{{ config(
    materialized='incremental',
    incremental_strategy='restate',
    post_hook="{{ as_known_function('indicator_target_as_known_at') }}"
) }}

with indicators as (
    select * from {{ ref('dim_indicator') }}
)

select
    hospital.hospital_key,
    entry.submission_key,
    entry.entry_id,
    coalesce(line.indicator_key, named.indicator_key) as indicator_key,
    horizon.period_key as horizon_key,
    department.department_key,
    entry.section_raw as section_zh,
    entry.row_raw as row_no,
    history.occurrence_no,
    entry.target_kind as kind,
    entry.comparator,
    entry.value,
    entry.value_high,
    entry.grade,
    entry.unit,
    entry.direction,
    entry.benchmark,
    entry.is_per_year,
    entry.baseline_value,
    entry.baseline_high,
    entry.baseline_raw,
    entry.detail ->> 'baseline_period' as baseline_period,
    entry.detail ->> 'change_basis' as change_basis,
    entry.value_raw as raw_text,
    entry.is_flagged,
    entry.locator,
    entry.quote,
    history.valid_from,
    history.valid_to,
    history.valid_to is null as is_current
from {{ ref('int_entry__restated') }} as entry
inner join {{ ref('int_indicator_target__history') }} as history
    on
        entry.submission_id = history.submission_id
        and entry.entry_id = history.entry_id
        and entry.known_from = history.valid_from
left join {{ ref('dim_period') }} as horizon on entry.period_code = horizon.period_code
-- A plan belongs to the hospital as it was when it planned.
left join {{ ref('int_hospital__version') }} as hospital
    on
        entry.hospital_code = hospital.hospital_code
        and make_date(entry.reporting_year, 12, 31) >= hospital.applies_from
        and make_date(entry.reporting_year, 12, 31) < hospital.applies_to
left join indicators as line
    on
        history.form = line.form
        and history.line_code = line.line_code
        and entry.reporting_year >= coalesce(line.since_year, 0)
        and entry.reporting_year <= coalesce(line.until_year, 9999)
left join indicators as named on history.name_key = named.local_name_key
left join {{ ref('dim_department') }} as department
    on
        entry.hospital_code = department.hospital_code
        and history.department_name_key = department.department_name_key
