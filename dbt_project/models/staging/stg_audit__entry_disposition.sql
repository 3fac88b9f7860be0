-- A table, not a view: it condenses the dispositions of every run there was, and several models read it. Newest for
-- each entry, not for each submission: a run over a year with a patch looks at the figures that the patch leaves.
{{ config(materialized='table', unlogged=true) }}

select distinct on (disposition.submission_id, disposition.entry_id)
    disposition.submission_id,
    disposition.entry_id,
    disposition.gate_run_id,
    disposition.disposition
from {{ source('audit', 'entry_disposition') }} as disposition
inner join {{ source('audit', 'gate_run') }} as gate_run on disposition.gate_run_id = gate_run.gate_run_id
order by
    disposition.submission_id asc,
    disposition.entry_id asc,
    gate_run.finished_at desc,
    disposition.gate_run_id desc
