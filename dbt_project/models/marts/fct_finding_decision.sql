{{ config(
    materialized='incremental',
    incremental_strategy='restate',
    meta={'restated_by': ['submission_key'], 'restated_in': 'int_submission__reviewed'},
) }}

with decision as (
    select
        verification_id as decision_no,
        'verification' as decision_kind,
        finding_id,
        submission_id,
        rule_id,
        hospital_code,
        reporting_year,
        line_code,
        period_code,
        stated,
        expected,
        is_withdrawal,
        cast(null as date) as expires_on,
        reason,
        decided_by,
        login,
        source,
        decided_at,
        is_standing
    from {{ ref('stg_audit__verification') }}
    union all
    select
        waiver_id as decision_no,
        'waiver' as decision_kind,
        finding_id,
        submission_id,
        rule_id,
        hospital_code,
        reporting_year,
        line_code,
        period_code,
        stated,
        expected,
        is_withdrawal,
        expires_on,
        reason,
        decided_by,
        login,
        source,
        decided_at,
        is_standing
    from {{ ref('stg_audit__waiver') }}
)

select
    reviewed.hospital_key,
    reviewed.submission_key,
    decision.decision_kind,
    decision.decision_no,
    rule.rule_key,
    period.period_key,
    decision.finding_id,
    decision.line_code,
    decision.stated,
    decision.expected,
    decision.is_withdrawal,
    decision.is_standing,
    decision.expires_on,
    decision.reason,
    decision.decided_by,
    decision.login,
    decision.source,
    decision.decided_at
from decision
inner join {{ ref('int_submission__reviewed') }} as reviewed on decision.submission_id = reviewed.submission_id
left join {{ ref('dim_rule') }} as rule on decision.rule_id = rule.rule_id
left join {{ ref('dim_period') }} as period on decision.period_code = period.period_code
