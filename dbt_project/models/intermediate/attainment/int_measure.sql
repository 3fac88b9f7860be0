-- What an indicator measures, whoever lists it: plans, returns and reports meet where this key is the same.
{{ config(materialized='table') }}

with named as (
    select
        indicator_key,
        indicator_kind,
        catalogue,
        direction,
        {{ name_key('name_zh') }} as name_key
    from {{ ref('dim_indicator') }}
)

select
    named.indicator_key,
    named.catalogue,
    named.direction,
    coalesce({{ name_key('alias.measure_zh') }}, named.name_key) as measure_key,
    -- The catalogue's own line goes before a line below one, a line before a name of the hospital's own.
    case named.indicator_kind when 'indicator' then 1 when 'fill_in' then 2 else 3 end as precedence
from named
left join {{ ref('measure_alias') }} as alias on named.name_key = {{ name_key('alias.alias_zh') }}
