-- A table, not a view: it condenses every disposition there is.
{{ config(materialized='table') }}

-- A submission without a single entry is looked at by rules only.
with looked_at as (
    select
        gate_run_id,
        submission_id
    from {{ source('audit', 'entry_disposition') }}
    union
    select
        gate_run_id,
        submission_id
    from {{ source('audit', 'rule_outcome') }}
    union
    select
        gate_run_id,
        submission_id
    from {{ source('audit', 'validation_result') }}
)

select
    looked_at.gate_run_id,
    looked_at.submission_id,
    gate_run.started_at,
    gate_run.finished_at,
    row_number() over (
        partition by looked_at.submission_id
        order by gate_run.finished_at desc, looked_at.gate_run_id desc
    ) = 1 as is_newest
from looked_at
inner join {{ source('audit', 'gate_run') }} as gate_run on looked_at.gate_run_id = gate_run.gate_run_id
