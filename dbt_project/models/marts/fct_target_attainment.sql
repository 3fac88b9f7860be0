{{ config(
    materialized='incremental',
    incremental_strategy='restate',
    post_hook="{{ as_known_function('target_attainment_as_known_at') }}"
) }}

with judged as (
    select
        judged.*,
        known.is_standing,
        known.known_to,
        known.version_no,
        known.indicator_key,
        known.horizon_key,
        known.department_key,
        known.section_zh,
        known.unit,
        known.comparator,
        known.grade,
        known.raw_text,
        case when judged.trajectory is not null then known.assumption_zh end as assumption_zh,
        case when judged.trajectory is not null then known.assumption_en end as assumption_en,
        -- A restated target shows what was promised first.
        first_value(known.raw_text) over same_target as first_raw_text,
        first_value(judged.goal) over same_target as first_goal,
        first_value(judged.status) over same_target as first_status,
        max(judged.year) filter (where judged.actual is not null) over (
            partition by judged.hospital_key, judged.submission_key, judged.entry_id, judged.known_from
        ) as newest_year
    from {{ ref('int_target__judged') }} as judged
    inner join {{ ref('int_target__known') }} as known
        on
            judged.hospital_key = known.hospital_key
            and judged.submission_key = known.submission_key
            and judged.entry_id = known.entry_id
            and judged.known_from = known.known_from
    window same_target as (
        partition by known.series_key, judged.known_from, judged.year
        order by known.version_no asc, judged.entry_id asc
        rows between unbounded preceding and unbounded following
    )
),

told as (
    select
        judged.known_from,
        judged.known_to,
        judged.hospital_key,
        judged.submission_key,
        judged.entry_id,
        judged.year,
        content as whole
    from judged
    -- A left join into a NOT NULL key: a year without a period stops the build, its row is not dropped.
    left join {{ ref('dim_period') }} as period
        on cast(judged.year as text) = period.period_code
    left join lateral ( -- noqa: ST05
        select
            judged.hospital_key,
            judged.submission_key,
            judged.entry_id,
            cast(judged.year as integer) as year,
            judged.indicator_key,
            period.period_key,
            judged.horizon_key,
            judged.department_key,
            judged.section_zh,
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
            judged.first_status
    ) as content on true
    where judged.is_standing
),

beside as (
    select
        *,
        lag(known_to) over spans as previous_known_to,
        lag(whole) over spans as previous_whole
    from told
    window spans as (partition by hospital_key, submission_key, entry_id, year order by known_from asc)
),

-- Most of what becomes known says nothing new of most years: spans of the same content are one row.
compared as (
    select
        *,
        (previous_known_to is distinct from known_from or previous_whole is distinct from whole) as is_new
    from beside
),

joined as (
    select
        *,
        count(*) filter (where is_new) over (
            partition by hospital_key, submission_key, entry_id, year order by known_from asc
        ) as state_no
    from compared
),

ended as (
    select
        *,
        first_value(known_to) over (
            partition by hospital_key, submission_key, entry_id, year, state_no order by known_from desc
        ) as ends_at
    from joined
)

select
    (whole).*, -- noqa: AL03
    known_from as valid_from,
    ends_at as valid_to,
    ends_at is null as is_current
from ended
where is_new
