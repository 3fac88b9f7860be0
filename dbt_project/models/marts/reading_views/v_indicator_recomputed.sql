select
    hospital.hospital_code,
    submission.form,
    indicator.indicator_code,
    indicator.line_code,
    indicator.name_zh as label_zh,
    indicator.formula,
    period.year,
    fact.value as value_stated,
    trim_scale(round(fact.value_recomputed, 6)) as value_recomputed,
    trim_scale(round(fact.value - fact.value_recomputed, 6)) as difference,
    {{ within_rounding('fact.value', 'fact.value_recomputed', 'fact.stated_decimals') }} as is_within_rounding,
    fact.numerator,
    fact.denominator,
    fact.unit,
    fact.is_flagged,
    submission.submission_id,
    submission.revision,
    fact.locator
from {{ ref('fct_indicator_value') }} as fact
inner join {{ ref('dim_hospital') }} as hospital on fact.hospital_key = hospital.hospital_key
inner join {{ ref('dim_submission') }} as submission on fact.submission_key = submission.submission_key
inner join {{ ref('dim_indicator') }} as indicator on fact.indicator_key = indicator.indicator_key
inner join {{ ref('dim_period') }} as period on fact.period_key = period.period_key
where
    fact.is_current
    and not fact.is_cleared
    and fact.value_recomputed is not null
