{{ config(materialized='table') }}

-- A hospital is held to the catalogue of its level; one without a level, to what all catalogues agree on.
with catalogue_of_level as (
    select distinct
        form.catalogue,
        calendar.owed_by_level
    from {{ ref('submission_calendar') }} as calendar
    inner join {{ ref('stg_reference__form') }} as form on calendar.form = form.form
    where form.catalogue is not null
),

levels as (
    select distinct coalesce(left(level_code, 1), '') as level_group
    from {{ ref('dim_hospital') }}
)

select
    levels.level_group,
    measure.measure_key,
    case when count(distinct measure.direction) = 1 then min(measure.direction) end as direction
from levels
cross join {{ ref('int_measure') }} as measure
left join catalogue_of_level as owed on levels.level_group = owed.owed_by_level
where
    measure.direction is not null
    and (owed.catalogue is null or owed.catalogue = measure.catalogue)
group by levels.level_group, measure.measure_key
