select
    gate_run_id,
    submission_id,
    started_at,
    finished_at,
    row_number() over (
        partition by submission_id
        order by finished_at desc, gate_run_id desc
    ) = 1 as is_newest
from {{ ref('stg_audit__gate_run_decision') }}
