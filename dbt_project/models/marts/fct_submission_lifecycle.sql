with parsed as (
    select
        submission_id,
        count(*) as entries
    from {{ ref('stg_raw__parsed_entry') }}
    group by submission_id
),

decided as (
    select
        submission_id,
        count(*) filter (where disposition in ('accepted', 'flagged')) as accepted,
        count(*) filter (where disposition = 'flagged') as flagged,
        count(*) filter (where disposition = 'quarantined') as quarantined
    from {{ ref('stg_audit__entry_disposition') }}
    group by submission_id
)

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
    coalesce(parsed.entries, 0) as parsed,
    decided.accepted,
    decided.flagged,
    decided.quarantined,
    cast(extract(epoch from submission.accepted_at - submission.received_at) / 3600 as numeric)
        as hours_to_acceptance
from {{ ref('stg_audit__submission') }} as submission
left join parsed on submission.submission_id = parsed.submission_id
left join decided on submission.submission_id = decided.submission_id
left join {{ ref('stg_audit__gate_run_submission') }} as gate_run
    on
        submission.submission_id = gate_run.submission_id
        and gate_run.is_newest
left join {{ ref('int_hospital__version') }} as hospital
    on
        submission.hospital_code = hospital.hospital_code
        and make_date(submission.reporting_year, 12, 31) >= hospital.applies_from
        and make_date(submission.reporting_year, 12, 31) < hospital.applies_to
