-- Ephemeral: the reading views of figures take it in, so that none of them stands on another, and each reads with the
-- rights of who asks.
{{ config(materialized='ephemeral') }}

select
    hospital.hospital_code,
    hospital.hospital_name_zh,
    submission.form,
    indicator.indicator_code,
    indicator.line_code,
    indicator.name_zh as label_zh,
    case when not department.is_whole_hospital then department.department_name_zh end as department_name,
    period.label_zh as period_label,
    period.year,
    fact.value,
    fact.value_high,
    fact.grade,
    fact.comparator,
    fact.unit,
    fact.numerator,
    fact.denominator,
    fact.is_flagged,
    submission.submission_id,
    submission.revision,
    fact.locator,
    fact.quote,
    fact.valid_from,
    fact.valid_to,
    fact.is_current,
    fact.is_cleared,
    fact.role
from {{ ref('fct_indicator_value') }} as fact
inner join {{ ref('dim_hospital') }} as hospital on fact.hospital_key = hospital.hospital_key
inner join {{ ref('dim_indicator') }} as indicator on fact.indicator_key = indicator.indicator_key
inner join {{ ref('dim_period') }} as period on fact.period_key = period.period_key
inner join {{ ref('dim_department') }} as department on fact.department_key = department.department_key
inner join {{ ref('dim_submission') }} as submission on fact.submission_key = submission.submission_key
