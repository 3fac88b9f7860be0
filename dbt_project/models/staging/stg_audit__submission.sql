-- As it stands when a build begins, for all of its models: what is accepted while it runs is seen by the next.
{{ config(
    materialized='incremental',
    incremental_strategy='mirror',
    unique_key='submission_id',
    indexes=[{'columns': ['submission_id'], 'unique': true}],
) }}

with events as (
    select
        submission_id,
        min(occurred_at) filter (where status in ('accepted', 'flagged')) as accepted_at,
        min(occurred_at) filter (where status = 'parsed') as parsed_at,
        min(occurred_at) filter (where status = 'rejected') as rejected_at,
        min(occurred_at) filter (where status = 'superseded') as superseded_at,
        min(occurred_at) filter (where status = 'withdrawn') as withdrawn_at,
        min(occurred_at) filter (where status = 'published') as published_at,
        -- Being published is a time, not a status: what was accepted stays accepted.
        max(event_id) filter (where status <> 'published') as newest_event_id
    from {{ source('audit', 'submission_event') }}
    group by submission_id
)

select
    {{ hash_key(['submission.submission_id']) }} as submission_key,
    submission.submission_id,
    submission.hospital_code,
    submission.reporting_year,
    submission.form,
    submission.revision,
    submission.revision_kind,
    cast(submission.sha256 as text) as sha256,
    submission.file_name,
    submission.size_bytes,
    submission.received_at,
    coalesce(newest.status, 'received') as status,
    coalesce(newest.occurred_at, submission.received_at) as status_at,
    events.parsed_at,
    events.accepted_at,
    events.rejected_at,
    events.superseded_at,
    events.withdrawn_at,
    events.published_at
from {{ source('audit', 'submission') }} as submission
left join events on submission.submission_id = events.submission_id
left join {{ source('audit', 'submission_event') }} as newest on events.newest_event_id = newest.event_id
