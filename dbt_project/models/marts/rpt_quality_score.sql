with item as (
    select
        hospital_key,
        reporting_year,
        count(*) as items,
        count(*) filter (where is_submitted) as items_submitted,
        sum(records) filter (where is_submitted) as records,
        sum(complete) filter (where is_submitted) as complete,
        sum(valid_and_complete) filter (where is_submitted) as valid_and_complete,
        avg(item_score) as mean_item_score,
        avg(coverage) as mean_coverage
    from {{ ref('dq_item_score') }}
    group by hospital_key, reporting_year
),

form as (
    select
        hospital.hospital_key,
        form.reporting_year,
        count(*) filter (where form.is_owed) as forms_owed,
        count(*) filter (where form.is_received) as forms_received,
        count(*) filter (where form.is_accepted) as forms_accepted,
        count(*) filter (where form.is_owed and form.is_on_time) as forms_on_time
    from {{ ref('int_quality__form') }} as form
    inner join {{ ref('int_hospital__version') }} as hospital
        on
            form.hospital_code = hospital.hospital_code
            and make_date(form.reporting_year, 12, 31) >= hospital.applies_from
            and make_date(form.reporting_year, 12, 31) < hospital.applies_to
    group by hospital.hospital_key, form.reporting_year
),

finding as (
    select
        hospital.hospital_key,
        submission.reporting_year,
        count(*) filter (where fact.disposition = 'open') as findings_open,
        count(*) filter (where fact.disposition = 'verified') as findings_verified,
        count(*) filter (where fact.disposition = 'waived') as findings_waived,
        count(*) filter (where fact.disposition = 'resolved') as findings_resolved
    from {{ ref('fct_validation_result') }} as fact
    inner join {{ ref('stg_audit__submission') }} as submission on fact.submission_key = submission.submission_key
    -- The version of the year's end: that of the fact is the one of the figure's period.
    inner join {{ ref('int_hospital__version') }} as hospital
        on
            submission.hospital_code = hospital.hospital_code
            and make_date(submission.reporting_year, 12, 31) >= hospital.applies_from
            and make_date(submission.reporting_year, 12, 31) < hospital.applies_to
    where fact.is_newest and fact.outcome = 'failed'
    group by hospital.hospital_key, submission.reporting_year
)

select
    item.hospital_key,
    item.reporting_year,
    -- Nothing submitted: no item has a score, and the whole is 0.
    trim_scale(round({{ dqmi('coalesce(item.mean_item_score, 0)', 'item.mean_coverage') }}, 1)) as score,
    trim_scale(round(100 * item.mean_item_score, 2)) as item_score_pct,
    trim_scale(round(100 * item.complete / nullif(item.records, 0), 2)) as completeness_pct,
    trim_scale(round(100 * item.valid_and_complete / nullif(item.complete, 0), 2)) as validity_pct,
    trim_scale(round(100 * item.mean_coverage, 2)) as coverage_pct,
    trim_scale(round(100.0 * form.forms_on_time / nullif(form.forms_owed, 0), 2)) as timeliness_pct,
    item.items,
    item.items_submitted,
    coalesce(form.forms_owed, 0) as forms_owed,
    coalesce(form.forms_received, 0) as forms_received,
    coalesce(form.forms_accepted, 0) as forms_accepted,
    coalesce(form.forms_on_time, 0) as forms_on_time,
    coalesce(finding.findings_open, 0) as findings_open,
    coalesce(finding.findings_verified, 0) as findings_verified,
    coalesce(finding.findings_waived, 0) as findings_waived,
    coalesce(finding.findings_resolved, 0) as findings_resolved
from item
left join form
    on
        item.hospital_key = form.hospital_key
        and item.reporting_year = form.reporting_year
left join finding
    on
        item.hospital_key = finding.hospital_key
        and item.reporting_year = finding.reporting_year
