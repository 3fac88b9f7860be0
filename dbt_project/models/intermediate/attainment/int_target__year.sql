-- Target, baseline and figure of each year of the horizon, all in the unit of the target (grades: steps of a scale), at
-- each state of knowledge.
with scale as (
    select
        scale_code,
        scale_order,
        {{ name_key('grade_zh') }} as grade_key,
        grade_rank
    from {{ ref('grade_scale') }}
),

yardsticks as (
    select
        {{ name_key('published.measure_zh') }} as measure_key,
        {{ name_key('published.benchmark_zh') }} as benchmark_key,
        published.year,
        published.value,
        unit.measured_in,
        unit.factor as unit_factor
    from {{ ref('benchmark_value') }} as published
    left join {{ ref('stg_reference__unit') }} as unit on {{ name_key('published.unit') }} = unit.written
),

-- A hospital that has merged into another or was split: its successors report from then on.
succeeded as (
    select
        predecessor_code as hospital_code,
        min(extract(year from effective_on)) as succeeded_year
    from {{ ref('hospital_succession') }}
    where predecessor_code <> successor_code
    group by predecessor_code
),

years as (
    select
        known.*,
        years.year,
        -- A change told in percent has no unit of its own to compare with.
        case
            when
                coalesce(known.change_basis, '') not in ('percent', 'times')
                or known.measured_in not in ('%', 'ratio')
                then known.measured_in
        end as target_unit
    from {{ ref('int_target__known') }} as known
    cross join lateral generate_series(known.start_year, known.end_year) as years (year)
),

figures as (
    select
        years.*,
        coalesce(years.year >= succeeded.succeeded_year, false) as is_succeeded,
        reported.value as reported_value,
        reported.grade as reported_grade,
        reported.unit as reported_unit,
        reported.obstacle,
        reported.is_flagged,
        reported.indicator_key as actual_indicator_key,
        reported.submission_key as actual_submission_key,
        reported.entry_id as actual_entry_id,
        reported.locator as actual_locator,
        {{ in_unit_of('years', 'reported') }} as figure,
        {{ in_unit_of('years', 'before') }} as figure_before,
        {{ in_unit_of('years', 'at_start') }} as figure_at_start,
        coalesce({{ name_key('reported.grade') }}, trim_scale(reported.value) || '级') as grade_key,
        coalesce({{ name_key('years.baseline_raw') }}, {{ name_key('at_start.grade') }}) as baseline_grade_key,
        trim_scale(coalesce(years.baseline_value, at_start.value)) || '级' as baseline_level_key,
        {{ in_unit_of('years', 'yardstick') }} as yardstick
    from years
    left join succeeded on years.hospital_code = succeeded.hospital_code
    left join {{ ref('int_measure__reported') }} as reported
        on
            years.hospital_code = reported.hospital_code
            and years.measure_key = reported.measure_key
            and years.year = reported.year
            and {{ as_known_at('years.known_from', 'reported') }}
    left join {{ ref('int_measure__reported') }} as before
        on
            years.hospital_code = before.hospital_code
            and years.measure_key = before.measure_key
            and years.year - 1 = before.year
            and {{ as_known_at('years.known_from', 'before') }}
            and before.obstacle is null
    left join {{ ref('int_measure__reported') }} as at_start
        on
            years.hospital_code = at_start.hospital_code
            and years.measure_key = at_start.measure_key
            and years.baseline_year = at_start.year
            and {{ as_known_at('years.known_from', 'at_start') }}
            and at_start.obstacle is null
    left join yardsticks as yardstick
        on
            years.kind = 'relative'
            and years.measure_key = yardstick.measure_key
            and years.benchmark_key = yardstick.benchmark_key
            and years.year = yardstick.year
),

