{{ config(meta={'restated_by': ['hospital_code']}) }}

select
    hospital_code,
    hospital_name_zh,
    form,
    indicator_code,
    line_code,
    label_zh,
    department_name,
    period_label,
    year,
    value,
    value_high,
    grade,
    comparator,
    unit,
    numerator,
    denominator,
    is_flagged,
    submission_id,
    revision,
    locator,
    quote,
    valid_from,
    valid_to
from {{ ref('int_indicator_value__readable') }}
where
    is_current
    and not is_cleared
    -- By how much something changed is no figure of it.
    and role is distinct from 'change'
