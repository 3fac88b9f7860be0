-- Plans, returns and reports meet by name: a line answers to its own name, to its aliases, and so does a local name.
{{ config(materialized='table') }}

with own as (
    select
        {{ name_key('name_zh') }} as measure_key,
        indicator_key
    from {{ ref('dim_indicator') }}
    union
    select
        name_key as measure_key,
        indicator_key
    from {{ ref('int_indicator__name') }}
),

same as (
    select
        {{ name_key('alias_zh') }} as one_key,
        {{ name_key('measure_zh') }} as other_key
    from {{ ref('measure_alias') }}
),

named as (
    select * from own
    union
    select
        same.one_key as measure_key,
        own.indicator_key
    from own
    inner join same on own.measure_key = same.other_key
    union
    select
        same.other_key as measure_key,
        own.indicator_key
    from own
    inner join same on own.measure_key = same.one_key
)

select
    named.measure_key,
    named.indicator_key,
    indicator.catalogue,
    indicator.direction,
    -- The catalogue's own line goes before a line below one, a line before a name of the hospital's own.
    case indicator.indicator_kind when 'indicator' then 1 when 'fill_in' then 2 else 3 end as precedence
from named
inner join {{ ref('dim_indicator') }} as indicator on named.indicator_key = indicator.indicator_key
