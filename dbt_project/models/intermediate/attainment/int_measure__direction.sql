{{ config(materialized='table') }}

-- A hospital is held to the catalogue of its level; one without a level, to what all catalogues agree on.
with levels as (
    select distinct coalesce(left(level_code, 1), '') as level_group
    from {{ ref('dim_hospital') }}
)

select
    levels.level_group,
    measure.measure_key,
    case when count(distinct measure.direction) = 1 then min(measure.direction) end as direction
from levels
cross join {{ ref('int_measure') }} as measure
left join {{ ref('int_catalogue__owed') }} as owed on owed.owed_by_level in ('*', levels.level_group)
where
    measure.direction is not null
    and (owed.catalogue is null or owed.catalogue = measure.catalogue)
group by levels.level_group, measure.measure_key
