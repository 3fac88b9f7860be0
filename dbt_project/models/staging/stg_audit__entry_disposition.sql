-- A table, not a view: it condenses the dispositions of every run there was, and every entry is read through it. Newest
-- for each entry, not for each submission: a run over a year with a patch looks at the figures that the patch leaves.
{{ config(
    materialized='incremental',
    incremental_strategy='restate',
    meta={'restated_by': ['submission_id'], 'restated_in': 'int_submission__restated'},
    indexes=[{'columns': ['submission_id', 'entry_id']}],
) }}

with looked_at as (
    select
        disposition.submission_id,
        disposition.entry_id,
        disposition.disposition,
        gate_run.finished_at,
        disposition.disposition = 'quarantined' as is_held_back,
        first_value(disposition.gate_run_id) over newest_first as newest_run_id,
        first_value(disposition.disposition) over newest_first as newest_disposition,
        coalesce(lag(disposition.disposition) over newest_first, 'quarantined') = 'quarantined' as is_end_of_span,
        -- In this run or a later one. Runs that let it in with the same number of these make one span.
        count(*) filter (where disposition.disposition = 'quarantined') over newest_first as times_held_back_since,
        count(*) filter (where disposition.disposition <> 'quarantined') over newest_first as times_let_in_since,
        count(*) filter (where disposition.disposition = 'quarantined') over entry as times_held_back,
        count(*) filter (where disposition.disposition <> 'quarantined') over entry as times_let_in
    from {{ ref('int_submission__restated') }} as restated
    inner join {{ ref('stg_audit__gate_run_decision') }} as gate_run
        on restated.submission_id = gate_run.submission_id
    inner join {{ source('audit', 'entry_disposition') }} as disposition
        on
            gate_run.gate_run_id = disposition.gate_run_id
            and gate_run.submission_id = disposition.submission_id
    window
        entry as (partition by disposition.submission_id, disposition.entry_id),
        newest_first as (entry order by gate_run.finished_at desc, disposition.gate_run_id desc)
)

select
    submission_id,
    entry_id,
    min(newest_run_id) as gate_run_id,
    min(newest_disposition) as disposition,
    max(times_let_in) > 0 as is_let_in,
    coalesce(min(times_let_in_since) filter (where not is_held_back) = 1, true) as is_newest,
    coalesce(bool_or(disposition = 'flagged' and is_end_of_span), false) as is_flagged,
    -- Released: by the first of the runs that let it in since the last one that held it back.
    case when max(times_held_back) > times_held_back_since then min(finished_at) filter (where not is_held_back) end
        as released_at,
    min(finished_at) filter (where is_held_back) as held_back_at
from looked_at
group by submission_id, entry_id, times_held_back_since
-- An entry that no run let in is told once, by the newest of them.
having bool_or(not is_held_back) or (max(times_let_in) = 0 and times_held_back_since = 1)
