-- A table, not a view: it condenses the dispositions of every run there was, and every entry is read through it. Newest
-- for each entry, not for each submission: a run over a year with a patch looks at the figures that the patch leaves.
{{ config(
    materialized='incremental',
    incremental_strategy='restate',
    meta={'restated_by': ['submission_id'], 'restated_in': 'int_submission__restated'},
    indexes=[{'columns': ['submission_id', 'entry_id'], 'unique': true}],
) }}

select distinct on (disposition.submission_id, disposition.entry_id)
    disposition.submission_id,
    disposition.entry_id,
    disposition.gate_run_id,
    disposition.disposition
from {{ ref('int_submission__restated') }} as restated
inner join {{ ref('stg_audit__gate_run_decision') }} as gate_run on restated.submission_id = gate_run.submission_id
inner join {{ source('audit', 'entry_disposition') }} as disposition
    on
        gate_run.gate_run_id = disposition.gate_run_id
        and gate_run.submission_id = disposition.submission_id
order by
    disposition.submission_id asc,
    disposition.entry_id asc,
    gate_run.finished_at desc,
    disposition.gate_run_id desc
