-- Progress, expectation and verdict of each target in each year, at each state of knowledge. Every calculation is a
-- macro of macros/attainment.sql.
with met as (
    select
        *,
        {{ meets_goal('actual', 'is_strict') }} as is_met,
        -- Where the baseline meets the goal already, the target is to keep it.
        coalesce(kind <> 'relative' and not is_per_year and {{ meets_goal('baseline') }}, false) as is_kept,
        {{ share_of_horizon() }} as share_of_horizon,
        -- A target for every year and a comparison with a yardstick are judged by each year alone.
        case
            when is_per_year or kind = 'relative' then null
            when declared_trajectory = 'compound' and (baseline <= 0 or goal <= 0) then 'linear'
            else declared_trajectory
        end as trajectory
    from {{ ref('int_target__year') }}
),

expected as (
    select
        *,
        case when is_per_year or kind = 'relative' then goal else {{ expected_on_trajectory() }} end as expected
    from met
),

reasoned as (
    select
        *,
        case
            when kind = 'none' then 'nothing_stated'
            when kind = 'qualitative' then 'stated_in_words'
            when not has_horizon then 'no_horizon'
            when catalogue_direction = 'monitor' then 'never_scored'
            when obstacle is not null then obstacle
            when not is_reported then case when is_succeeded then 'hospital_succeeded' else 'not_reported' end
            when is_off_scale then 'not_on_the_scale'
            when is_of_other_unit then 'unit_mismatch'
            when actual is null then 'not_a_figure'
            when kind = 'relative' and origin is null
                then case when is_against_own_past then 'no_previous_year' else 'no_benchmark' end
            when kind in ('increment', 'change') and origin is null
                then case when is_per_year then 'no_previous_year' else 'no_baseline_to_change' end
            when change_basis in ('percent', 'times') and origin = 0 then 'zero_baseline'
            when goal is null then 'nothing_stated'
            when is_met
                then case
                    when is_per_year then 'reached_this_year'
                    when kind = 'relative' then 'better_than_benchmark'
                    else 'reached'
                end
            when is_per_year then 'not_reached_this_year'
            when kind = 'relative' and year >= end_year then 'benchmark_not_reached'
            when kind = 'relative' then 'short_of_benchmark'
            when year >= end_year then 'not_reached'
            when is_kept then 'below_what_was_held'
            when expected is null then 'no_trajectory'
            when case goal_direction when 'at_most' then actual <= expected else actual >= expected end
                then 'ahead_of_trajectory'
            else 'behind_trajectory'
        end as reason_code
    from expected
),

judged as (
    select
        reasoned.*,
        reason.status,
        reason.reason_zh,
        reason.reason_en
    from reasoned
    left join {{ ref('attainment_reason') }} as reason on reasoned.reason_code = reason.reason_code
),

counted as (
    select
        *,
        count(*) filter (where is_per_year and status in ('achieved', 'missed')) over so_far as years_judged,
        count(*) filter (where is_per_year and status = 'achieved') over so_far as years_met
    from judged
    window so_far as (partition by hospital_key, submission_key, entry_id, known_from order by year asc)
)

select
    hospital_key,
    submission_key,
    entry_id,
    known_from,
    year,
    kind,
    is_per_year,
    start_year,
    end_year,
    baseline_year,
    goal_direction,
    goal_direction_basis,
    coalesce(catalogue_direction, '') <> 'monitor' as is_scored,
    trim_scale(goal) as goal,
    trim_scale(goal_far) as goal_far,
    trim_scale(baseline) as baseline,
    baseline_origin,
    trim_scale(actual) as actual,
    scale_code,
    trajectory,
    accumulation,
    trim_scale(expected) as expected,
    trim_scale({{ progress_to_goal() }}) as progress,
    trim_scale({{ gap_to_goal() }}) as gap,
    trim_scale({{ required_yearly_rate() }}) as required_yearly_rate,
    trim_scale({{ required_yearly_growth_pct() }}) as required_yearly_growth_pct,
    case when is_per_year then years_judged end as years_judged,
    case when is_per_year then years_met end as years_met,
    status,
    reason_code,
    reason_zh,
    reason_en,
    actual_indicator_key,
    actual_submission_key,
    actual_entry_id,
    actual_locator,
    reported_value,
    reported_grade,
    reported_unit,
    is_flagged
from counted
