-- A table, so that the planner knows how many there are.
{{ config(materialized='table') }}

with hospitals as (
    select
        hospital_key,
        hospital_code,
        left(level_code, 1) as level_code,
        left(level_zh, 2) as level_zh,
        case left(level_code, 1) when '1' then 'Primary' when '2' then 'Secondary' when '3' then 'Tertiary' end
            as level_en,
        region_code,
        region_zh,
        hospital_type_zh
    from {{ ref('int_hospital__version') }}
)

select
    hospital_key,
    'level' as peer_group_kind,
    level_code as peer_group_code,
    level_zh as peer_group_zh,
    level_en as peer_group_en
from hospitals
where level_code is not null
union all
select
    hospital_key,
    'region' as peer_group_kind,
    region_code as peer_group_code,
    coalesce(region_zh, region_code) as peer_group_zh,
    cast(null as text) as peer_group_en
from hospitals
where region_code is not null
union all
select
    hospital_key,
    'type' as peer_group_kind,
    hospital_type_zh as peer_group_code,
    hospital_type_zh as peer_group_zh,
    cast(null as text) as peer_group_en
from hospitals
where hospital_type_zh is not null
union all
select
    hospitals.hospital_key,
    'custom' as peer_group_kind,
    peer_group.peer_group_code,
    peer_group.peer_group_zh,
    peer_group.peer_group_en
from {{ ref('peer_group') }} as peer_group
inner join hospitals on peer_group.hospital_code = hospitals.hospital_code