-- Grades become steps of the first scale that holds both what is aimed at and what is reported.
graded as (
    select
        figures.*,
        steps.scale_code,
        steps.target_rank,
        steps.figure_rank,
        steps.baseline_rank
    from figures
    left join lateral (
        select
            aim.scale_code,
            aim.grade_rank as target_rank,
            got.grade_rank as figure_rank,
            coalesce(start.grade_rank, start_level.grade_rank) as baseline_rank
        from scale as aim
        left join scale as got
            on
                aim.scale_code = got.scale_code
                and figures.grade_key = got.grade_key
        left join scale as start
            on
                aim.scale_code = start.scale_code
                and figures.baseline_grade_key = start.grade_key
        left join scale as start_level
            on
                aim.scale_code = start_level.scale_code
                and figures.baseline_level_key = start_level.grade_key
        where
            figures.kind = 'grade'
            and aim.grade_key = {{ name_key('figures.grade') }}
        order by got.grade_rank is null asc, aim.scale_order asc
        limit 1
    ) as steps on true
),

placed as (
    select
        hospital_key,
        submission_key,
        entry_id,
        known_from,
        year,
        kind,
        comparator,
        direction,
        change_basis,
        is_per_year,
        raw_text,
        has_horizon,
        baseline_year,
        start_year,
        end_year,
        catalogue_direction,
        trajectory as declared_trajectory,
        accumulation,
        coalesce(measured_in, '') = 'rank' as unit_is_rank,
        coalesce(benchmark_key, '') ~ '上年|上一年|去年|同期' as is_against_own_past,
        obstacle,
        is_succeeded,
        reported_value is not null or reported_grade is not null as is_reported,
        reported_value is not null and figure is null and kind <> 'grade' as is_of_other_unit,
        kind = 'grade' and (target_rank is null or figure_rank is null) as is_off_scale,
        scale_code,
        case when kind = 'grade' then target_rank else value end as stated_low,
        case when kind <> 'grade' then value_high end as stated_high,
        case
            when obstacle is not null then null
            when kind = 'grade' then figure_rank
            when accumulation = 'sum'
                then sum(figure) over (
                    partition by hospital_key, submission_key, entry_id, known_from order by year asc
                )
            else figure
        end as actual,
        case
            when accumulation = 'sum' then 0
            when kind = 'grade' then baseline_rank
            else coalesce(baseline_value, figure_at_start)
        end as baseline,
        case
            when accumulation = 'sum' then 'none'
            when baseline_value is not null or (kind = 'grade' and baseline_raw is not null) then 'stated'
            when figure_at_start is not null or (kind = 'grade' and baseline_rank is not null) then 'reported'
            else 'none'
        end as baseline_origin,
        coalesce(figure_before, case when year - 1 = baseline_year then baseline_value end) as figure_before,
        yardstick,
        actual_indicator_key,
        actual_submission_key,
        actual_entry_id,
        actual_locator,
        reported_value,
        reported_grade,
        reported_unit,
        is_flagged
    from graded
),

measured_from as (
    select
        *,
        -- What a change, an increment or a comparison starts from.
        case
            when kind = 'relative' and not is_against_own_past then yardstick
            when kind = 'relative' or (kind in ('increment', 'change') and is_per_year) then figure_before
            when kind in ('increment', 'change') then baseline
        end as origin
    from placed
),

with_ends as (
    select
        *,
        trim_scale({{ goal_of('stated_low') }}) as goal_low,
        trim_scale({{ goal_of('stated_high') }}) as goal_high
    from measured_from
),

directed as (
    select
        *,
        {{ goal_direction() }} as goal_direction,
        {{ goal_direction_basis() }} as goal_direction_basis
    from with_ends
)

select
    *,
    -- The end that decides, and the other one of a range.
    case
        when kind = 'range' and goal_direction = 'at_most' then coalesce(goal_high, goal_low)
        else goal_low
    end as goal,
    case when kind = 'range' and goal_direction = 'at_most' then goal_low else goal_high end as goal_far,
    comparator in ('>', '<') or (kind = 'relative' and raw_text !~ '不低于|不少于|达到|不高于|不超过') as is_strict
from directed
