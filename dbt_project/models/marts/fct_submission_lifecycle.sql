select
    hospital.hospital_key,
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
from {{ ref('stg_audit__submission') }} as submission
left join {{ ref('int_submission__count') }} as counted on submission.submission_key = counted.submission_key
left join {{ ref('stg_audit__gate_run_submission') }} as gate_run
    on
        submission.submission_id = gate_run.submission_id
        and gate_run.is_newest
left join {{ ref('int_hospital__version') }} as hospital
    on
        submission.hospital_code = hospital.hospital_code
        and make_date(submission.reporting_year, 12, 31) >= hospital.applies_from
        and make_date(submission.reporting_year, 12, 31) < hospital.applies_to
