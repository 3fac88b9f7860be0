select
    hospital.hospital_code,
    coalesce(period.year, submission.reporting_year) as year,
    fact.section_no,
    fact.section_title_zh as section_title,
    fact.item_no,
    fact.lead_departments,
    left(fact.item_text, 60) as text_start,
    fact.targets
from {{ ref('fct_work_item') }} as fact
inner join {{ ref('dim_hospital') }} as hospital on fact.hospital_key = hospital.hospital_key
inner join {{ ref('dim_submission') }} as submission on fact.submission_key = submission.submission_key
inner join {{ ref('dim_period') }} as period on fact.period_key = period.period_key
where fact.is_current
