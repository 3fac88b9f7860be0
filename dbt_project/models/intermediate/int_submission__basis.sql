{{ config(materialized='table') }}

select
    submission.submission_id,
    submission.submission_key,
    submission.hospital_code,
    md5(concat_ws(
        '|',
        submission.revision_kind,
        extract(epoch from submission.accepted_at),
        -- Being published changes no figure.
        case when submission.status in ('withdrawn', 'rejected', 'unreadable') then submission.status end,
        case
            when submission.status in ('withdrawn', 'rejected', 'unreadable')
                then extract(epoch from submission.status_at)
        end,
        decided.digest,
        -- A decision that was reversed and came back is another one, known since its return.
        extract(epoch from decided.decided_at)
    )) as basis
from {{ ref('stg_audit__submission') }} as submission
left join {{ ref('int_submission__decision') }} as decided
    on
        submission.submission_id = decided.submission_id
        and decided.is_newest
