with stated as (
    select
        submission_key,
        entry_id,
        period_key,
        role,
        direction,
        subject_zh,
        comparator,
        value,
        value_high,
        grade,
        unit,
        value_raw as raw_text,
        is_flagged,
        locator,
        quote,
        is_current
    from {{ ref('fct_indicator_value') }}
    union all
    select
        submission_key,
        entry_id,
        horizon_key as period_key,
        'target' as role,
        direction,
        cast(null as text) as subject_zh,
        comparator,
        value,
        value_high,
        grade,
        unit,
        raw_text,
        is_flagged,
        locator,
        quote,
        is_current
    from {{ ref('fct_indicator_target') }}
)

select
    hospital.hospital_code,
    hospital.hospital_name_zh,
    submission.form,
    submission.reporting_year,
    claim.measure_zh,
    stated.role,
    stated.direction,
    stated.subject_zh as subject,
    period.period_code as period,
    period.year,
    stated.comparator,
    stated.value,
    stated.value_high,
    stated.grade,
    stated.unit,
    stated.raw_text,
    claim.mapped_by,
    mapped.catalogue,
    mapped.indicator_code,
    mapped.line_code,
    mapped.name_zh as indicator_name_zh,
    proposed.form as proposed_form,
    proposed.line_code as proposed_line_code,
    proposed.name_zh as proposed_name_zh,
    claim.proposal_score,
    stated.is_flagged,
    submission.submission_id,
    submission.revision,
    stated.locator,
    stated.quote
from {{ ref('fct_claim') }} as claim
inner join stated
    on
        claim.submission_key = stated.submission_key
        and claim.entry_id = stated.entry_id
inner join {{ ref('dim_hospital') }} as hospital on claim.hospital_key = hospital.hospital_key
inner join {{ ref('dim_period') }} as period on stated.period_key = period.period_key
inner join {{ ref('dim_submission') }} as submission on claim.submission_key = submission.submission_key
left join {{ ref('dim_indicator') }} as mapped on claim.indicator_key = mapped.indicator_key
left join {{ ref('dim_indicator') }} as proposed on claim.proposed_indicator_key = proposed.indicator_key
where stated.is_current
