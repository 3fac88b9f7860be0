-- Counted from raw itself and what the gate decided, past every join on the way: an error there must not hide itself.
with decided as (
    select
        entry.submission_id,
        count(*) filter (where entry.entry_kind = 'value') as values_accepted,
        coalesce(sum(entry.value) filter (where entry.entry_kind = 'value'), 0) as value_sum_accepted,
        count(*) filter (where entry.entry_kind = 'target') as targets_accepted
    from {{ source('raw', 'entry') }} as entry
    inner join {{ ref('stg_audit__entry_disposition') }} as disposition
        on
            entry.submission_id = disposition.submission_id
            and entry.entry_id = disposition.entry_id
    where disposition.disposition in ('accepted', 'flagged')
    group by entry.submission_id
),

fact_values as (
    select
        submission_key,
        count(*) as rows_built,
        -- As stated: a correction stands beside what it corrects.
        coalesce(sum(case when is_corrected then value_stated else value end), 0) as value_sum
    from {{ ref('fct_indicator_value') }}
    group by submission_key
),

fact_targets as (
    select
        submission_key,
        count(*) as rows_built
    from {{ ref('fct_indicator_target') }}
    group by submission_key
)

select
    submission.submission_key,
    lifecycle.parsed,
    lifecycle.accepted,
    lifecycle.flagged,
    lifecycle.quarantined,
    coalesce(decided.values_accepted, 0) as values_accepted,
    coalesce(fact_values.rows_built, 0) as values_built,
    coalesce(decided.value_sum_accepted, 0) as value_sum_accepted,
    coalesce(fact_values.value_sum, 0) as value_sum_built,
    coalesce(decided.targets_accepted, 0) as targets_accepted,
    coalesce(fact_targets.rows_built, 0) as targets_built,
    coalesce(decided.values_accepted, 0) = coalesce(fact_values.rows_built, 0)
    and coalesce(decided.value_sum_accepted, 0) = coalesce(fact_values.value_sum, 0)
    and coalesce(decided.targets_accepted, 0) = coalesce(fact_targets.rows_built, 0) as is_reconciled
from {{ ref('dim_submission') }} as submission
inner join {{ ref('fct_submission_lifecycle') }} as lifecycle
    on submission.submission_key = lifecycle.submission_key
left join decided
    on
        submission.submission_id = decided.submission_id
        and submission.accepted_at is not null
left join fact_values on submission.submission_key = fact_values.submission_key
left join fact_targets on submission.submission_key = fact_targets.submission_key
