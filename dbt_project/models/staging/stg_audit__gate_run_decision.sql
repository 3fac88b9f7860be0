-- Kept from build to build: what a gate run decided never changes, and its dispositions are as many as the entries of
-- a year. A submission without a single entry is looked at by rules only.
{{ config(materialized='incremental', incremental_strategy='append') }}

with runs as (
    select
        gate_run_id,
        started_at,
        finished_at
    from {{ source('audit', 'gate_run') }}
    {% if is_incremental() %}
        where gate_run_id not in (select known.gate_run_id from {{ this }} as known)
    {% endif %}
),

decided as (
    select
        disposition.gate_run_id,
        disposition.submission_id,
        -- In whatever order: the same entries with the same dispositions have the same sum.
        sum(cast(hashint8extended(disposition.entry_id, hashtext(disposition.disposition)) as numeric)) as digest
    from {{ source('audit', 'entry_disposition') }} as disposition
    inner join runs on disposition.gate_run_id = runs.gate_run_id
    group by disposition.gate_run_id, disposition.submission_id
),

looked_at as (
    select
        gate_run_id,
        submission_id
    from decided
    union
    select
        outcome.gate_run_id,
        outcome.submission_id
    from {{ source('audit', 'rule_outcome') }} as outcome
    inner join runs on outcome.gate_run_id = runs.gate_run_id
    union
    select
        result.gate_run_id,
        result.submission_id
    from {{ source('audit', 'validation_result') }} as result
    inner join runs on result.gate_run_id = runs.gate_run_id
)

select
    looked_at.gate_run_id,
    looked_at.submission_id,
    runs.started_at,
    runs.finished_at,
    decided.digest
from looked_at
inner join runs on looked_at.gate_run_id = runs.gate_run_id
left join decided
    on
        looked_at.gate_run_id = decided.gate_run_id
        and looked_at.submission_id = decided.submission_id
