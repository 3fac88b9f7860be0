{{ config(
    materialized='incremental',
    incremental_strategy='restate',
    meta={'restated_by': ['submission_key'], 'restated_in': 'int_submission__reviewed'},
) }}

select
    reviewed.hospital_key,
    submission.submission_key,
    submission.received_at,
    submission.parsed_at,
    gate_run.finished_at as validated_at,
    submission.accepted_at,
    submission.rejected_at,
    submission.superseded_at,
    submission.withdrawn_at,
    submission.published_at,
    submission.status,
    coalesce(counted.parsed, 0) as parsed,
    case when counted.is_decided then counted.accepted end as accepted,
    case when counted.is_decided then counted.flagged end as flagged,
    case when counted.is_decided then counted.quarantined end as quarantined,
    cast(extract(epoch from submission.accepted_at - submission.received_at) / 3600 as numeric)
        as hours_to_acceptance
from {{ ref('int_submission__reviewed') }} as reviewed
inner join {{ ref('stg_audit__submission') }} as submission on reviewed.submission_id = submission.submission_id
left join {{ ref('int_submission__count') }} as counted on submission.submission_key = counted.submission_key
left join {{ ref('stg_audit__gate_run_submission') }} as gate_run
    on
        submission.submission_id = gate_run.submission_id
        and gate_run.is_newest
