select
    hospital.hospital_code,
    submission.form,
    submission.reporting_year,
    period.year,
    fact.line_code,
    rule.rule_id,
    rule.severity,
    rule.kind,
    fact.outcome,
    fact.stated,
    fact.expected,
    fact.locator,
    rule.title_zh,
    rule.remedy_zh,
    -- Asked on the day of reading: a waiver that has expired since the build stops counting at once.
    case
        when fact.disposition = 'waived' and fact.waived_until < current_date then 'open'
        else fact.disposition
    end as disposition,
    submission.submission_id,
    submission.revision
from {{ ref('fct_validation_result') }} as fact
inner join {{ ref('dim_hospital') }} as hospital on fact.hospital_key = hospital.hospital_key
inner join {{ ref('dim_submission') }} as submission on fact.submission_key = submission.submission_key
inner join {{ ref('dim_rule') }} as rule on fact.rule_key = rule.rule_key
left join {{ ref('dim_period') }} as period on fact.period_key = period.period_key
where fact.is_newest
