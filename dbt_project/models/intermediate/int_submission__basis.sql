-- As it stands when a build begins: what is accepted while it runs is seen by the next one.
{{ config(materialized='table') }}

with compared as (
    select
        submission_id,
        digest,
        finished_at,
        gate_run_id,
        coalesce(
            digest != lag(digest) over (
                partition by submission_id
                order by finished_at, gate_run_id
            ),
            true
        ) as is_changed
    from {{ ref('stg_audit__gate_run_decision') }}
    where digest is not null
),

-- The decision that stands and since when: one that was reversed and came back is another, known since its return.
decided as (
    select distinct on (submission_id)
        submission_id,
        digest,
        finished_at
    from compared
    where is_changed
    order by submission_id asc, finished_at desc, gate_run_id desc
)

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
        extract(epoch from decided.finished_at)
    )) as basis
from {{ ref('stg_audit__submission') }} as submission
left join decided on submission.submission_id = decided.submission_id
