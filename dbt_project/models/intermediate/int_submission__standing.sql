-- Small, and joined by every history: a table.
{{ config(materialized='table') }}

with accepted as (
    select
        submission_id,
        submission_key,
        hospital_code,
        form,
        reporting_year,
        revision,
        revision_kind,
        accepted_at,
        -- Taken back after it had been accepted: it stops being known at that moment.
        case when status in ('withdrawn', 'rejected', 'unreadable') then status_at end as retracted_at
    from {{ ref('stg_audit__submission') }}
    where accepted_at is not null
)

select
    submission_id,
    submission_key,
    hospital_code,
    form,
    reporting_year,
    revision,
    revision_kind,
    accepted_at,
    -- Closed by the first acceptance of a later full revision. A revision that is taken back later does not
    -- bring its predecessor back: what stands again has to be submitted again.
    least(
        retracted_at,
        min(accepted_at) filter (where revision_kind = 'full') over (
            partition by hospital_code, reporting_year, form
            order by revision desc
            rows between unbounded preceding and 1 preceding
        )
    ) as closed_at
from accepted
