{{ config(
    materialized='incremental',
    incremental_strategy='restate',
    meta={'restated_by': ['hospital_key', 'reporting_year'], 'restated_in': 'int_hospital_year__reviewed'},
) }}

with item as (
    select
        score.hospital_key,
        score.reporting_year,
        count(*) as items,
        count(*) filter (where score.is_submitted) as items_submitted,
        sum(score.records) filter (where score.is_submitted) as records,
        sum(score.complete) filter (where score.is_submitted) as complete,
        sum(score.valid_and_complete) filter (where score.is_submitted) as valid_and_complete,
        avg(score.item_score) as mean_item_score,
        avg(score.coverage) as mean_coverage
    from {{ ref('int_hospital_year__reviewed') }} as reviewed
    inner join {{ ref('dq_item_score') }} as score
        on
            reviewed.hospital_key = score.hospital_key
            and reviewed.reporting_year = score.reporting_year
    group by score.hospital_key, score.reporting_year
),

form as (
    select
        reviewed.hospital_key,
        form.reporting_year,
        count(*) filter (where form.is_owed) as forms_owed,
        count(*) filter (where form.is_received) as forms_received,
        count(*) filter (where form.is_accepted) as forms_accepted,
        count(*) filter (where form.is_owed and form.is_on_time) as forms_on_time
    from {{ ref('int_hospital_year__reviewed') }} as reviewed
    inner join {{ ref('int_quality__form') }} as form
        on
            reviewed.hospital_code = form.hospital_code
            and reviewed.reporting_year = form.reporting_year
    group by reviewed.hospital_key, form.reporting_year
),

finding as (
    select
        -- The version of the year's end: that of the fact is the one of the figure's period.
        reviewed.hospital_key,
        reviewed.reporting_year,
        count(*) filter (where fact.disposition = 'open') as findings_open,
        count(*) filter (where fact.disposition = 'verified') as findings_verified,
        count(*) filter (where fact.disposition = 'waived') as findings_waived,
        count(*) filter (where fact.disposition = 'resolved') as findings_resolved
    from {{ ref('int_submission__reviewed') }} as reviewed
    inner join {{ ref('fct_validation_result') }} as fact on reviewed.submission_key = fact.submission_key
    where fact.is_newest and fact.outcome = 'failed'
    group by reviewed.hospital_key, reviewed.reporting_year
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
