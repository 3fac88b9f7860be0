-- A table, not a view: it condenses the dispositions of every run there was, and every entry is read through it. Newest
-- for each entry, not for each submission: a run over a year with a patch looks at the figures that the patch leaves.
{{ config(
    materialized='incremental',
    incremental_strategy='restate',
    meta={'restated_by': ['submission_id'], 'restated_in': 'int_submission__restated'},
    indexes=[{'columns': ['submission_id', 'entry_id'], 'unique': true}],
) }}

with looked_at as (
    select
        disposition.submission_id,
        disposition.entry_id,
        disposition.gate_run_id,
        disposition.disposition,
        gate_run.finished_at,
        row_number() over newest_first as place,
        -- In this run or in a later one.
        bool_or(disposition.disposition = 'quarantined') over newest_first as is_held_back_since
    from {{ ref('int_submission__restated') }} as restated
    inner join {{ ref('stg_audit__gate_run_decision') }} as gate_run
        on restated.submission_id = gate_run.submission_id
    inner join {{ source('audit', 'entry_disposition') }} as disposition
        on
            gate_run.gate_run_id = disposition.gate_run_id
            and gate_run.submission_id = disposition.submission_id
    window newest_first as (
        partition by disposition.submission_id, disposition.entry_id
        order by gate_run.finished_at desc, disposition.gate_run_id desc
    )
)

select
    submission_id,
    entry_id,
    min(gate_run_id) filter (where place = 1) as gate_run_id,
    min(disposition) filter (where place = 1) as disposition,
    -- Released: by the first of the runs that let it in since the last one that held it back.
    case when bool_or(is_held_back_since) then min(finished_at) filter (where not is_held_back_since) end as released_at
from looked_at
group by submission_id, entry_id
