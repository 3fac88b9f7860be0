{{ config(materialized='incremental', incremental_strategy='restate') }}

-- The first figure that anything reports for the item's year or later; the plan itself is no answer to itself.
with compared as (
    select
        target.*,
        answer.year as answer_year,
        answer.value as answer_reported,
        answer.grade as answer_grade,
        answer.unit as answer_unit,
        answer.submission_key as answer_submission_key,
        answer.locator as answer_locator,
        case
            when answer.measured_in is null or target.measured_in is null then answer.value
            when answer.measured_in = target.measured_in
                then trim_scale(answer.value * answer.unit_factor / target.unit_factor)
        end as answer_value
    from {{ ref('int_work_item__target') }} as target
    left join lateral (
        select reported.*
        from {{ ref('int_measure__reported') }} as reported
        where
            target.hospital_code = reported.hospital_code
            and target.measure_key = reported.measure_key
            and target.year <= reported.year
            and target.submission_key <> reported.submission_key
            and reported.valid_to is null
            and reported.obstacle is null
        order by reported.year asc
        limit 1
    ) as answer on true
)

select
    hospital_key,
    submission_key,
    entry_id,
    work_item_entry_id,
    period_key,
    measure_zh,
    raw_text,
    comparator,
    value,
    value_high,
    grade,
    unit,
    locator,
    answer_submission_key,
    answer_year,
    answer_value,
    answer_grade,
    answer_unit,
    answer_locator,
    case
        when answer_submission_key is null then 'unanswered'
        when grade is not null and answer_grade is not null and grade = answer_grade then 'reached'
        when
            grade is not null or answer_value is null or value is null or direction is not null
            or measured_in = 'rank' or catalogue_direction = 'monitor'
            then 'answered'
        when comparator = '<' then case when answer_value < value then 'reached' else 'not_reached' end
        when comparator = '>' then case when answer_value > value then 'reached' else 'not_reached' end
        -- A bare figure is to be kept below where less is better.
        when comparator = '<=' or (comparator in ('=', '~', 'range') and catalogue_direction = 'decrease')
            then case when answer_value <= coalesce(value_high, value) then 'reached' else 'not_reached' end
        when comparator in ('=', '>=', '~', 'range')
            then case when answer_value >= value then 'reached' else 'not_reached' end
        else 'answered'
    end as outcome
from compared
