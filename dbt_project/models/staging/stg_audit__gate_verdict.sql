-- A table, not a view: it condenses every disposition there is, and many models ask for the newest run.
{{ config(materialized='table') }}

with verdicts as (
    select
        gate_run_id,
        submission_id,
        count(*) as parsed,
        count(*) filter (where disposition in ('accepted', 'flagged')) as accepted,
        count(*) filter (where disposition = 'flagged') as flagged,
        count(*) filter (where disposition = 'quarantined') as quarantined
    from {{ source('audit', 'entry_disposition') }}
    group by gate_run_id, submission_id
),

-- A submission without a single entry is looked at by rules only.
looked_at as (
    select
        gate_run_id,
        submission_id
    from verdicts
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
    coalesce(verdicts.parsed, 0) as parsed,
    coalesce(verdicts.accepted, 0) as accepted,
    coalesce(verdicts.flagged, 0) as flagged,
    coalesce(verdicts.quarantined, 0) as quarantined,
    row_number() over (
        partition by looked_at.submission_id
        order by gate_run.finished_at desc, looked_at.gate_run_id desc
    ) = 1 as is_newest
from looked_at
inner join {{ source('audit', 'gate_run') }} as gate_run on looked_at.gate_run_id = gate_run.gate_run_id
left join verdicts
    on
        looked_at.gate_run_id = verdicts.gate_run_id
        and looked_at.submission_id = verdicts.submission_id
