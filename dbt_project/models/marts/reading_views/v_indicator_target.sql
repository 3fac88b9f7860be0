select
    hospital.hospital_code,
    indicator.indicator_code,
    indicator.name_zh as label_zh,
    fact.section_zh as section,
    case when not department.is_whole_hospital then department.department_name_zh end as department_name,
    horizon.period_code as horizon,
    fact.baseline_value,
    fact.comparator,
    fact.kind,
    fact.value,
    fact.value_high,
    fact.grade,
    fact.unit,
    fact.is_per_year,
    fact.raw_text,
    fact.locator
from {{ ref('fct_indicator_target') }} as fact
inner join {{ ref('dim_hospital') }} as hospital on fact.hospital_key = hospital.hospital_key
inner join {{ ref('dim_indicator') }} as indicator on fact.indicator_key = indicator.indicator_key
inner join {{ ref('dim_period') }} as horizon on fact.horizon_key = horizon.period_key
inner join {{ ref('dim_department') }} as department on fact.department_key = department.department_key
inner join {{ ref('dim_submission') }} as submission on fact.submission_key = submission.submission_key
where
    fact.is_current
    -- A plan with a table tells its targets again in its text: those are in v_claim.
    and submission.form is distinct from 'plan_text'
