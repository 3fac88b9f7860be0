{{ config(
    materialized='incremental',
    incremental_strategy='restate',
    meta={'restated_by': ['submission_key'], 'restated_in': 'int_submission__restated'},
) }}

-- Against int_submission__count, which counts in raw itself.
with fact_values as (
    select
        submission_key,
        count(*) as rows_built,
        -- As stated: a correction stands beside what it corrects.
        coalesce(sum(case when is_corrected then value_stated else value end), 0) as value_sum
    from {{ ref('fct_indicator_value') }}
    where
        {{ in_list('hospital_key', ref('int_hospital__restated')) }}
        -- Once for every span of time in which it was let in, however often corrections changed it meanwhile.
        and valid_from = let_in_at
    group by submission_key
),

fact_targets as (
    select
        submission_key,
        count(*) as rows_built
    from {{ ref('fct_indicator_target') }}
    where {{ in_list('hospital_key', ref('int_hospital__restated')) }}
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
from {{ ref('int_submission__restated') }} as restated
inner join {{ ref('dim_submission') }} as submission on restated.submission_key = submission.submission_key
inner join {{ ref('fct_submission_lifecycle') }} as lifecycle
    on submission.submission_key = lifecycle.submission_key
left join {{ ref('int_submission__count') }} as decided
    on
        submission.submission_key = decided.submission_key
        and submission.accepted_at is not null
left join fact_values on submission.submission_key = fact_values.submission_key
left join fact_targets on submission.submission_key = fact_targets.submission_key
