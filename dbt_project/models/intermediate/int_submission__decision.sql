-- A table, so that what joins every entry with it is planned on how many there are.
{{ config(materialized='table') }}

with compared as (
    select
        submission_id,
        gate_run_id,
        finished_at,
        digest,
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

numbered as (
    select
        *,
        count(*) filter (where is_changed) over (
            partition by submission_id
            order by finished_at, gate_run_id
        ) as decision_no
    from compared
)

select
    submission_id,
    gate_run_id,
    digest,
    first_value(gate_run_id) over same_decision as decided_in,
    first_value(finished_at) over same_decision as decided_at,
    row_number() over (
        partition by submission_id
        order by finished_at desc, gate_run_id desc
    ) = 1 as is_newest
from numbered
window same_decision as (
    partition by submission_id, decision_no
    order by finished_at, gate_run_id
)
