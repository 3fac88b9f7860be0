{{ config(materialized='incremental', incremental_strategy='restate') }}

with judged as (
    select
        judged.*,
        stated.hospital_code,
        stated.form,
        stated.indicator_key,
        stated.horizon_key,
        stated.department_key,
        stated.unit,
        stated.comparator,
        stated.grade,
        stated.raw_text,
        stated.baseline_raw,
        stated.valid_from,
        stated.valid_to,
        stated.is_current,
        case when judged.trajectory is not null then stated.assumption_zh end as assumption_zh,
        case when judged.trajectory is not null then stated.assumption_en end as assumption_en,
        -- The same target in every version of the plan: a restated one shows what was promised first.
        row_number() over same_target as version_no,
        first_value(stated.raw_text) over same_target as first_raw_text,
        first_value(judged.goal) over same_target as first_goal,
        first_value(judged.status) over same_target as first_status,
        max(judged.year) filter (where judged.actual is not null) over (
            partition by judged.hospital_key, judged.submission_key, judged.entry_id
        ) as newest_year
    from {{ ref('int_target__judged') }} as judged
    inner join {{ ref('int_target__stated') }} as stated
        on
            judged.hospital_key = stated.hospital_key
            and judged.submission_key = stated.submission_key
            and judged.entry_id = stated.entry_id
    window same_target as (
        partition by
            stated.hospital_code, stated.form, stated.measure_key, stated.section_zh, stated.horizon_code,
            stated.occurrence_no, judged.year
        order by stated.valid_from asc, stated.submission_key asc
        rows between unbounded preceding and unbounded following
    )
)

select
    judged.hospital_key,
    judged.submission_key,
    judged.entry_id,
    cast(judged.year as integer) as year,
    judged.indicator_key,
    period.period_key,
    judged.horizon_key,
    judged.department_key,
    judged.actual_indicator_key,
    judged.actual_submission_key,
    judged.start_year,
    judged.end_year,
    judged.year = coalesce(judged.newest_year, judged.end_year) as is_latest,
    judged.kind,
    judged.is_per_year,
    judged.comparator,
    judged.raw_text,
    judged.unit,
    judged.goal_direction,
    judged.goal_direction_basis,
    judged.is_scored,
    judged.goal as goal_value,
    judged.goal_far as goal_value_far,
    judged.grade as goal_grade,
    judged.scale_code as grade_scale,
    judged.baseline as baseline_value,
    judged.baseline_origin,
    judged.baseline_year,
    judged.actual as actual_value,
    judged.reported_value,
    judged.reported_grade,
    judged.reported_unit,
    judged.is_flagged as is_actual_flagged,
    judged.actual_entry_id,
    judged.actual_locator,
    judged.trajectory,
    judged.accumulation,
    judged.assumption_zh,
    judged.assumption_en,
    judged.expected as expected_value,
    judged.progress,
    judged.gap,
    judged.required_yearly_rate,
    judged.required_yearly_growth_pct,
    judged.years_judged,
    judged.years_met,
    judged.status,
    judged.reason_code,
    judged.reason_zh,
    judged.reason_en,
    judged.version_no,
    judged.first_raw_text,
    judged.first_goal as first_goal_value,
    judged.first_status,
    judged.valid_from,
    judged.valid_to,
    judged.is_current
from judged
-- A left join into a NOT NULL key: a year without a period stops the build, its row is not dropped.
left join {{ ref('dim_period') }} as period
    on cast(judged.year as text) = period.period_code
